"""A rehearsal as it is once its file is known to be sound: duties, acts and expectations, at instants."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from policy.pack import Pack
from policy.terms import MessageType, Role
from store.roster_file import COLUMNS

ROLE = "role:"


@dataclass(frozen=True)
class DutyLine:
    """One period of duty, as a row of a roster."""

    cells: Mapping[str, str]
    from_at: datetime
    to_at: datetime

    @property
    def person(self) -> str:
        """Give the roster id."""
        return self.cells["person"]

    def row(self) -> dict[str, str]:
        """Give the cells with their instants."""
        return {**self.cells, "from": self.from_at.isoformat(), "to": self.to_at.isoformat()}


@dataclass(frozen=True)
class Outage:
    """What stands still, until when."""

    of: str
    until: datetime


@dataclass(frozen=True)
class Act:
    """One thing that happens; `case` is the report that a fact is about, or the number of the report itself."""

    number: int
    at: datetime
    kind: str  # report, fact, outage, absent, clock
    case: int = 1
    body: Mapping[str, object] = field(default_factory=dict)  # of a report or a fact, as the doors take it
    outage: Outage | None = None
    person: str = ""
    drift: timedelta = timedelta(0)

    @property
    def said(self) -> str:
        """Give the word by which an expectation may name the act: a fact's kind, or `report`."""
        return str(self.body["kind"]) if self.kind == "fact" else self.kind


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold; `value` is what is expected of `subject`."""

    number: int
    subject: str
    value: str | int
    is_: str | int | None = None
    about: tuple[str, ...] = ()
    type: MessageType | None = None
    times: int | None = None
    occurrence: int | None = None
    missing: tuple[str, ...] = ()
    to: str | None = None
    at: datetime | None = None
    after: datetime | None = None
    by: datetime | None = None
    until: datetime | None = None
    case: int | None = None

    @property
    def last_at(self) -> datetime | None:
        """Give the latest instant that it names; a due time names none, it may lie years ahead."""
        named = [at for at in (self.at if self.subject != "due" else None, self.after, self.by, self.until) if at]
        return max(named, default=None)

    def person(self) -> str | None:
        """Give the person that it is about; None when it is about a role, or nobody."""
        about_people = self.subject in ("told", "not_told", "owner", "responsible", "offered_to")
        value = str(self.value)
        return value if about_people and value and not value.startswith(ROLE) else None

    def role(self) -> Role | None:
        """Give the role that it is about, None when it is about a person."""
        value = str(self.value)
        return Role(value.removeprefix(ROLE)) if value.startswith(ROLE) else None


@dataclass(frozen=True)
class Source:
    """Where something that is told as it was can be read."""

    code: str
    title: str
    link: str


@dataclass(frozen=True)
class Was:
    """One thing that is known of the real night; `published` is what its source gives: the time, the day, neither."""

    at: datetime
    text: str
    source: str
    published: Literal["time", "day", "nothing"]


@dataclass(frozen=True)
class Scenario:
    """A whole rehearsal. `about`, `sources` and `was` tell the real night that it rests on, where there was one."""

    file: Path
    name: str
    pack: str
    packs: Mapping[str, Pack]
    own_packs: Mapping[str, str]  # the file's own packs, as TOML
    start: datetime
    duties: tuple[DutyLine, ...]
    acts: tuple[Act, ...]  # in the order in which they happen
    expectations: tuple[Expectation, ...]
    about: str = ""
    sources: tuple[Source, ...] = ()
    was: tuple[Was, ...] = ()
    at_least_until: datetime | None = None  # two that are compared end at the same instant

    @property
    def begins_at(self) -> datetime:
        """Give the instant at which the clock must stand when it begins."""
        return min([self.start, *(act.at for act in self.acts)])

    @property
    def ends_at(self) -> datetime:
        """Give the last instant that matters."""
        outages = [act.outage.until for act in self.acts if act.outage]
        named = [e.last_at for e in self.expectations if e.last_at]
        last = [self.at_least_until] if self.at_least_until else []
        return max([self.start, *(act.at for act in self.acts), *outages, *named, *last])

    @property
    def rules(self) -> Pack:
        """Give the pack that its cases follow."""
        return self.packs[self.pack]


def without(duties: Iterable[DutyLine], person: str, at: datetime) -> tuple[DutyLine, ...]:
    """Give the duties when a person goes off duty at `at`: what covers it ends there, later duties stay."""
    left = []
    for duty in duties:
        covers = duty.person == person and duty.from_at <= at < duty.to_at
        ended = replace(duty, to_at=at) if covers else duty
        if ended.from_at < ended.to_at:
            left.append(ended)
    return tuple(left)


def roster_csv(duties: Iterable[DutyLine], webhook: str = "", sms: str = "") -> str:
    """Write the duties as a roster.

    A row without a webhook gets the one given; nobody's address (a host of `.example`) gives way to those given.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for duty in duties:
        row = duty.row()
        hook, text = _somebodys(row.get("webhook", ""), webhook), _somebodys(row.get("sms", ""), sms)
        writer.writerow({**row, "webhook": hook or webhook, "sms": text})
    return out.getvalue()


def _somebodys(address: str, instead: str) -> str:
    """RFC 2606 keeps `.example` for what is written down and never rung."""
    return instead if instead and (urlsplit(address).hostname or "").endswith(".example") else address
