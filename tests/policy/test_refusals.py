"""Acts that a rule forbids are refused and say which rule, what is missing and who may; information never is."""

from dataclasses import replace

import pytest

from policy import outlook
from policy.errors import Invalid, Refused, Stale
from policy.terms import Anchor, CaseStatus, StepStatus
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, staff

ACTS = [
    ("acknowledged", {}),
    ("accepted", {}),
    ("declined", {"reason": "busy"}),
    ("delegated", {"to": "sgt-s", "reason": "busy"}),
    ("risk_set", {"level": "low", "rationale": "found his phone"}),
    ("step_completed", {"step": "correct_record"}),
    ("step_waived", {"step": ACCEPTS, "reason": "busy"}),
    ("serial_entry", {"recipient": "insp-a", "text": "told"}),
    ("closure_requested", {"rationale": "found"}),
]


def closed(night: Night) -> Night:
    """Close the case, as a signed closure will."""
    night.case = replace(night.case, status=CaseStatus.CLOSED)
    return night


@pytest.mark.parametrize(("kind", "evidence"), ACTS)
def test_nobody_unknown_acts(kind: str, evidence: dict[str, object]) -> None:
    """An act needs a named person whom the force knows."""
    night = Night().report()
    before = night.case
    with pytest.raises(Refused) as refusal:
        night.says("somebody", kind, **evidence)
    assert (refusal.value.rule, night.case) == ("known_person", before)
    assert refusal.value.missing[0].as_dict()["what"] == "a roster id"
    assert "insp-a" in refusal.value.who_may


@pytest.mark.parametrize(("kind", "evidence"), ACTS)
def test_nobody_acts_off_duty(kind: str, evidence: dict[str, object]) -> None:
    """Whoever acts must be there to go on acting; the refusal names those who are."""
    night = Night().report().goes_off_duty("insp-a")
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", kind, **evidence)
    assert refusal.value.rule == "on_duty"
    assert "insp-n" in refusal.value.who_may
    assert "insp-a" not in refusal.value.who_may


@pytest.mark.parametrize(("kind", "evidence"), ACTS)
def test_nobody_acts_on_a_closed_case(kind: str, evidence: dict[str, object]) -> None:
    """An act on a closed case would be seen by nobody; the refusal says what can be sent."""
    with pytest.raises(Refused) as refusal:
        closed(Night().report()).says("insp-a", kind, **evidence)
    assert refusal.value.rule == "closed_case"
    assert "new_information" in refusal.value.who_may


def test_information_on_a_closed_case_is_taken() -> None:
    """Never refused, on any case, from anybody; the case stays closed until a named person decides."""
    night = closed(Night().report()).until("20:00").says("somebody", "new_information", summary="seen", source="friend")
    assert night.case.anchors[Anchor.CLOSED_CASE_CONTACT] == at("20:00")
    assert night.case.status is CaseStatus.CLOSED


def test_a_closed_case_asks_for_nothing() -> None:
    """No wake, no reminder, no rung; those who had been told are stood down."""
    night = closed(Night().report()).forget().jump(at("23:00"))
    assert outlook.next_wake(night.case) is None
    assert {(t.person, t.type) for t in night.tells} == {("insp-a", "cancel"), ("sgt-s", "cancel")}
    assert {s.reason for s in night.case.steps if s.status is StepStatus.NOT_REQUIRED} >= {"the case is closed"}
    assert outlook.awaiting(night.case, night.pack, night.now).what == "nothing further"


def test_no_fact_comes_from_the_future() -> None:
    """A sender's clock may run five seconds ahead, and counts as now."""
    night = Night().report()
    with pytest.raises(Invalid) as refusal:
        night.says("insp-a", "note", when="19:00:06", text="called")
    assert [fault.field for fault in refusal.value.faults] == ["at"]
    assert night.says("insp-a", "attended", when="19:00:05").case.anchors[Anchor.ATTENDED] == at("19:00")


def test_deadlines_go_before_facts() -> None:
    """What fell due before the fact came is done first, dated when it fell due."""
    night = Night().report()
    night.now = at("19:25")
    night.says("insp-a", "note", text="called")
    assert night.rungs()[-1] == "19:20 1 fim-1"
    kinds = [e.kind for e in night.entries]
    assert kinds.index("overdue") < kinds.index("fact")


def test_a_refusal_leaves_nothing_half_done() -> None:
    """The case is the one it was; what fell due meanwhile is done by the next look."""
    night = Night(staff()).report()
    night.now = at("19:25")
    before = night.case
    with pytest.raises(Refused):
        night.says("ci-1", "acknowledged", step=NOTIFY)
    assert night.case == before
    assert night.jump(night.now).rungs()[-1] == "19:20 1 fim-1"


def test_somebody_else_was_faster() -> None:
    """`stale` carries the version that stands."""
    stale = Stale("changed meanwhile", current=7)
    assert (stale.current, stale.rule, str(stale)) == (7, "stale", "changed meanwhile")
