"""What is seen of one step in a case that was played: when it was asked for, who was told, when it was overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.book import AFTERWARDS
from policy.play import Played
from policy.terms import Role
from policy.values import once

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """One occurrence as it began to be asked for; its time counts from `from_at`."""

    occurrence: int
    at: datetime
    due_at: datetime
    from_at: datetime


@dataclass(frozen=True)
class Line:
    """One message about the step to one person."""

    at: datetime
    person: str
    role: Role


@dataclass(frozen=True)
class Rung:
    """One rung as somebody on it was first told."""

    number: int
    at: datetime
    role: Role


@dataclass(frozen=True)
class Seen:
    """All that came of one step in one played case."""

    step: str
    played: Played

    @once
    def opened(self) -> tuple[Opened, ...]:
        """Give each occurrence that was asked for, in order."""
        lines = [e for _, e in self.played.entries if e.kind == "step_opened" and e.body["step"] == self.step]
        return tuple(
            Opened(_number(e.body["occurrence"]), e.at, due_at, _from(e.body["because"]) or e.at)
            for e in lines
            if isinstance(due_at := e.body["due_at"], datetime)
        )

    @once
    def overdue(self) -> Mapping[int, datetime]:
        """Give when each occurrence became overdue."""
        found = [e for _, e in self.played.entries if e.kind == "overdue" and e.body["step"] == self.step]
        return {_number(e.body["occurrence"]): e.at for e in found}

    @once
    def told(self) -> tuple[Line, ...]:
        """Give each message that asks somebody for the step."""
        return tuple(
            Line(at, tell.person, tell.role)
            for at, tell in self.played.tells
            if tell.type not in AFTERWARDS and any(ask.step == self.step for ask in tell.asks)
        )

    @once
    def rungs(self) -> tuple[Rung, ...]:
        """Give the rungs above the first message in the order in which somebody on them was told."""
        first: dict[int, Rung] = {}
        for at, entry in self.played.entries:
            body = entry.body
            if entry.kind == "chosen" and body["step"] == self.step and body["rung"] and body["chosen"] is not None:
                number = _number(body["rung"])
                first.setdefault(number, Rung(number, at, Role(str(body["role"]))))
        return tuple(sorted(first.values(), key=lambda rung: (rung.at, rung.number)))

    @once
    def warned(self) -> tuple[datetime, ...]:
        """Give when a deadline was warned of."""
        return tuple(e.at for _, e in self.played.entries if e.kind == "warned" and e.body["step"] == self.step)

    @once
    def reminded(self) -> tuple[datetime, ...]:
        """Give when those of the first message were reminded: told again, and not because of anything else."""
        whys = ("chosen", "warned", "overdue", "shift_ended")
        others = {at for at, e in self.played.entries if e.kind in whys and e.body.get("step") == self.step}
        return tuple(dict.fromkeys(line.at for line in self.told if line.at not in others))

    def busiest(self) -> tuple[int, datetime, Role] | None:
        """Give the most messages that one person had in an hour, when that hour began, and who it was."""
        by_person: dict[str, list[Line]] = {}
        for line in self.told:
            by_person.setdefault(line.person, []).append(line)
        most: tuple[int, datetime, Role] | None = None
        for lines in by_person.values():
            first = 0
            for last, line in enumerate(lines):
                while line.at - lines[first].at >= HOUR:
                    first += 1
                if most is None or last - first + 1 > most[0]:
                    most = (last - first + 1, lines[first].at, line.role)
        return most


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _from(because: object) -> datetime | None:
    at = because.get("anchor_at") if isinstance(because, Mapping) else None
    return at if isinstance(at, datetime) else None
