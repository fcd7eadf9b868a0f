"""The watchdog among others: it takes nothing from the living, its own work is no progress, what breaks rests."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from policy.case import Case
from policy.errors import Transient, Unknown
from policy.pack import Pack
from policy.terms import AlarmKey
from runtime import doors
from runtime.app import App
from runtime.processes import is_stopped, process_name, runs
from runtime.sheets import write_sheet
from runtime.watchdog_part import Rounds
from store import cases, meta, wakes
from store.wakes import DueCase
from tests.runtime.test_watchdog import Watch
from tests.runtime.test_watchdog_audit import Watched


@pytest.fixture
def watch() -> Watch:
    """A watchdog that has been running for a while beside an engine that lives."""
    made = Watch()
    made.alive = True
    made.go(10)
    return made


def test_what_a_living_process_holds_is_left_to_it(watch: Watch) -> None:
    """One of this machine that runs is only slow to beat; what it is sending must not be sent by another."""
    case = watch.unseen()
    with watch.world.app.sessions() as s:
        meta.beat(s, "worker", process_name(), watch.world.clock.wall())
        assert wakes.take_lease(s, case, f"{process_name()}/pass", watch.world.clock.wall(), 3600)
    watch.go(60)
    assert not watch.world.told
    assert runs(process_name())
    assert not runs("elsewhere/1")
    assert not is_stopped(999_999_999)


def test_its_own_work_is_no_progress_of_the_engines(watch: Watch) -> None:
    """The engine beats and is wedged, the hands need long for a backlog: a new case is taken in hand in time."""
    in_hand: list[tuple[Callable[[DueCase], object], DueCase]] = []
    watch.watchdog.each = lambda do, some: in_hand.extend((do, case) for case in some)
    for _ in range(12):
        watch.unseen()
    watch.go(25)
    assert len(in_hand) == 12
    fresh = watch.unseen(area="newcastle")
    for _ in range(6):
        do, case = in_hand.pop(0)
        do(case)
        watch.go(5)
    assert fresh in {case.ref for _, case in in_hand}


def test_one_slow_answer_of_prefect_is_no_outage(watch: Watch) -> None:
    """Fifteen seconds without one are."""
    watch.prefect = False
    watch.engine.look_at_prefect()
    assert watch.engine.alive()
    watch.go(20)
    assert not watch.engine.alive()


def test_a_case_that_breaks_is_tried_less_and_less(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of it is some lines of the journal, not seven hundred; mended, its alarm is cleared."""
    watch.alive = False
    case, advance = watch.unseen(), doors.advance

    def breaks(*_args: object, **_more: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(doors, "advance", breaks)
    watch.go(3600)
    assert 5 <= len(watch.world.journal(case, "pass_failed")) <= 20
    monkeypatch.setattr(doors, "advance", advance)
    watch.go(330)
    assert watch.world.heard("insp-a", kind="notify")
    failing = [r for r in watch.world.standing() if r.key == AlarmKey.UNREACHABLE and "passes" in r.detail]
    assert failing == []


def test_passes_that_failed_and_go_well_again_clear_their_alarm(watch: Watch) -> None:
    """Whoever rang it, and whatever process has forgotten it meanwhile."""
    case = watch.world.report()
    for _ in range(2):
        doors.pass_failed(watch.world.app, case, "ArithmeticError")
    doors.look_at_alarms(watch.world.app)
    assert any("passes" in rung.detail for rung in watch.world.standing())
    watch.world.forward(601)
    doors.look_at_alarms(watch.world.app)
    assert not any("passes" in rung.detail for rung in watch.world.standing())


def test_the_engine_looks_at_what_the_watchdog_did(watch: Watch) -> None:
    """The run's name, tags and agenda are Prefect's: its pass comes as soon as the engine lives."""
    watch.alive = False
    case = watch.unseen()
    watch.go(30)
    with watch.world.app.sessions.reading() as s:
        wake_at = cases.load(s, case).wake_at
    assert wake_at is not None
    assert wake_at <= watch.world.clock.now() + timedelta(minutes=2)


def test_only_a_store_that_is_away_makes_it_begin_anew(tmp_path: Path) -> None:
    """Any other error would otherwise silence the page of a dead engine for ever."""
    rounds = Rounds(Watched(tmp_path).world.app, lambda: True, threading.Event())
    begun: list[str] = []
    rounds._engine.was_blind = lambda: begun.append("anew")  # type: ignore[method-assign]  # who calls it is asked

    def fails(error: Exception) -> object:
        def do() -> None:
            raise error

        return rounds._safely("sheet", do)

    fails(Unknown("no such pack"))
    assert begun == []
    fails(Transient("the store does not answer"))
    assert begun == ["anew"]


def test_a_case_whose_pack_is_gone_stands_on_the_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bare, but there; and all others as always."""
    watched = Watched(tmp_path)
    gone, fine = watched.world.report(), watched.world.report(area="newcastle")
    pack_of = App.pack_of

    def of(app: App, case: Case) -> Pack:
        if case.ref == gone:
            raise Unknown("no such pack")
        return pack_of(app, case)

    monkeypatch.setattr(App, "pack_of", of)
    page = write_sheet(watched.world.app).read_text(encoding="utf-8")
    assert gone in page
    assert "the pack staffordshire, which is gone" in page
    assert fine in page
