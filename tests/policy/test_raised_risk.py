"""A raise by somebody below a sergeant counts at once and is confirmed in time; a hypothesis lowers nothing."""

import pytest

from policy.errors import Refused
from policy.terms import Anchor, Risk, StepStatus
from tests.policy.night import CONFIRM, Night, at, on, staff

RAISED = "confirm_raised_risk"
ADULT = {"name": "Somebody", "age": 40}
PEOPLE = staff(extra=[on("off-1", "response_officer", "stoke"), on("ch-1", "call_handler")])


def night_of(risk: str | None = "low") -> Night:
    """Open the case of an adult at 19:00, with a constable and a call handler on duty too."""
    return Night(PEOPLE).report(risk=risk, person=ADULT).until("19:20")


@pytest.mark.parametrize("by", ["off-1", "ch-1", "a-stranger"])
def test_a_raise_from_below_is_confirmed_in_time(by: str) -> None:
    """It takes effect at once; a supervisor stands behind it within the time of its level."""
    night = night_of().says(by, "risk_set", level="high", rationale="no medication")
    assert (night.case.risk, night.case.to_confirm) == (Risk.HIGH, True)
    assert (night.step(RAISED).holder, night.due(RAISED)) == ("fim-1", "19:35")
    night.until("19:35")
    assert night.statuses(RAISED) == ["overdue"]
    night.until("19:40").says("sgt-s", "risk_set", level="high", rationale="I have read it: she needs it by midnight")
    assert (night.statuses(RAISED), night.case.to_confirm) == (["done_late"], False)


def test_whoever_raised_it_does_not_confirm_it() -> None:
    """Nor does another constable: what stands is still one rank's word."""
    night = night_of().says("off-1", "risk_set", level="medium", rationale="out of character").until("19:25")
    night.says("ch-1", "risk_set", level="medium", rationale="the mother says so too")
    assert (night.statuses(RAISED), night.case.to_confirm) == (["open"], True)


def test_a_supervisor_may_lower_what_was_raised() -> None:
    """An amendment confirms too; below what was there takes the rank that it always takes."""
    night = night_of().says("off-1", "risk_set", level="high", rationale="no medication").until("19:25")
    night.says("insp-a", "risk_set", level="medium", rationale="she has it with her", source="her doctor")
    assert (night.case.risk, night.case.to_confirm, night.statuses(RAISED)) == (Risk.MEDIUM, False, ["done"])


def test_a_supervisors_raise_needs_nobody() -> None:
    """A sergeant's own word stands."""
    night = night_of().says("sgt-s", "risk_set", level="high", rationale="no medication")
    assert (night.case.to_confirm, night.case.step(RAISED)) == (False, None)


def test_each_raise_is_confirmed() -> None:
    """A second one after the first was confirmed asks again."""
    night = night_of().says("off-1", "risk_set", level="medium", rationale="out of character").until("19:25")
    night.says("sgt-s", "risk_set", level="medium", rationale="agreed").until("19:50")
    night.says("off-1", "risk_set", level="high", rationale="a note")
    assert night.statuses(RAISED) == ["done", "open"]


def test_what_a_supervisor_said_before_confirms_nothing() -> None:
    """An assessment that is recorded late is one of before the raise."""
    night = night_of().says("off-1", "risk_set", level="high", rationale="a note").until("19:30")
    night.says("sgt-s", "risk_set", level="high", rationale="as I said at the scene", when="19:10")
    assert (night.case.to_confirm, night.statuses(RAISED)) == (True, ["open"])


def test_the_first_level_stays_with_the_inspector() -> None:
    """A record without a level is not raised by its first one."""
    night = night_of(None).says("ch-1", "risk_set", level="high", rationale="a child alone")
    assert (night.case.to_confirm, night.case.step(RAISED)) == (False, None)
    assert night.step(CONFIRM).status is StepStatus.OVERDUE, "since 19:10"
    assert Anchor.RISK_RAISED not in night.case.anchors


def test_a_raise_that_is_told_late_is_confirmed_from_now() -> None:
    """Nobody is late before being asked."""
    night = night_of().until("20:00").says("off-1", "risk_set", level="high", rationale="a note", when="19:05")
    assert (night.case.anchors[Anchor.RISK_RAISED], night.due(RAISED)) == (at("20:00"), "20:15")


def test_nobody_confirms_what_is_over() -> None:
    """With the person seen it is not asked for any more, and bars no closure."""
    night = night_of().says("off-1", "risk_set", level="high", rationale="a note").until("19:25")
    night.says("off-1", "verified_seen", seen_by="off-1", where="at home", wellbeing="safe")
    assert night.statuses(RAISED) == ["not_required"]


# --- a benign hypothesis


@pytest.mark.parametrize("said", [{"hypothesis": True}, {"hypothesis": "yes"}, {"basis": "Hypothesis"}])
def test_a_hypothesis_lowers_nothing(said: dict[str, object]) -> None:
    """Whoever may be with friends may also be in the canal (W2, W4)."""
    night = night_of("medium")
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "risk_set", level="low", rationale="probably with friends", **said)
    assert refusal.value.rule == "hypothesis"
    assert [lack.what for lack in refusal.value.missing] == ["source"]
    assert "insp-a" in refusal.value.who_may
    assert night.case.risk is Risk.MEDIUM
    night.says("insp-a", "risk_set", level="low", rationale="with friends", source="the friend's mother", **said)
    assert str(night.case.risk) == "low"


def test_a_considered_reason_lowers() -> None:
    """Lowering is allowed, never silent (W49); and a hypothesis may raise."""
    night = night_of("high").says("insp-a", "risk_set", level="medium", rationale="took his medication, rang his wife")
    assert night.case.risk is Risk.MEDIUM
    night.says("insp-a", "risk_set", level="high", rationale="may have gone to the river", hypothesis=True)
    assert str(night.case.risk) == "high"


def test_a_hypothesis_as_new_information_changes_no_level() -> None:
    """It is weighed like any news, by a supervisor and in time."""
    night = night_of("medium").says("ch-1", "new_information", summary="?", source="aunt", category="hypothesis")
    assert night.case.risk is Risk.MEDIUM
    assert night.statuses("reassess_on_new_information") == ["open"]


# --- new information

NEWS = "reassess_on_new_information"


def news() -> Night:
    """A hospital rings at 19:20: a previous attempt."""
    night = night_of("medium")
    return night.says("ch-1", "new_information", summary="a previous attempt", source="hospital", category="medical")


def test_news_must_be_addressed() -> None:
    """Decision and reason, how it was considered, and who did the research: or it climbs (W46)."""
    night = news()
    assert night.due(NEWS) == "20:20"
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "step_completed", step=NEWS, decision="unchanged")
    assert [lack.what for lack in refusal.value.missing] == ["rationale", "considered", "researched_by"]
    night.until("20:20")
    assert night.breaches(NEWS) == ["1 10 20:20 insp-a"]
    said = {"decision": "unchanged", "rationale": "in care of the ward since", "considered": "read with the ward"}
    night.says("insp-a", "step_completed", step=NEWS, researched_by="ch-1", **said)
    assert (night.statuses(NEWS), night.step(NEWS).evidence["considered"]) == (["done_late"], "read with the ward")


def test_a_review_with_decision_and_reason_addresses_it_too() -> None:
    """What the contract asks of a review is enough for one."""
    night = news().says("insp-a", "reviewed", step=NEWS, decision="unchanged", rationale="known since 2019")
    assert night.statuses(NEWS) == ["done"]


def test_the_former_assessment_stays() -> None:
    """The journal has both."""
    night = news().until("19:30").says("insp-a", "risk_set", level="high", rationale="a previous attempt")
    assert night.statuses(NEWS) == ["done"]
    (line,) = [entry for entry in night.entries if entry.kind == "risk"]
    assert (line.body["before"], line.body["after"]) == (Risk.MEDIUM, Risk.HIGH)
