"""Rehearsals: a night written down as a file, played through, and judged (contract section 9).

`vigil rehearse FILE...` plays each file on the real doors and a simulated clock; `--live` plays it on the whole
stack, hurried. Both are judged by the same expectations.
"""

import json as as_json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import structlog

from policy.errors import Fault, Invalid, Refused
from runtime import rehearse_show, rehearse_sim
from runtime.clock import MAX_SPEED
from runtime.rehearse_file import read
from runtime.rehearse_judge import Judge
from runtime.rehearse_scenario import Scenario
from runtime.rehearse_show import Played
from runtime.rehearse_words import ClockWords

ALL_KEPT, SOME_BROKEN, FILE_IS_WRONG = 0, 1, 2
LIVE_SPEED = 30.0
Write = Callable[[str], object]


def run(
    files: Sequence[Path | str],
    live: bool = False,
    speed: float | None = None,
    json: bool = False,
    *,
    out: Write | None = None,
    err: Write | None = None,
) -> int:
    """Play rehearsals and print what came of them; 0 all kept, 1 any broken, 2 a file is wrong and none was played."""
    write, complain = out or sys.stdout.write, err or sys.stderr.write
    scenarios, faults = _read_all([Path(file) for file in files], live=live)
    faults += _speed_faults(speed, live=live)
    if faults:
        complain(_problem(faults, json=json))
        return FILE_IS_WRONG
    played = []
    for scenario in scenarios:
        try:
            done = _live(scenario, speed or LIVE_SPEED) if live else simulate(scenario)
        except Refused as error:
            complain(f"{scenario.file}: {error.detail}\n")
            return SOME_BROKEN
        played.append(done)
        if not json:
            write(("" if len(played) == 1 else "\n") + rehearse_show.as_text(done))
    broken = sum(one.broken for one in played)
    if json:
        data = {"kept": not broken, "rehearsals": [rehearse_show.as_data(one) for one in played]}
        write(as_json.dumps(data, ensure_ascii=False, indent=2) + "\n")
    elif len(played) > 1:
        whole = sum(1 for one in played if not one.broken)
        write(f"\n{whole} of {len(played)} rehearsals kept\n")
    return SOME_BROKEN if broken else ALL_KEPT


def simulate(scenario: Scenario) -> Played:
    """Play a rehearsal on a simulated clock, and judge it."""
    with _quiet(), rehearse_sim.play(scenario) as sim:
        judge = Judge(sim.seen, ClockWords(scenario.start))
        return Played(scenario, sim.seen, [(e, judge.judge(e)) for e in scenario.expectations])


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the doors log nothing: what a rehearsal shows is its story, and nobody's night is in it."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _live(scenario: Scenario, speed: float) -> Played:
    from runtime import rehearse_live  # the whole stack is imported only by who wants it

    return rehearse_live.play(scenario, speed)


def _read_all(files: Sequence[Path], *, live: bool) -> tuple[list[Scenario], list[Fault]]:
    scenarios: list[Scenario] = []
    faults: list[Fault] = []
    for file in files:
        try:
            scenarios.append(read(file, live=live))
        except Invalid as error:
            faults += error.faults
    return scenarios, faults


def _speed_faults(speed: float | None, *, live: bool) -> list[Fault]:
    if speed is None:
        return []
    if not live:
        return [Fault("--speed", "belongs to --live", "leave it out: a simulation takes no time")]
    if not 0 < speed <= MAX_SPEED:
        return [Fault("--speed", f"{speed:g} is not possible", f"give a number above 0 and up to {MAX_SPEED:g}")]
    return []


def _problem(faults: Sequence[Fault], *, json: bool) -> str:
    if json:
        problem = {
            "type": "/problems/invalid",
            "title": "The input has faults",
            "status": 422,
            "detail": "the rehearsal has faults; nothing was played",
            "errors": [fault.as_dict() for fault in faults],
        }
        return as_json.dumps(problem, ensure_ascii=False, indent=2) + "\n"
    lines = [f"  {fault.field}: {fault.message}; {fault.remedy}" for fault in faults]
    return "\n".join(["The rehearsal cannot be played:", *lines]) + "\n"
