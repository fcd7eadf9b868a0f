"""The rosters of the past: each import is kept in its journal line, as what it takes over from the one before.

Whoever asks, years later, why that person was told must know who was on duty that night. Names and addresses are
not kept: roster ids, roles, ranks, areas and times are. How many open cases each held is counted from the journal.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, select

from models import JournalRow, PersonRow
from models.columns import canonical, stamp
from policy.roster import Duty, Roster
from policy.terms import CaseStatus, Rank, Role
from store import meta
from store.acting import ranks
from store.roster import AROUND, duties

KEPT = "roster_kept"  # meta: "<seq>:<digest>" of the journal line that holds the roster in force
NONE_BEFORE = 0  # the number of the line before, where there was no roster before
OWNING = ("owner", "unowned", "closed", "reopened")  # the lines that change who holds how many open cases
ACTING = ("acting_granted", "acting_ended")
AT_ONCE, MOST_AT_ONCE = timedelta(minutes=1), 8  # how far back another writer may have slipped in, and how many

Row = list[object]


@dataclass(frozen=True)
class Standing:
    """The roster that is in force before an import, and the line that holds it; None: no line does."""

    rows: Sequence[Row]
    line: int | None


def standing(s: Session) -> Standing:
    """Give the roster in force, to be asked before another is put in its place."""
    rows = [_row(duty) for duty in duties(s)]
    number, _, digest = (meta.get(s, KEPT) or "").partition(":")
    if number:
        return Standing(rows, int(number) if digest == _digest(rows) else None)
    anybody = rows or s.exec(select(PersonRow.id).limit(1)).first() is not None
    return Standing(rows, None if anybody else NONE_BEFORE)


def what_changed(s: Session, before: Standing) -> dict[str, object]:
    """Give what the line of an import says of the roster that now stands in the store.

    `duties` holds a row for each new duty and `[first, last]` for those taken over from the roster of the line
    `before`. Where no line holds that one (None), every duty is written out.
    """
    rows = [_row(duty) for duty in duties(s)]
    return {"before": before.line, "duties": _as_taken_over(before.rows if before.line else (), rows)}


def keep(s: Session, seq: int) -> None:
    """Note that the line `seq` holds the roster in force."""
    meta.put(s, KEPT, f"{seq}:{_digest([_row(duty) for duty in duties(s)])}")


def _row(duty: Duty) -> Row:
    who = [duty.person, duty.role.value, duty.rank.value, duty.area]
    return [*who, stamp(duty.from_at), stamp(duty.to_at)]


def _digest(rows: Sequence[Row]) -> str:
    return sha256(canonical(rows).encode()).hexdigest()[:16]


def _as_taken_over(was: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """Write each run of rows that stood one after another before as its first and last place, the others in full."""
    places = {tuple(row): place for place, row in enumerate(was)}
    told: list[Row] = []
    last: int | None = None
    for row in rows:
        place = places.get(tuple(row))
        if place is None:
            told.append(row)
        elif last is not None and place == last + 1:
            told[-1] = [told[-1][0], place]
        else:
            told.append([place, place])
        last = place
    return told


def _duties(told: Sequence[Sequence[object]], before: Sequence[Duty]) -> Iterator[Duty]:
    for row in told:
        if len(row) == 2:
            first, last = row
            assert isinstance(first, int)
            assert isinstance(last, int)
            yield from before[first : last + 1]
        else:
            person, role, rank, area, from_at, to_at = (str(cell) for cell in row)
            instants = (datetime.fromisoformat(from_at), datetime.fromisoformat(to_at))
            yield Duty(person, Role(role), Rank(rank), area, *instants)


@dataclass(frozen=True)
class Kept:
    """One roster as it was imported by the line `seq`, written at `at`, with the highest rank of each person."""

    seq: int
    at: datetime
    duties: tuple[Duty, ...]
    known: Mapping[str, Rank]


@dataclass(frozen=True)
class Holding:
    """How many open cases one person held after each of these lines."""

    seqs: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class _Load(Mapping[str, int]):
    """Who held how many open cases before a line, counted for whoever is asked about."""

    holdings: Mapping[str, Holding]
    seq: int

    def __getitem__(self, person: str) -> int:
        held = self.holdings[person]
        place = bisect_left(held.seqs, self.seq) - 1
        return held.counts[place] if place >= 0 else 0

    def __iter__(self) -> Iterator[str]:
        return iter(self.holdings)

    def __len__(self) -> int:
        return len(self.holdings)


@dataclass(frozen=True)
class Cover:
    """Who acted in a role that no roster gave them: granted by the line `seq`, ended early by another, perhaps."""

    seq: int
    duty: Duty
    ended_seq: int | None = None
    ended_at: datetime | None = None

    def before_line(self, seq: int) -> Duty | None:
        """Give it as it stood when a line was written; None before it was granted."""
        if self.seq >= seq:
            return None
        if self.ended_at is None or self.ended_seq is None or self.ended_seq >= seq:
            return self.duty
        return replace(self.duty, to_at=max(min(self.duty.to_at, self.ended_at), self.duty.from_at))


@dataclass(frozen=True)
class PastRosters:
    """Every roster that was kept, who acted up, and who held how many cases when; read once, asked often."""

    kept: Sequence[Kept]
    whole: bool  # whether there was none before the first of them
    covers: Sequence[Cover]
    holdings: Mapping[str, Holding]
    moves: Sequence[tuple[datetime, int]]  # when each line was written that changed any of these, and its number

    def before_line(self, seq: int, now: datetime) -> Roster | None:
        """Give the roster that a decision read at `now`, whose first line is `seq`; None when it was not kept."""
        place = bisect_left(self.kept, seq, key=lambda kept: kept.seq) - 1
        load = _Load(self.holdings, seq)
        if place < 0:
            return Roster(load=load) if self.whole else None
        known = self.kept[place].known
        covers = (cover.before_line(seq) for cover in self.covers)
        acting = [duty for duty in covers if duty is not None and duty.person in known and _is_near(duty, now)]
        duties = (duty for duty in self.kept[place].duties if _is_near(duty, now))
        return Roster((*duties, *acting), ranks(acting, known, now), load)

    def shortly_before(self, seq: int, now: datetime) -> Iterator[Roster]:
        """Give the rosters that stood a moment earlier, the latest first.

        Where several write at once (PostgreSQL) another may have slipped in between the reading of the roster and the
        writing of the first line `seq`: then the decision was made on one of these.
        """
        place = bisect_left(self.moves, seq, key=lambda move: move[1])
        for at, number in reversed(self.moves[max(place - MOST_AT_ONCE, 0) : place]):
            earlier = self.before_line(number, now) if at >= now - AT_ONCE else None
            if earlier is not None:
                yield earlier

    def at(self, now: datetime) -> Roster | None:
        """Give the roster in force at an instant, with the cases that people held then; None when it was not kept."""
        place = bisect_right(self.moves, now, key=lambda move: move[0]) - 1
        return self.before_line(self.moves[place][1] + 1 if place >= 0 else 0, now)


def _is_near(duty: Duty, now: datetime) -> bool:
    """Tell whether a duty stands in the snapshot of an instant (`store.roster`)."""
    return duty.to_at > now - AROUND and duty.from_at < now + AROUND


def read(s: Session) -> PastRosters:
    """Read every roster that the journal holds, and the lines that tell who acted up and who held which case."""
    lines: list[JournalRow] = []
    following: object = int((meta.get(s, KEPT) or "0").partition(":")[0] or 0)
    while following:
        lines.insert(0, s.exec(select(JournalRow).where(col(JournalRow.seq) == following)).one())
        following = lines[0].body["before"]
    first = lines[0].body["before"] if lines else standing(s).line
    query = select(JournalRow.seq, JournalRow.written_at, JournalRow.case_ref, JournalRow.body)
    moves = s.exec(query.where(col(JournalRow.kind).in_((*OWNING, *ACTING))).order_by(col(JournalRow.seq))).all()
    acting = [(seq, at, body) for seq, at, ref, body in moves if ref is None]
    owned = [(seq, ref, body) for seq, _, ref, body in moves if ref is not None]
    when = [(line.written_at, line.seq) for line in lines] + [(at, seq) for seq, at, _, _ in moves]
    in_order = sorted(when, key=lambda move: move[1])
    return PastRosters(_unfolded(lines), first == NONE_BEFORE, _covers(acting), _holdings(owned), in_order)


def _covers(lines: Iterable[tuple[int, datetime, Mapping[str, object]]]) -> list[Cover]:
    """Put each grant together with the line that ended it early."""
    found: dict[object, Cover] = {}
    for seq, at, body in lines:
        known = found.get(body["acting"])
        if known is None:
            row = [body[name] for name in ("person", "role", "rank", "area", "from", "to")]
            found[body["acting"]] = Cover(seq, next(_duties([row], ())))
        else:
            found[body["acting"]] = replace(known, ended_seq=seq, ended_at=at)
    return list(found.values())


def _unfolded(lines: Sequence[JournalRow]) -> list[Kept]:
    found: list[Kept] = []
    for line in lines:
        told = line.body["duties"]
        assert isinstance(told, list)
        here = tuple(_duties(told, found[-1].duties if found else ()))
        known: dict[str, Rank] = {}
        for duty in here:
            known[duty.person] = max(known.get(duty.person, duty.rank), duty.rank, key=lambda rank: rank.weight)
        found.append(Kept(line.seq, line.written_at, here, known))
    return found


def _holdings(moves: Iterable[tuple[int, str, Mapping[str, object]]]) -> dict[str, Holding]:
    """Count who holds how many open cases after each line: somebody accepts, a case closes, or is opened anew."""
    owners: dict[str, str | None] = {}
    holdings: dict[str, Holding] = {}
    for seq, ref, body in moves:
        before, after = owners.get(ref), body.get("owner")
        if body.get("was") == CaseStatus.INACTIVE.value:  # a case that rested keeps its owner
            after = before
        owners[ref] = None if after is None else str(after)
        for person, step in ((before, -1), (owners[ref], 1)) if before != after else ():
            if person is not None:
                held = holdings.setdefault(person, Holding())
                held.seqs.append(seq)
                held.counts.append((held.counts[-1] if held.counts else 0) + step)
    return holdings
