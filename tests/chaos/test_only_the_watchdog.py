"""With nobody left but the watchdog and the database, people are told all the same, and the control room once."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from runtime.clock import WallClock
from tests.chaos.bed import Bed, bed_on
from tests.live.force import NOTICE

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

PROMISE = timedelta(seconds=30)  # real, after the deadline
RUNG_S = 20  # of a medium case, at sixty times the speed: the first rung
FROZEN_S = 70.0  # long enough for the engine to be paged
WAIT_S = 90.0  # mere waiting


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bed]:
    """A running Vigil on either database."""
    with bed_on(request.param, tmp_path / "home") as made:
        yield made


def test_everything_else_is_frozen(bed: Bed) -> None:
    """What was to be told in the freeze is told in time, the control room hears once, and nobody is told again after.

    1. One case waits for its first rung; one is being told at this moment; of one the first message is not out yet.
    2. The supervisor, the console, the timer, the worker and Prefect are frozen: the watchdog tells in their place.
    3. They go on: what the watchdog told they do not tell again, and the alarm is cleared.
    """
    climbing, since = bed.report("newcastle")
    bed.phones.wait_for("insp-newcastle", within_s=WAIT_S, case=climbing, type="notify")
    threading.Event().wait(max(0.0, 8 - (WallClock().wall() - since).total_seconds()))
    catch = bed.phones.catch(lambda person, body: (person, body["type"]) == ("insp-stoke", "notify"), hold_s=4)
    in_hand, _ = bed.report("stoke")
    assert catch.wait(WAIT_S)
    bed.freeze([bed.stack.pid_of("up_part worker")])
    untold, posted_at = bed.report("moorlands")
    frozen = bed.all_but("up_part watchdog")
    bed.all_fit_to_freeze(frozen)
    before = bed.again()
    _told_by(bed, posted_at + PROMISE, "insp-moorlands", untold, rung=0)
    _told_by(bed, posted_at + PROMISE, "sgt-moorlands", untold, rung=0)
    _told_by(bed, since + timedelta(seconds=RUNG_S + 2) + PROMISE, "fim-1", climbing, rung=1)
    threading.Event().wait(max(0.0, FROZEN_S - (WallClock().wall() - posted_at).total_seconds()))
    assert bed.told_of_the_engine() == ["fim-1"]
    told = bed.again()
    twice = [key for key, times in told.items() if times > 1]
    assert all(key.startswith(f"{in_hand}/") and before[key] for key in twice), twice  # was sent, was not settled
    bed.thaw(frozen)
    _goes_on(bed, told, [untold, climbing])


def _told_by(bed: Bed, by: datetime, person: str, case: str, rung: int) -> None:
    """Demand that somebody was told of a rung by an instant."""
    calls = bed.phones.wait_for(person, within_s=WAIT_S, case=case, step=NOTICE, rung=rung)
    late = bed.phones.at(calls[0]) - by
    assert late <= timedelta(0), f"{person} heard of rung {rung} of {case} {late.total_seconds():.1f} s too late"


def _goes_on(bed: Bed, told: dict[str, int], by_watchdog: list[str]) -> None:
    """The engine works again, tells nothing a second time, and the store says who did what meanwhile."""
    bed.wait_until(lambda: not bed.standing("engine_dead"), WAIT_S, "engine_dead to be cleared")
    after, _ = bed.report("stafford")
    bed.phones.wait_for("insp-stafford", within_s=WAIT_S, case=after, type="notify")
    for case in by_watchdog:
        assert "watchdog" in {entry["route"] for entry in bed.stack.ask(f"/cases/{case}/journal")["entries"]}
        assert "watchdog" in {message["by"] for message in bed.stack.ask(f"/cases/{case}/messages")["messages"]}
        bed.force.fact(case, "acknowledged", next(c.person for c in bed.phones.calls(case=case, type="notify")))
    threading.Event().wait(5)  # what a frozen pass had still in hand is out by then
    assert {key: times for key, times in bed.again().items() if key in told and times != told[key]} == {}
    assert {key: times for key, times in bed.again().items() if key not in told and times > 1} == {}


@pytest.mark.parametrize("part", ["worker", "prefect"])
def test_dead_for_good(bed: Bed, part: str) -> None:
    """Worker or Prefect dies while nobody is there to start it again: first message and rung are told in time."""
    climbing, since = bed.report("newcastle")
    bed.phones.wait_for("insp-newcastle", within_s=WAIT_S, case=climbing, type="notify")
    bed.force.settled(climbing, within_s=WAIT_S)  # the pass is over
    supervisor = _kill_for_good(bed, part)
    untold, posted_at = bed.report("moorlands")
    _told_by(bed, posted_at + PROMISE, "insp-moorlands", untold, rung=0)
    _told_by(bed, posted_at + PROMISE, "sgt-moorlands", untold, rung=0)
    _told_by(bed, since + timedelta(seconds=RUNG_S + 2) + PROMISE, "fim-1", climbing, rung=1)
    bed.wait_until(lambda: bool(bed.told_of_the_engine()), WAIT_S, "the control room to be told")
    assert bed.told_of_the_engine() == ["fim-1"]
    told = bed.again()
    assert [key for key, times in told.items() if times > 1] == []
    bed.thaw([supervisor])
    _goes_on(bed, told, [untold])


def test_prefect_dies_in_the_middle_of_a_pass(bed: Bed) -> None:
    """The pass that Prefect's death interrupts gives its case back at once: the rung is told in time."""
    climbing, since = bed.report("newcastle")
    bed.phones.wait_for("insp-newcastle", within_s=WAIT_S, case=climbing, type="notify")
    _kill_for_good(bed, "prefect")
    _told_by(bed, since + timedelta(seconds=RUNG_S + 2) + PROMISE, "fim-1", climbing, rung=1)


def _kill_for_good(bed: Bed, part: str) -> int:
    """Kill a part whose supervisor is frozen, and so does not start it again; give the supervisor."""
    *_, supervisor = bed.stack.family()
    bed.freeze([supervisor])
    os.kill(bed.stack.pid_of(f"up_part {part}"), signal.SIGKILL)
    return supervisor
