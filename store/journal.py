"""The journal: what happened, who said it and when it was written, in a chain that shows any tampering."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from models import JournalRow
from models.columns import Plain, canonical, plain, stamp, storable
from policy.intents import Entry
from policy.terms import Route
from store import meta

GENESIS = "0" * 64
HEAD = "journal_head"  # meta: "<seq>:<hash>" of the last line, so that a cut tail shows
_LOCK = 0x76_69_67_69_6C  # "vigil": the advisory lock under which PostgreSQL's writers append in turn
_BATCH = 1000
LARGEST = 10_000  # lines of one answer by kind


@dataclass(frozen=True)
class JournalEntry:
    """One line as it stands; `at` is when it was, `written_at` when Vigil wrote it down."""

    seq: int
    at: datetime
    written_at: datetime
    case: str | None
    by: str
    route: Route
    kind: str
    body: Mapping[str, object]
    hash: str


def append(s: Session, entries: Sequence[Entry], *, case: str | None, route: Route, written_at: datetime) -> int:
    """Append entries in order and give the sequence number of the last line of the journal.

    The lines of all transactions form one chain without gaps: on PostgreSQL other writers wait from here
    until this transaction ends, so append last. An entry's `at` may lie before that of the line above it.
    """
    _serialise(s)
    seq, prev = head(s)
    rows = []
    for entry in entries:
        seq += 1
        body = Plain({name: plain(value) for name, value in entry.body.items()})
        row: dict[str, object] = {
            "seq": seq,
            "at": entry.at,
            "written_at": written_at,
            "case_ref": case,
            "by": storable(entry.by),
            "route": str(route),
            "kind": storable(entry.kind),
            "body": body,
            "body_hash": hash_of(body),
            "prev_hash": prev,
        }
        prev = row["hash"] = chained(row)
        rows.append(row)
    if rows:
        s.exec(insert(JournalRow), params=rows)
        meta.put(s, HEAD, f"{seq}:{prev}")
    return seq


def read(
    s: Session, case: str | None = None, after: int = 0, limit: int = 500, *, without: Iterable[str] = ()
) -> list[JournalEntry]:
    """Give the lines of a case (of all cases when None) whose sequence number is above `after`.

    Lines whose kind is among `without` are left out.
    """
    query = select(JournalRow).where(col(JournalRow.seq) > after)
    if case is not None:
        query = query.where(col(JournalRow.case_ref) == case)
    if unwanted := list(without):
        query = query.where(col(JournalRow.kind).not_in(unwanted))
    return [_entry(row) for row in s.exec(query.order_by(col(JournalRow.seq)).limit(limit))]


def newest(
    s: Session, case: str, before: int | None = None, limit: int = 500, *, without: Iterable[str] = ()
) -> list[JournalEntry]:
    """Give the last lines of a case, those below the sequence number `before`, in the order of their numbers."""
    query = select(JournalRow).where(col(JournalRow.case_ref) == case)
    if before is not None:
        query = query.where(col(JournalRow.seq) < before)
    if unwanted := list(without):
        query = query.where(col(JournalRow.kind).not_in(unwanted))
    rows = s.exec(query.order_by(col(JournalRow.seq).desc()).limit(limit)).all()
    return [_entry(row) for row in reversed(rows)]


@dataclass(frozen=True)
class Lines:
    """Which lines are wanted: of these kinds, of one case, from an instant up to another, below a number."""

    kinds: Collection[str]
    case: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    before: int | None = None


def of_kinds(s: Session, wanted: Lines, limit: int = LARGEST) -> list[JournalEntry]:
    """Give the lines that are wanted, the newest first."""
    query = select(JournalRow).where(col(JournalRow.kind).in_(list(wanted.kinds)))
    if wanted.case is not None:
        query = query.where(col(JournalRow.case_ref) == wanted.case)
    if wanted.from_at is not None:
        query = query.where(col(JournalRow.at) >= wanted.from_at)
    if wanted.to_at is not None:
        query = query.where(col(JournalRow.at) < wanted.to_at)
    if wanted.before is not None:
        query = query.where(col(JournalRow.seq) < wanted.before)
    return [_entry(row) for row in s.exec(query.order_by(col(JournalRow.seq).desc()).limit(limit))]


def head(s: Session) -> tuple[int, str]:
    """Give sequence number and hash of the last line; (0, 64 zeros) when there is none."""
    noted = meta.get(s, HEAD)
    if noted is None:
        return 0, GENESIS
    seq, _, value = noted.partition(":")
    return int(seq), value


def verify(s: Session) -> int | None:
    """Follow the whole chain; give the number of the first line that is changed or gone, else None."""
    so_far: Followed = (0, GENESIS)
    while True:
        so_far, broken, ended = follow(s, so_far, _BATCH)
        if broken or ended:
            return broken


Followed = tuple[int, str]  # number and hash of the last line that was found whole


def follow(s: Session, so_far: Followed, most: int) -> tuple[Followed, int | None, bool]:
    """Follow the chain on from a line that is whole, `most` lines at the most.

    Gives how far it is whole, the number of the first line that is changed or gone, and whether the end is reached.
    """
    expected, prev = so_far
    query = select(JournalRow).where(col(JournalRow.seq) > expected)
    rows = s.exec(query.order_by(col(JournalRow.seq)).limit(most)).all()
    for row in rows:
        if row.seq != expected + 1 or row.prev_hash != prev or not _whole(row):
            return (expected, prev), expected + 1, True
        expected, prev = row.seq, row.hash
    s.expunge_all()
    if len(rows) == most:
        return (expected, prev), None, False
    return (expected, prev), None if head(s) == (expected, prev) else expected + 1, True


def hash_of(body: Mapping[str, object]) -> str:
    """Hash a body in its canonical form."""
    return sha256(canonical(body).encode()).hexdigest()


def chained(row: Mapping[str, object]) -> str:
    """Hash a line in its canonical form; the body through its own hash, so that the chain can outlive it."""
    at, written_at = row["at"], row["written_at"]
    assert isinstance(at, datetime)
    assert isinstance(written_at, datetime)
    covered = {
        "seq": row["seq"],
        "at": stamp(at),
        "written_at": stamp(written_at),
        "case": row["case_ref"],
        "by": row["by"],
        "route": row["route"],
        "kind": row["kind"],
        "body_hash": row["body_hash"],
        "prev_hash": row["prev_hash"],
    }
    return sha256(canonical(covered).encode()).hexdigest()


def _whole(row: JournalRow) -> bool:
    return row.body_hash == hash_of(row.body) and row.hash == chained(row.model_dump())


def _serialise(s: Session) -> None:
    """Let one transaction append at a time; on SQLite the write lock that it already holds does so."""
    if s.get_bind().dialect.name == "postgresql":
        s.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _entry(row: JournalRow) -> JournalEntry:
    return JournalEntry(
        seq=row.seq,
        at=row.at,
        written_at=row.written_at,
        case=row.case_ref,
        by=row.by,
        route=Route(row.route),
        kind=row.kind,
        body=row.body,
        hash=row.hash,
    )
