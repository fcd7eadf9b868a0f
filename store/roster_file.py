"""Reading a roster: every bad row with its row, field, what is wrong and what to do; and the gaps that it leaves.

The columns are those of the contract (section 2). `rank` follows the role and `name` the person when left out; a
row of somebody whose other rows have an address, but which has neither webhook, text nor e-mail, takes theirs: it
only adds a period of duty. `sms` is a column of ours beside those: where a text to the person is posted to.
"""

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.errors import Unreadable
from policy.roster import FORCE_WIDE
from policy.terms import Rank, Role
from store.roster_row import Bad, Places, Row, read_row

REQUIRED = ("person", "role", "area", "from", "to")
COLUMNS = ("person", "name", "rank", "role", "area", "from", "to", "email", "webhook", "phone", "sms")
AHEAD = timedelta(hours=24)  # how far gaps are looked for

Needed = Sequence[tuple[Role, str]]


@dataclass(frozen=True)
class Gap:
    """A period in which nobody holds a role that a ladder needs."""

    role: Role
    area: str
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True)
class RosterFile:
    """What a roster says: its good rows, its refused ones, and the gaps that the good ones leave."""

    rows: tuple[Row, ...]
    refused: tuple[Bad, ...]
    gaps: tuple[Gap, ...]

    @property
    def people(self) -> dict[str, tuple[str, Rank]]:
        """Give name and rank by person: the first name given, the highest rank that they serve in."""
        found: dict[str, tuple[str, Rank]] = {}
        for row in self.rows:
            name, rank = found.get(row.person, ("", row.rank))
            found[row.person] = (name or row.name, max(rank, row.rank, key=lambda r: r.weight))
        return {person: (name or person, rank) for person, (name, rank) in found.items()}


def read_csv(
    given: bytes | str,
    now: datetime,
    *,
    areas: Collection[str],
    forces: Collection[str] = (),
    needed: Needed = (),
    relative: bool = False,
) -> RosterFile:
    """Read a roster as CSV, UTF-8 with or without a byte order mark.

    Instants carry their offset; with `relative` they may also be offsets from `now` (`-40m`, `+8h`), as in the
    example's roster. `areas` are those that exist, `forces` the others, whose control rooms may stand in it, `needed`
    the roles and areas for which gaps are looked for in the next 24 hours. Raises Unreadable when it is no CSV text.
    """
    lines = _lines(given)
    header = [name.strip().lower() for name in lines[0]]
    faults = list(_header_faults(header))
    rows: list[Row] = []
    if not faults:
        start, places = now if relative else None, Places(areas, forces)
        for number, cells in enumerate(lines[1:], start=2):
            if any(cell.strip() for cell in cells):
                found = read_row(number, header, cells, places=places, start=start)
                rows += [found] if isinstance(found, Row) else []
                faults += [] if isinstance(found, Row) else found
        rows, twice = _without_repeats(rows)
        faults += twice
    good = tuple(_with_addresses(rows))
    refused = tuple(sorted(faults, key=lambda bad: bad.row))
    return RosterFile(good, refused, tuple(gaps(good, now, needed)))


def gaps(rows: Sequence[Row], now: datetime, needed: Needed) -> Iterator[Gap]:
    """Give, for each role and area needed, the periods within 24 hours of `now` that nobody covers.

    Somebody force-wide covers every area; `*` is covered by nobody else.
    """
    end = now + AHEAD
    for role, area in dict.fromkeys(needed):
        held = (row for row in rows if row.role is role and row.area in (area, FORCE_WIDE))
        covered = now
        for from_at, to_at in sorted((row.from_at, row.to_at) for row in held):
            if from_at > covered and covered < end:
                yield Gap(role, area, covered, min(from_at, end))
            covered = max(covered, to_at)
        if covered < end:
            yield Gap(role, area, covered, end)


def _lines(given: bytes | str) -> list[list[str]]:
    try:
        text = given.decode("utf-8-sig") if isinstance(given, bytes) else given.removeprefix("\ufeff")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError:
        raise Unreadable("the roster is not UTF-8 text: save it as CSV UTF-8") from None
    except csv.Error as error:
        raise Unreadable(f"the roster is not CSV: {error}") from None
    if not lines or "\0" in text:
        raise Unreadable(f"the roster is not CSV: its first row must be {','.join(COLUMNS)}")
    return lines


def _header_faults(header: Sequence[str]) -> Iterator[Bad]:
    listed = ",".join(COLUMNS)
    for name in REQUIRED:
        if name not in header:
            yield Bad(1, name, "the column is missing", f"the first row is {listed}, parted by commas")
    for place, name in enumerate(header):
        if name and name not in COLUMNS:
            yield Bad(1, name[:40], "is no column of a roster", f"leave it out; the columns are {listed}")
        elif name in header[:place]:
            yield Bad(1, name, "the column is there twice", "leave one of them out")


def _without_repeats(rows: Sequence[Row]) -> tuple[list[Row], list[Bad]]:
    """Keep the rows of one person in one role and area that do not repeat or contradict one another.

    Periods that overlap count as one. Two roles at once are two duties; two ranks in one are a contradiction.
    """
    before: dict[tuple[str, Role, str], list[Row]] = {}
    kept, refused = [], []
    for row in rows:
        others = before.setdefault((row.person, row.role, row.area), [])
        same = next((one for one in others if (one.from_at, one.to_at) == (row.from_at, row.to_at)), None)
        at_once = (one for one in others if one.from_at < row.to_at and row.from_at < one.to_at)
        other = next((one for one in at_once if one.rank is not row.rank), None)
        if same is not None:
            message = f"the same duty stands in row {same.number}"
            refused.append(Bad(row.number, "person", message, "leave one of the two rows out"))
        elif other is not None:
            message = f"says {row.rank}, and row {other.number} says {other.rank} for the same role at the same time"
            refused.append(Bad(row.number, "rank", message, "give one rank, or part the two periods"))
        else:
            others.append(row)
            kept.append(row)
    return kept, refused


def _with_addresses(rows: Sequence[Row]) -> Iterator[Row]:
    """Give a row without any address those of the person's first row that has one."""
    known: dict[str, Row] = {}
    for row in rows:
        if _reached(row):
            known.setdefault(row.person, row)
    for row in rows:
        other = known.get(row.person)
        if other is None or _reached(row):
            yield row
        else:
            phone = row.phone or other.phone
            yield replace(row, email=other.email, webhook=other.webhook, sms=other.sms, phone=phone)


def _reached(row: Row) -> bool:
    return bool(row.email or row.webhook or row.sms)
