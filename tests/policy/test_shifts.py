"""The end of a shift: nobody goes home with an offer unanswered, or with a case, and nobody hears of it."""

import pytest

from policy.errors import Refused, UsedLink
from policy.roster import Roster
from policy.terms import AlarmKey, CaseStatus, MessageType
from tests.policy.closing_time import closed
from tests.policy.night import ACCEPTS, NOTIFY, STAFF, Night, at, clock, on, only, roster, staff

UNOWNED = AlarmKey.UNOWNED_AFTER_SHIFT
OTHERS = [duty for duty in STAFF if duty.person != "insp-a"]


def late_and_night(relief_from: str = "21:45") -> Roster:
    """Put insp-a on duty until 22:00 and insp-b from a quarter to ten."""
    a = on("insp-a", "duty_inspector", "stoke", until=at("22:00"))
    b = on("insp-b", "duty_inspector", "stoke", since=at(relief_from))
    return roster(a, b, *OTHERS)


def night_of(people: Roster | None = None) -> Night:
    """Open the standard case with the notice and the offer alone."""
    return Night(people or late_and_night(), only(NOTIFY, ACCEPTS)).report()


def test_an_offer_unanswered_at_the_end_of_the_shift() -> None:
    """Scenario 2: at 22:00 the FIM and the relief hear an alarm, and the relief is asked for what insp-a was asked."""
    night = night_of().until("21:59").forget().until("22:00")
    assert {alarm.to for alarm in night.alarms if alarm.key is UNOWNED} == {"fim-1", "insp-b"}
    assert f"{ACCEPTS}: insp-a went off duty without an answer" in night.rang(UNOWNED)
    asked = [ask.step for tell in night.tells if tell.person == "insp-b" for ask in tell.asks]
    assert {NOTIFY, ACCEPTS} <= set(asked)
    assert (night.step(NOTIFY).holder, night.step(ACCEPTS).holder) == ("insp-b", "insp-b")
    (line, *_) = [entry for entry in night.entries if entry.kind == "shift_ended"]
    assert (clock(line.at), line.body["person"]) == ("22:00", "insp-a")


def test_the_relief_hears_of_it_whatever_else_falls_due_in_that_minute() -> None:
    """A reminder of 22:00 has told the relief already: the alarm reaches both all the same."""
    night = Night(late_and_night(), only(NOTIFY)).report().until("21:59").forget().until("22:00")
    assert {alarm.to for alarm in night.alarms if alarm.key is UNOWNED} == {"fim-1", "insp-b"}


def test_it_rings_once() -> None:
    """Not again at each look, nor at the end of a later shift of somebody who has answered."""
    night = night_of().until("22:00").forget().until("23:59")
    assert night.rang(UNOWNED) == []


def test_nobody_relieves() -> None:
    """The FIM hears it; whoever went is reminded all the same: rather a phone at home than none."""
    night = night_of(late_and_night("23:00")).until("21:59").forget().until("22:30")
    assert {alarm.to for alarm in night.alarms if alarm.key is UNOWNED} == {"fim-1"}
    assert night.heard("insp-a")[0] == "22:00 remind"


def test_who_has_answered_goes_home_in_peace() -> None:
    """Acknowledged and waived: nothing of insp-a's is open at 22:00."""
    night = night_of().until("19:30").says("insp-a", "acknowledged")
    night.says("supt-1", "step_waived", step=ACCEPTS, reason="exercise").forget().until("22:30")
    assert (night.alarms, [e for e in night.entries if e.kind == "shift_ended"]) == ([], [])


def test_an_outage_over_the_end_of_the_shift() -> None:
    """Noticed at half past, written as of ten."""
    night = night_of().until("21:00").forget().jump(at("22:30"))
    assert {alarm.to for alarm in night.alarms if alarm.key is UNOWNED} >= {"fim-1"}
    assert {clock(e.at) for e in night.entries if e.kind == "shift_ended"} == {"22:00"}


def test_an_owner_who_goes_home() -> None:
    """Still the owner until the next accepts, and the FIM hears of it once."""
    night = night_of().says("insp-a", "accepted").until("21:59").forget().until("23:59")
    assert night.case.owner is not None
    assert night.case.owner.person == "insp-a"
    assert [(a.detail, a.to) for a in night.alarms] == [("the owner insp-a has gone off duty", "fim-1")]


def test_an_owner_whose_duty_goes_on_in_another_role() -> None:
    """Who is there has not gone."""
    more = on("insp-a", "force_incident_manager", since=at("21:00"))
    night = night_of(roster(*late_and_night().duties, more)).says("insp-a", "accepted").forget().until("23:00")
    assert night.alarms == []


def test_somebody_who_leaves_early() -> None:
    """The roster changes at half past seven: the next look rings, and does not wait for six in the morning."""
    night = Night(rules=only(NOTIFY, ACCEPTS)).report().until("19:30").goes_off_duty("insp-a").forget().until("19:31")
    assert f"{NOTIFY}: insp-a went off duty without an answer" in night.rang(UNOWNED)
    assert night.forget().until("23:00").rang(UNOWNED) == []


def test_an_owner_who_leaves_early() -> None:
    """The FIM hears of it at the next look, once."""
    night = Night(rules=only(NOTIFY, ACCEPTS)).report().says("insp-a", "accepted").until("19:30")
    night.goes_off_duty("insp-a").forget().until("19:31")
    assert night.rang(UNOWNED) == ["the owner insp-a has gone off duty"]
    assert night.forget().until("23:00").rang(UNOWNED) == []


def test_what_is_asked_of_the_owner_and_of_whom_while_the_owner_is_not_there() -> None:
    """The sergeant who accepted it; gone home, whoever holds the role."""
    news = "reassess_on_new_information"
    night = Night(late_and_night(), only(NOTIFY, ACCEPTS, news)).report().says("sgt-s", "accepted")
    night.says("a friend", "new_information", summary="seen", source="friend")
    assert night.step(news).holder == "sgt-s"
    night.until("19:10").says("sgt-s", "reviewed", step=news, decision="unchanged", rationale="known before")
    night.until("22:30").goes_off_duty("sgt-s").says("a friend", "new_information", summary="seen", source="friend")
    assert (night.step(news).occurrence, night.step(news).holder) == (2, "insp-b")


def test_a_closed_case_keeps_nobody() -> None:
    """Whose shift ends is no matter then."""
    night = closed().goes_off_duty("insp-a").until("23:00")
    assert (night.case.status, night.case.shift_ends_at, night.rang(UNOWNED)) == (CaseStatus.CLOSED, None, [])


# --- handed over --------------------------------------------------------------------------------------------


def test_handed_over_and_accepted() -> None:
    """Offered to the next at 21:50; insp-a owns it until insp-b accepts; then it is insp-b's, with both times."""
    night = (
        night_of().says("insp-a", "accepted").until("21:50").forget().says("insp-a", "handover_offered", to="insp-b")
    )
    (tell,) = night.tells
    assert (tell.person, tell.type, tell.attempt_part) == ("insp-b", MessageType.HANDOVER, f"{ACCEPTS}/2/0/0/insp-b")
    assert (night.case.offered_to, night.dues(ACCEPTS)) == ("insp-b", ["10 19:30", "10 22:20"])
    owner = night.case.owner
    assert owner is not None
    assert owner.person == "insp-a"
    accepted = night.until("22:05").says("insp-b", "accepted").case.owner
    assert accepted is not None
    assert (accepted.person, clock(accepted.offered_at), clock(accepted.accepted_at)) == ("insp-b", "21:50", "22:05")
    assert night.statuses(ACCEPTS) == ["done", "done"]
    assert UNOWNED in night.cleared


def test_handed_over_to_whoever_comes_on_duty_at_the_end_of_the_shift() -> None:
    """At 21:40 to insp-b, who comes at 22:00: told at once, asked within 30 minutes of coming on duty, not before."""
    night = night_of(late_and_night("22:00")).says("insp-a", "accepted").until("21:40").forget()
    night.says("insp-a", "handover_offered", to="insp-b")
    assert night.heard("insp-b", ACCEPTS) == ["21:40 handover"]
    assert (night.case.offered_to, night.due(ACCEPTS)) == ("insp-b", "22:30")
    accepted = night.until("22:05").says("insp-b", "accepted").case.owner
    assert accepted is not None
    assert (accepted.person, clock(accepted.offered_at)) == ("insp-b", "21:40")


@pytest.mark.parametrize(("kind", "when"), [("handover_offered", "20:59"), ("delegated", "21:40")])
def test_nobody_is_offered_a_case_long_before_they_come(kind: str, when: str) -> None:
    """Only at the end of a shift; what is delegated goes to somebody who is there."""
    night = night_of(late_and_night("22:00")).says("insp-a", "accepted").until(when)
    with pytest.raises(Refused, match="insp-b is not on duty"):
        night.says("insp-a", kind, to="insp-b", reason="end of my shift")


def test_a_handover_that_nobody_accepts_climbs() -> None:
    """Overdue at 22:20, the FIM at 22:50; a decline climbs at once."""
    night = night_of().says("insp-a", "accepted").until("21:50").says("insp-a", "handover_offered", to="insp-b")
    assert night.until("22:50").rungs(ACCEPTS)[-1] == "22:50 1 fim-1"
    night.says("insp-b", "declined", step=ACCEPTS, reason="on a fatal")
    assert (night.rungs(ACCEPTS)[-1], night.case.offered_to) == ("22:50 2 ci-1", None)


def test_delegated_by_its_owner() -> None:
    """The same as a handover: the owner stays responsible until the other accepts."""
    night = night_of().says("insp-a", "accepted").until("21:50")
    night.says("insp-a", "delegated", to="sgt-s", reason="on a fatal")
    assert (night.case.offered_to, night.statuses(ACCEPTS)) == ("sgt-s", ["done", "open"])
    owner = night.says("sgt-s", "accepted").case.owner
    assert owner is not None
    assert owner.person == "sgt-s"


def test_a_second_offer_takes_the_place_of_the_first() -> None:
    """The first can no longer accept."""
    night = night_of().says("insp-a", "accepted").until("21:50").says("insp-a", "handover_offered", to="insp-b")
    night.until("21:55").says("insp-a", "handover_offered", to="sgt-s")
    assert night.statuses(ACCEPTS) == ["done", "not_required", "open"]
    assert night.step(ACCEPTS, 2).reason == "offered to sgt-s instead"
    with pytest.raises(UsedLink, match="a case has one owner"):
        night.says("insp-b", "accepted")


def test_two_owners_at_once_are_refused() -> None:
    """Who was told and was not offered it learns who has it, and who could hand it over."""
    night = night_of().until("19:06").says("insp-a", "accepted")
    with pytest.raises(UsedLink, match="insp-a accepted at 19:06") as refusal:
        night.says("sgt-s", "accepted")
    assert (refusal.value.rule, refusal.value.who_may) == (ACCEPTS, "insp-a")
    assert refusal.value.missing[0].what == "an offer to this person"


@pytest.mark.parametrize(("to", "why"), [("insp-b", "not on duty"), ("insp-a", "insp-a is the one who")])
def test_nothing_is_handed_to_nobody(to: str, why: str) -> None:
    """Not to somebody who is not there, nor to oneself."""
    with pytest.raises(Refused, match=why):
        night_of().says("insp-a", "accepted").says("insp-a", "handover_offered", to=to)


def test_a_case_without_an_owner_is_not_handed_over() -> None:
    """Until somebody accepts, the offer climbs by itself."""
    with pytest.raises(Refused, match="has no owner") as refusal:
        night_of().says("insp-a", "handover_offered", to="sgt-s")
    assert refusal.value.missing[0].what == "an owner"


def test_nobody_gives_away_what_another_has() -> None:
    """A sergeant does not hand an inspector's case on; the refusal names the owner and those above."""
    with pytest.raises(Refused, match="insp-a has this case; crs-1 is neither") as refusal:
        night_of().says("insp-a", "accepted").says("crs-1", "handover_offered", to="sgt-s")
    assert refusal.value.who_may.startswith("insp-a, ci-1")


@pytest.mark.parametrize("by", ["ci-1", "fim-1"])
def test_a_supervisor_hands_it_on_and_the_owner_hears_of_it(by: str) -> None:
    """Somebody above the owner, or the Force Incident Manager."""
    night = night_of().says("insp-a", "accepted").until("21:00").forget().says(by, "handover_offered", to="sgt-s")
    said = {tell.person: tell.asks[0].text for tell in night.tells}
    assert said["insp-a"] == f"{by} offers your case to another"
    assert night.case.offered_to == "sgt-s"


def test_an_owner_hands_over_at_a_level_that_asks_for_none() -> None:
    """The offer stands: whoever it was made to may accept."""
    rules = only(NOTIFY, ACCEPTS, more=f'[steps.{ACCEPTS}]\ndue = {{ very_low = "-", medium = "30m" }}\n')
    night = Night(late_and_night(), rules).report(person={"age": 40}).says("insp-a", "accepted")
    night.says("insp-a", "risk_set", level="very_low", rationale="found his phone").until("21:50")
    owner = night.says("insp-a", "handover_offered", to="insp-b").says("insp-b", "accepted").case.owner
    assert owner is not None
    assert owner.person == "insp-b"


def test_the_watch_over_shifts_follows_who_is_asked() -> None:
    """The earliest end of duty of those who have not answered, then that of the owner."""
    night = Night(staff(without=["insp-a"], extra=[on("insp-c", "duty_inspector", "stoke", until=at("23:00"))]))
    night.pack = only(NOTIFY, ACCEPTS)
    assert night.report().case.shift_ends_at == at("23:00")
    assert night.says("sgt-s", "accepted").case.shift_ends_at == at("06:00", 11)
