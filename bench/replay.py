"""How fast the past is played: 10,000 cases under two revisions, and a year of the Met.

`python -m bench.replay`: policy alone, on as many processes as there are cores (two at the most, as promised). The
past cases are drawn from the load model before the clock starts, and are written to nobody's store.
"""

import argparse
import os
import pickle
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bench._rig import keep
from policy.load_model import PROFILES
from policy.pack import Pack
from policy.play import Story
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.terms import Risk
from runtime.history import PORTION, History, Progress, Question, Year, compare, simulate
from store.packs import load_packs

FIRST = date(2026, 1, 1)
PAST_BAR_S, YEAR_BAR_S = 60.0, 180.0
NOTIFY = "notify_local_supervisor"


def shorter(pack: Pack) -> Pack:
    """Give the pack with each deadline of the first notice three minutes sooner or so: every case is concerned."""
    rule = pack.steps[NOTIFY]
    due = {risk: Span(elapsed=rule.due[risk].elapsed * 7 / 10) for risk in Risk}
    return replace(pack, steps={**pack.steps, NOTIFY: replace(rule, due=due)}, revision=pack.revision + 1)


def write_past(count: int, pack: Pack, file: IO[bytes]) -> int:
    """Draw cases and write them down, for memory is not what is measured; give how many there are."""
    year = Year(PROFILES["met"], FIRST, count // 100 + 2, seed=2)
    written = 0
    portion: list[Story] = []
    for story in year.stories(pack, year.until):
        portion.append(story)
        written += 1
        if len(portion) == PORTION or written == count:
            pickle.dump(portion, file)
            portion = []
        if written == count:
            break
    return written


def read_past(file: IO[bytes]) -> Iterator[Story]:
    """Read the cases again, a portion at a time."""
    file.seek(0)
    while True:
        try:
            yield from pickle.load(file)
        except EOFError:
            return


def past(count: int, pack: Pack) -> float:
    """Play past cases under two revisions and print how long it took."""
    with TemporaryFile() as file:
        written = write_past(count, pack, file)
        began, cpu = time.monotonic(), _cpu()
        question = Question(pack, shorter(pack), StandingRoster(tuple(pack.areas)))
        history = compare(read_past(file), question, _bar("past cases"), written)
    took = time.monotonic() - began
    say(f"{history.old.cases:,} past cases under two revisions", took, _cpu() - cpu, 2 * written, PAST_BAR_S)
    say_of(history)
    return took


def year(days: int, pack: Pack) -> float:
    """Simulate days of the Met and print how long it took."""
    began, cpu = time.monotonic(), _cpu()
    history = simulate(Year(PROFILES["met"], FIRST, days), pack, progress=_bar("cases of the Met"))
    took = time.monotonic() - began
    say(f"{days} days of the Met, {history.old.cases:,} cases", took, _cpu() - cpu, history.old.cases, YEAR_BAR_S)
    return took


def say(what: str, took: float, cpu: float, played: int, bar_s: float) -> None:
    """Print one measurement beside its bar."""
    each = f"{1000 * cpu / max(played, 1):.2f} ms of CPU for one case played"
    print(f"{what}: {took:.1f} s (<= {bar_s:.0f} s with the numbers of the promise); {each}")


def say_of(history: History) -> None:
    """Print what the change made of it: a measurement of nothing would be fast."""
    old, new = history.old, history.new
    told = f"{old.count('messages'):,} messages before and {new.count('messages'):,} after"
    print(f"  {told}; {history.differing:,} cases differ")


def _bar(what: str) -> Progress:
    def show(done: int, of: int) -> None:
        if sys.stderr.isatty():
            print(f"\r  {done:,} of {of:,} {what}", end="" if done < of else "\n", file=sys.stderr, flush=True)

    return show


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="past cases")
    parser.add_argument("--days", type=int, default=365, help="days of the Met")
    parser.add_argument("--figures", type=Path, help="a file to which the figures are added")
    given = parser.parse_args()
    pack = load_packs(None)["staffordshire"]
    print(f"{os.cpu_count()} cores; about {PROFILES['met'].mean:.0f} cases a day from {FIRST:%d %b %Y}"
          f" to {FIRST + timedelta(days=given.days):%d %b %Y}")  # fmt: skip
    figures = {"replay_past_s": past(given.cases, pack), "replay_year_s": year(given.days, pack)}
    keep(given, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
