"""What is counted of cases that were played: rungs climbed, breaches, messages by role and hour, who is woken at night.

Each figure keeps some of the cases that it counts, so that whoever reads it can look at them. Tallies of several
processes add up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from policy.play import Played
from policy.spans import LOCAL
from policy.terms import CaseStatus

CASES_KEPT = 20  # of each figure
NIGHT_FROM, NIGHT_TO = 23, 7  # o'clock in London: a message between them wakes whoever is asleep
HOURS = 24
PROMPT_S = 60.0  # a first message decided later than this after it was due was late

Key = tuple[str, ...]  # what is counted, and of what: ("breaches", step), ("hours", role, "07"), ...
ESCALATIONS, BREACHES, MESSAGES, HOUR, WOKEN = "escalations", "breaches", "messages", "hours", "woken"
TOLD_LATE, UNTOLD, OPEN = "told_late", "untold", "left_open"


@dataclass
class Figure:
    """A number, and the first of the cases that it counts."""

    count: int = 0
    cases: list[str] = field(default_factory=list)

    def add(self, count: int, cases: list[str]) -> None:
        """Count more, of these cases."""
        self.count += count
        self.cases += cases[: CASES_KEPT - len(self.cases)]


@dataclass
class Tally:
    """The figures of some cases."""

    cases: int = 0
    figures: dict[Key, Figure] = field(default_factory=dict)

    def take(self, ref: str, counts: Mapping[Key, int]) -> None:
        """Take over what was counted of one case."""
        self.cases += 1
        for key, count in counts.items():
            self.figures.setdefault(key, Figure()).add(count, [ref])

    def add(self, other: "Tally") -> None:
        """Take over what was counted elsewhere."""
        self.cases += other.cases
        for key, figure in other.figures.items():
            self.figures.setdefault(key, Figure()).add(figure.count, figure.cases)

    def count(self, *key: str) -> int:
        """Give a figure; of a whole group (`breaches`) the sum."""
        return sum(figure.count for name, figure in self.figures.items() if name[: len(key)] == key)

    def cases_of(self, *key: str) -> list[str]:
        """Give the cases that are kept of a figure."""
        return self.figures[key].cases if key in self.figures else []

    def names(self, group: str) -> list[str]:
        """Name the steps or roles that a group counts, the most frequent first."""
        counts = Counter({key[1]: self.count(group, key[1]) for key in self.figures if key[0] == group})
        return [name for name, _ in sorted(counts.items(), key=lambda named: (-named[1], named[0]))]

    def as_body(self) -> dict[str, object]:
        """Give it as the API answers it: each figure with some of its cases."""
        groups = ((ESCALATIONS, "steps"), (BREACHES, "steps"), (MESSAGES, "roles"), (WOKEN, "roles"))
        body: dict[str, object] = {"cases": self.cases}
        body |= {name: self.count(name) for name in (TOLD_LATE, UNTOLD, OPEN)}
        return body | {group: {"count": self.count(group), what: self._named(group)} for group, what in groups}

    def _named(self, group: str) -> dict[str, object]:
        hours = group == MESSAGES
        return {
            name: {"count": self.count(group, name), "cases": self.cases_of(group, name)}
            | ({"hours": self.by_hour(name)} if hours else {})
            for name in self.names(group)
        }

    def by_hour(self, role: str) -> list[int]:
        """Give the messages to a role by the hour of the day in London, from midnight."""
        return [self.count(HOUR, role, f"{hour:02}") for hour in range(HOURS)]


def counted(played: Played) -> Counter[Key]:
    """Count what came of one case."""
    return Counter(_keys(played))


def _keys(played: Played) -> Iterator[Key]:
    for _, entry in played.entries:
        step = str(entry.body.get("step"))
        if entry.kind == "overdue":
            yield BREACHES, step
        elif entry.kind == "chosen" and entry.body["rung"] and entry.body["chosen"] is not None:
            yield ESCALATIONS, step
    for at, tell in played.tells:
        hour = at.astimezone(LOCAL).hour
        yield MESSAGES, tell.role.value
        yield HOUR, tell.role.value, f"{hour:02}"
        if hour >= NIGHT_FROM or hour < NIGHT_TO:
            yield WOKEN, tell.role.value
    yield from _of_the_case(played)


def _of_the_case(played: Played) -> Iterator[Key]:
    lateness = _first_lateness_s(played)
    if lateness is None:
        yield (UNTOLD,)
    elif lateness > PROMPT_S:
        yield (TOLD_LATE,)
    if played.case.status is not CaseStatus.CLOSED:
        yield (OPEN,)


def _first_lateness_s(played: Played) -> float | None:
    """Give by how much the first message came after it was due; None where nobody was ever told."""
    first: tuple[datetime, datetime] | None = next(((at, tell.due_at) for at, tell in played.tells), None)
    return None if first is None else (first[0] - first[1]).total_seconds()
