"""An owner who has left the force: the case stays theirs on the record, and somebody hears at once."""

from collections.abc import Iterator

import pytest

from console import duty
from policy.terms import AlarmKey, Route
from runtime.rehearse_scenario import roster_csv
from tests.support.world import World, the_force


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def imported(world: World, *gone: str) -> dict[str, object]:
    """Import the roster without some of its people, and give the answer."""
    reply = duty.put(world.sim.app, roster_csv(the_force(without=gone)), partial=False, route=Route.API)
    world.sim.settle()
    return reply.body


def test_the_answer_lists_what_they_still_own(world: World) -> None:
    """Whoever imports the roster reads at once which cases nobody has taken over; closed and unowned ones are not."""
    first, _ = world.report(), world.report(area="newcastle", person={"name": "Another", "age": 30})
    world.fact(first, "accepted", "insp-a")
    assert imported(world)["owners_gone"] == []
    assert imported(world, "insp-a")["owners_gone"] == [{"case": first, "owner": "insp-a"}]


def test_the_alarm_rings_at_once_and_the_case_stays_theirs(world: World) -> None:
    """Named as responsible until the next accepts, marked as gone, and the Force Incident Manager has an alarm."""
    ref = world.report()
    world.fact(ref, "accepted", "insp-a")
    imported(world, "insp-a")
    seen = world.view(ref)
    assert (seen["owner"], seen["responsible"]) == ("insp-a", "insp-a")
    assert (seen["left_roster"], seen["off_duty"]) == (True, True)
    rang = [alarm.detail for alarm in world.sim.seen.alarms if alarm.key is AlarmKey.UNOWNED_AFTER_SHIFT]
    assert rang == ["the owner insp-a is not on the roster any more"]
    imported(world)
    assert world.view(ref)["left_roster"] is False


def test_one_who_had_gone_home_before(world: World) -> None:
    """That they will not come back is another alarm than that their shift has ended."""
    ref = world.report()
    world.fact(ref, "accepted", "insp-a")
    world.off_duty("insp-a")
    imported(world, "insp-a")
    rang = [alarm.detail for alarm in world.sim.seen.alarms if alarm.key is AlarmKey.UNOWNED_AFTER_SHIFT]
    assert rang[-1] == "the owner insp-a is not on the roster any more"
    assert len(rang) == 2


def test_a_refused_roster_lists_nobody(world: World) -> None:
    """Nothing was changed, so nobody has left by it."""
    reply = duty.put(world.sim.app, "person,role\nx,y", partial=False, route=Route.API)
    assert reply.status == 422
    assert "owners_gone" not in reply.body
