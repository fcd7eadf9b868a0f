"""The change of shift: offered half an hour before, owned only once accepted; actions go with the case or the post."""

from dataclasses import replace

import pytest

from policy import gates
from policy.book import Book
from policy.case import ACCEPTED_ELSEWHERE
from policy.errors import Refused
from policy.explain_due import why_due
from policy.roster import Roster
from policy.terms import AlarmKey, Anchor, Gate, MessageType, StepStatus
from tests.policy.night import ACCEPTS, NOTIFY, STAFF, Night, at, clock, on, only, roster

HANDOVER = "shift_handover"
OTHERS = [duty for duty in STAFF if duty.person not in ("insp-a", "sgt-s")]
A = on("insp-a", "duty_inspector", "stoke", until=at("22:00"))
B = on("insp-b", "duty_inspector", "stoke", since=at("22:00"))
S = on("sgt-s", "response_sergeant", "stoke", until=at("22:40"))
N = on("sgt-n", "response_sergeant", "stoke", since=at("22:30"))


def owned(*keys: str, people: Roster | None = None) -> Night:
    """Open the standard case at 19:00; insp-a owns it from 19:05 and goes at 22:00."""
    rules = only(NOTIFY, ACCEPTS, HANDOVER, *keys)
    night = Night(people or roster(A, B, S, N, *OTHERS), rules).report().until("19:05")
    return night.says("insp-a", "accepted")


def test_offered_half_an_hour_before_the_end_of_the_duty() -> None:
    """At 21:30 the case is offered to whoever will have the post at 22:00; insp-a owns it meanwhile."""
    night = owned().until("21:29").forget().until("21:30")
    assert night.heard("insp-b", HANDOVER) == ["21:30 handover"]
    assert night.case.offered_to == "insp-b"
    assert night.case.owner is not None
    assert night.case.owner.person == "insp-a"
    step = night.step(HANDOVER)
    assert (clock(step.due_at or night.now), step.holder, step.evidence) == ("22:30", "insp-b", {"from": "insp-a"})


def test_taken_over_at_the_start_of_the_shift() -> None:
    """Reminded on coming on duty, insp-b accepts: owner, and holder of what insp-a had to do."""
    night = owned("no_activity_watch", "update_reporter").until("21:59").forget().until("22:00")
    assert [(tell.person, tell.type) for tell in night.tells if tell.step == HANDOVER] == [
        ("insp-b", MessageType.REMIND)
    ]
    assert night.step("update_reporter").holder == "insp-a"
    night.until("22:05").says("insp-b", "accepted")
    assert night.case.owner is not None
    assert night.case.owner.person == "insp-b"
    assert night.case.offered_to is None
    assert night.step(HANDOVER).status is StepStatus.DONE
    assert night.step("update_reporter").holder == "insp-b"
    passed = [entry.body["step"] for entry in night.entries if entry.kind == "passed_on"]
    assert "update_reporter" in passed


def test_what_nobody_accepts_escalates() -> None:
    """Not accepted by 22:30 it climbs; the owner who went stays the owner, and the alarm of 22:00 has rung."""
    night = owned().until("22:29").forget().until("23:30")
    assert AlarmKey.NOBODY_ON_DUTY not in {alarm.key for alarm in night.alarms}
    rungs = [(tell.person, clock(tell.due_at)) for tell in night.tells if tell.step == HANDOVER and tell.rung > 0]
    assert rungs[:3] == [("fim-1", "22:45"), ("ci-1", "23:00"), ("supt-1", "23:15")]
    assert night.case.owner is not None
    assert night.case.owner.person == "insp-a"
    assert [entry.body["step"] for entry in night.entries if entry.kind == "overdue"] == [HANDOVER]


def test_declined_it_climbs_at_once() -> None:
    """Whoever declines says why, and the Force Incident Manager looks for somebody at once."""
    night = owned().until("22:01").forget()
    night.says("insp-b", "declined", step=HANDOVER, reason="At a stabbing")
    assert [tell.person for tell in night.tells if tell.rung == 1] == ["fim-1"]
    assert night.case.offered_to is None
    night.until("22:10").says("fim-1", "accepted")
    assert night.case.owner is not None
    assert night.case.owner.person == "fim-1"


def test_no_relief_on_the_roster() -> None:
    """Nobody has the post at 22:00: the alarm rings at 21:30 and the ladder begins there."""
    night = owned(people=roster(A, S, *OTHERS)).until("21:29").forget().until("21:30")
    assert [alarm.key for alarm in night.alarms] == [AlarmKey.NOBODY_ON_DUTY]
    assert night.heard("fim-1", HANDOVER)[0] == "21:30 escalate"


def test_a_duty_that_goes_on_is_no_change() -> None:
    """Two periods that follow each other are one: nothing is offered before the end of the second."""
    later = on("insp-a", "duty_inspector", "stoke", since=at("22:00"), until=at("23:00"))
    night = owned(people=roster(A, later, S, *OTHERS)).until("22:29")
    assert night.step(HANDOVER).status is StepStatus.WAITING
    assert night.until("22:30").step(HANDOVER).live


def test_who_goes_early_is_relieved_at_once() -> None:
    """An owner who goes off duty before time has the case offered in the same minute."""
    night = owned().until("20:00")
    night.roster = roster(on("insp-a", "duty_inspector", "stoke", until=at("20:00")), B, S, *OTHERS)
    night.roster = roster(*night.roster.duties, on("insp-c", "duty_inspector", "stoke"))
    night.forget().until("20:01")
    assert night.step(HANDOVER).holder == "insp-c"


def test_handed_over_by_hand_there_is_nothing_to_offer() -> None:
    """The owner has given the case away before the end of the shift: no offer, or one that is taken back."""
    night = owned(people=roster(A, B, S, on("insp-c", "duty_inspector", "stoke"), *OTHERS)).until("21:35")
    assert night.step(HANDOVER).live
    night.says("insp-a", "handover_offered", to="insp-c").says("insp-c", "accepted")
    assert night.case.owner is not None
    assert night.case.owner.person == "insp-c"
    assert night.step(HANDOVER).status is StepStatus.NOT_REQUIRED
    assert night.until("23:30").step(HANDOVER).status is StepStatus.NOT_REQUIRED
    with pytest.raises(Refused):
        night.says("insp-b", "accepted")


def test_each_shift_has_its_own_offer_and_the_oldest_are_forgotten() -> None:
    """Twelve changes of shift: each is offered once, and the case keeps the latest of them."""
    hours = [(f"insp-{n}", at("20:00") + n * 2 * (at("01:00") - at("00:00"))) for n in range(12)]
    duties = [
        on(person, "duty_inspector", "stoke", since=since, until=since + 2 * (at("01:00") - at("00:00")))
        for person, since in hours
    ]
    always = [on(d.person, d.role, d.area, until=at("00:00", 15)) for d in OTHERS]
    night = Night(roster(*duties, *always), only(NOTIFY, ACCEPTS, HANDOVER)).report().until("20:00")
    night.says("insp-0", "accepted")
    for person, since in hours[1:]:
        night.jump(since).says(person, "accepted", step=HANDOVER)
    done = night.case.occurrences(HANDOVER)
    assert [step.occurrence for step in done] == list(range(5, 12))
    opened = [e.body["occurrence"] for e in night.entries if e.kind == "step_opened" and e.body["step"] == HANDOVER]
    assert opened == list(range(1, 12))


def test_a_case_that_rests_is_not_handed_over() -> None:
    """An inactive case stays its owner's until its set review."""
    night = owned("review_at_set_time").until("19:10")
    night.says("insp-a", "inactive_requested", rationale="No line of enquiry", next_review_at="2026-01-11T09:00:00Z")
    assert night.until("22:30").step(HANDOVER).status is StepStatus.WAITING


def test_an_action_goes_with_its_post() -> None:
    """At 22:40 the sergeant goes: the relief is told and has the action; while nobody has the post it stays."""
    night = owned("sergeant_review").until("22:39").forget()
    assert night.step("sergeant_review", 1).holder == "sgt-s"
    night.until("22:40")
    assert night.step("sergeant_review", 1).holder == "sgt-n"
    assert [tell.person for tell in night.tells if tell.step == "sergeant_review"] == ["sgt-n"]
    alone = owned("sergeant_review", people=roster(A, B, S, *OTHERS)).until("23:10").forget().until("23:40")
    assert alone.step("sergeant_review", 1).holder == "sgt-s"
    assert [tell for tell in alone.tells if tell.step == "sergeant_review"] == []


def test_whose_hands_are_journalled() -> None:
    """Each change of hands has a line of its own: that is what the question *who had it then?* is answered from."""
    night = owned("sergeant_review").until("23:10")
    hands = [
        (clock(e.at), e.body["person"])
        for e in night.entries
        if e.kind == "holder" and e.body["step"] == "sergeant_review"
    ]
    assert hands == [("19:00", "sgt-s"), ("22:40", "sgt-n")]


def test_an_acknowledgement_does_not_outlive_its_shift() -> None:
    """insp-a acknowledged, nobody accepted: at 22:00 insp-b is told as if for the first time."""
    night = Night(roster(A, B, S, N, *OTHERS), only(NOTIFY, ACCEPTS, HANDOVER)).report().until("19:05")
    night.says("insp-a", "acknowledged").until("21:59").forget().until("22:00")
    assert night.step(NOTIFY).occurrence == 2
    assert night.step(NOTIFY).holder == "insp-b"
    assert "22:00 notify" in night.heard("insp-b")
    assert [e.body["person"] for e in night.entries if e.kind == "acknowledgement_lapsed"] == ["insp-a"]


def test_an_acknowledgement_that_somebody_owns_stands() -> None:
    """With an owner, or the person seen, nobody is told anew."""
    night = owned().until("22:00")
    assert night.step(NOTIFY).occurrence == 1
    seen = Night(roster(A, B, S, N, *OTHERS), only(NOTIFY, HANDOVER)).report().until("19:05")
    seen.says("insp-a", "acknowledged").says("sgt-s", "verified_seen", seen_by="sgt-s", where="home", wellbeing="safe")
    assert seen.until("22:00").step(NOTIFY).occurrence == 1


def test_the_start_of_a_local_shift_is_an_anchor() -> None:
    """A step that counts from it is asked anew of each inspector who comes on; before the first change it is not."""
    more = """
[steps.duty_officer_review]
title = "Duty officer review"
stage = "review"
kind = "task"
anchor = "shift_start"
each_time = true
due = "60m"
actor = "duty_inspector"
ladder = "default"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""
    rules = only(NOTIFY, ACCEPTS, "duty_officer_review", more=more)
    night = Night(roster(A, B, S, *OTHERS), rules).report().until("21:59")
    assert night.step("duty_officer_review").status is StepStatus.WAITING
    night.until("22:00")
    step = night.step("duty_officer_review")
    assert night.case.anchors[Anchor.SHIFT_START] == at("22:00")
    assert (step.live, step.holder, clock(step.due_at or at("00:00"))) == (True, "insp-b", "23:00")
    assert night.case.anchors[Anchor.SHIFT_START] == at("22:00")


def test_an_offer_of_a_case_that_rests_meanwhile_is_taken_back() -> None:
    """Offered at 21:30, inactive at 21:40: nothing is left to be taken over, and nobody is reminded of it."""
    night = owned("review_at_set_time").until("21:40")
    night.says("insp-a", "inactive_requested", rationale="No line of enquiry", next_review_at="2026-01-11T09:00:00Z")
    assert night.step(HANDOVER).status is StepStatus.NOT_REQUIRED
    assert night.forget().until("23:00").heard("insp-b", HANDOVER) == []


def test_a_level_that_does_not_ask_for_it() -> None:
    """A pack may say that cases of a level are not handed over: `-`."""
    more = '[steps.shift_handover]\ndue = { very_low = "30m", low = "30m", medium = "-", high = "30m" }\n'
    rules = only(NOTIFY, ACCEPTS, HANDOVER, more=more)
    night = Night(roster(A, B, S, N, *OTHERS), rules).report().until("19:05").says("insp-a", "accepted")
    assert not night.until("22:30").step(HANDOVER).live


def test_a_case_that_another_force_has_is_not_ours_to_hand_over() -> None:
    """Its owner is not in our roster: nothing is offered, and no alarm says that they have gone."""
    night = owned().until("19:10")
    night.case = replace(night.case, transfer=ACCEPTED_ELSEWHERE)
    night.forget().until("23:00")
    assert not night.step(HANDOVER).live
    assert night.rang(AlarmKey.UNOWNED_AFTER_SHIFT) == []


def test_why_it_is_due_is_said() -> None:
    """The deadline is explained from the end of the duty, the only instant that it can be counted from."""
    night = owned().until("21:45")
    said = why_due(night.case, night.pack, night.step(HANDOVER), night.now)
    assert "30 minutes after the end of the shift (22:00)" in said


def test_an_offer_is_no_task_that_a_closure_waits_for() -> None:
    """Offered at 21:30, seen at 21:40: the case is closed although nobody has taken it over."""
    night = owned().until("21:35")
    assert night.step(HANDOVER).live
    ask = gates.Ask(Book(night.case, night.pack, night.roster, night.now), "found")
    assert gates.missing(ask, (Gate.TASKS_DONE_OR_WAIVED,)) == []
    night.case = replace(night.case, owner=None)
    ask = gates.Ask(Book(night.case, night.pack, night.roster, night.now), "found")
    assert [lack.what for lack in gates.missing(ask, (Gate.TASKS_DONE_OR_WAIVED,))] == [HANDOVER]


def test_an_action_whose_level_asks_another_by_now() -> None:
    """At high risk a detective inspector reviews; lowered, it is a sergeant's, who has it when the inspector goes."""
    people = roster(A, B, S, *(d for d in OTHERS if d.person != "di-1"), on("di-1", "cid_inspector", until=at("21:00")))
    night = Night(people, only(NOTIFY, ACCEPTS, "detective_review")).report(risk="high").until("19:10")
    night.says("insp-a", "risk_set", level="medium", rationale="Spoken to by telephone")
    assert night.until("20:59").step("detective_review", 1).holder == "di-1"
    assert night.until("21:00").step("detective_review", 1).holder == "ds-1"
    assert len([tell for tell in night.forget().until("22:30").tells if tell.person == "ds-1"]) < 3
