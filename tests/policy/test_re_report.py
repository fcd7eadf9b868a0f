"""A re-report: the earlier case is known, its risk is restored, the duty inspector hears, the home is searched."""

from dataclasses import replace

import pytest

from policy import decide, outside, re_report
from policy.case import Case
from policy.concerned import concerns
from policy.outlook import next_wake
from policy.past import ReReported, go_on
from policy.play import Story
from policy.record_terms import Earlier
from policy.report import read_report
from policy.terms import Anchor, CaseStatus, Rank, Risk, StepStatus
from tests.policy.closing_time import closed, looked_after
from tests.policy.night import CONFIRM, NOTIFY, REF, Night, a_record, at, clock, staff

BEFORE = "MP-2025-000007"
LINK, SEARCH = "link_re_report", "search_on_re_report"
MEDIUM = Earlier(BEFORE, Risk.MEDIUM)


def again(earlier: Earlier | None = MEDIUM, **fields: object) -> Night:
    """Take the standard record in as a re-report."""
    night = Night()
    report = replace(read_report(a_record(**fields), night.now, night.pack.areas), earlier=earlier)
    return night.keep(decide.open_case(report, night.pack, night.roster, night.now, REF))


def said(night: Night, kind: str) -> list[dict[str, object]]:
    """What the lines of a kind say."""
    return [dict(entry.body) for entry in night.entries if entry.kind == kind]


# --- which case counts


@pytest.mark.parametrize(("days", "counts"), [(0, True), (364, True), (365, True), (366, False)])
def test_a_closed_case_counts_for_a_year_after_its_closure(days: int, counts: bool) -> None:
    """Twelve calendar months from the signature; how long the case was open does not matter."""
    case = closed().case
    closed_at = case.anchors[Anchor.CLOSED]
    assert re_report.counts(case, closed_at + days * (at("19:00", 11) - at("19:00"))) is counts
    assert re_report.counts(case.without_anchors(Anchor.CLOSED), case.anchors[Anchor.CALL_RECEIVED])


@pytest.mark.parametrize(
    ("status", "counts"),
    [("open", False), ("inactive", True), ("located", True), ("closing", True)],
)
def test_a_case_under_which_nobody_is_sought_counts(status: str, counts: bool) -> None:
    """Two open cases are possible duplicates, and no re-report: until the earlier one is a day old."""
    case = replace(looked_after().case, status=CaseStatus(status))
    assert re_report.counts(case, at("23:00")) is counts
    assert re_report.counts(case, at("19:00", 11))


@pytest.mark.parametrize(
    ("risk", "floor", "levels", "highest"),
    [
        (None, None, (), None),
        (Risk.LOW, None, (), Risk.LOW),
        (Risk.LOW, None, (Risk.MEDIUM, Risk.HIGH), Risk.HIGH),
        (Risk.LOW, Risk.MEDIUM, (Risk.LOW,), Risk.MEDIUM),
    ],
)
def test_the_highest_risk_that_a_case_ever_had(
    risk: Risk | None, floor: Risk | None, levels: tuple[Risk, ...], highest: Risk | None
) -> None:
    """By its journal, by how it stands, and by what it had restored from a case before it."""
    case = replace(looked_after().case, risk=risk, risk_floor=floor)
    assert re_report.earlier_of(case, levels) == Earlier(REF, highest)


# --- what becomes of the new case


@pytest.mark.parametrize(("risk", "restored"), [("low", True), (None, True), ("medium", False), ("high", False)])
def test_a_lower_risk_is_raised_to_what_it_had_been(risk: str | None, restored: bool) -> None:
    """Journalled with both levels and the earlier case; nobody's rank stands behind it."""
    night = again(risk=risk)
    assert night.case.risk is (Risk.MEDIUM if restored else Risk(str(risk)))
    assert (night.case.re_report_of, night.case.risk_floor) == (BEFORE, Risk.MEDIUM if risk else Risk.HIGH)
    assert said(night, "re_report") == [{"case": BEFORE, "risk": Risk.MEDIUM}]
    lines = [{"before": Risk(risk) if risk else None, "after": Risk.MEDIUM, "case": BEFORE}] if restored else []
    assert said(night, "risk_restored") == lines
    assert night.case.risk_rank is Rank.STAFF
    assert night.step(CONFIRM).status is StepStatus.OPEN


def test_a_re_report_is_never_slower_than_a_first_report() -> None:
    """A child's report without a risk runs as high; restored to medium it does so until an inspector has confirmed."""
    night = again(risk=None)
    assert (night.case.risk, night.case.timer_risk(), night.due(NOTIFY)) == (Risk.MEDIUM, Risk.HIGH, "19:05")
    night.says("fim-1", "risk_set", level="medium", rationale="As it was when she came back last time")
    assert night.case.timer_risk() is Risk.MEDIUM


def test_a_risk_that_only_vigil_has_restored_is_still_assessed() -> None:
    """The call handler's own assessment is asked for as if nothing were set."""
    assert again(risk=None).step("initial_risk_assessment").status is StepStatus.OPEN
    assert again(risk="low").step("initial_risk_assessment").status is StepStatus.DONE


def test_an_earlier_case_without_a_risk_restores_none() -> None:
    """It is linked all the same, and its inspector is asked to read it."""
    night = again(Earlier(BEFORE, None), risk=None)
    assert (night.case.risk, night.case.risk_floor, night.case.re_report_of) == (None, None, BEFORE)
    assert night.step(LINK).status is StepStatus.OPEN


def test_a_higher_floor_of_its_own_is_kept() -> None:
    """The floor of the earlier case never lowers another."""
    night = again(Earlier(BEFORE, Risk.LOW), risk="low", person={"name": "A", "age": 40})
    night.case = replace(night.case, risk_floor=Risk.HIGH)
    outcome = outside.re_reported(night.case, MEDIUM, night.pack, night.roster, night.now)
    assert outcome.case.risk_floor is Risk.HIGH


def test_the_timers_never_run_below_it_until_an_inspector_says_so() -> None:
    """A sergeant's lowering is refused as any; the inspector's counts."""
    adult = {"name": "A", "age": 40}
    night = again(Earlier(BEFORE, Risk.HIGH), risk="low", person=adult)
    assert night.case.timer_risk() is Risk.HIGH
    night.says("fim-1", "risk_set", level="low", rationale="Seen at work an hour ago")
    assert night.case.timer_risk() is Risk.LOW


def test_the_duty_inspector_is_told_and_reads_the_earlier_case() -> None:
    """Within 15 minutes; undone, the Force Incident Manager hears a quarter of an hour after that."""
    night = again()
    assert (night.due(LINK), night.heard("insp-a", LINK)) == ("19:15", ["19:00 notify"])
    night.until("19:30")
    assert (night.statuses(LINK), night.heard("fim-1", LINK)) == (["overdue"], ["19:30 escalate"])
    night.says("insp-a", "step_completed", step=LINK, bears="Closed unseen", left_undone="The search of her home")
    assert night.statuses(LINK) == ["done_late"]


@pytest.mark.parametrize(("risk", "due"), [("low", "11 07:00"), ("medium", "10 23:00"), ("high", "10 20:00")])
def test_the_home_is_searched_by_the_risk(risk: str, due: str) -> None:
    """Counted from the record, not from when an officer attends."""
    night = again(Earlier(BEFORE, None), risk=risk, person={"name": "A", "age": 40})
    assert night.dues(SEARCH) == [due]
    assert night.heard("sgt-s", SEARCH) == ["19:00 notify"]


def test_a_first_report_asks_for_neither() -> None:
    """Nor does an earlier case that is too long ago: it is not known to policy at all."""
    night = again(None)
    assert night.case.step(LINK) is None
    assert night.case.step(SEARCH) is None


def test_a_search_that_was_recorded_answers_it() -> None:
    """One search of one home in one case."""
    night = again().until("19:30")
    night.case = night.case.with_anchor(Anchor.SEARCHED, night.now)
    night.jump(at("19:31"))
    assert night.step(SEARCH).reason == "a search of the home has been recorded"


# --- a record that names the person only later


def later(night: Night, earlier: Earlier = MEDIUM) -> Case:
    """Let the corrected record name the person of an earlier case, by the way of a recorded past."""
    outcome = go_on(night.case, ReReported(earlier), lambda _: night.pack, night.roster, night.now)
    night.keep(outcome)
    return night.case


def test_a_corrected_record_makes_it_a_re_report() -> None:
    """The risk rises at once, deadlines come nearer, a supervisor confirms it; the steps count from now."""
    night = Night().report(risk="low", person={"name": "A", "age": 40}).until("19:40").forget()
    before = night.due("supervisor_first_review")
    case = later(night)
    assert (case.risk, case.risk_floor, case.to_confirm) == (Risk.MEDIUM, Risk.MEDIUM, True)
    assert case.anchors[Anchor.RISK_RAISED] == case.anchors[Anchor.RISK_SET] == night.now
    assert (before, night.due("supervisor_first_review")) == ("23:00", "21:40")
    night.wait(max(night.now, next_wake(case) or night.now))
    assert (clock(night.step(LINK).anchor_at or at("00:00")), night.due(LINK)) == ("19:40", "19:55")
    assert night.due(SEARCH) == "23:40"


def test_a_corrected_record_at_the_same_risk() -> None:
    """Nothing is raised, so nobody has anything to confirm."""
    night = Night().report().until("19:40")
    case = later(night)
    assert (case.risk, case.to_confirm, case.re_report_of) == (Risk.MEDIUM, False, BEFORE)


def test_a_past_case_may_have_run_at_the_restored_level() -> None:
    """A preview of a changed number of that level plays it too."""
    night = again(Earlier(BEFORE, Risk.HIGH), risk="low", person={"name": "A", "age": 40})
    report = read_report(a_record(risk="low", person={"name": "A", "age": 40}), night.now, night.pack.areas)
    story = Story(REF, report, night.now, (), night.now)
    high = frozenset({Risk.HIGH})
    assert not concerns(story, high, night.pack)
    assert concerns(replace(story, report=replace(report, earlier=Earlier(BEFORE, Risk.HIGH))), high, night.pack)
    assert not concerns(replace(story, report=replace(report, earlier=Earlier(BEFORE, None))), high, night.pack)


def test_nobody_on_duty_for_it_climbs_at_once() -> None:
    """A re-report without an inspector reaches the Force Incident Manager in the same minute."""
    night = Night(staff(without=("insp-a",)))
    report = replace(read_report(a_record(), night.now, night.pack.areas), earlier=MEDIUM)
    night.keep(decide.open_case(report, night.pack, night.roster, night.now, REF))
    assert night.heard("fim-1", LINK) == ["19:00 escalate"]
