"""One row of a roster, read strictly: a person who cannot be reached must not look reachable."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from policy.roster import FORCE_WIDE
from policy.spans import Span
from policy.terms import RANK_OF_ROLE, Rank, Role

_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # stands in attempt keys and HTTP headers
_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+")
_TAKEN = frozenset({"vigil", "system"})  # the journal's words for what Vigil, or a feed, did of its own accord
_LONGEST = 500  # characters in a cell
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Row:
    """One period of duty of one person, and how they are reached in it (personal data)."""

    number: int  # in the file; the header is row 1
    person: str
    name: str
    rank: Rank
    role: Role
    area: str
    from_at: datetime
    to_at: datetime
    email: str | None
    webhook: str | None
    phone: str | None
    sms: str | None


@dataclass(frozen=True)
class Bad:
    """What is wrong with one field of one row, and what to do about it."""

    row: int
    field: str
    message: str
    remedy: str


class Places(NamedTuple):
    """Where people are on duty: the areas that exist, and the other forces, whose control rooms cases may go to."""

    areas: Collection[str]
    forces: Collection[str] = ()


@dataclass
class _Reader:
    """Reads the cells of one row and notes every fault."""

    number: int
    cells: Mapping[str, str]
    bad: list[Bad] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.cells.get(name, "")

    def fault(self, name: str, message: str, remedy: str) -> None:
        self.bad.append(Bad(self.number, name, message, remedy))

    def word(self, name: str, words: type[Word]) -> Word | None:
        try:
            return words(self.get(name).lower())
        except ValueError:
            said = f"{self.get(name)[:40]!r} is not known" if self.get(name) else "is missing"
            self.fault(name, said, "use one of: " + ", ".join(words))
            return None

    def instant(self, name: str, start: datetime | None) -> datetime | None:
        text = self.get(name)
        remedy = "write 2026-01-10T19:00:00Z, with its offset"
        try:
            at = _offset(text, start) if start and text[:1] in {"+", "-"} else datetime.fromisoformat(text)
            if at.tzinfo is not None and _EARLIEST <= at <= _LATEST:
                return at.astimezone(UTC)
            self.fault(name, "has no offset" if at.tzinfo is None else "is out of all measure", remedy)
        except (ValueError, OverflowError):
            self.fault(name, f"{text[:40]!r} is no instant" if text else "is missing", remedy)
        return None


def read_row(
    number: int, header: Sequence[str], cells: Sequence[str], *, places: Places, start: datetime | None
) -> Row | list[Bad]:
    """Read one row, or give everything that is wrong with it.

    With `start`, instants may be offsets from it, such as `-40m`.
    """
    row = _Reader(number, {n: c.strip() for n, c in zip(header, cells, strict=False) if n})
    if any(cell.strip() for cell in cells[len(header) :]):
        row.fault("row", "has more cells than the first row has columns", "quote a cell that holds a comma")
    _check_person(row)
    _check_area(row, places)
    _check_addresses(row)
    role = row.word("role", Role)
    rank = row.word("rank", Rank) if row.get("rank") else None
    from_at, to_at = row.instant("from", start), row.instant("to", start)
    if from_at and to_at and to_at <= from_at:
        row.fault("to", "is not after from", "a duty ends after it begins; give the date of the next day")
    if row.bad or role is None or from_at is None or to_at is None:
        return row.bad
    return Row(
        number=number,
        person=row.get("person"),
        name=row.get("name"),
        rank=rank or RANK_OF_ROLE[role],
        role=role,
        area=row.get("area"),
        from_at=from_at,
        to_at=to_at,
        email=row.get("email") or None,
        webhook=row.get("webhook") or None,
        phone=row.get("phone") or None,
        sms=row.get("sms") or None,
    )


def _check_person(row: _Reader) -> None:
    person = row.get("person")
    if not person:
        row.fault("person", "is missing", "give the roster id (the collar number)")
    elif person in _TAKEN:
        row.fault("person", f"{person} is Vigil's own name in the journal", "give the collar number")
    elif not _PERSON.fullmatch(person):
        remedy = "use the collar number: up to 64 letters, digits, dots, dashes and underscores"
        row.fault("person", f"{person[:40]!r} is no roster id", remedy)


def _check_area(row: _Reader, places: Places) -> None:
    area = row.get("area")
    if area != FORCE_WIDE and area not in places.areas and area not in places.forces:
        said = f"{area[:40]!r} is not an area of the pack" if area else "is missing"
        row.fault("area", said, "use one of: " + ", ".join([*sorted(places.areas), FORCE_WIDE]))


def _check_addresses(row: _Reader) -> None:
    for name, text in row.cells.items():
        if len(text) > _LONGEST or not text.isprintable():
            row.fault(name, f"is over {_LONGEST} characters long, or holds control characters", "shorten it")
    if row.get("email") and not _EMAIL.fullmatch(row.get("email")):
        row.fault("email", "is no e-mail address", "write somebody@force.example, one address only")
    if row.get("webhook") and not _is_web(row.get("webhook")):
        row.fault("webhook", "is no web address", "write https://host/path (or http://)")
    if row.get("sms") and not _is_web(row.get("sms")):
        remedy = "write the text gateway's https://host/path (or http://); a number to ring goes into phone"
        row.fault("sms", "is no web address", remedy)


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in {"http", "https"}
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and " " not in text
            and text.isascii()
        )
    except ValueError:
        return False


def _offset(text: str, start: datetime) -> datetime:
    """Read `+8h` or `-40m` from `start`; raise ValueError otherwise."""
    if text[1:] in {"0", "0s", "0m", "0h", "0d"}:
        return start
    return Span.parse(text[1:]).after(start, -1 if text[0] == "-" else 1)
