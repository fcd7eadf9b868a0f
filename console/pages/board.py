"""The list of cases: what is overdue first, then what is most pressing."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of
from console.api.cases import Vigil
from console.templating import page
from policy.case import Case
from policy.outlook import awaiting
from policy.roster import Roster
from policy.terms import CaseStatus, Risk
from runtime import readings
from runtime.app import App
from runtime.readings_breaches import non_compliant
from store import listing, roster
from store.listing import Wanted

router = APIRouter()
SHOWN = 200  # cases of one page


@dataclass(frozen=True)
class Row:
    """One case as the list shows it."""

    case: str
    status: str
    risk: Risk | None
    timer_risk: Risk
    age_band: str
    area: str
    owner: str | None
    responsible: str | None
    offered_to: str | None
    awaiting: str
    due_at: datetime | None
    overdue: int
    example: bool


@router.get("/")
def show(request: Request, app: Vigil, cursor: str = "", status: str = "") -> Response:
    """Show the cases of which somebody is asked something, or, where those are wanted, the closed ones."""
    reader = access_of(request).reader(request)
    if reader is None:
        return RedirectResponse("/sign-in", 303)
    request.state.reader = reader
    now, closed = app.clock.now(), status == CaseStatus.CLOSED
    with app.sessions.reading() as s:
        first = not cursor and not closed
        late, _ = listing.listing(s, Wanted(overdue=True, live=True), SHOWN) if first else ([], None)
        wanted = Wanted(status=CaseStatus.CLOSED) if closed else Wanted(overdue=False, live=True)
        rest, more = listing.listing(s, wanted, SHOWN, cursor or None)
        known = roster.snapshot(s, now)
        counts = listing.counts(s)
    rows = [_row(app, held.case, known, now) for held in (*late, *rest)]
    return page(
        request,
        "cases.html",
        as_of=now,
        rows=rows if closed else sorted(rows, key=_pressing),
        counts=counts,
        closed=closed,
        more=more,
        non_compliant=non_compliant(app),
    )


def _pressing(row: Row) -> tuple[bool, int, bool, float]:
    at = row.due_at.timestamp() if row.due_at else 0.0
    return (row.overdue == 0, -row.timer_risk.weight, row.due_at is None, at)


def _row(app: App, case: Case, known: Roster, now: datetime) -> Row:
    pack = app.pack_of(case)
    who = readings.answerable(case, known, now)
    awaited = awaiting(case, pack, now)
    return Row(
        case=case.ref,
        status=case.status,
        risk=case.risk,
        timer_risk=case.timer_risk(pack.child_floor),
        age_band=case.age_band,
        area=pack.area_title(case.area),
        owner=case.owner.person if case.owner else None,
        responsible=who.person if who else None,
        offered_to=case.offered_to if case.owner and case.offered_to != case.owner.person else None,
        awaiting=awaited.what,
        due_at=awaited.by,
        overdue=len(case.overdue_steps()),
        example=case.example,
    )
