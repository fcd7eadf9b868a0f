"""What a dead process held is free at once; what a living one holds stays; of two timers one acts."""

import platform
import threading

from policy.errors import Transient
from runtime.posts import Posts
from runtime.processes import free_what_it_held, free_what_the_dead_held, process_name
from runtime.timer import Periodic
from runtime.timer_part import Looks
from store import meta, outbox, posts, wakes
from tests.runtime.alarm_world import World


def _hold(world: World, process: str, case: str) -> None:
    wall = world.clock.wall()
    with world.app.sessions() as s:
        assert wakes.take_lease(s, case, f"{process}/pass", wall, 60)
        keys = [m.attempt_key for m in outbox.pending(s, case, world.clock.now(), wall)]
        assert outbox.claim(s, keys, f"{process}/engine:{case}", wall, 60)
        assert posts.hold(s, f"timer of {process}", process, wall, 15)
        meta.beat(s, "worker", process, wall)


def _held(world: World) -> list[set[str]]:
    with world.app.sessions.reading() as s:
        found = (wakes.holders(s), outbox.holders(s), posts.holders(s), [b.process for b in meta.every_beat(s)])
    return [{"/".join(name.split("/")[:2]) for name in names} for names in found]


def _two_unseen(world: World) -> tuple[str, str]:
    work, world.work = world.work, lambda ref: []  # type: ignore[method-assign]  # nobody works on them
    cases = world.report(), world.report(area="newcastle")
    world.work = work  # type: ignore[method-assign]  # as it was
    return cases


def test_what_a_dead_process_held_is_free() -> None:
    """Cases, messages, posts and its heartbeat; another's are left alone."""
    world = World()
    one, other = _two_unseen(world)
    _hold(world, "m/1", one)
    _hold(world, "m/12", other)
    free_what_it_held(world.app, "m/1")
    assert _held(world) == [{"m/12"}] * 4


def test_at_a_start_the_dead_of_this_machine_are_found() -> None:
    """Those whose number runs no more; on SQLite also those of a machine that the home was on before."""
    world = World()
    one, other = _two_unseen(world)
    _hold(world, process_name(4711), one)
    _hold(world, process_name(), other)
    assert free_what_the_dead_held(world.app) == [process_name(4711)]
    assert _held(world) == [{process_name()}] * 4
    _hold(world, "elsewhere/1", one)
    assert free_what_the_dead_held(world.app, lambda _pid: True) == ["elsewhere/1"]
    assert process_name(4711) == f"{platform.node()}/4711"


def test_of_two_timers_one_acts() -> None:
    """The other looks only when the post is left, or its holder silent."""
    world = World()
    with world.app.sessions() as s:
        assert posts.hold(s, "timer", "elsewhere/1", world.clock.wall(), 10)
    mine = Posts(world.app)
    assert not mine.mine("timer")
    world.forward(11)
    assert Posts(world.app).mine("timer")
    Posts(world.app).leave()
    with world.app.sessions.reading() as s:
        assert posts.holders(s) == []


def test_a_timer_that_stands_by_does_not_look() -> None:
    """It is asked at each look: it may be its turn now."""
    looked: list[str] = []

    class Told:
        def look(self) -> bool:
            looked.append("look")
            return False

    turn = threading.Event()
    looks = Looks(Told(), lambda: None, turn.is_set)  # type: ignore[arg-type]  # all that a look asks of a timer
    looks.look()
    assert looked == []
    turn.set()
    looks.look()
    assert looked == ["look"]
    assert Periodic("alarms", 1, lambda: None).post == "timer", "what is said of no other is the active timer's"


def test_a_store_that_is_away_is_no_post() -> None:
    """Nothing of the post's could be done either; when it is back the post is asked for anew."""
    world = World()
    mine, away = Posts(world.app), True

    class Sessions:
        def __call__(self) -> object:
            if away:
                raise Transient("the store does not answer")
            return world.app.sessions()

    mine._app = type("Home", (), {"sessions": Sessions(), "clock": world.clock})()
    assert not mine.mine("timer")
    away = False
    assert mine.mine("timer")
