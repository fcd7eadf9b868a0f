"""Lists of cases, newest first, a page at a time; and how many there are."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from models import CaseRow
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
    live: bool = False  # leave out the closed ones


@dataclass(frozen=True)
class Totals:
    """How the home stands as a whole; examples are not counted."""

    open: int
    overdue_steps: int


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


def totals(s: Session) -> Totals:
    """Count open cases and their overdue steps."""
    query = select(func.count(), func.coalesce(func.sum(CaseRow.overdue), 0))
    live = (col(CaseRow.status) != CaseStatus.CLOSED.value, ~col(CaseRow.example))
    count, overdue = s.exec(query.select_from(CaseRow).where(*live)).one()
    return Totals(int(count), int(overdue))


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
        conditions.append(col(CaseRow.status) != CaseStatus.CLOSED.value)
    if wanted.q:
        places = (CaseRow.ref, CaseRow.source_id, CaseRow.serial)
        conditions.append(or_(*(col(place).icontains(wanted.q, autoescape=True) for place in places)))
    return conditions
