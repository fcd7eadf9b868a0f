"""What is overdue in the force: the Force Incident Manager sees it without being told of each."""

from dataclasses import dataclass
from datetime import datetime

from policy.case import Case
from policy.outlook import awaiting
from policy.terms import Risk, Role
from runtime.app import App
from store import listing, roster
from store.listing import Wanted

MOST = 200  # cases


@dataclass(frozen=True)
class Overdue:
    """One step whose deadline has passed without its act."""

    title: str
    due_at: datetime
    holder: str | None
    then: str


@dataclass(frozen=True)
class Late:
    """One case with overdue steps."""

    case: str
    risk: Risk | None
    timer_risk: Risk
    area: str
    steps: tuple[Overdue, ...]


def overdue_for(app: App, person: str) -> list[Late]:
    """Give the overdue steps of the force when the person is its Force Incident Manager now, else nothing."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        duties = roster.snapshot(s, now).duties_of(person, now)
        if not any(duty.role is Role.FORCE_INCIDENT_MANAGER for duty in duties):
            return []
        late, _ = listing.listing(s, Wanted(overdue=True, live=True), MOST)
    return sorted(
        (_late(app, held.case, now) for held in late), key=lambda c: (-c.timer_risk.weight, c.steps[0].due_at)
    )


def _late(app: App, case: Case, now: datetime) -> Late:
    pack = app.pack_of(case)
    awaited = awaiting(case, pack, now)
    steps = [
        Overdue(
            pack.steps[step.key].title,
            step.due_at or now,
            step.holder,
            awaited.then[:1].upper() + awaited.then[1:] + "." if awaited.step == step.key else "",
        )
        for step in case.overdue_steps()
    ]
    steps.sort(key=lambda step: step.due_at)
    return Late(case.ref, case.risk, case.timer_risk(pack.child_floor), pack.area_title(case.area), tuple(steps))
