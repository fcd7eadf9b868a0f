"""Typed as a concern, AWOL or walk-out: timed, decided by name, decided again, never silent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.errors import Refused
from policy.terms import Anchor, Risk
from tests.policy.night import Night, at, on, staff

WATCH, DECLINE, SHIFT = "concern_for_welfare_watch", "decline_decision", "shift_change_risk_decision"
ADULT = {"name": "Somebody", "age": 40}
PEOPLE = staff(extra=[on("fim-2", "force_incident_manager")])


def night_of(call_type: str = "concern_for_welfare", risk: str = "medium") -> Night:
    """Open a concern at 19:00."""
    return Night(PEOPLE).report(risk=risk, person=ADULT, call_type=call_type)


def no(night: Night, by: str, reason: str, key: str = WATCH, **more: object) -> Night:
    """Somebody says that the person does not count as missing."""
    return night.says(by, "step_completed", step=key, missing="no", reason=reason, **more)


def yes(night: Night, by: str, key: str = WATCH) -> Night:
    """Somebody says that the person counts as missing."""
    return night.says(by, "step_completed", step=key, missing="yes", reason="nobody has seen her since noon")


@pytest.mark.parametrize("call_type", ["concern_for_welfare", "awol", "walk_out"])
def test_it_is_asked_every_hour(call_type: str) -> None:
    """At every level, and whoever is asked is named; the local inspector hears the question too."""
    night = night_of(call_type, "very_low").until("22:00")
    assert night.dues(WATCH)[:3] == ["10 20:00", "10 21:00", "10 22:00"]
    assert night.step(WATCH, 1).holder == "fim-1"
    assert [told[:5] for told in night.heard("insp-a", WATCH)][:2] == ["19:00", "20:00"]
    assert len(night.breaches(WATCH)) == 3


def test_a_call_of_missing_is_asked_nothing_of_the_sort() -> None:
    """These are questions about whether it is one."""
    night = Night().report(person=ADULT)
    assert [night.case.step(key) for key in (WATCH, DECLINE, SHIFT)] == [None, None, None]


def test_the_first_no_is_the_control_rooms() -> None:
    """With a reason."""
    night = night_of().until("20:00")
    with pytest.raises(Refused) as refusal:
        night.says("fim-1", "step_completed", step=WATCH, missing="no")
    assert [lack.what for lack in refusal.value.missing] == ["reason"]
    assert no(night, "fim-1", "her sister expects her at ten").statuses(WATCH)[0] == "done_late"


@pytest.mark.parametrize("by", ["fim-1", "fim-2"])
def test_the_control_room_does_not_agree_with_itself(by: str) -> None:
    """The second no is another inspector's, who is not of the control room (W44); a yes is taken from anybody asked."""
    night = no(night_of().until("19:30"), "fim-1", "her sister expects her at ten").until("20:30")
    with pytest.raises(Refused) as refusal:
        no(night, by, "still expected at ten")
    assert [lack.what for lack in refusal.value.missing] == ["another inspector"]
    assert no(night, "insp-a", "her sister has spoken to her").statuses(WATCH)[:2] == ["done", "done"]
    night.until("21:30")
    with pytest.raises(Refused):
        no(night, by, "still")
    assert yes(night, by).case.call_type == "missing"


def test_whoever_said_the_first_no_does_not_say_the_second() -> None:
    """Also where that was the local inspector."""
    night = no(night_of().until("19:30"), "insp-a", "her sister expects her at ten").until("20:30")
    with pytest.raises(Refused, match="another inspector"):
        no(night, "insp-a", "still expected")
    assert no(night, "ci-1", "I have spoken to the sister").statuses(WATCH)[1] == "done"


def test_a_blank_answer_lacks_the_answer_alone() -> None:
    """What is not said is neither a yes nor a no."""
    night = no(night_of().until("19:30"), "fim-1", "expected at ten").until("20:30")
    with pytest.raises(Refused) as refusal:
        night.says("fim-1", "step_completed", step=WATCH, reason="no idea")
    assert [lack.what for lack in refusal.value.missing] == ["missing"]


def test_a_sergeant_decides_none_of_it() -> None:
    """It takes an inspector."""
    night = night_of()
    for key in (WATCH, DECLINE):
        with pytest.raises(Refused, match="inspector or above"):
            no(night, "sgt-s", "expected at ten", key, threshold="no")


def test_missing_ends_the_concern() -> None:
    """What was asked because of the type of the call is asked no more; the rest goes on, overdue as it is."""
    night = night_of(risk="low").until("20:30")
    overdue = [step.key for step in night.case.overdue_steps()]
    yes(night, "insp-a")
    assert night.case.call_type == "missing"
    assert night.statuses(WATCH)[0] in ("done", "done_late", "not_required")
    assert {night.statuses(key)[-1] for key in (WATCH, DECLINE)} == {"not_required"}
    assert night.step(WATCH, 3).reason == "the person counts as missing, or has been seen"
    left = [step.key for step in night.case.overdue_steps()]
    assert left == [key for key in overdue if key not in (WATCH, DECLINE)]
    night.says("insp-a", "risk_set", level="high", rationale="nobody has seen her since noon")
    assert night.due("deploy_and_attend") == "20:45", "from the upgrade"
    assert night.step("inspector_confirms_risk").status in ("done", "done_late")


@pytest.mark.parametrize("key", [WATCH, DECLINE, SHIFT])
def test_none_of_it_is_waived(key: str) -> None:
    """Not for the police is a decision; a waiver would be silence."""
    assert not night_of().pack.steps[key].waivable


def test_a_decision_not_for_the_police_is_timed_and_looked_at_again() -> None:
    """Within the hour, by an inspector with a reason; then every six hours, with a reason of its own (W57)."""
    night = night_of("walk_out").until("19:30")
    assert (night.step(DECLINE, 1).holder, night.dues(DECLINE)[0]) == ("insp-a", "10 20:00")
    no(night, "insp-a", "the ward looks for him", DECLINE, threshold="no").until("20:01")
    assert night.dues(DECLINE) == ["10 20:00", "11 02:00"]
    assert night.statuses(DECLINE) == ["done", "waiting"], "asked again an hour before"
    night.wait(at("02:00", 11))
    assert night.breaches(DECLINE) == ["2 11 02:00 insp-a"]
    with pytest.raises(Refused) as refusal:
        no(night, "insp-a", "The ward looks for him.", DECLINE, threshold="no")
    assert [lack.what for lack in refusal.value.missing] == ["reason"]
    no(night, "insp-a", "found on the grounds, not seen yet", DECLINE, threshold="no")
    assert night.statuses(DECLINE)[1] == "done_late"


def test_the_incoming_inspector_decides_afresh() -> None:
    """Within half an hour of coming on duty, whatever the last shift thought; a risk set by them is a decision too."""
    late = on("insp-b", "duty_inspector", "stoke", since=at("22:00"), until=at("06:00", 11))
    early = on("insp-a", "duty_inspector", "stoke", until=at("22:00"))
    night = Night(staff(without=["insp-a"], extra=[early, late])).report(
        risk="low", person=ADULT, call_type="concern_for_welfare"
    )
    night.until("21:59")
    assert night.step(SHIFT).due_at is None
    night.until("22:10")
    assert (night.case.anchors[Anchor.SHIFT_START], night.step(SHIFT).holder) == (at("22:00"), "insp-b")
    assert night.due(SHIFT) == "22:30"
    with pytest.raises(Refused):
        night.says("sgt-s", "step_completed", step=SHIFT, missing="no", reason="as before")
    night.says("insp-b", "risk_set", level="high", rationale="not like her, and it freezes")
    assert (night.statuses(SHIFT), night.case.risk) == (["done"], Risk.HIGH)


def test_who_has_been_seen_is_no_concern() -> None:
    """Nothing of it is asked any more, and none of it bars the closure."""
    night = night_of().until("19:40")
    night.says("insp-a", "verified_seen", seen_by="insp-a", where="at her sister's", wellbeing="safe")
    assert {status for key in (WATCH, DECLINE) for status in night.statuses(key)} == {"not_required"}
    assert night.until("23:00").case.still_missing is False


def test_a_no_of_an_earlier_missed_hour_counts() -> None:
    """The first no is the one that was said first, whichever hour it answers."""
    night = night_of().until("20:10")
    no(night, "fim-1", "expected at ten", occurrence=2)
    assert replace(night.step(WATCH, 2)).done_by == "fim-1"
    night.until("21:10")
    with pytest.raises(Refused, match="another inspector"):
        no(night, "fim-2", "still expected at ten")
    assert night.now - at("19:00") == timedelta(minutes=130)
