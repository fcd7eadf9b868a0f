"""Attending, resourcing, watching, updating, re-assessing on new information."""

import pytest

from policy.errors import Refused
from policy.terms import AlarmKey, Anchor, MessageType, StepStatus
from tests.policy.closing_time import ADULT, looked_after, seen
from tests.policy.night import Night, at, clock, only, round_the_clock, staff

ATTEND, UNSENT, WATCH, SEARCH = "deploy_and_attend", "unresourced_reassessment", "no_activity_watch", "search_home"
REPORTER, NEWS, SET_TIME = "update_reporter", "reassess_on_new_information", "set_review_time"


def night_of(*keys: str, more: str = "", **fields: object) -> Night:
    """Open the standard case, medium, under some steps alone, with people on duty round the clock."""
    return Night(round_the_clock(), only(*keys, more=more)).report(**fields)


# --- sent, attended, not sent -------------------------------------------------------------------------------


def test_nobody_is_free() -> None:
    """Scenario 10: each hour a fresh assessment is demanded; undone it climbs, and by four hours the top has it."""
    night = night_of(UNSENT, person=ADULT).wait(at("23:00"))
    assert night.dues(UNSENT)[:4] == ["10 20:00", "10 21:00", "10 22:00", "10 23:00"]
    assert {"insp-a", "ci-1", "supt-1"} <= {one.person for one in night.step(UNSENT, 4).told}
    assert len(night.breaches(UNSENT)) == 4


def test_an_assessment_that_nobody_is_sent_needs_its_reason_each_time() -> None:
    """An empty one is refused; the next hour asks again."""
    night = night_of(UNSENT).until("19:50")
    with pytest.raises(Refused) as refusal:
        night.says("fim-1", "step_completed", step=UNSENT)
    assert [lack.what for lack in refusal.value.missing] == ["reason"]
    night.says("fim-1", "step_completed", step=UNSENT, reason="no unit free; threat low")
    assert (night.until("20:00").statuses(UNSENT), night.dues(UNSENT)[1]) == (["done", "open", "waiting"], "10 21:00")


@pytest.mark.parametrize(("kind", "by"), [("step_completed", "fim-1"), ("step_waived", "supt-1")])
def test_what_is_only_planned_is_neither_done_nor_waived(kind: str, by: str) -> None:
    """The ninth hour is not answered in the first; with no number it is the open one that is meant."""
    night = night_of(UNSENT).until("19:50")
    with pytest.raises(Refused, match=f"{UNSENT} 2 is not open yet"):
        night.says(by, kind, step=UNSENT, occurrence=2, reason="no unit free")
    night.says(by, kind, step=UNSENT, reason="no unit free")
    assert night.statuses(UNSENT)[1:] == ["waiting"]


def test_the_decision_to_send_nobody_is_an_inspectors() -> None:
    """With a reason, and asked again."""
    night = night_of(UNSENT).until("19:50")
    with pytest.raises(Refused, match="decided by an inspector or above"):
        night.says("sgt-s", "no_deployment", reason="nobody free")
    assert night.says("insp-a", "no_deployment", reason="partner agency goes").statuses(UNSENT)[0] == "done"


@pytest.mark.parametrize(("kind", "said"), [("resourced", {"unit": "SR21"}), ("attended", {})])
def test_a_unit_that_goes_ends_the_re_assessment(kind: str, said: dict[str, object]) -> None:
    """A breach stays on the record; sent elsewhere, it is asked for anew from then."""
    night = night_of(UNSENT).until("20:10").says("somebody", kind, **said)
    assert set(night.statuses(UNSENT)) == {"not_required"}
    assert night.breaches(UNSENT) == ["1 10 20:00 fim-1"]
    night.until("20:20").says("somebody", "unresourced", reason="sent to a fatal")
    latest = night.case.live_steps()[-1]
    assert (latest.key, latest.due_at is not None and latest.due_at > night.now) == (UNSENT, True)


def test_attended() -> None:
    """Ends the wait for officers, and begins the search of the home."""
    night = night_of(ATTEND, SEARCH).until("19:40").says("sgt-s", "attended", who="two officers")
    assert (night.step(ATTEND).status, night.step(ATTEND).evidence["who"]) == (StepStatus.DONE, "two officers")
    assert night.dues(SEARCH) == ["10 23:40"]


def test_attended_before_anybody_was_asked() -> None:
    """The patrol was faster than the level."""
    night = night_of(ATTEND, more=f'[steps.{ATTEND}]\nanchor = "owner_assigned"\n').says("sgt-s", "attended")
    assert (night.step(ATTEND).status, night.step(ATTEND).due_at) == (StepStatus.DONE, None)


def test_tasked_tells_the_sergeant_within_the_minute() -> None:
    """Scenario 13: the control room sends officers straight there, and their supervisor hears of it."""
    night = night_of(ATTEND).until("19:10").forget().says("fim-1", "tasked", unit="SR21")
    (tell,) = night.tells
    assert (tell.person, tell.type, clock(tell.due_at)) == ("sgt-s", MessageType.TASK, "19:10")
    assert tell.asks[0].text == "The control room has tasked a unit: supervise what it does"
    assert night.step(ATTEND).status is StepStatus.OPEN


def test_tasked_and_no_sergeant_to_hear_it() -> None:
    """An alarm instead."""
    night = Night(staff(without=["sgt-s"]), only(ATTEND)).report().forget().says("fim-1", "tasked", unit="SR21")
    assert night.rang(AlarmKey.NOBODY_ON_DUTY) == [f"{ATTEND}: response_sergeant to supervise the unit tasked"]


def test_the_search_of_the_home_is_a_sergeants_and_says_every_part() -> None:
    """Each room, loft, outbuildings, vehicles; what is missing is named."""
    night = night_of(SEARCH).says("sgt-s", "attended")
    with pytest.raises(Refused) as refusal:
        night.says("sgt-s", "step_completed", step=SEARCH, searched_by="two officers", each_room="Kitchen: searched")
    assert [lack.what for lack in refusal.value.missing] == ["loft", "outbuildings", "vehicles"]


# --- watching and updating ----------------------------------------------------------------------------------


def test_nothing_done_for_four_hours_in_the_night() -> None:
    """Nights are not exempt; nobody is bothered before, then whoever holds it, then the ladder."""
    night = night_of(WATCH).wait(at("03:00", 11))
    assert (night.breaches(WATCH), night.heard("insp-a", WATCH)) == (["1 10 23:00 insp-a"], ["23:00 task"])
    assert night.rungs(WATCH)[-1] == "03:00 1 fim-1"


def test_each_entry_starts_the_watch_anew() -> None:
    """A review at ten, attendance at one: due at five."""
    night = night_of(WATCH, ATTEND).until("22:00").says("a friend", "new_information", summary="seen", source="x")
    assert night.dues(WATCH) == ["11 02:00"]
    assert night.wait(at("01:00", 11)).says("sgt-s", "attended").dues(WATCH) == ["11 05:00"]
    assert night.breaches(WATCH) == []


def test_a_watch_that_has_not_lapsed_climbs_at_no_level() -> None:
    """Lowered, then attended twice: due at six the morning after, and nobody hears of it before."""
    night = night_of(WATCH, person=ADULT).until("19:10").says("fim-1", "risk_set", level="low", rationale="his phone")
    night.wait(at("06:30", 11)).says("sgt-s", "attended").wait(at("18:00", 11)).says("sgt-s", "attended")
    night.forget().wait(at("05:59", 12))
    assert (night.dues(WATCH), night.statuses(WATCH)) == (["12 06:00"], ["open"])
    assert [tell.person for tell in night.tells if tell.step == WATCH] == []


def test_an_acknowledgement_or_a_note_is_no_entry() -> None:
    """Nothing has been done to find the person."""
    night = Night(round_the_clock()).report().until("19:05").says("insp-a", "acknowledged").says("insp-a", "accepted")
    assert night.says("insp-a", "note", text="busy").dues(WATCH) == ["10 23:00"]


def test_an_entry_after_the_watch_has_lapsed() -> None:
    """Done late, those who were called are stood down, and it begins again with its next number."""
    night = night_of(WATCH, ATTEND).wait(at("03:10", 11)).forget().says("sgt-s", "attended")
    assert (night.statuses(WATCH), night.dues(WATCH)) == (["done_late", "open"], ["10 23:00", "11 07:10"])
    assert ("fim-1", MessageType.CANCEL) in {(tell.person, tell.type) for tell in night.tells}


def test_a_step_of_the_search_that_is_done_is_an_entry() -> None:
    """And one of the paperwork is none."""
    night = looked_after().until("20:00").says("sgt-s", "attended").until("21:00")
    form = {"each_room": "Kitchen: searched", **dict.fromkeys(("loft", "outbuildings", "vehicles"), "none")}
    night.says("sgt-s", "step_completed", step=SEARCH, searched_by="sgt-s", **form)
    assert night.case.anchors[Anchor.LAST_INVESTIGATIVE_ENTRY] == at("21:00")
    assert night.dues(WATCH) == ["11 01:00"]
    paper = Night(round_the_clock()).report().until("19:10")
    paper.says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T22:00:00Z")
    assert paper.dues(WATCH) == ["10 23:00"]


def test_an_entry_that_is_written_down_late_does_not_put_the_watch_back() -> None:
    """Attended at eight, and at half past seven as the log says later."""
    night = night_of(WATCH).until("20:00").says("sgt-s", "attended").until("20:10")
    assert night.says("sgt-s", "attended", when="19:30").dues(WATCH) == ["11 00:00"]
    assert night.case.anchors[Anchor.LAST_INVESTIGATIVE_ENTRY] == at("20:00")


def test_whoever_reported_is_updated_first_after_two_hours_then_by_the_level() -> None:
    """Done by saying so; the next counts from the contact, and is asked for two hours before."""
    night = night_of(REPORTER).until("20:15")
    assert night.dues(REPORTER) == ["10 21:00"]
    night.says("insp-a", "contact_made", **{"with": "her mother"}).forget()
    assert (night.dues(REPORTER), night.statuses(REPORTER)) == (["10 21:00", "11 08:15"], ["done", "waiting"])
    assert night.wait(at("06:15", 11)).heard("insp-a", REPORTER) == ["06:15 task"]


def test_a_contact_that_is_written_down_late_does_not_stop_the_updates() -> None:
    """An earlier one answers nothing that was asked after it; the same line twice neither."""
    night = night_of(REPORTER).until("20:00").says("insp-a", "contact_made", when="19:50", **{"with": "her mother"})
    night.says("insp-a", "contact_made", when="19:20", **{"with": "her school"})
    night.says("insp-a", "contact_made", when="19:50", **{"with": "her mother"})
    assert (night.dues(REPORTER), night.step(REPORTER).status) == (["10 21:00", "11 07:50"], StepStatus.WAITING)


def test_the_contact_that_asks_for_the_next_does_not_answer_it() -> None:
    """Where the next is asked for at once, the same line twice is still one contact."""
    night = night_of(REPORTER, more=f'[steps.{REPORTER}]\nopens_before = "12h"\n').until("20:00")
    for _ in range(2):
        night.says("insp-a", "contact_made", **{"with": "her mother"})
    assert night.statuses(REPORTER) == ["done", "open"]


# --- new information ----------------------------------------------------------------------------------------


def news(night: Night, **when: str) -> Night:
    """Let a hospital ring."""
    return night.says("a hospital", "new_information", summary="an earlier attempt", source="hospital", **when)


def assessed(night: Night) -> Night:
    """The inspector assesses afresh and leaves the level as it was."""
    said = {"decision": "unchanged", "rationale": "known before", "considered": "read beside the last assessment"}
    return night.says("insp-a", "step_completed", step=NEWS, researched_by="op-1", **said)


def test_new_information_asks_for_a_re_assessment_each_time() -> None:
    """Scenario 18: within the hour, with its reason, by a sergeant at the least."""
    night = news(looked_after().until("21:00"))
    assert (night.dues(NEWS), night.step(NEWS).holder) == (["10 22:00"], "insp-a")
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "step_completed", step=NEWS, decision="unchanged")
    assert [lack.what for lack in refusal.value.missing] == ["rationale", "considered", "researched_by"]
    assessed(night.until("21:30"))
    assert news(night.until("23:00")).dues(NEWS) == ["10 22:00", "11 00:00"]


def test_what_comes_while_a_re_assessment_is_open_is_answered_with_it() -> None:
    """Also where that is late: no second one is in breach the moment it is born."""
    night = news(news(night_of(NEWS).until("19:10")).until("19:30")).until("20:40")
    assert (night.dues(NEWS), night.statuses(NEWS)) == (["10 20:10"], ["overdue"])
    assessed(night)
    assert (night.statuses(NEWS), len(night.breaches(NEWS))) == (["done_late"], 1)


@pytest.mark.parametrize(("when", "due"), [("19:52", "10 20:52"), ("17:00", "10 21:00")])
def test_information_that_arrives_late(when: str, due: str) -> None:
    """Minutes count from when it was said, hours from the arrival: nobody is in breach before being told."""
    night = news(night_of(NEWS, reported_at="2026-01-10T15:00:00Z").until("20:00"), when=when)
    assert (night.dues(NEWS), night.statuses(NEWS)) == ([due], ["open"])


def test_late_information_about_something_earlier_is_new_all_the_same() -> None:
    """Re-assessed at 19:40; at 19:50 somebody speaks of 19:20."""
    night = news(night_of(NEWS).until("19:30")).until("19:40")
    assessed(night)
    assert news(night.until("19:50"), when="19:45").dues(NEWS)[1] == "10 20:45"
    assessed(night.until("19:55"))
    assert news(night.until("20:05"), when="19:20").dues(NEWS)[-1] == "10 21:05"


def test_setting_the_risk_is_a_re_assessment() -> None:
    """And asks for the time of the next review."""
    night = news(night_of(NEWS, SET_TIME).until("20:00")).until("20:10")
    night.says("insp-a", "risk_set", level="high", rationale="an earlier attempt")
    assert (night.step(NEWS).status, night.step(SET_TIME, 1).due_at) == (StepStatus.DONE, at("19:15"))


def test_once_the_person_is_seen_nothing_of_the_search_is_left() -> None:
    """Not even what is overdue."""
    night = seen(looked_after().wait(at("21:30")))
    assert [step.key for step in night.case.live_steps() if night.pack.steps[step.key].stage == "respond"] == []
