"""Cases: written as a whole, by compare-and-set on their version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models import AlarmRow, CaseRow, MessageRow, StepRow
from policy.case import Case
from policy.errors import Busy, Stale, Unknown
from store import meta
from store.case_rows import Values, case_of, case_values, step_values

FRESH = {"populate_existing": True}  # what the session has seen before may have changed by an UPDATE
NO_SYNC = {"synchronize_session": False}  # and is therefore never mended in memory
TOGETHER = {"render_nulls": True}  # rows that lack different values go in one statement all the same
STEP_COLUMNS: tuple[Any, ...] = tuple(sqlalchemy.inspect(StepRow).columns)
_AT_ONCE = 500  # references in one IN (...)


@dataclass(frozen=True)
class Stored:
    """A case as it stands in the store: policy's case, its version, and what the engine needs.

    `record` is the report as given: personal data, for the console's pages and for nothing else. `lease_until` is
    wall time; every other instant is procedure time.
    """

    case: Case
    version: int
    source: str
    source_id: str
    created_at: datetime
    serial: str | None = None
    wake_at: datetime | None = None
    run_id: str | None = None
    run_number: int = 0  # how many runs the case has had; 0 means none yet
    passes: int = 0
    lease_holder: str | None = None
    lease_until: datetime | None = None
    record: Mapping[str, object] = field(default_factory=dict)
    defects: Sequence[object] = ()
    person_key: str | None = None  # a digest of who is missing, by which another record of the same person is found

    @property
    def ref(self) -> str:
        """Give the case's reference."""
        return self.case.ref


def next_ref(s: Session, at: datetime) -> str:
    """Give the next reference of the year of `at`, such as `MP-2026-000001`; none is given twice."""
    return f"MP-{at.year}-{meta.next_number(s, f'case/{at.year}'):06d}"


def create(s: Session, stored: Stored) -> Stored:
    """Write a new case with its steps; its version is 1, whatever `stored` says.

    Raises Busy when another transaction has just taken in the same source and source_id: try again and find it.
    """
    values = case_values(stored.case) | {
        "ref": stored.ref,
        "version": 1,
        "source": stored.source,
        "source_id": stored.source_id,
        "serial": stored.serial,
        "wake_at": stored.wake_at,
        "created_at": stored.created_at,
        "run_number": 0,
        "passes": 0,
        "record": stored.record,
        "defects": stored.defects,
        "person_key": stored.person_key,
    }
    try:
        with s.begin_nested():
            s.exec(insert(CaseRow).values(**values))
    except IntegrityError:
        raise Busy("the same record is being taken in at this moment") from None
    _write_steps(s, stored.ref, {}, step_values(stored.case))
    return replace(stored, version=1, run_number=0, passes=0)


def load(s: Session, ref: str, *, lock: bool = False) -> Stored:
    """Give a case; raise Unknown when there is none.

    With `lock` whoever would change it waits for this transaction (PostgreSQL; on SQLite one writes at a time).
    """
    query = select(CaseRow).where(col(CaseRow.ref) == ref)
    rows = _stored(s, s.exec(query.with_for_update() if lock else query, execution_options=FRESH).all())
    if not rows:
        raise Unknown(f"there is no case {ref}")
    return rows[0]


def save(s: Session, stored: Stored, case: Case, *, wake_at: datetime | None) -> Stored:
    """Put `case` in the place of `stored`, the state that was decided upon; only changed steps are written.

    Raises Stale, and writes nothing, when the case has changed since `stored` was loaded.
    """
    values = case_values(case) | {"wake_at": wake_at, "version": stored.version + 1}
    if not change(s, stored.ref, values, col(CaseRow.version) == stored.version):
        current = load(s, stored.ref).version
        raise Stale(f"{stored.ref} was changed meanwhile", current=current)
    _write_steps(s, stored.ref, step_values(stored.case), step_values(case))
    return replace(stored, case=case, version=stored.version + 1, wake_at=wake_at)


def find(s: Session, source: str, source_id: str) -> str | None:
    """Give the reference of the case that was opened for this record, None when there is none."""
    query = select(CaseRow.ref).where(col(CaseRow.source) == source, col(CaseRow.source_id) == source_id)
    return s.exec(query).first()


def find_serial(s: Session, serial: str) -> list[str]:
    """Give the references of the cases that carry this incident serial, newest first."""
    query = select(CaseRow.ref).where(col(CaseRow.serial) == serial)
    return list(s.exec(query.order_by(col(CaseRow.created_at).desc())))


def set_record(
    s: Session, ref: str, *, record: Mapping[str, object], defects: Sequence[object], serial: str | None
) -> None:
    """Put a later version of the record in the place of the one before; the version does not move."""
    change(s, ref, {"record": record, "defects": defects, "serial": serial})


def has_real(s: Session) -> bool:
    """Tell whether the home holds a case that is no example."""
    return s.exec(select(CaseRow.ref).where(~col(CaseRow.example)).limit(1)).first() is not None


def count_real(s: Session, pack: str) -> int:
    """Count the cases of a pack that are no examples, in whatever state."""
    these = (col(CaseRow.pack) == pack, ~col(CaseRow.example))
    return s.exec(select(func.count()).select_from(CaseRow).where(*these)).one()


def examples(s: Session) -> list[Stored]:
    """Give every example case."""
    return _stored(s, s.exec(select(CaseRow).where(col(CaseRow.example)).order_by(col(CaseRow.ref))).all())


def remove_examples(s: Session) -> int:
    """Remove every example case with its steps and messages and give their number; the journal keeps its lines."""
    refs = list(s.exec(select(CaseRow.ref).where(col(CaseRow.example))))
    for some in _chunks(refs):
        s.exec(delete(MessageRow).where(col(MessageRow.case_ref).in_(some)), execution_options=NO_SYNC)
        s.exec(delete(CaseRow).where(col(CaseRow.ref).in_(some)), execution_options=NO_SYNC)
    return len(refs)


def load_all(s: Session, refs: Sequence[str]) -> list[Stored]:
    """Give several cases in the order of `refs`; one that does not exist is left out."""
    found: dict[str, Stored] = {}
    for some in _chunks(refs):
        rows = s.exec(select(CaseRow).where(col(CaseRow.ref).in_(some)), execution_options=FRESH).all()
        found |= {stored.ref: stored for stored in _stored(s, rows)}
    return [found[ref] for ref in refs if ref in found]


def change(s: Session, ref: str, values: Values, *conditions: ColumnElement[bool]) -> bool:
    """Set columns of one case if the conditions hold, in one statement; tell whether they did."""
    statement = update(CaseRow).where(col(CaseRow.ref) == ref, *conditions).values(**values)
    return s.exec(statement, execution_options=NO_SYNC).rowcount == 1


def _chunks(refs: Sequence[str]) -> Iterable[Sequence[str]]:
    return (refs[start : start + _AT_ONCE] for start in range(0, len(refs), _AT_ONCE))


def _write_steps(
    s: Session, ref: str, before: dict[tuple[str, int], Values], after: dict[tuple[str, int], Values]
) -> None:
    """Write the difference between two sets of steps."""
    new: list[Values] = []
    for (key, occurrence), values in after.items():
        if (key, occurrence) not in before:
            new.append({"case_ref": ref, "key": key, "occurrence": occurrence, **values})
        elif before[key, occurrence] != values:
            statement = update(StepRow).where(*_this_step(ref, key, occurrence)).values(**values)
            s.exec(statement, execution_options=NO_SYNC)
    if new:
        s.exec(insert(StepRow), params=new, execution_options=TOGETHER)
    for key, occurrence in before.keys() - after.keys():
        s.exec(delete(StepRow).where(*_this_step(ref, key, occurrence)), execution_options=NO_SYNC)


def _this_step(ref: str, key: str, occurrence: int) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StepRow.case_ref) == ref,
        col(StepRow.key) == key,
        col(StepRow.occurrence) == occurrence,
    )


def _ringing(s: Session, refs: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    query = select(AlarmRow.case_ref, AlarmRow.key, AlarmRow.detail)
    query = query.where(col(AlarmRow.case_ref).in_(refs), col(AlarmRow.cleared_at).is_(None))
    found: dict[str, set[tuple[str, str]]] = {ref: set() for ref in refs}
    for ref, key, detail in s.exec(query):
        found[ref].add((key, detail))
    return found


def _stored(s: Session, rows: Sequence[CaseRow]) -> list[Stored]:
    """Give cases with their steps and the alarms that stand: one question each for all of them."""
    refs = [row.ref for row in rows]
    # Plain rows, no objects of the session: a case has fifty steps, and is read several times for each thing it does.
    query = select(*STEP_COLUMNS).where(col(StepRow.case_ref).in_(refs))
    query = query.order_by(col(StepRow.case_ref), col(StepRow.position))
    steps: dict[str, list[StepRow]] = {ref: [] for ref in refs}
    for step in s.exec(query):
        steps[step.case_ref].append(step)
    ringing = _ringing(s, refs)
    return [
        Stored(
            case=replace(case_of(row, steps[row.ref]), ringing=frozenset(ringing[row.ref])),
            version=row.version,
            source=row.source,
            source_id=row.source_id,
            created_at=row.created_at,
            serial=row.serial,
            wake_at=row.wake_at,
            run_id=row.run_id,
            run_number=row.run_number,
            passes=row.passes,
            lease_holder=row.lease_holder,
            lease_until=row.lease_until,
            record=row.record,
            defects=tuple(row.defects),
            person_key=row.person_key,
        )
        for row in rows
    ]
