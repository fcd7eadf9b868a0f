"""Floors: what the record says of a person keeps the timers from running as lower; the risk stays what was set."""

from dataclasses import replace

import pytest

from policy.errors import Refused
from policy.explain_due import why_due
from policy.floors import floor_of, with_floor
from policy.outside import FilledIn, filled_in
from policy.record_terms import AgeBand, CallType, Flag
from policy.terms import CaseStatus, Risk
from tests.policy.night import CONFIRM, NOTIFY, Night, baseline, only, pack, staff

ADULT = {"name": "Somebody", "age": 40}
HIGH_FLOOR = pack("staffordshire", '[floors]\ndementia = "high"\n')


def night_of(risk: str | None = "low", rules: object = None, **record: object) -> Night:
    """Open the case of an adult in Stoke at 19:00."""
    return Night(rules=rules or pack()).report(risk=risk, person=ADULT, **record)  # type: ignore[arg-type]  # a pack or none


@pytest.mark.parametrize("flag", ["care_home_report", "exploitation_risk", "self_harm_risk", "dementia"])
def test_a_flag_raises_what_the_timers_run_as(flag: str) -> None:
    """A wrong grade is not timed as one: low, and yet ten minutes to tell the inspector (W59)."""
    night = night_of(flags=[flag])
    assert (night.case.risk, night.case.risk_floor, night.case.timer_risk()) == (Risk.LOW, Risk.MEDIUM, Risk.MEDIUM)
    assert night.due(NOTIFY) == "19:10"
    assert night_of().due(NOTIFY) == "19:15"


def test_a_flag_without_a_floor_raises_nothing() -> None:
    """Floors are few: no phone is a fact for the officer, not for the timers."""
    assert night_of(flags=["no_phone", "likes_trains"]).case.risk_floor is None
    assert floor_of([], pack()) is None
    assert set(baseline().floors) <= set(Flag)


def test_the_highest_floor_counts() -> None:
    """And a level that is not set runs as it, at the least."""
    assert floor_of(["care_home_report", "dementia"], HIGH_FLOOR) is Risk.HIGH
    assert night_of(None, HIGH_FLOOR, flags=["dementia"]).case.timer_risk() is Risk.HIGH
    assert night_of("high", flags=["dementia"]).case.timer_risk() is Risk.HIGH


def test_a_floor_never_sinks() -> None:
    """One that an earlier case has left stays, whatever the flags say."""
    case = replace(night_of(flags=["dementia"]).case, risk_floor=Risk.HIGH)
    assert with_floor(case, pack()).risk_floor is Risk.HIGH
    assert with_floor(replace(case, risk_floor=None, flags=frozenset()), pack()).risk_floor is None


def test_an_inspector_may_decide_below_a_floor() -> None:
    """By name and with a reason; a sergeant may not."""
    night = night_of(flags=["dementia"])
    with pytest.raises(Refused):
        night.says("sgt-s", "risk_set", level="very_low", rationale="at his allotment")
    night.says("insp-a", "risk_set", level="low", rationale="seen at his allotment by the neighbour at noon")
    assert night.case.timer_risk() is Risk.LOW


def test_the_page_says_why_the_times_are_shorter() -> None:
    """Whoever wonders reads that it is a floor, and what was given; for a child it is said of any child."""
    night = night_of(flags=["dementia"])
    told = why_due(night.case, night.pack, night.step(NOTIFY), night.now)
    assert "medium risk (timed so: a floor of the record or of an earlier case, given low risk)" in told
    waits = why_due(night.case, night.pack, night.step("prevention_interview"), night.now)
    assert "a floor of the record or of an earlier case, given low risk" in waits
    child = Night().report(risk="low", flags=["child_in_care"])
    assert "a child given low risk" in why_due(child.case, child.pack, child.step(NOTIFY), child.now)
    given = night_of("medium", flags=["dementia"])
    assert "for medium risk," in why_due(given.case, given.pack, given.step(NOTIFY), given.now)


def test_a_line_of_the_journal_keeps_the_floor() -> None:
    """What moved a deadline is told again as it was, whatever the record says later."""
    night = night_of(rules=only(NOTIFY, CONFIRM)).forget()
    night.keep(filled_in(night.case, FilledIn(flags=frozenset({"dementia"})), night.pack, staff(), night.now))
    (moved,) = [e for e in night.entries if e.kind == "retimed" and e.body["step"] == NOTIFY]
    because = moved.body["because"]
    assert isinstance(because, dict)
    assert because["floor"] is True


def test_a_corrected_record_brings_a_flag() -> None:
    """The deadlines come nearer at once, and what the flag asks for is asked; a flag that is taken back stays."""
    night = night_of().until("19:02")
    assert night.case.step("care_home_assessment") is None
    said = FilledIn(flags=frozenset({"care_home_report"}))
    night.keep(filled_in(night.case, said, night.pack, staff(), night.now)).until("19:02")
    assert (night.case.risk_floor, night.due(NOTIFY)) == (Risk.MEDIUM, "19:12")
    assert night.due("care_home_assessment") == "19:32"
    night.keep(filled_in(night.case, FilledIn(), night.pack, staff(), night.now))
    assert night.case.flags == {"care_home_report"}


def test_a_corrected_record_says_the_rest() -> None:
    """Area, age, and that a concern is called missing after all; what it does not say stays."""
    night = night_of(area="atlantis", call_type="awol")
    said = FilledIn("stoke", AgeBand.B13_15, call_type=CallType.MISSING)
    case = filled_in(night.case, said, night.pack, staff(), night.now).case
    assert (case.area, case.age_band, case.call_type) == ("stoke", AgeBand.B13_15, "missing")
    same = filled_in(case, FilledIn(), night.pack, staff(), night.now).case
    assert (same.area, same.age_band, same.call_type) == ("stoke", AgeBand.B13_15, "missing")


def test_a_level_of_an_earlier_case_does_not_retime_a_closed_one() -> None:
    """What is over has no deadlines that could come nearer."""
    night = night_of("low", only(NOTIFY))
    closed = replace(night.case, status=CaseStatus.CLOSED)
    outcome = filled_in(closed, FilledIn(flags=frozenset({"dementia"})), night.pack, staff(), night.now)
    assert [entry.kind for entry in outcome.entries] == []


# --- a care home's report


@pytest.mark.parametrize("risk", ["very_low", "low", "medium"])
def test_every_report_of_a_home_is_a_case_that_runs(risk: str) -> None:
    """No silent category (W60): the inspector is told, the assessment is validated in half an hour."""
    night = night_of(risk, reporter={"kind": "home_staff"})
    assert "care_home_report" in night.case.flags
    assert night.case.timer_risk() is Risk.MEDIUM
    assert night.heard("insp-a") == ["19:00 notify"]
    assert (night.due("care_home_assessment"), night.step("care_home_assessment").holder) == ("19:30", "fim-1")


def test_a_rejected_assessment_is_still_timed() -> None:
    """The case goes on: nothing that was asked for is let go."""
    night = night_of(reporter={"kind": "home_staff"}).until("19:05")
    before = [step.id for step in night.case.live_steps()]
    with pytest.raises(Refused) as refusal:
        night.says("fim-1", "step_completed", step="care_home_assessment", outcome="rejected")
    assert [lack.what for lack in refusal.value.missing] == ["reason"]
    night.says("fim-1", "step_completed", step="care_home_assessment", outcome="rejected", reason="no last sighting")
    assert [step.id for step in night.case.live_steps()] == [i for i in before if i[0] != "care_home_assessment"]


def test_the_national_baseline_validates_no_homes_assessment() -> None:
    """That is Staffordshire's protocol (S4)."""
    assert "care_home_assessment" not in baseline().steps
