"""Lists of cases, newest first, a page at a time; and how many there are."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists
from sqlmodel import Session, col, func, or_, select

from models import CaseRow, StepRow
from policy.case import LIVE
from policy.terms import CaseStatus, Risk
from store.cases import Stored, load_all

LARGEST_PAGE = 500


@dataclass(frozen=True)
class Wanted:
    """Which cases a list shows; what is None does not matter. `q` is part of a reference, source id or serial."""

    status: CaseStatus | None = None
    area: str | None = None
    risk: Risk | None = None
    overdue: bool | None = None
    owner: str | None = None
    q: str | None = None
    non_compliant: bool | None = None  # the serial was closed without an entry that names who was told
    live: bool = False  # leave out the closed ones of which nobody is asked anything


@dataclass(frozen=True)
class Totals:
    """How the home stands as a whole; examples are not counted."""

    open: int
    overdue_steps: int


@dataclass(frozen=True)
class Counts:
    """What a list of cases counts, examples among them; `asked` are closed, and somebody is still asked something."""

    open: int
    examples: int
    overdue: int
    asked: int


def listing(
    s: Session, wanted: Wanted = Wanted(), limit: int = 50, cursor: str | None = None
) -> tuple[list[Stored], str | None]:
    """Give one page of cases, and the cursor of the next, None at the end. At the most 500 a page."""
    size = max(1, min(limit, LARGEST_PAGE))
    query = select(CaseRow.ref).where(*_conditions(wanted))
    if cursor:
        query = query.where(col(CaseRow.ref) < cursor)
    refs = list(s.exec(query.order_by(col(CaseRow.ref).desc()).limit(size + 1)))
    page = refs[:size]
    return load_all(s, page), page[-1] if len(refs) > size else None


def concerning(s: Session, person: str) -> list[Stored]:
    """Give the cases that somebody owns, was offered, or has something to do in, the most pressing first."""
    holds = (col(StepRow.holder) == person, col(StepRow.status).in_([str(status) for status in LIVE]))
    theirs = exists().where(col(StepRow.case_ref) == col(CaseRow.ref), *holds)
    has = or_(col(CaseRow.owner_person) == person, col(CaseRow.offered_to) == person, theirs)
    order = (col(CaseRow.urgency).desc(), col(CaseRow.ref))
    return load_all(s, list(s.exec(select(CaseRow.ref).where(_live(), has).order_by(*order).limit(LARGEST_PAGE))))


def totals(s: Session) -> Totals:
    """Count open cases and their overdue steps."""
    query = select(func.count(), func.coalesce(func.sum(CaseRow.overdue), 0))
    live = (col(CaseRow.status) != CaseStatus.CLOSED.value, ~col(CaseRow.example))
    count, overdue = s.exec(query.select_from(CaseRow).where(*live)).one()
    return Totals(int(count), int(overdue))


def counts(s: Session) -> Counts:
    """Count what is not closed, how many of those are examples, and the cases with something overdue, in one query."""
    open_, overdue = col(CaseRow.status) != CaseStatus.CLOSED.value, col(CaseRow.overdue) > 0
    query = select(
        func.count().filter(open_),
        func.count().filter(and_(open_, col(CaseRow.example))),
        func.count().filter(overdue),
        func.count().filter(~open_),
    )
    row = s.exec(query.select_from(CaseRow).where(_live())).one()
    return Counts(*(int(number) for number in row))


def _live() -> ColumnElement[bool]:
    """Give the condition of a case somebody is asked something of; a step that waits has a wake or is overdue."""
    waits = or_(col(CaseRow.wake_at).is_not(None), col(CaseRow.overdue) > 0)
    states = [str(status) for status in LIVE]
    asked = exists().where(col(StepRow.case_ref) == col(CaseRow.ref), col(StepRow.status).in_(states))
    return or_(col(CaseRow.status) != CaseStatus.CLOSED.value, and_(waits, asked))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (col(CaseRow.status), wanted.status),
        (col(CaseRow.area), wanted.area),
        (col(CaseRow.risk), wanted.risk),
        (col(CaseRow.owner_person), wanted.owner),
    ):
        if value is not None:
            conditions.append(column == str(value))
    if wanted.overdue is not None:
        conditions.append(col(CaseRow.overdue) > 0 if wanted.overdue else col(CaseRow.overdue) == 0)
    if wanted.non_compliant is not None:
        conditions.append(col(CaseRow.non_compliant).is_(wanted.non_compliant))
    if wanted.live:
        conditions.append(_live())
    if wanted.q:
        places = (CaseRow.ref, CaseRow.source_id, CaseRow.serial)
        conditions.append(or_(*(col(place).icontains(wanted.q, autoescape=True) for place in places)))
    return conditions
