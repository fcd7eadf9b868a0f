"""What a rehearsal prints: the story minute by minute, then each expectation kept or broken; and the same as data."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.pack import Pack
from policy.terms import MessageType
from runtime import rehearse_words as words
from runtime.rehearse_scenario import Expectation, Scenario
from runtime.rehearse_seen import Breach, Item, Line, Rang, Seen, Telling, Verdict, plural
from runtime.rehearse_words import ClockWords

WIDTH = 118
MARGIN = 10  # columns for the time of day
ON_TIME_S = 5.0  # of real time: in a live run this much is the machine's, not the procedure's


@dataclass(frozen=True)
class Played:
    """A rehearsal that was played, and how each expectation was judged."""

    scenario: Scenario
    seen: Seen
    verdicts: Sequence[tuple[Expectation, Verdict]]
    live: bool = False
    speed: float = 0.0
    grace_s: float = 0.0  # of real time, for each `by`

    @property
    def broken(self) -> int:
        """Give how many expectations were broken."""
        return sum(1 for _, verdict in self.verdicts if not verdict.kept)

    @property
    def unexpected(self) -> int:
        """Give how many acts were refused that no expectation names."""
        named = {e.value for e, _ in self.verdicts if e.subject == "refused"}
        return sum(1 for refusal in self.seen.refusals if not named & {refusal.act, refusal.kind})


# --- for people -----------------------------------------------------------------------------------


def as_text(played: Played) -> str:
    """Write the rehearsal for people to read."""
    scenario = played.scenario
    clock = ClockWords(scenario.start)
    how = f"live at {played.speed:g} times the speed" if played.live else "simulated"
    lines = [scenario.name, f"{scenario.rules.title}, {how}", ""]
    lines += _story(played, clock)
    lines += ["", "Expected"]
    width = len(str(len(played.verdicts)))
    for expectation, verdict in played.verdicts:
        mark = "kept  " if verdict.kept else "BROKEN"
        said = f"{mark} {expectation.number:>{width}}  {words.of_expectation(expectation, clock)}: {verdict.seen}"
        lines += textwrap.wrap(said, WIDTH, initial_indent="  ", subsequent_indent=" " * (11 + width))
    kept = len(played.verdicts) - played.broken
    lines += ["", f"{kept} kept, {played.broken} broken" + _notes(played)]
    return "\n".join(lines) + "\n"


def _notes(played: Played) -> str:
    said = ""
    if played.live:
        said += f"; each by had {played.grace_s:g} real seconds of grace ({played.grace_s * played.speed:g} s here)"
    if played.unexpected:
        said += f"; {plural(played.unexpected, 'act')} refused that no expectation names"
    return said


def _story(played: Played, clock: ClockWords) -> Iterator[str]:
    several = len({item.case for item in played.seen.story if item.case}) > 1
    day, minute = "", ""
    for at, text, case in told(played):
        if clock.day(at) != day:
            day, minute = clock.day(at), ""
            yield day
        now = clock.clock(at)
        head = "" if now == minute else now
        minute = now
        which = f"[{case}] " if several and case else ""
        yield from textwrap.wrap(
            which + text, WIDTH, initial_indent=f"{head:<{MARGIN}}", subsequent_indent=" " * (MARGIN + 2)
        )


def told(played: Played) -> list[tuple[datetime, str, int | None]]:
    """Give the story in order: instant, words, and the report that it is about."""
    late_s = max(1.0, ON_TIME_S * played.speed)
    return [
        (group[0].at, text, group[0].case) for group, text in said(played.seen.story, played.scenario.rules, late_s)
    ]


def said(story: Sequence[Item], pack: Pack, late_s: float = 1.0) -> list[tuple[list[Item], str]]:
    """Give the story in order: what is told as one line, and its words; late is what took longer than `late_s`."""
    found: list[tuple[list[Item], str]] = []
    for group in _grouped(sorted(story, key=lambda item: item.at)):
        first = group[0]
        tellings = [item for item in group if isinstance(item, Telling)]
        if tellings:
            text = words.of_tellings(tellings, pack, late_s)
        elif isinstance(first, Breach):
            text = words.of_breach(first, pack)
        elif isinstance(first, Rang):
            text = words.of_alarm(first)
        else:
            assert isinstance(first, Line)
            text = first.text
        found.append((group, text))
    return found


def _grouped(story: Sequence[Item]) -> Iterator[list[Item]]:
    """Tell what several people were told alike as one line; an alarm's own message is told by the alarm."""
    alike: dict[object, list[Item]] = {}
    rang = {(item.at, item.to) for item in story if isinstance(item, Rang)}
    for number, item in enumerate(story):
        key: object = number
        if isinstance(item, Telling):
            if item.type is MessageType.ALARM and (item.at, item.person) in rang:
                continue
            minute = item.at.replace(second=0, microsecond=0)
            key = (minute, item.case, item.type, item.step, item.rung, item.reminder, item.asks)
        alike.setdefault(key, []).append(item)
    yield from alike.values()


# --- as data --------------------------------------------------------------------------------------


def as_data(played: Played) -> dict[str, object]:
    """Give the same as data."""
    scenario = played.scenario
    clock = ClockWords(scenario.start)
    return {
        "file": str(scenario.file),
        "name": scenario.name,
        "pack": scenario.pack,
        "start": _iso(scenario.start),
        "live": played.live,
        "speed": played.speed or None,
        "grace_s": played.grace_s or None,
        "kept": len(played.verdicts) - played.broken,
        "broken": played.broken,
        "unexpected_refusals": played.unexpected,
        "story": [_item(item, played) for item in sorted(played.seen.story, key=lambda item: item.at)],
        "expectations": [
            {
                "number": e.number,
                "expect": words.of_expectation(e, clock),
                "result": "kept" if verdict.kept else "broken",
                "seen": verdict.seen,
                "grace": verdict.grace,
            }
            for e, verdict in played.verdicts
        ],
    }


def _item(item: Item, played: Played) -> dict[str, object]:
    pack = played.scenario.rules
    head: dict[str, object] = {"at": _iso(item.at), "case": item.case}
    if isinstance(item, Telling):
        said = {
            "kind": "told", "person": item.person, "role": item.role, "type": item.type, "step": item.step,
            "rung": item.rung, "reminder": item.reminder, "about": list(item.about),
        }  # fmt: skip
        return head | said | {"text": words.of_tellings([item], pack)}
    if isinstance(item, Breach):
        breach = {"kind": "overdue", "step": item.step, "occurrence": item.occurrence, "holder": item.holder}
        return head | breach | {"text": words.of_breach(item, pack)}
    if isinstance(item, Rang):
        return head | {"kind": "alarm", "key": item.key, "to": item.to, "text": words.of_alarm(item)}
    return head | {"kind": item.kind, "text": item.text}


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
