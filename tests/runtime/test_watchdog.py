"""The watchdog: performs what nobody performed, tells the control room once, and leaves a living engine alone."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from policy.terms import AlarmKey, Channel, Route
from runtime import doors
from runtime.processes import process_name
from runtime.watchdog import Watchdog
from runtime.watchdog_engine import DEAD, EngineWatch
from store import meta, wakes
from tests.runtime.alarm_world import World

ROOT = Path(__file__).resolve().parents[2]
NOTICE = "notify_local_supervisor"


class Watch:
    """A force at night, its engine dead or alive as the test has it, and the watchdog that goes round."""

    def __init__(self) -> None:
        self.world = World()
        self.prefect = True
        self.alive = False
        self.engine = EngineWatch(self.world.app, lambda: self.prefect)
        self.watchdog = Watchdog(self.world.app, self.engine, again_s=0)
        with self.world.app.sessions() as s:
            meta.beat(s, "worker", "elsewhere/1", self.world.clock.wall())
            meta.beat(s, "timer", "elsewhere/2", self.world.clock.wall())

    def go(self, seconds: int) -> None:
        """Let time pass, with a look each five seconds."""
        for _ in range(seconds // 5):
            self.world.forward(5)
            if self.alive:
                with self.world.app.sessions() as s:
                    meta.beat(s, "worker", "elsewhere/1", self.world.clock.wall())
                    meta.beat(s, "timer", "elsewhere/2", self.world.clock.wall())
            self.watchdog.look()
            self.engine.look_at_prefect()
            self.engine.look()

    def unseen(self, **report: str) -> str:
        """Report somebody whom the engine tells nobody of."""
        work, self.world.work = self.world.work, lambda ref: []  # type: ignore[method-assign]  # the engine is dead
        try:
            return self.world.report(**report)
        finally:
            self.world.work = work  # type: ignore[method-assign]  # as it was


@pytest.fixture
def watch() -> Watch:
    """A watchdog that has been running for a while."""
    made = Watch()
    made.alive = True
    made.go(10)
    made.alive = False
    return made


def test_whoever_is_due_is_told_within_thirty_seconds(watch: Watch) -> None:
    """The engine is dead: inspector and sergeant have the notice 30 s after the report, by the same keys."""
    case = watch.unseen()
    watch.go(15)
    assert not watch.world.heard("insp-a"), "it gives the engine twenty seconds"
    watch.go(15)
    assert len(watch.world.heard("insp-a", kind="notify")) == 1
    assert len(watch.world.heard("sgt-s", kind="notify")) == 1
    sent = [m for m in watch.world.sent(case) if m.person == "insp-a" and m.channel is Channel.WEBHOOK]
    assert [m.by for m in sent] == ["watchdog"]
    assert {entry.route for entry in watch.world.journal(case, "attempt")} == {Route.WATCHDOG}


def test_every_rung_of_the_ladder_comes_in_time(watch: Watch) -> None:
    """Nobody acknowledges and the engine stays dead: each rung is told at the most 30 s after its instant, once."""
    watch.unseen()
    began = watch.world.clock.now()
    for minutes, person, rung in ((20, "fim-1", 1), (30, "insp-n", 2), (40, "ci-1", 3), (50, "supt-1", 4)):
        passed = (watch.world.clock.now() - began).total_seconds()
        watch.go(int(minutes * 60 + 30 - passed))
        assert watch.world.climbed(person) == [rung]
    keys = [envelope.attempt_key for envelope in watch.world.told]
    assert len(keys) == len(set(keys))


def test_the_control_room_is_told_once_an_outage(watch: Watch) -> None:
    """One message to the Force Incident Manager, however many acts; the next outage has its own."""
    for _ in range(3):
        watch.unseen()
    watch.go(240)
    about = [e for e in watch.world.heard("fim-1", kind="alarm") if "watchdog" in str(e.payload["ask"])]
    assert len(about) == 1
    assert {rung.key for rung in watch.world.standing()} >= {AlarmKey.ACT_BY_WATCHDOG, AlarmKey.ENGINE_DEAD}
    watch.alive = True
    watch.go(180)
    assert AlarmKey.ENGINE_DEAD not in {rung.key for rung in watch.world.standing()}
    watch.alive = False
    watch.unseen()
    watch.go(60)
    about = [e for e in watch.world.heard("fim-1", kind="alarm") if "watchdog" in str(e.payload["ask"])]
    assert len(about) == 2


def test_a_watchdog_started_anew_in_the_outage_does_not_tell_again(watch: Watch) -> None:
    """What the control room knows stands in the store, not in the process."""
    watch.unseen()
    watch.go(60)
    watch.engine = EngineWatch(watch.world.app, lambda: True)
    watch.watchdog = Watchdog(watch.world.app, watch.engine, again_s=0)
    watch.unseen(area="newcastle")
    watch.go(60)
    assert len(watch.world.heard("insp-n", kind="notify")) == 1
    assert len(watch.world.heard("fim-1", kind="alarm")) == 1


def test_a_dead_engine_is_paged_within_the_minute(watch: Watch) -> None:
    """Nothing is due, and still: worker silent, the Force Incident Manager hears of it; alive again, it is cleared."""
    watch.go(40)
    assert not watch.world.heard("fim-1")
    watch.go(20)
    (page,) = watch.world.heard("fim-1", kind="alarm")
    assert "no sign of life" in str(page.payload["ask"])
    watch.go(300)
    assert len(watch.world.heard("fim-1", kind="alarm")) == 1
    watch.alive = True
    watch.go(10)
    assert AlarmKey.ENGINE_DEAD not in {rung.key for rung in watch.world.standing()}


def test_a_part_that_is_started_again_is_not_paged(watch: Watch) -> None:
    """A process that ended is forgotten at once; its part is dead only when nobody has beaten for long."""
    with watch.world.app.sessions() as s:
        meta.gone(s, "elsewhere/2")
    watch.alive = False
    watch.go(30)
    assert "timer" not in watch.engine.silent(DEAD)
    watch.go(30)
    assert "timer" in watch.engine.silent(DEAD)


def test_prefect_that_does_not_answer_is_paged(watch: Watch) -> None:
    """Worker and timer beat, and nothing can be done all the same."""
    watch.alive, watch.prefect = True, False
    watch.go(60)
    (page,) = watch.world.heard("fim-1", kind="alarm")
    assert "Prefect" in str(page.payload["ask"])


def test_an_engine_that_could_not_beat_is_not_dead(watch: Watch) -> None:
    """The database was away for some minutes: silence counts from when it answers again."""
    watch.engine.was_blind()
    watch.world.forward(300)
    watch.go(40)
    assert not watch.world.heard("fim-1")
    watch.go(30)
    assert len(watch.world.heard("fim-1", kind="alarm")) == 1


def test_a_backlog_on_which_the_engine_gets_on_is_left_to_it(watch: Watch) -> None:
    """It holds cases and sees to one after the other; but what is two minutes old is told all the same."""
    watch.alive = True
    case = watch.unseen()
    busy = watch.unseen(area="newcastle")
    with watch.world.app.sessions() as s:
        assert wakes.take_lease(s, busy, "elsewhere/1/pass", watch.world.clock.wall(), 600)
    watch.go(100)
    assert not watch.world.told
    watch.go(30)
    assert {m.by for m in watch.world.sent(case) if m.received_at} == {"watchdog"}
    assert not watch.world.heard("insp-n"), "that case is held by a pass that lives"


def test_an_engine_that_lives_and_does_nothing_is_no_excuse(watch: Watch) -> None:
    """Its parts beat, nothing is held, nothing gets on: the act is the watchdog's."""
    watch.alive = True
    watch.unseen()
    watch.go(35)
    assert watch.world.heard("insp-a", kind="notify")


@pytest.mark.parametrize("frozen", [process_name(999_999), "elsewhere/7"])
def test_what_a_silent_worker_holds_is_taken_from_it(watch: Watch, frozen: str) -> None:
    """Frozen in the middle of a pass, or gone with its machine: not a minute's lease, but its silence counts."""
    case = watch.unseen()
    with watch.world.app.sessions() as s:
        meta.beat(s, "worker", frozen, watch.world.clock.wall())
        assert wakes.take_lease(s, case, f"{frozen}/pass", watch.world.clock.wall(), 60)
    watch.go(30)
    assert watch.world.heard("insp-a", kind="notify")


def test_a_leap_of_the_clock_takes_nothing_from_anybody(watch: Watch) -> None:
    """All would look silent at once: each has its time anew, and another machine's clock does not matter."""
    case = watch.unseen()
    wall = watch.world.clock.wall()
    with watch.world.app.sessions() as s:
        meta.beat(s, "worker", "elsewhere/7", wall - timedelta(hours=1))
        assert wakes.take_lease(s, case, "elsewhere/7/pass", wall, 3600)
    watch.go(10)
    watch.world.forward(300)
    watch.go(10)
    with watch.world.app.sessions.reading() as s:
        assert wakes.holders(s) == ["elsewhere/7/pass"]
    watch.go(10)
    with watch.world.app.sessions.reading() as s:
        assert wakes.holders(s) == []


def test_a_home_just_started_is_left_to_its_engine() -> None:
    """A night's backlog is the engine's for twenty seconds; then it is nobody's, and the watchdog's."""
    late = Watch()
    late.unseen()
    late.world.forward(3600)
    late.watchdog.look()
    assert not late.world.told
    late.go(15)
    assert not late.world.told
    late.go(15)
    assert late.world.heard("insp-a", kind="notify")


def test_a_phone_that_does_not_answer_holds_up_nobody_else(watch: Watch) -> None:
    """Tried twice, then it rests; the others of the case, and the other cases, are told at the same look."""
    watch.world.busy("insp-a", Channel.WEBHOOK)
    watch.unseen()
    watch.unseen(area="newcastle")
    watch.go(30)
    assert watch.world.heard("sgt-s", kind="notify")
    assert watch.world.heard("insp-n", kind="notify")
    assert AlarmKey.UNREACHABLE in {rung.key for rung in watch.world.standing()}
    watch.world.fails.clear()
    watch.go(120)
    assert len(watch.world.heard("insp-a", kind="notify")) == 1


def test_a_case_that_breaks_does_not_stop_the_round(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be decided rings at the second failure; the others are told."""
    broken, fine = watch.unseen(), watch.unseen(area="newcastle")
    advance = doors.advance

    def fails(app: object, ref: str, *args: object, **more: object) -> object:
        if ref == broken:
            raise ArithmeticError
        return advance(app, ref, *args, **more)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(doors, "advance", fails)
    watch.go(60)
    assert watch.world.heard("insp-n", kind="notify")
    assert any(r.key == AlarmKey.UNREACHABLE and r.case == broken for r in watch.world.standing())
    assert watch.world.sent(fine)


def test_the_engine_goes_on_where_the_watchdog_left_off(watch: Watch) -> None:
    """It finds it done, and its agenda says who did it."""
    case = watch.unseen()
    watch.go(30)
    before = len(watch.world.told)
    assert watch.world.work(case) == []
    assert len(watch.world.told) == before
    agenda = doors.resting(watch.world.app, case, "engine").agenda
    assert agenda.startswith("**Awaiting ")
    assert "the watchdog told:" in agenda
    assert "`insp-a` by webhook" in agenda


def test_nothing_of_prefect_is_imported() -> None:
    """Whatever Prefect's code does when it is imported, the watchdog is spared."""
    code = (
        "import sys; sys.argv = ['x', 'watchdog']; import runtime.up_part, runtime.watchdog_part, runtime.app;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('prefect', 'console', 'flows', 'tasks')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_facts_do_not_push_the_grace_away(watch: Watch) -> None:
    """Much is heard of a case, a fact every ten seconds: whoever is due is told within 30 s all the same."""
    case = watch.unseen()
    for number in range(3):
        said = {"kind": "new_information", "by": "sgt-s", "evidence": {"summary": f"seen {number}", "source": "call"}}
        watch.go(5)
        doors.record(watch.world.app, case, said, route=Route.API)
        watch.go(5)
    assert len(watch.world.heard("insp-a", kind="notify")) == 1
