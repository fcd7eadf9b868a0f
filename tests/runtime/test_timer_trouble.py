"""The timer in trouble: a bad case, an outage of Prefect, a store that is away; and when it looks next."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from apscheduler.schedulers import base
from apscheduler.triggers import interval
from structlog.testing import capture_logs

from policy.errors import Transient
from policy.terms import Risk
from runtime.engine_state import RunState
from runtime.knock import knock
from runtime.timer import PART, Periodic, Timer
from runtime.timer_part import Looks, serve
from store import meta, wakes
from tests.runtime.timer_world import REAL, FakePrefect, World, world_in


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with an empty store."""
    made = world_in(tmp_path)
    yield made
    made.sessions.close()


def test_one_bad_case_does_not_stop_the_look_and_cannot_spin(world: World) -> None:
    """The others' time has come too; the bad one is logged with its reference and tried later."""
    bad, good = world.case(1, Risk.HIGH), world.case(2, Risk.LOW)
    world.prefect.broken.add(bad)
    with capture_logs() as logs:
        world.timer.look()
        world.timer.look()
    assert world.prefect.taken() == [("start", f"{good}/1")]
    assert [(line["event"], line["case"]) for line in logs if line["log_level"] == "error"] == [
        ("case_not_seen_to", bad)
    ]
    world.clock.go_on(4)
    world.prefect.broken.clear()
    world.timer.look()
    assert ("start", f"{bad}/1") in world.prefect.taken()


def test_a_case_that_stays_bad_is_tried_ever_less_often_but_always_again(world: World) -> None:
    """At the longest a minute lies between two tries, for ever."""
    world.prefect.broken.add(world.case())
    tries = 0
    with capture_logs() as logs:
        for _ in range(600):
            world.timer.look()
            world.clock.go_on(1)
    tries = sum(line["event"] == "case_not_seen_to" for line in logs)
    assert 10 <= tries <= 16


def test_a_case_that_fails_for_a_day_holds_up_nobody(world: World) -> None:
    """However often it has failed, the case behind it is woken at its instant."""
    world.prefect.broken.add(world.case(1, Risk.HIGH))
    for _ in range(100):
        world.timer.look()
        world.clock.go_on(61)
    good = world.case(2, Risk.LOW)
    world.timer.look()
    assert world.prefect.taken() == [("start", f"{good}/1")]


def test_an_outage_of_prefect_is_logged_once_and_every_case_is_woken_after_it(world: World) -> None:
    """Two warnings for an outage of any length, and nobody is forgotten."""
    refs = [world.case(number) for number in range(5)]
    world.prefect.down = True
    with capture_logs() as logs:
        for _ in range(20):
            assert world.timer.look() is False
            world.clock.go_on(1)
        world.prefect.down = False
        for _ in range(3):
            world.timer.look()
            world.clock.go_on(1)
    said = [line["event"] for line in logs if line["log_level"] == "warning"]
    assert said == ["prefect_unreachable", "prefect_back"]
    assert sorted(key for _, key in world.prefect.taken()) == sorted(f"{ref}/1" for ref in refs)


def test_prefect_refusing_one_run_does_not_hold_up_the_others(world: World) -> None:
    """Two runs that Prefect cannot answer for are not an outage for the third."""

    class Refusing(FakePrefect):
        def state(self, run_id: str) -> RunState | None:
            if run_id.endswith(("000001-1", "000002-1")):
                raise Transient("Prefect: 500")
            return super().state(run_id)

    world.timer.runs = refusing = Refusing(world.clock)
    for number in (1, 2, 3):
        ref = world.case(number, Risk.HIGH if number < 3 else Risk.LOW)
        with world.sessions() as s:
            wakes.set_run(s, ref, f"run-{ref}-1", 1)
        refusing.put(f"run-{ref}-1", "PAUSED")
    world.timer.look()
    assert refusing.taken() == []
    world.clock.go_on(1)
    world.timer.look()
    assert refusing.taken() == [("wake", "run-MP-2025-000003-1")]


@pytest.mark.parametrize(("speed", "real_seconds"), [(1.0, 600.0), (60.0, 10.0)])
def test_the_next_look_is_planned_in_real_time(world: World, speed: float, real_seconds: float) -> None:
    """Ten minutes of the procedure are ten seconds at sixty times the speed."""
    world.clock.speed = speed
    world.case(wake=timedelta(minutes=10))
    assert world.timer.next_look_at() == REAL + timedelta(seconds=real_seconds)


def test_without_a_wake_to_come_no_look_is_planned(world: World) -> None:
    """What is due already is seen to by the net, not by a plan for the past."""
    assert world.timer.next_look_at() is None
    world.case(wake=-timedelta(minutes=1))
    assert world.timer.next_look_at() is None, "what is due already is the net's business"


def test_the_timer_shows_that_it_lives(world: World) -> None:
    """Its heartbeat carries real time, also in a rehearsal."""
    world.timer.beat()
    with world.sessions.reading() as s:
        assert meta.beats(s)["timer"].beat_at == REAL


def test_a_case_that_is_due_no_more_is_forgotten(world: World) -> None:
    """What the timer remembers does not grow with the years."""
    ref = world.case()
    world.timer.look()
    with world.sessions() as s:
        wakes.set_wake(s, ref, None)
    world.timer.look()
    assert world.timer._seen == {}


class Counting(Timer):
    """A timer whose looks the test scripts."""

    def __init__(self, script: list[object]) -> None:
        self.script = script
        self.looks = 0
        self.during: Callable[[], None] = lambda: None

    def look(self) -> bool:
        self.looks += 1
        self.during()
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return bool(step)


def test_looks_go_on_while_there_is_more_and_plan_the_next_one() -> None:
    """A backlog is worked off in one go; the plan is made once, at its end."""
    planned: list[int] = []
    timer = Counting([True, True, False])
    Looks(timer, lambda: planned.append(1)).look()
    assert (timer.looks, planned) == (3, [1])


def test_who_asks_during_a_look_gets_another_one_right_after_it() -> None:
    """A knock during a look is neither lost nor a second look beside it."""
    timer = Counting([False, False])
    looks = Looks(timer, lambda: None)
    asked: list[int] = []

    def ask_once() -> None:
        if not asked:
            asked.append(1)
            looks.look()  # comes back at once: a look is under way

    timer.during = ask_once
    looks.look()
    assert timer.looks == 2


def test_a_look_that_fails_does_not_end_the_timer() -> None:
    """The store may be away for a while; the next look is a second off."""
    timer = Counting([OSError("the store is away"), False])
    looks = Looks(timer, lambda: None)
    with capture_logs() as logs:
        looks.look()
        looks.look()
    assert [line["event"] for line in logs] == ["look_failed"]
    assert timer.looks == 2


@pytest.mark.parametrize("hours", [-1, 1])
def test_no_job_stands_still_when_the_clock_is_set(world: World, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Set back or forward: each is done at once and goes on from there, the alarms' too."""

    class Told(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # all that is asked of it
            return world.clock.wall().astimezone(tz)

    for module in (base, interval):
        monkeypatch.setattr(module, "datetime", Told)  # the scheduler goes by the machine's clock: here by the test's
    app = world.timer.app
    stop, begun, again = threading.Event(), threading.Event(), threading.Event()
    jobs = [Periodic("soon", 7200, begun.set, soon=True), Periodic("alarms", 7200, again.set)]
    thread = threading.Thread(target=serve, args=(app, stop, world.timer, jobs), daemon=True)
    with capture_logs() as logs:
        thread.start()
        try:
            assert begun.wait(30)
            assert not again.is_set()
            world.clock.go_on(hours * 3600)
            knock(app.settings.home, PART)
            assert again.wait(30)
        finally:
            stop.set()
            knock(app.settings.home, PART)
            thread.join(30)
    assert not thread.is_alive()
    assert [line["seconds"] for line in logs if line["event"] == "clock_leapt"] == [pytest.approx(hours * 3600, abs=1)]
