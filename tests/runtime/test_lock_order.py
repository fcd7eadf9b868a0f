"""One order of locks: the case first, then its messages, its alarms and the journal. Else two doors wait for ever."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from channels import NotNow
from policy.errors import Transient
from policy.terms import Channel
from runtime import door_deliver, doors
from store import cases, outbox
from tests.runtime.alarm_world import World


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `deliver` and `give_up` lock from now on, in order."""
    locked: list[str] = []

    def watched(module: object, name: str, what: str, when: Callable[[dict[str, object]], bool]) -> None:
        do = getattr(module, name)

        def called(*args: object, **more: object) -> object:
            if when(more):
                locked.append(what)
            return do(*args, **more)

        monkeypatch.setattr(module, name, called)

    watched(cases, "load", "case", lambda more: bool(more.get("lock")))
    watched(door_deliver, "settle", "messages", lambda _: True)
    watched(outbox, "later", "messages", lambda _: True)
    return locked


@pytest.mark.parametrize("fault", ["for good", "busy", "asks for time", "down"])
def test_a_try_that_did_not_come_through_locks_its_case_first(order: list[str], fault: str) -> None:
    """Whatever follows from it, an alarm or the next rung, is written into the case after its messages."""
    world = World({"insp-a": "webhook sms"})
    if fault == "for good":
        world.break_for_good("insp-a", Channel.WEBHOOK)
    elif fault == "down":
        world.fails["insp-a", Channel.WEBHOOK] = NotNow("http_503", 503, down=True)
    else:
        world.busy("insp-a", Channel.WEBHOOK, 20 if fault == "asks for time" else None)
    (act,) = [act for act in world.acts(world.unseen()) if any("/insp-a/webhook" in key for key in act.messages)]
    order.clear()
    with suppress(Transient):
        doors.deliver(world.app, act)
    assert order[:2] == ["case", "messages"]


def test_an_act_that_is_given_up_locks_its_case_first(order: list[str]) -> None:
    """Its messages are put back for later, and an alarm may ring."""
    world = World()
    world.busy("insp-a", Channel.WEBHOOK)
    act = world.work(world.report())[0]
    with pytest.raises(Transient):
        doors.deliver(world.app, act)
    order.clear()
    doors.give_up(world.app, act)
    assert order[:2] == ["case", "messages"]


def test_what_is_received_at_once_locks_no_case(order: list[str]) -> None:
    """Most acts are: they wait for nobody who writes in the case."""
    World().report()
    assert order == ["messages"] * len(order)
