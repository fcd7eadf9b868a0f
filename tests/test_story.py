"""The procedure told in a dozen tests, to be read first: what Vigil does when a child is reported missing."""

from collections.abc import Iterator

import pytest

from policy.errors import Refused
from policy.terms import MessageType, StepStatus
from tests.support.world import World, same, the_force

NOTIFY, OWNER, SERIAL = "notify_local_supervisor", "named_owner_accepts", "log_notification_in_c_and_c"


@pytest.fixture
def world() -> Iterator[World]:
    """The Staffordshire force on duty, Saturday 10 January 2026, 19:00."""
    here = World()
    yield here
    here.close()


def test_01_a_report_reaches_named_people_at_once(world: World) -> None:
    """The inspector and the sergeant of the area, and the FIM for the risk, each get one message; nobody else does."""
    case = world.report(risk="medium")
    world.phone("duty_inspector").expect("acknowledge that you have this case", case, by="19:01")
    world.phone("response_sergeant").expect("acknowledge that you have this case", case, by="19:01")
    world.phone("force_incident_manager").expect("confirm or amend the risk", case, by="19:01")
    world.silence()
    assert world.holder(case, NOTIFY) == "insp-a"


def test_02_nobody_looks_at_the_list(world: World) -> None:
    """An unacknowledged hand-over is repeated, climbs, and never leaves the first inspector."""
    case = world.report(risk="medium")
    world.wait_until("19:09")
    told = world.phone("insp-a").told(case, about=NOTIFY)
    assert [f"{t.at:%H:%M}" for t in told] == ["19:00", "19:03", "19:06", "19:09"]
    world.wait_until("19:19")
    assert world.step(case, NOTIFY).status is StepStatus.OVERDUE
    world.phone("fim-1").expect_none(case, about=NOTIFY)
    world.wait_until("19:20")
    world.phone("force_incident_manager").expect("speak to the inspector by voice", case)
    assert world.holder(case, NOTIFY) == "insp-a"


def test_03_the_ladder_never_ends(world: World) -> None:
    """Neighbour, chief inspector, superintendent; then the last two again every ten minutes."""
    case = world.report(risk="medium")
    world.wait_until("20:25")
    first = {who: [f"{t.at:%H:%M}" for t in world.phone(who).told(case, about=NOTIFY)] for who in ("insp-n", "ci-1")}
    assert first == {"insp-n": ["19:30"], "ci-1": ["19:40", "20:00", "20:10", "20:20"]}
    superintendent = [f"{t.at:%H:%M}" for t in world.phone("supt-1").told(case, about=NOTIFY)]
    assert superintendent == ["19:50", "20:00", "20:10", "20:20"]


def test_04_acknowledging_stops_the_ladder(world: World) -> None:
    """Who acknowledges is left in peace; the others are stood down; the FIM is asked for the serial entry."""
    case = world.report(risk="medium")
    world.wait_until("19:04")
    world.fact(case, "acknowledged", "insp-a")
    world.phone("sgt-s").expect("no need to act any more: insp-a has it", case, by="19:04")
    world.phone("fim-1").expect("write on the storm serial", case, by="19:04")
    world.wait_until("19:25")
    assert len(world.phone("insp-a").told(case, about=NOTIFY)) == 2
    world.phone("insp-n").expect_none()
    world.phone("supt-1").expect_none()


def test_05_a_tag_is_an_offer_and_seeing_is_not_owning(world: World) -> None:
    """Until somebody accepts, the case is offered, has no owner, and the FIM is responsible."""
    case = world.report(risk="medium", tagged_to="insp-a")
    assert (world.view(case)["offered_to"], world.view(case)["owner"]) == ("insp-a", None)
    world.fact(case, "acknowledged", "insp-a")
    assert (world.view(case)["owner"], world.view(case)["responsible"]) == (None, "fim-1")
    world.fact(case, "accepted", "insp-a")
    assert (world.view(case)["owner"], world.view(case)["responsible"]) == ("insp-a", "insp-a")


def test_06_declining_goes_up_the_ladder_at_once(world: World) -> None:
    """A decline is an answer with a reason, and the next rung hears of it in the same minute."""
    case = world.report(risk="medium")
    world.fact(case, "declined", "insp-a", NOTIFY, reason="At a fatal collision")
    world.phone("fim-1").expect("speak to the inspector by voice", case, by="19:00")


def test_07_nobody_there_is_never_a_dead_end() -> None:
    """Without an inspector on duty the ladder starts at once, and an alarm says why."""
    world = World(roster=the_force(without=["insp-a"]))
    case = world.report(risk="medium")
    world.phone("fim-1").expect("speak to the inspector by voice", case, by="19:00")
    assert "nobody_on_duty" in {alarm.key for alarm in world.sim.seen.alarms if alarm.to == "fim-1"}
    world.close()


def test_08_the_serial_must_say_who_was_told(world: World) -> None:
    """A serial closed without the entry rings at the FIM, and the case is not compliant until the entry exists."""
    case = world.report(risk="very_low", born="1980-05-01")
    world.fact(case, "acknowledged", "insp-a")
    world.fact(case, "serial_closed", "op-1")
    world.phone("fim-1").expect("serial closed without recipient", case)
    assert world.view(case)["non_compliant"] is True
    world.fact(case, "serial_entry", "op-1", recipient="insp-a", text="Passed to the LOI")
    assert world.view(case)["non_compliant"] is False
    assert world.step(case, SERIAL).status is StepStatus.DONE


def test_09_a_child_without_a_risk_is_timed_as_high(world: World) -> None:
    """Not set is not low: five minutes, from the first second."""
    case = world.report(risk=None)
    assert world.view(case)["risk"] is None
    world.wait_until("19:05")
    assert world.step(case, NOTIFY).status is StepStatus.OVERDUE


def test_10_a_raise_brings_the_deadlines_forward(world: World) -> None:
    """Each open step is due at the earlier of what it was and the raise plus the new span."""
    case = world.report(risk="low", born="1980-05-01")
    world.wait_until("19:04")
    world.fact(case, "risk_set", "op-1", level="high", rationale="A note was found")
    assert world.step(case, NOTIFY).due_at == world.time("19:09")
    assert world.step(case, OWNER).due_at == world.time("19:19")


def test_11_a_refusal_explains_and_writes_nothing(world: World) -> None:
    """Whoever was never asked cannot accept; the refusal says who may, and the case stands as it stood."""
    case = world.report(risk="medium")
    before = len(world.journal(case))
    with pytest.raises(Refused) as refused:
        world.fact(case, "accepted", "supt-1")
    assert refused.value.rule == OWNER
    assert "insp-a" in refused.value.who_may
    assert len(world.journal(case)) == before


def test_12_a_restart_loses_nothing_and_tells_nobody_twice(world: World) -> None:
    """The store is the truth: a new process goes on where the old one was."""
    case = world.report(risk="medium")
    world.wait_until("19:05")
    world.restart()
    world.wait_until("19:20")
    world.phone("fim-1").expect("speak to the inspector by voice", case, by="19:20", after="19:20")
    keys = [t.key for t in world.sim.seen.tellings]
    assert len(keys) == len(set(keys))


def test_13_one_jump_or_many_steps_is_the_same_night() -> None:
    """Time goes from wake to wake, so it makes no difference how often somebody looks."""
    nights = []
    for steps in (["65m"], ["90s", "30s", "3m"] * 13):
        world = World()
        world.report(risk="medium")
        for step in steps:
            world.wait(step)
        nights.append(same(world.sim.seen.tellings))
        world.close()
    assert nights[0] == nights[1]
    assert any(t.type is MessageType.ESCALATE for t in nights[0])
