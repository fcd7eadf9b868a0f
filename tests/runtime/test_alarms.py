"""Alarms: rung once, collected when they come in a storm, rung again when nobody heard, cleared when they are over."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from policy.errors import Refused, Unknown
from policy.terms import AlarmKey, Channel, MessageState, Route, StepStatus
from runtime import doors
from runtime.door_alarm import PASSES_FAIL
from store import cases, roster
from store.roster_file import RosterFile
from tests.runtime.alarm_world import NIGHT, World


@pytest.fixture
def world() -> World:
    """A force with a phone for everybody."""
    return World()


def ring(world: World, number: int, key: AlarmKey = AlarmKey.FEED_OLD) -> None:
    """Ring an alarm of the home and let the timer's process send what is due."""
    assert doors.ring(world.app, key, f"source-{number}: no answer")
    doors.deliver_home(world.app)


def close_serial(world: World, ref: str) -> None:
    """Close a case's serial with no entry in it, which rings."""
    doors.record(world.app, ref, {"kind": "serial_closed", "by": "insp-a"}, route=Route.API)
    world.work(ref)


# --- a storm


def test_the_first_goes_at_once_and_what_follows_is_one_message(world: World) -> None:
    """Four alarms in forty seconds: one at once, three in one message a minute after the first; then at once again."""
    for number in range(4):
        ring(world, number)
        world.forward(10)
    assert [e.payload["ask"] for e in world.heard("fim-1")] == ["Alarm: feed old (source-0: no answer)"]
    world.forward(20)  # a minute after the first
    assert doors.deliver_home(world.app) == 2  # phone and inbox
    (_, together) = world.heard("fim-1")
    assert together.payload["ask"].split("; ") == [f"Alarm: feed old (source-{n}: no answer)" for n in (1, 2, 3)]
    assert together.payload["type"] == "alarm"
    assert together.payload["case"] == ""
    world.forward(61)
    ring(world, 9)
    assert len(world.heard("fim-1")) == 3


def test_a_storm_rings_once_a_minute(world: World) -> None:
    """Every alarm is told, none twice, and no phone rings more often than once a minute."""
    rang: list[float] = []
    for second in range(0, 300, 5):
        before = len(world.heard("fim-1"))
        ring(world, second)
        if len(world.heard("fim-1")) > before:
            rang.append(second)
        world.forward(5)
    world.forward(60)
    doors.deliver_home(world.app)
    told = [text for e in world.heard("fim-1") for text in e.payload["ask"].split("; ")]
    assert sorted(told) == sorted(f"Alarm: feed old (source-{second}: no answer)" for second in range(0, 300, 5))
    assert [after - before for before, after in pairwise(rang)] == [60] * (len(rang) - 1)
    assert len({e.attempt_key for e in world.heard("fim-1")}) == len(world.heard("fim-1"))


def test_alarms_of_several_cases_come_under_the_first_and_name_them_all(world: World) -> None:
    """`case` is the first reference, `ask` names each; risk and area are the first's, so that the payload is whole."""
    refs = [world.report("medium") for _ in range(3)]
    for ref in refs:
        doors.ring(world.app, AlarmKey.CLOSED_CASE_CONTACT, "new information", case=ref)
    doors.deliver_home(world.app)
    world.forward(60)
    doors.deliver_home(world.app)
    alone, together = world.heard("fim-1", kind="alarm")
    assert (alone.payload["case"], together.payload["case"]) == (refs[0], refs[1])
    assert all(ref in together.payload["ask"] for ref in refs[1:])
    assert (together.payload["risk"], together.payload["area"]) == ("medium", "stoke")


def test_what_a_cases_own_decisions_ring_is_collected_too(world: World) -> None:
    """Three serials are closed in one minute: the manager's phone rings for the first, then once for the rest."""
    refs = [world.report("medium") for _ in range(3)]
    for ref in refs:
        close_serial(world, ref)
    world.forward(60)
    doors.deliver_home(world.app)
    alone, together = world.heard("fim-1", kind="alarm")
    assert (alone.payload["case"], together.payload["case"]) == (refs[0], refs[1])
    texts = together.payload["ask"].split("; ")
    assert [text.partition(":")[0] for text in texts] == refs[1:]


def test_a_first_notice_is_never_collected_or_delayed(world: World) -> None:
    """In the middle of a storm the manager is escalated to and asked as ever, one message a case, at once."""
    ring(world, 1)
    ring(world, 2)
    world.man(without="insp-a sgt-s insp-n")  # nobody below: the first rung is the manager's
    refs = [world.report("medium") for _ in range(2)]
    assert {e.payload["case"] for e in world.heard("fim-1") if e.payload["type"] != "alarm"} == set(refs)


def test_a_collected_alarm_stands_in_its_cases_messages(world: World) -> None:
    """It was not sent under its own key, and says where it went; its key is never told besides."""
    ring(world, 1)
    ref = world.report("medium")
    close_serial(world, ref)
    collected = [m for m in world.sent(ref) if m.type == "alarm" and m.person == "fim-1"]
    assert {(m.state, m.detail) for m in collected} == {(MessageState.CANCELLED, "rounded_up")}
    world.forward(61)
    doors.deliver_home(world.app)
    keys = [e.attempt_key for e in world.heard("fim-1", kind="alarm")]
    assert len(keys) == len(set(keys)) == 2
    assert not set(keys) & {m.attempt_key for m in collected}


def test_what_was_sent_once_is_never_changed(world: World) -> None:
    """A round-up whose sending failed goes again under its key with the same words; what came later has its own."""
    ring(world, 1)
    ring(world, 2)
    world.busy("fim-1", Channel.WEBHOOK)
    world.forward(60)
    doors.deliver_home(world.app)
    ring(world, 3)
    world.fails.clear()
    world.forward(120)
    while doors.deliver_home(world.app):
        pass
    texts = [e.payload["ask"] for e in world.heard("fim-1")]
    assert sorted(texts) == [f"Alarm: feed old (source-{n}: no answer)" for n in (1, 2, 3)]


def test_a_clock_that_goes_back_delays_no_alarm(world: World) -> None:
    """An hour back: the next alarm rings at once and not in an hour."""
    ring(world, 1)
    world.clock.drift(timedelta(hours=-1))
    ring(world, 2)
    assert len(world.heard("fim-1")) == 2


# --- nobody there


def test_what_nobody_heard_rings_when_somebody_comes_on_duty(world: World) -> None:
    """Not one alarm is lost for want of somebody on duty; all in one message, once, and on record."""
    with world.app.sessions() as s:
        roster.replace(s, RosterFile((), (), ()))
    assert doors.ring(world.app, AlarmKey.FEED_OLD, "compact: no answer")
    assert doors.ring(world.app, AlarmKey.INTAKE_REFUSED, "a record was refused at 19:00:00Z")
    doors.deliver_home(world.app)
    assert world.told == []
    assert [rung.to for rung in world.standing()] == [None, None]
    assert doors.look_at_alarms(world.app) == 0
    world.man()
    assert doors.look_at_alarms(world.app) == 2
    doors.deliver_home(world.app)
    (told,) = world.heard("fim-1")
    assert told.payload["ask"] == (
        "Alarm: feed old (compact: no answer); Alarm: intake refused (a record was refused at 19:00:00Z)"
    )
    assert {rung.to for rung in world.standing()} == {"fim-1"}
    assert [e.body.get("again") for e in world.journal(None, "alarm")] == [None, None, True, True]
    assert doors.look_at_alarms(world.app) == 0
    world.forward(300)
    doors.deliver_home(world.app)
    assert len(world.heard("fim-1")) == 1


# --- cleared


def test_whoever_has_seen_to_a_refused_report_clears_it(world: World) -> None:
    """By name, with the reason, on record; a second time changes nothing."""
    ring(world, 1, AlarmKey.INTAKE_REFUSED)
    (rung,) = world.standing()
    world.forward(5)
    cleared = doors.clear_alarm(world.app, rung.id, "sgt-s", route=Route.CONSOLE, reason="entered by hand")
    assert cleared.cleared_at == NIGHT + timedelta(seconds=5)
    world.forward(5)
    assert doors.clear_alarm(world.app, rung.id, "fim-1", route=Route.API) == cleared
    (entry,) = world.journal(None, "alarm_cleared")
    assert (entry.by, entry.route, entry.body["reason"]) == ("sgt-s", Route.CONSOLE, "entered by hand")
    assert world.standing() == []


def test_an_alarm_whose_cause_stands_is_not_clicked_away(world: World) -> None:
    """It says what would clear it; nothing is written."""
    ring(world, 1, AlarmKey.FEED_OLD)
    (rung,) = world.standing()
    with pytest.raises(Refused) as refused:
        doors.clear_alarm(world.app, rung.id, "fim-1", route=Route.API)
    assert refused.value.rule == "alarm_cause_stands"
    assert "answers again" in refused.value.detail
    assert len(world.standing()) == 1
    assert world.journal(None, "alarm_cleared") == []


def test_only_somebody_on_duty_clears(world: World) -> None:
    """Whoever clears an alarm answers for what it was about."""
    ring(world, 1, AlarmKey.INTAKE_REFUSED)
    (rung,) = world.standing()
    for who in ("nobody-known", "admin"):
        with pytest.raises(Refused, match="not on the roster"):
            doors.clear_alarm(world.app, rung.id, who, route=Route.API)
    world.forward(13 * 3600)
    with pytest.raises(Refused, match="not on duty"):
        doors.clear_alarm(world.app, rung.id, "fim-1", route=Route.API)
    with pytest.raises(Unknown):
        doors.clear_alarm(world.app, 4711, "fim-1", route=Route.API)


def test_an_acknowledgement_clears_what_rang_about_the_notice(world: World) -> None:
    """Somebody has it: nobody was reached by phone, and that is over."""
    world.break_for_good("insp-a", Channel.WEBHOOK)
    ref = world.report("medium")
    assert AlarmKey.UNREACHABLE in {rung.key for rung in world.standing()}
    doors.record(world.app, ref, {"kind": "acknowledged", "by": "fim-1"}, route=Route.API)
    assert AlarmKey.UNREACHABLE not in {rung.key for rung in world.standing()}


def test_what_rang_about_a_step_is_cleared_when_the_step_is_over(world: World) -> None:
    """Nobody said so, but the look sees it; an alarm whose step is still open stands."""
    world.man(without="insp-a insp-n sgt-s")
    ref = world.report("medium")
    rung = [r for r in world.standing() if r.case == ref]
    assert rung
    assert doors.look_at_alarms(world.app) == 0
    with world.app.sessions() as s:
        stored = cases.load(s, ref)
        over = tuple(replace(step, status=StepStatus.DONE) for step in stored.case.steps)
        cases.save(s, stored, replace(stored.case, steps=over), wake_at=None)
    assert doors.look_at_alarms(world.app) == len(rung)
    assert [r for r in world.standing() if r.case == ref] == []
    assert {e.body["why"] for e in world.journal(ref, "alarm_cleared")} == {"its cause is gone"}


# --- the engine


def test_one_pass_that_fails_is_on_record_and_rings_nobody(world: World) -> None:
    """It is put back within seconds; `engine_dead` is for an engine that is dead."""
    ref = world.report("medium")
    doors.pass_failed(world.app, ref, "OperationalError")
    assert world.standing() == []
    assert [e.body["error"] for e in world.journal(ref, "pass_failed")] == ["OperationalError"]


def test_passes_that_go_on_failing_ring_until_one_goes_well(world: World) -> None:
    """Nobody is told of that case by Vigil: somebody must tell its people by voice."""
    ref = world.report("medium")
    for _ in range(3):
        doors.pass_failed(world.app, ref, "KeyError")
    doors.deliver_home(world.app)
    (rung,) = world.standing()
    assert (rung.key, rung.case, rung.to) == (AlarmKey.UNREACHABLE, ref, "fim-1")
    (told,) = world.heard("fim-1", kind="alarm")
    assert told.payload["case"] == ref
    assert PASSES_FAIL in told.payload["ask"]
    doors.pass_went_well(world.app, ref)
    assert world.standing() == []
