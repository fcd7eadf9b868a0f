"""Years on the simulated clock: a case that is never solved, both clock changes, a leap day."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.spans import LOCAL
from policy.terms import CaseStatus, StepStatus
from store import journal
from tests.simulation.night import Night
from tests.simulation.whole_machine import WholeMachine

REPORTED = datetime(2027, 3, 27, 23, 40, tzinfo=UTC)  # the evening before the clocks go forward
YEARS = timedelta(days=3 * 366 + 10)
LONG, SERGEANT, SET_TIME = "long_term_review", "sergeant_review", "review_at_set_time"
SUPERINTENDENT = "on-call-superintendent"
RESTS, LATE = timedelta(days=27), timedelta(days=2)
REVIEWS = (  # 28 days, 3, 6 and 12 months, then every year, to the minute of the report
    datetime(2027, 4, 24, 23, 40, tzinfo=UTC),
    datetime(2027, 6, 27, 23, 40, tzinfo=UTC),
    datetime(2027, 9, 27, 23, 40, tzinfo=UTC),
    datetime(2028, 3, 27, 23, 40, tzinfo=UTC),
    datetime(2029, 3, 27, 23, 40, tzinfo=UTC),
    datetime(2030, 3, 27, 23, 40, tzinfo=UTC),
)
REVIEWED = {"decision": "Nothing new", "rationale": "Every line is exhausted", "next_actions": "As before"}


def _report(night: Night, risk: str = "medium") -> str:
    stamp = night.now.isoformat()
    raw = {
        "source": "years",
        "source_id": "1",
        "reported_at": stamp,
        "recorded_at": stamp,
        "area": "stoke",
        "risk": risk,
        "person": {"name": "Somebody", "date_of_birth": "1980-05-01"},
    }
    night.cases.append(night.report(raw))
    return night.cases[0]


def _of(night: Night, role: str) -> str:
    """Name the one of a role who came on duty last, and so is chosen."""
    return [person for person in night.force.people() if person.startswith(role)][-1]


def _fact(night: Night, kind: str, by: str, step: str | None = None, **evidence: object) -> None:
    raw: dict[str, object] = {"kind": kind, "by": _of(night, by), **({"step": step} if step else {})}
    assert night.say(night.cases[0], raw | {"evidence": evidence}), f"{kind} by {by} was refused"


def _until(night: Night, at: datetime) -> None:
    night.wait((at - night.now).total_seconds() / 60)


def _at(night: Night, key: str, occurrence: int) -> datetime:
    step = night.case(night.cases[0]).step(key, occurrence)
    assert step is not None
    assert step.due_at is not None
    return step.due_at


def _keep_up(machine: WholeMachine, case: str) -> None:
    """Do all that is asked, except the long-term review."""
    for step in machine.night.case(case).live_steps():
        if step.key not in (LONG, SET_TIME):
            machine.do(case, step, _of(machine.night, SUPERINTENDENT))


@pytest.mark.timeout(300)
def test_a_case_of_three_years() -> None:
    """Long-term reviews fall due to the minute, each with its named holder, through every change of the clock.

    The case rests, with a review every 27 days; a long-term review that is late is *done late* and moves no other.
    """
    machine = WholeMachine()
    night = machine.night = Night("staffordshire", start=REPORTED, lasts=YEARS)
    case = _report(night, "very_low")
    _fact(night, "accepted", "duty-inspector-stoke")
    _fact(night, "serial_entry", "force-incident", recipient="duty-inspector-stoke-2", text="Passed on")
    _keep_up(machine, case)
    next_at = night.now + RESTS
    _fact(night, "inactive_requested", SUPERINTENDENT, rationale="As said", next_review_at=next_at.isoformat())
    assert night.case(case).status is CaseStatus.INACTIVE
    _keep_up(machine, case)
    todo = [(due_at + (LATE if number == 3 else -LATE), number) for number, due_at in enumerate(REVIEWS, 1)]
    while todo:
        at, number = min(todo[0], (next_at, 0))
        _until(night, at)
        if number:
            _long_term_review(night, *todo.pop(0))
        else:
            next_at = at + RESTS
            _fact(night, "reviewed", SUPERINTENDENT, SET_TIME, **REVIEWED, next_review_at=next_at.isoformat())
        _keep_up(machine, case)
    done = [step.status for step in night.case(case).occurrences(LONG)]
    expected = [StepStatus.DONE_LATE if number == 3 else StepStatus.DONE for number in range(1, 7)]
    assert done == [*expected, StepStatus.WAITING]
    assert night.case(case).status is CaseStatus.INACTIVE
    night.check()
    with night.world.sim.app.sessions.reading() as s:
        assert journal.verify(s) is None
    night.close()


def _long_term_review(night: Night, at: datetime, number: int) -> None:
    due_at, step = REVIEWS[number - 1], night.case(night.cases[0]).step(LONG, number)
    assert step is not None
    assert (night.now, step.due_at) == (at, due_at)
    assert (step.holder, step.status is StepStatus.OVERDUE) == (_of(night, SUPERINTENDENT), number == 3)
    night.check()
    asked = [h for h in night.heard if h.person == step.holder and "Review the long-term case" in h.ask]
    assert any(due_at - timedelta(days=7) <= h.at <= at for h in asked), f"review {number} was asked of nobody"
    _fact(night, "reviewed", SUPERINTENDENT, LONG, **REVIEWED)


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        pytest.param(datetime(2026, 10, 24, 21, 0, tzinfo=UTC), "22:00+0100 05:00+0000", id="backward"),
        pytest.param(datetime(2025, 3, 29, 22, 17, tzinfo=UTC), "22:17+0000 07:17+0100", id="forward"),
    ],
)
def test_the_night_of_the_clock_change(start: datetime, shown: str) -> None:
    """An eight-hour review falls due eight elapsed hours later, whatever the clock on the wall did (N3)."""
    night = Night("staffordshire", start=start)
    case = _report(night)
    _fact(night, "accepted", "duty-inspector-stoke")
    due_at = _at(night, SERGEANT, 1)
    assert due_at == start + timedelta(hours=8)
    assert f"{start.astimezone(LOCAL):%H:%M%z} {due_at.astimezone(LOCAL):%H:%M%z}" == shown
    _until(night, due_at - timedelta(minutes=1))
    review = night.case(case).step(SERGEANT, 1)
    assert review is not None
    assert review.status is StepStatus.OPEN
    night.wait(1)
    review = night.case(case).step(SERGEANT, 1)
    assert review is not None
    assert review.status is StepStatus.OVERDUE
    assert _at(night, SERGEANT, 2) == start + timedelta(hours=16)
    night.check()
    night.close()
