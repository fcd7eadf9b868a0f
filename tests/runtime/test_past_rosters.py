"""Who was on duty, who acted up and who held how many cases is known of each instant, whatever was imported since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.terms import Role, Route
from runtime import past
from runtime.door_acting import act_up, end_acting
from store import journal, roster, roster_past
from store.roster_file import read_csv
from tests.runtime.past_world import CASE, NOTICE, a_night
from tests.support.world import World, on_duty, the_force

world = pytest.fixture(a_night, name="world")  # in which more happens


def test_a_roster_that_was_replaced_is_still_known(world: World) -> None:
    """The next import takes the night's people away; the night is told again with them, from its own line."""
    late = world.start + timedelta(days=30)
    people = (("insp-z", Role.DUTY_INSPECTOR), ("fim-z", Role.FORCE_INCIDENT_MANAGER))
    world.sim.set_roster([on_duty(who, role, "*", late, late + timedelta(days=2)) for who, role in people])
    world.sim.settle()
    world.wait_until("23:00")
    assert past.retell(world.sim.app, CASE).same
    with world.sim.app.sessions.reading() as s:
        assert {duty.person for duty in roster.duties(s)} == {"insp-z", "fim-z"}


def test_an_import_says_what_is_new(world: World) -> None:
    """The line of an import holds new duties whole and takes over the others by their places."""
    duties = the_force(world.start)
    more = on_duty("insp-b", Role.DUTY_INSPECTOR, "stoke", world.start, world.start + timedelta(hours=9))
    world.sim.set_roster([*duties[:2], more, *duties[3:]])
    with world.sim.app.sessions.reading() as s:
        lines = [line for line in journal.read(s, limit=10_000) if line.kind == "roster_put"]
        kept = roster_past.read(s)
        now = [replace(duty, contacts=()) for duty in roster.duties(s)]
    first, second = lines[0], lines[-1]
    assert (first.body["before"], second.body["before"]) == (roster_past.NONE_BEFORE, first.seq)
    told = second.body["duties"]
    assert isinstance(told, list)
    assert [row if len(row) == 2 else row[0] for row in told] == [[0, 1], "insp-b", [3, len(duties) - 1]]
    assert list(kept.kept[-1].duties) == now
    assert "phone.example" not in str([line.body for line in lines])


def test_a_roster_that_came_in_beside_the_door_breaks_no_proof(world: World) -> None:
    """What the lines do not hold is not taken over from them: the next import is written whole."""
    text = "person,role,area,from,to\ninsp-q,duty_inspector,stoke,-1h,+9h\n"
    with world.sim.app.sessions() as s:
        roster.replace(s, read_csv(text, world.sim.clock.now(), areas=["stoke"], relative=True))
    world.sim.set_roster(the_force(world.start))
    with world.sim.app.sessions.reading() as s:
        kept = roster_past.read(s)
        assert (len(kept.kept), kept.whole) == (1, False)
        assert list(kept.kept[0].duties) == [replace(duty, contacts=()) for duty in roster.duties(s)]


def test_who_held_how_many_cases_is_counted(world: World) -> None:
    """Before and after each acceptance, handover and closure, as the store counted it then."""
    second = world.report(risk="low", born="1980-01-01")
    world.fact(second, "acknowledged", "insp-a", NOTICE)
    world.fact(second, "accepted", "insp-a")
    with world.sim.app.sessions.reading() as s:
        rosters, now = roster_past.read(s), roster.load(s)
        owned = [line for line in journal.read(s, limit=10_000) if line.kind == "owner"]
    assert now == {"insp-a": 2}
    at = world.sim.clock.now()
    loads = [rosters.before_line(line.seq, at) for line in owned]
    assert [load.load.get("insp-a", 0) for load in loads if load] == [0, 1]
    known = rosters.at(at)
    assert known is not None
    assert known.load["insp-a"] == 2


def test_who_acted_up_is_known(world: World) -> None:
    """A sergeant acts as the inspector and is told; the cover is ended early; the night is told again with both."""
    app, now = world.sim.app, world.start + timedelta(minutes=21)
    world.wait_until("19:21")
    grant = {"person": "sgt-s", "role": "duty_inspector", "rank": "inspector", "area": "cannock", "reason": "Sick"}
    made = act_up(app, {**grant, "from": now.isoformat(), "to": "2026-01-11T03:00:00Z"}, "supt-1", Route.CONSOLE)
    case = world.report(area="cannock", born="1990-01-01")
    assert world.holder(case, NOTICE) == "sgt-s"
    world.wait_until("19:25")
    number = made["id"]
    assert isinstance(number, int)
    end_acting(app, number, "supt-1", Route.CONSOLE)
    world.sim.settle()
    world.wait_until("19:32")
    assert [one for one in (past.retell(app, CASE), past.retell(app, case)) if not one.same] == []
    with app.sessions.reading() as s:
        (cover,) = roster_past.read(s).covers
    assert cover.ended_at == world.start + timedelta(minutes=25)
