"""One person, one case, one minute: one message that lists all that is asked."""

from dataclasses import replace

from policy.intents import Tell
from policy.roster import Contact
from policy.terms import Channel, MessageType
from tests.policy.night import ACCEPTS, CONFIRM, NOTIFY, STAFF, Night, at, on, roster, staff


def asks(tell: Tell) -> list[str]:
    """Say which steps a message asks about."""
    return [ask.step for ask in tell.asks]


def test_the_inspector_is_asked_for_everything_in_one_message() -> None:
    """Acknowledge and accept, under the notice; the owner step opens no second ladder in the same minute."""
    night = Night().report()
    (tell,) = [t for t in night.tells if t.person == "insp-a"]
    assert (tell.type, tell.step, asks(tell)) == (MessageType.NOTIFY, NOTIFY, [NOTIFY, ACCEPTS, "update_reporter"])
    assert tell.attempt_part == f"{NOTIFY}/1/0/0/insp-a"


def test_the_highest_rung_goes_before_a_task() -> None:
    """At 19:20 the FIM is escalated to and has an overdue task: one message, under the escalation."""
    night = Night().report().until("19:19").forget().until("19:20")
    (tell,) = [t for t in night.tells if t.person == "fim-1"]
    assert (tell.type, tell.rung, asks(tell)) == (MessageType.ESCALATE, 1, [NOTIFY, CONFIRM])


def test_a_case_that_is_handed_over_goes_before_a_task() -> None:
    """At 21:30 insp-b is offered the case, and is the sergeant who hears of no unit: the message is a handover."""
    a = on("insp-a", "duty_inspector", "stoke", until=at("22:00"))
    b = (on("insp-b", "duty_inspector", "stoke", since=at("22:00")), on("insp-b", "response_sergeant", "stoke"))
    night = Night(roster(a, *b, *(duty for duty in STAFF if duty.person not in ("insp-a", "sgt-s"))), start="19:30")
    night.report(reported_at="2026-01-10T19:30:00Z", recorded_at="2026-01-10T19:30:00Z").says("insp-a", "accepted")
    (tell,) = [t for t in night.until("21:29").forget().until("21:30").tells if t.person == "insp-b"]
    assert (tell.type, asks(tell)[0]) == (MessageType.HANDOVER, "shift_handover")
    assert "unresourced_reassessment" in asks(tell)


def test_one_person_in_two_roles_is_told_once() -> None:
    """An inspector who is also the sergeant tonight."""
    both = on("insp-a", "response_sergeant", "stoke")
    night = Night(staff(without=["sgt-s"], extra=[both])).report()
    (tell,) = [t for t in night.tells if t.person == "insp-a"]
    assert asks(tell)[:2] == [NOTIFY, ACCEPTS]
    assert {"deploy_and_attend", "sergeant_review", "update_reporter"} <= set(asks(tell))
    assert [t.role for t in night.step(NOTIFY).told] == ["duty_inspector"]


def test_an_alarm_goes_with_what_is_asked_of_the_same_person() -> None:
    """It is never what the message is called by when something is asked as well."""
    night = Night(staff(without=["insp-a"])).report()
    (tell,) = [t for t in night.tells if t.person == "fim-1"]
    assert tell.type is MessageType.ESCALATE
    assert any(ask.text.startswith("Alarm: nobody on duty") for ask in tell.asks)


def test_a_stand_down_is_never_mixed_with_something_asked() -> None:
    """FIM is stood down from the notice and asked for the serial entry: two messages."""
    night = Night().report().until("19:21").forget().says("insp-a", "acknowledged")
    to_fim = sorted((t.type.value, asks(t)) for t in night.tells if t.person == "fim-1")
    assert to_fim == [("cancel", [NOTIFY]), ("task", ["log_notification_in_c_and_c"])]


def test_every_message_of_a_case_has_a_key_of_its_own() -> None:
    """Case, step, occurrence, rung, reminder, person: nobody is told twice under one attempt key."""
    night = Night(staff(without=["ci-1"])).report()
    night.until("19:12").says("insp-a", "delegated", to="sgt-s", reason="on another case")
    night.until("20:30").says("fim-1", "risk_set", level="high", rationale="medical need")
    night.until("21:30").says("insp-a", "accepted")
    keys = [tell.attempt_part for tell in night.tells]
    assert len(keys) == len(set(keys)) > 100


def test_people_are_reached_as_the_duty_of_the_minute_says() -> None:
    """An inspector who comes back as FIM is reminded where that duty says; without a duty, in the inbox alone."""
    desk = (Contact(Channel.WEBHOOK, "https://desk.example/fim"),)
    before = on("insp-a", "duty_inspector", "stoke", until=at("19:03"))
    after = replace(on("insp-a", "force_incident_manager", since=at("19:03")), contacts=desk)
    night = Night(roster(before, after)).report()
    assert night.message("insp-a", "notify").contacts == before.contacts
    assert night.until("19:03").message("insp-a", "remind").contacts == desk
    night.roster = roster()
    assert night.until("19:06").message("insp-a", "remind").contacts == ()
