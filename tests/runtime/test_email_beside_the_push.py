"""E-mail goes beside the push: whom it alone has told, and whom not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.terms import AlarmKey, Channel, MessageState
from runtime import readings
from store import measures
from tests.runtime.alarm_world import PEOPLE, World
from tests.support.world import NIGHT, on_duty, the_force
from tests.support.world import World as Night

BOTH = {"insp-a": "webhook email"}


@pytest.fixture
def world() -> World:
    """A force whose inspector has a phone and a mailbox."""
    return World(BOTH)


def states(world: World, ref: str, person: str) -> dict[str, MessageState]:
    """Give how the first message to somebody fared on each channel."""
    return {m.channel: m.state for m in world.sent(ref) if m.person == person and m.rung == 0 and m.reminder == 0}


def test_both_get_the_same_message(world: World) -> None:
    """One act, one attempt a channel, the same words and deadline in each."""
    world.report("medium")
    (push,), (mail,) = world.heard("insp-a"), world.heard("insp-a", Channel.EMAIL)
    assert {**push.payload, "link": ""} == {**mail.payload, "link": ""}
    assert push.payload["link"]
    assert mail.payload["link"]
    assert mail.address == "insp-a@force.test"


@pytest.mark.parametrize("risk", ["medium", "high", None])
def test_email_alone_does_not_tell_for_medium_and_high(world: World, risk: str | None) -> None:
    """The phone is dead for good: the ladder climbs at once although the mailbox took the letter."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    ref = world.report(risk)
    assert states(world, ref, "insp-a") == {
        "webhook": MessageState.FAILED,
        "email": MessageState.RECEIVED,
        "inbox": MessageState.RECEIVED,
    }
    assert world.climbed("fim-1") == [1]
    assert (AlarmKey.UNREACHABLE, ref) in {(rung.key, rung.case) for rung in world.standing()}
    shown = readings.messages(world.app, ref)["messages"]
    assert isinstance(shown, list)
    assert {m["channel"]: m["counts"] for m in shown if m["to"] == "insp-a"} == {
        "webhook": True,
        "email": False,
        "inbox": False,
    }


@pytest.mark.parametrize("risk", ["low", "very_low"])
def test_email_alone_tells_for_low_and_very_low(world: World, risk: str) -> None:
    """The letter was taken: the ladder keeps its own time."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    ref = world.report(risk)
    assert world.climbed("fim-1") == []
    assert [rung for rung in world.standing() if rung.case == ref] == []


def test_somebody_without_a_phone_is_told_by_email() -> None:
    """Whoever has no other address is told by it, at high risk too; a letter refused for good climbs at once."""
    world = World({"insp-a": "email"})
    world.report("high")
    assert len(world.heard("insp-a", Channel.EMAIL)) == 1
    assert world.climbed("fim-1") == []
    world.break_for_good("insp-a", Channel.EMAIL)
    world.report("high")
    assert world.climbed("fim-1") == [1]


def test_a_letter_refused_beside_a_push_received_changes_nothing(world: World) -> None:
    """The inspector has the case; the mailbox is for the roster's keeper to mend."""
    world.break_for_good("insp-a", Channel.EMAIL)
    world.report("high")
    assert world.climbed("fim-1") == []
    assert AlarmKey.UNREACHABLE not in {rung.key for rung in world.standing()}


def test_the_ladder_climbs_once_however_the_channels_fail(world: World) -> None:
    """First the phone for good, the mailbox a moment later: one rung, not two."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    world.busy("insp-a", Channel.EMAIL)
    ref = world.report("medium")
    assert world.climbed("fim-1") == [1]
    world.break_for_good("insp-a", Channel.EMAIL)
    world.work(ref)
    assert states(world, ref, "insp-a")["email"] is MessageState.FAILED
    assert world.climbed("fim-1") == [1]
    assert world.climbed("insp-n") == []


def test_at_low_risk_the_ladder_climbs_when_the_last_has_failed(world: World) -> None:
    """While the mailbox may still take the letter, nobody else is rung."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    world.busy("insp-a", Channel.EMAIL)
    ref = world.report("low")
    assert world.climbed("fim-1") == []
    world.break_for_good("insp-a", Channel.EMAIL)
    world.work(ref)
    assert world.climbed("fim-1") == [1]


def test_a_provider_that_asks_for_time_gets_it(world: World) -> None:
    """Ten seconds: nothing is tried before, the case wakes for it, and the task need not wait with its slot."""
    world.busy("insp-a", Channel.WEBHOOK, retry_after_s=10)
    ref = world.report("high")
    world.fails.clear()
    world.forward(9)
    assert world.work(ref) == []
    assert world.heard("insp-a") == []
    world.forward(1)
    world.work(ref)
    assert len(world.heard("insp-a")) == 1


def test_a_provider_that_asks_for_an_hour_gets_half_a_minute(world: World) -> None:
    """Somebody is missing; and after four tries whoever hears alarms is rung, until the message comes through."""
    world.busy("insp-a", Channel.WEBHOOK, retry_after_s=3600)
    ref = world.report("medium")
    for _ in range(3):
        assert [r.key for r in world.standing()] == []
        world.forward(30)
        world.work(ref)
    assert [r.key for r in world.standing()] == [AlarmKey.UNREACHABLE]
    tries = {m.channel: m.tries for m in world.sent(ref) if m.person == "insp-a" and m.type == "notify"}
    assert tries[Channel.WEBHOOK] == 4
    world.fails.clear()
    world.forward(30)
    world.work(ref)
    assert world.standing() == []


def test_a_letter_beside_a_push_is_in_no_measure(world: World) -> None:
    """How soon people were told is counted by what counts as telling them."""
    ref = world.report("medium")
    pushed = [m for m in world.sent(ref) if m.channel is Channel.WEBHOOK and m.state is MessageState.RECEIVED]
    with world.app.sessions.reading() as s:
        assert len(measures.lateness(s)) == len(pushed)
    alone = World(dict.fromkeys(PEOPLE, "email"))
    mailed = [m for m in alone.sent(alone.report("medium")) if m.channel is Channel.EMAIL]
    with alone.app.sessions.reading() as s:
        assert len(measures.lateness(s)) == len(mailed)
        assert len(measures.first_messages(s)) == 1


@pytest.mark.parametrize(("risk", "counts"), [("medium", False), ("low", True)])
def test_a_rehearsal_counts_as_the_engine_does(risk: str, counts: bool) -> None:
    """While the phones are out of order, a letter tells the inspector at low risk and nobody at medium."""
    line = on_duty("insp-a", "duty_inspector", "stoke", NIGHT - timedelta(hours=5), NIGHT + timedelta(hours=12))
    cells = {**line.cells, "webhook": "http://phone.test/a", "email": "insp-a@force.test"}
    others = [duty for duty in the_force() if duty.cells["person"] != "insp-a"]
    night = Night(roster=[replace(line, cells=cells), *others])
    try:
        night.sim.phones.out_of_order.add(Channel.WEBHOOK)
        case = night.report(risk=risk, born="1990-01-01")
        assert bool(night.phone("insp-a").told(case, about="notify_local_supervisor")) is counts
    finally:
        night.close()
