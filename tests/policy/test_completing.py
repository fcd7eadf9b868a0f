"""What completing a step asks beside its form and brings about: fresh reasons, roles, instants, supervisors."""

from dataclasses import replace

import pytest

from policy.actions import open_actions
from policy.errors import Invalid, Refused
from policy.pack import Pack
from policy.spans import Span
from policy.terms import Anchor, Risk, StepStatus
from tests.policy.closing_time import ADULT
from tests.policy.night import NOTIFY, Night, at, clock, on, only, pack, round_the_clock

UNSENT, SENIOR = "unresourced_reassessment", "unresourced_superintendent"
OBTAINED, ANALYSED = "comms_data_obtained", "comms_data_analysed"
CHECK, REVIEW = "open_actions_check", "sergeant_review"
STEP = """
[steps.form]
title = "A form"
stage = "respond"
kind = "task"
anchor = "call_received"
due = "2h"
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""
YES = 'evidence = [{ name = "missing", title = "Missing", type = "yes_no", yes = "counts_as_missing" }]\n'
ROLE = 'evidence = [{ name = "who", title = "Who takes it", type = "person", role = "comms_data_officer" }]\n'


def night_of(*keys: str, more: str = "", **fields: object) -> Night:
    """Open the standard case, medium, under some steps alone, with people on duty round the clock."""
    return Night(round_the_clock(), only(*keys, more=more)).report(**fields)


# --- no unit ------------------------------------------------------------------------------------------------


def test_each_hour_without_a_unit_has_a_reason_of_its_own() -> None:
    """The words of an earlier hour, however they are written, are no fresh assessment; an inspector's decision is."""
    night = night_of(UNSENT, person=ADULT).until("19:50")
    night.says("fim-1", "step_completed", step=UNSENT, reason="Two units at a fire; medium stands")
    night.until("20:40")
    with pytest.raises(Refused) as refusal:
        night.says("sgt-s", "step_completed", step=UNSENT, reason="two units at a fire - medium stands.")
    assert [(lack.what, "fresh reason" in lack.why) for lack in refusal.value.missing] == [("reason", True)]
    night.says("insp-a", "no_deployment", reason="Two units at a fire; medium stands")
    assert night.statuses(UNSENT)[:2] == ["done", "done"]


def test_it_climbs_from_the_sergeant_to_the_superintendent() -> None:
    """Asked of control room and sergeant at once, then each interval the next in rank; by four hours the top has it."""
    night = night_of(UNSENT, person=ADULT).wait(at("23:00"))
    assert {"19:00 task", "20:00 task"} <= set(night.heard("sgt-s", UNSENT))
    rungs = [(clock(one.at), one.person) for one in night.step(UNSENT, 4).told if one.rung > 0]
    assert rungs == [("21:00", "insp-a"), ("22:00", "ci-1"), ("23:00", "supt-1")]


def test_however_often_it_is_assessed_below_a_superintendent_has_it_by_four_hours() -> None:
    """Thirteen hours of assessments by sergeants cannot occur: one above them decides, and is told in time."""
    night = night_of(UNSENT, SENIOR, person=ADULT)
    for hour in (19, 20, 21, 22):
        night.until(f"{hour}:40").says("sgt-s", "step_completed", step=UNSENT, reason=f"no unit at {hour}:40")
    assert night.until("23:00").heard("supt-1", SENIOR) == ["22:45 task", "23:00 remind"]
    assert night.rungs(UNSENT) == []
    with pytest.raises(Refused, match="takes superintendent or above"):
        night.says("ci-1", "step_completed", step=SENIOR, reason="none")
    night.says("supt-1", "step_completed", step=SENIOR, reason="A unit of the neighbours goes at midnight")
    assert night.step(SENIOR).status is StepStatus.DONE_LATE


def test_a_unit_that_goes_needs_no_superintendent() -> None:
    """What was only planned is not asked for any more."""
    night = night_of(SENIOR, person=ADULT).until("21:00").says("fim-1", "resourced", unit="SR21").wait(at("23:30"))
    assert (night.statuses(SENIOR), night.heard("supt-1", SENIOR)) == (["not_required"], [])


# --- phone data ---------------------------------------------------------------------------------------------


def test_obtaining_the_data_and_reading_them_are_two_actions() -> None:
    """Analysis counts from when the data came; unread they climb, to a specialist first."""
    night = night_of(OBTAINED, ANALYSED, risk="high").until("20:30")
    assert (night.dues(OBTAINED), night.case.step(ANALYSED).due_at) == (["10 21:00"], None)  # type: ignore[union-attr]  # it waits from the first
    said = {"what": "calls and cells", "reference": "CD-1", "obtained_at": "2026-01-10T20:15:00Z"}
    night.says("fim-1", "step_completed", step=OBTAINED, **said)
    assert (night.case.anchors[Anchor.OBTAINED], night.dues(ANALYSED)) == (at("20:15"), ["11 00:15"])
    rungs = [one.person for one in night.wait(at("03:15", 11)).step(ANALYSED).told if one.rung > 0]
    assert rungs == ["fim-1", "ci-1", "supt-1"]


def test_data_do_not_come_tomorrow() -> None:
    """What sets an anchor of the past has happened; only a review lies ahead."""
    said = {"what": "calls", "reference": "CD-1", "obtained_at": "2026-01-11T20:15:00Z"}
    with pytest.raises(Invalid) as fault:
        night_of(OBTAINED, risk="high").says("fim-1", "step_completed", step=OBTAINED, **said)
    assert [(f.field, f.remedy) for f in fault.value.faults] == [("evidence.obtained_at", "say when it happened")]


def test_nobody_without_a_phone_is_traced_by_it() -> None:
    """The record says so."""
    night = night_of(OBTAINED, ANALYSED, risk="high", flags=["no_phone"])
    assert (night.case.step(OBTAINED), night.case.step(ANALYSED)) == (None, None)


# --- who is named -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("there", "remedy"), [(True, "cdo-1 (comms data officer)"), (False, "nobody is on duty")])
def test_who_is_named_in_a_role_holds_it_now(there: bool, remedy: str) -> None:
    """The fault names who does; the right one is taken."""
    night = night_of("form", more=STEP + ROLE)
    if there:
        night.roster = round_the_clock(on("cdo-1", "comms_data_officer"))
    with pytest.raises(Invalid) as fault:
        night.says("sgt-s", "step_completed", step="form", who="insp-a")
    (found,) = fault.value.faults
    assert (found.message, remedy in found.remedy) == ("'insp-a' is not on duty as comms data officer", True)
    if there:
        assert night.says("sgt-s", "step_completed", step="form", who="cdo-1").statuses("form") == ["done"]


# --- what a yes brings about --------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "call_type"), [("yes", "missing"), (True, "missing"), ("no", "awol")])
def test_a_yes_brings_its_consequence_about(said: object, call_type: str) -> None:
    """A no brings about nothing."""
    night = night_of("form", more=STEP + YES, call_type="awol")
    assert night.says("sgt-s", "step_completed", step="form", missing=said).case.call_type == call_type


def test_completing_sets_the_step_s_own_anchor() -> None:
    """And moves what counts from it."""
    night = night_of("form", more=f'{STEP}sets = "attended"\n').until("19:20")
    assert night.says("sgt-s", "step_completed", step="form").case.anchors[Anchor.ATTENDED] == at("19:20")


# --- the supervisor's check ---------------------------------------------------------------------------------


def checked(*more: str) -> Night:
    """Open the standard case with the supervisor's check and some steps beside it."""
    return night_of(CHECK, *more)


def test_four_hours_without_a_supervisor() -> None:
    """The sergeant is asked, with the open actions by title; an hour later the inspector."""
    night = (
        checked("search_home", "deploy_and_attend", "system_research").says("somebody", "attended").wait(at("23:30"))
    )
    assert (night.dues(CHECK), night.heard("sgt-s", CHECK)) == (["10 23:00"], ["23:00 task"])
    (asked,) = [ask.text for tell in night.tells for ask in tell.asks if ask.step == CHECK]
    assert asked.endswith("(Checks of PNC, COMPACT, STORM and Niche; Search of the home)")
    assert night.wait(at("00:00", 11)).rungs(CHECK) == ["23:00 0 sgt-s", "00:00 1 insp-a"]


@pytest.mark.parametrize(
    ("by", "kind", "said", "due"),
    [
        ("sgt-s", "note", {"text": "asked the officers where they are"}, "11 01:00"),
        ("insp-a", "new_information", {"summary": "x", "source": "y"}, "11 01:00"),
        ("pc-1", "new_information", {"summary": "x", "source": "y"}, "10 23:00"),
        ("somebody", "note", {"text": "x"}, "10 23:00"),
        ("insp-a", "acknowledged", {"step": NOTIFY}, "10 23:00"),
        ("insp-a", "accepted", {}, "10 23:00"),
    ],
)
def test_whose_entry_starts_it_anew(by: str, kind: str, said: dict[str, object], due: str) -> None:
    """A sergeant's or above, of anything but who has the case; silence never does."""
    rules = only(CHECK, NOTIFY, "named_owner_accepts")
    night = Night(round_the_clock(on("pc-1", "response_officer")), rules).report().until("21:00")
    assert night.says(by, kind, **said).dues(CHECK) == [due]


def test_an_entry_ends_a_check_that_is_overdue() -> None:
    """Whoever was called upon hears that it is done; the next one counts from the entry."""
    night = checked().wait(at("00:10", 11)).forget().says("sgt-s", "note", text="chased all three")
    assert (night.statuses(CHECK), night.heard("insp-a", CHECK)) == (["done_late", "open"], ["00:10 cancel"])
    assert night.wait(at("00:11", 11)).dues(CHECK)[-1] == "11 04:10"


def test_an_entry_that_comes_late_does_not_put_the_check_back() -> None:
    """Whatever was recorded last counts, in whatever order it was written down."""
    night = checked().until("21:00").says("sgt-s", "note", text="x").says("sgt-s", "note", when="19:30", text="y")
    assert night.case.anchors[Anchor.LAST_SUPERVISOR_ENTRY] == at("21:00")


def test_the_open_actions_of_a_case_with_none_and_with_many() -> None:
    """A message names six of them, and how many more there are."""
    rules = pack()
    night = Night(round_the_clock(), rules).report().until("19:30")
    titles = open_actions(night.case, rules)
    assert "Officers attend" in titles
    assert rules.steps[NOTIFY].title not in titles
    quick = replace(rules.steps[CHECK], due=dict.fromkeys(Risk, Span.parse("10m")))
    assert len(_asked(replace(rules, steps={**rules.steps, CHECK: quick})).split("; ")) > 6
    assert _asked(only(CHECK)).endswith("(none is open)")


def _asked(rules: Pack) -> str:
    night = Night(round_the_clock(), rules).report().wait(at("23:10"))
    return next(ask.text for tell in night.tells for ask in tell.asks if ask.step == CHECK)


def test_samples_and_other_late_actions_ask_nobody_on_the_first_evening() -> None:
    """Each asks in its time: a new case is not drowned in what is due in a week."""
    night = Night(round_the_clock(), pack()).report().until("19:01")
    late = ("identification_samples", "chief_officer_briefed", "media_and_cra_decision", OBTAINED, SENIOR)
    assert [night.step(key).status for key in late] == [StepStatus.WAITING] * len(late)
