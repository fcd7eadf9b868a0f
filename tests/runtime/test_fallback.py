"""The push does not come through: the text, then the next rung."""

from datetime import timedelta

import pytest

from channels import NotNow
from policy.errors import Transient
from policy.reaching import RINGS
from policy.terms import AlarmKey, Channel, MessageState, Route
from runtime import doors, readings
from runtime.rehearse_engine import TRIES_AFTER_S
from store import measures
from tests.runtime.alarm_world import World

WAYS = {"insp-a": "webhook sms email"}
NOTICE = "notify_local_supervisor"


@pytest.fixture
def world() -> World:
    """A force whose inspector has a phone, a number for texts and a mailbox."""
    return World(WAYS)


def task(world: World, ref: str) -> None:
    """Do what is due for a case as its run does: each act with its tries, then it is given up."""
    while acts := world.acts(ref):
        for act in acts:
            for wait_s in (*TRIES_AFTER_S, None):
                try:
                    doors.deliver(world.app, act)
                    break
                except Transient:
                    if wait_s is None:
                        doors.give_up(world.app, act)
                    else:
                        world.forward(wait_s)


def first(world: World, ref: str) -> dict[str, MessageState]:
    """Give how the first notice to the inspector fared on each channel."""
    theirs = [m for m in world.sent(ref) if (m.person, m.step, m.rung, m.reminder) == ("insp-a", NOTICE, 0, 0)]
    return {m.channel: m.state for m in theirs}


def alarms(world: World) -> list[str]:
    """Name the alarms that stand."""
    return [rung.key for rung in world.standing()]


def test_no_text_when_the_push_is_received(world: World) -> None:
    """One telephone rings once; the text is called off with the receipt, and nothing wakes the case for it."""
    ref = world.report("medium")
    assert len(world.heard("insp-a")) == 1
    assert first(world, ref)["sms"] is MessageState.CANCELLED
    world.forward(60)
    task(world, ref)
    assert world.heard("insp-a", Channel.SMS) == []


def test_a_push_that_failed_for_good_is_a_text_in_the_same_pass(world: World) -> None:
    """At once, with the same words; the inspector has the case, so nobody else is rung."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    ref = world.report("medium")
    (text,) = world.heard("insp-a", Channel.SMS)
    (letter,) = world.heard("insp-a", Channel.EMAIL)
    assert {**text.payload, "link": ""} == {**letter.payload, "link": ""}
    assert text.payload["link"]
    assert text.address == "http://text.test/insp-a"
    assert text.attempt_key.endswith(f"/{NOTICE}/1/0/0/insp-a/sms")
    assert first(world, ref) == {
        "webhook": MessageState.FAILED,
        "sms": MessageState.RECEIVED,
        "email": MessageState.RECEIVED,
        "inbox": MessageState.RECEIVED,
    }
    assert world.climbed("fim-1") == []
    assert alarms(world) == []
    shown = readings.messages(world.app, ref)["messages"]
    assert isinstance(shown, list)
    counts = {m["channel"]: m["counts"] for m in shown if m["to"] == "insp-a"}
    assert counts == {"webhook": True, "sms": True, "email": False, "inbox": False}


def test_a_push_that_is_given_up_is_a_text(world: World) -> None:
    """Four tries in ten seconds, then the text; the push is not tried any more, and no alarm rings."""
    world.busy("insp-a", Channel.WEBHOOK)
    ref = world.report("medium")
    task(world, ref)
    assert len(world.heard("insp-a", Channel.SMS)) == 1
    assert world.clock.true() - world.sent(ref)[0].queued_at == timedelta(seconds=10)
    assert first(world, ref)["webhook"] is MessageState.CANCELLED
    world.fails.clear()
    world.forward(120)
    task(world, ref)
    assert world.heard("insp-a", kind="notify") == []
    assert alarms(world) == []


def test_a_push_without_an_answer_is_a_text_after_half_a_minute(world: World) -> None:
    """Whoever tried it is gone with its claim, and says nothing: the text waits for nobody."""
    world.busy("insp-a", Channel.WEBHOOK, retry_after_s=25)
    ref = world.report("medium")
    world.forward(26)
    world.busy("insp-a", Channel.WEBHOOK, retry_after_s=30)
    task(world, ref)
    assert world.heard("insp-a", Channel.SMS) == []
    world.forward(4)
    task(world, ref)
    assert len(world.heard("insp-a", Channel.SMS)) == 1
    assert alarms(world) == []


def test_both_for_good_is_the_next_rung_at_once(world: World) -> None:
    """The letter lies in the mailbox, and does not count at medium risk."""
    for channel in (Channel.WEBHOOK, Channel.SMS):
        world.break_for_good("insp-a", channel)
    world.report("medium")
    assert len(world.heard("insp-a", Channel.EMAIL)) == 1
    assert world.climbed("fim-1") == [1]
    assert alarms(world) == [AlarmKey.UNREACHABLE]


def test_both_in_trouble_ring_the_alarm_once_and_whichever_comes_back_clears_it(world: World) -> None:
    """Ten seconds for the push and ten for the text; the ladder keeps its own time, as somebody may yet be told."""
    for channel in (Channel.WEBHOOK, Channel.SMS):
        world.busy("insp-a", channel)
    ref = world.report("medium")
    task(world, ref)
    assert alarms(world) == [AlarmKey.UNREACHABLE]
    assert len(world.heard("fim-1", kind="alarm")) == 1
    assert world.climbed("fim-1") == []
    del world.fails["insp-a", Channel.SMS]
    world.forward(30)
    task(world, ref)
    assert first(world, ref)["sms"] is MessageState.RECEIVED
    assert first(world, ref)["webhook"] is MessageState.CANCELLED
    assert alarms(world) == []


def test_providers_that_are_known_to_be_down_are_not_rung_for_ever(world: World) -> None:
    """One try is enough then, the text goes in the same breath, and what is left rests: no circles."""
    world.fails["insp-a", Channel.WEBHOOK] = NotNow("http_503", 503, down=True)
    ref = world.report("medium")
    assert len(world.heard("insp-a", Channel.SMS)) == 1
    assert world.clock.true() == world.sent(ref)[0].queued_at
    world.fails["insp-a", Channel.SMS] = NotNow("http_503", 503, down=True)
    other = world.report("medium")
    task(world, other)
    assert alarms(world) == [AlarmKey.UNREACHABLE]
    assert first(world, other)["sms"] is MessageState.QUEUED
    world.fails.clear()
    world.forward(31)
    task(world, other)
    assert len(world.heard("insp-a", kind="notify")) + len(world.heard("insp-a", Channel.SMS, kind="notify")) > 1
    assert alarms(world) == []


def test_somebody_with_no_push_is_told_by_text_at_once() -> None:
    """And one text refused for good is the next rung."""
    world = World({"insp-a": "sms email"})
    world.report("medium")
    assert len(world.heard("insp-a", Channel.SMS)) == 1
    assert world.climbed("fim-1") == []
    world.break_for_good("insp-a", Channel.SMS)
    world.report("medium")
    assert world.climbed("fim-1") == [1]


def test_an_alarm_falls_back_too() -> None:
    """Whoever hears alarms has a dead phone: the alarm comes by text, of a case or of the home."""
    world = World({"insp-a": "webhook", "fim-1": "webhook sms"})
    world.busy("insp-a", Channel.WEBHOOK)
    world.break_for_good("fim-1", Channel.WEBHOOK)
    task(world, world.report("medium"))
    assert len(world.heard("fim-1", Channel.SMS, kind="alarm")) == 1
    world.forward(61)
    world.busy("fim-1", Channel.WEBHOOK)
    doors.ring(world.app, AlarmKey.FEED_OLD, "compact")
    while doors.deliver_home(world.app):
        pass
    assert len(world.heard("fim-1", Channel.SMS, kind="alarm")) == 2


def test_nothing_is_sent_that_was_acknowledged_meanwhile(world: World) -> None:
    """Between the push that was given up and the text somebody answers on the page: no text."""
    world.busy("insp-a", Channel.WEBHOOK, retry_after_s=20)
    ref = world.report("medium")
    doors.record(world.app, ref, {"kind": "acknowledged", "by": "insp-a", "step": NOTICE}, route=Route.API)
    world.forward(60)
    task(world, ref)
    assert [e for e in world.heard("insp-a", Channel.SMS, kind="notify") if e.payload["step"] == NOTICE] == []


def test_a_text_is_in_the_measures_and_in_the_journal(world: World) -> None:
    """How soon people were told counts what told them; each try stands in the journal."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    ref = world.report("medium")
    rang = [m for m in world.sent(ref) if m.channel in RINGS and m.state is MessageState.RECEIVED]
    with world.app.sessions.reading() as s:
        assert len(measures.lateness(s)) == len(rang)
    tried = [(e.body["channel"], e.body["result"]) for e in world.journal(ref, "attempt") if e.body["to"] == "insp-a"]
    assert ("webhook", "permanent") in tried
    assert ("sms", "received") in tried
