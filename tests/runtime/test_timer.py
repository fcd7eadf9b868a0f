"""The timer: every case whose wake has come gets its pass, whatever state its run is in; nothing is woken twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from policy.terms import Risk
from runtime.timer import BATCH
from store import cases, wakes
from tests.runtime.timer_world import REAL, World, world_in


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with an empty store."""
    made = world_in(tmp_path)
    yield made
    made.sessions.close()


def test_a_case_without_a_run_gets_its_first(world: World) -> None:
    """A report taken while Prefect was down gets its run as soon as it is back."""
    ref = world.case()
    assert world.timer.look() is False
    assert world.prefect.taken() == [("start", f"{ref}/1")]
    stored = world.stored(ref)
    assert (stored.run_id, stored.run_number) == (f"run-{ref}-1", 1)
    assert world.knocks == ["worker"]


def test_nothing_due_is_nothing_done(world: World) -> None:
    """A second too early is too early."""
    world.case(wake=timedelta(seconds=1))
    world.timer.look()
    assert world.prefect.taken() == []
    assert world.knocks == []


def test_a_deadline_is_reached_at_its_instant_not_after_it(world: World) -> None:
    """Passed is `due_at <= now`, to the millisecond."""
    ref = world.case(wake=timedelta(seconds=5))
    run_id = world.run_of(ref, "PAUSED")
    world.clock.go_on(4.999)
    world.timer.look()
    assert world.prefect.taken() == []
    world.clock.go_on(0.001)
    world.timer.look()
    assert world.prefect.taken() == [("wake", run_id)]
    assert world.prefect.runs[run_id].name == "Deadline reached"


def test_a_case_that_was_woken_is_left_alone_until_its_pass_had_time(world: World) -> None:
    """No case is woken twice in a tight loop for the same wake."""
    ref = world.case()
    world.run_of(ref, "PAUSED")
    world.timer.look()
    world.prefect.put(f"run-{ref}-1", "PAUSED")  # asleep again, and its wake has not moved
    world.timer.look()
    assert len(world.prefect.taken()) == 1
    world.clock.go_on(4)
    world.timer.look()
    assert len(world.prefect.taken()) == 1


def test_a_wake_that_moved_is_seen_to_at_once(world: World) -> None:
    """A fact that arrives right after a wake does not wait for the timer's patience."""
    ref = world.case()
    run_id = world.run_of(ref, "PAUSED")
    world.timer.look()
    world.prefect.put(run_id, "PAUSED")
    world.clock.go_on(0.1)
    with world.sessions() as s:
        wakes.set_wake(s, ref, world.clock.now())
    world.timer.look()
    assert world.prefect.taken() == [("wake", run_id), ("wake", run_id)]


def test_a_fact_about_a_case_whose_wake_has_passed_is_seen_to_at_once(world: World) -> None:
    """The wake stays where it is, for its lateness counts from there; the case's version tells of the fact."""
    ref = world.case()
    run_id = world.run_of(ref, "PAUSED")
    world.timer.look()
    world.prefect.put(run_id, "PAUSED")
    world.clock.go_on(0.1)
    with world.sessions() as s:
        stored = cases.load(s, ref)
        cases.save(s, stored, stored.case, wake_at=stored.wake_at)
    world.timer.look()
    assert world.prefect.taken() == [("wake", run_id), ("wake", run_id)]


def test_a_case_whose_lease_is_held_is_not_touched(world: World) -> None:
    """Somebody is at work; when the lease runs out it is the timer's again."""
    ref = world.case()
    world.run_of(ref, "PAUSED")
    with world.sessions() as s:
        wakes.take_lease(s, ref, "somebody", world.clock.wall(), 60)
    world.timer.look()
    assert world.prefect.taken() == []
    world.clock.go_on(60)
    world.timer.look()
    assert len(world.prefect.taken()) == 1


def test_a_run_in_the_queue_only_needs_the_worker(world: World) -> None:
    """A knock is all that a queued run can use."""
    ref = world.case()
    world.run_of(ref, "SCHEDULED")
    world.timer.look()
    assert world.prefect.taken() == []
    assert world.knocks == ["worker"]


def test_a_run_that_is_queued_for_later_waits_without_a_knock(world: World) -> None:
    """A failed pass's pause before the next try is kept."""
    ref = world.case()
    world.run_of(ref, "SCHEDULED", scheduled_at=REAL + timedelta(minutes=1))
    world.timer.look()
    assert world.prefect.taken() == []
    assert world.knocks == []


@pytest.mark.parametrize(("kind", "after"), [("PENDING", 15), ("RUNNING", 10), ("FAILED", 5), ("CRASHED", 5)])
def test_a_pass_that_died_is_put_back_when_it_surely_is_dead(world: World, kind: str, after: float) -> None:
    """Not before: between RUNNING and the lease there are some tenths of a second."""
    ref = world.case()
    run_id = world.run_of(ref, kind)
    world.clock.go_on(after - 0.5)
    world.timer.look()
    assert world.prefect.taken() == []
    world.clock.go_on(2)
    world.timer.look()
    assert world.prefect.taken() == [("put_back", run_id)]
    assert world.knocks == ["worker"]


@pytest.mark.parametrize("kind", ["COMPLETED", "CANCELLED"])
def test_a_case_goes_on_in_a_fresh_run_when_its_run_has_ended(world: World, kind: str) -> None:
    """Cancelling a run in Prefect does not cancel the duty to a missing person."""
    ref = world.case()
    world.run_of(ref, kind, number=3)
    world.timer.look()
    assert world.prefect.taken() == [("start", f"{ref}/4")]
    assert world.stored(ref).run_number == 4


def test_a_run_being_cancelled_is_given_time_to_end(world: World) -> None:
    """Prefect ends it itself; if it does not, the case goes on without it."""
    ref = world.case()
    world.run_of(ref, "CANCELLING")
    world.timer.look()
    assert world.prefect.taken() == []
    world.clock.go_on(31)
    world.timer.look()
    assert world.prefect.taken() == [("cancelled", f"run-{ref}-1"), ("start", f"{ref}/2")]


def test_a_run_that_somebody_deleted_is_followed_by_another(world: World) -> None:
    """The store is the truth; Prefect may forget."""
    ref = world.case()
    with world.sessions() as s:
        wakes.set_run(s, ref, "gone", 1)
    world.timer.look()
    assert world.prefect.taken() == [("start", f"{ref}/2")]


def test_high_risk_goes_first_then_the_oldest(world: World) -> None:
    """The order is the store's, and the worker is knocked on once."""
    later = world.case(1, Risk.LOW, -timedelta(seconds=1))
    high = world.case(2, Risk.HIGH)
    oldest = world.case(3, Risk.LOW, -timedelta(seconds=9))
    world.timer.look()
    assert [key for _, key in world.prefect.taken()] == [f"{high}/1", f"{oldest}/1", f"{later}/1"]
    assert world.knocks == ["worker"], "one knock for all of them"


def test_after_a_batch_the_store_is_asked_again(world: World) -> None:
    """A hundred low-risk wakes do not hold up a high-risk one that comes meanwhile."""
    for number in range(BATCH + 1):
        world.case(number, Risk.LOW)
    assert world.timer.look() is True
    high = world.case(900, Risk.HIGH)
    assert world.timer.look() is False
    assert world.prefect.asked[BATCH] == ("start", f"{high}/1"), "what is more urgent overtakes"
    assert len(world.prefect.taken()) == BATCH + 2


def test_a_state_of_another_kind_is_left_to_others(world: World) -> None:
    """What is under way in Prefect is not interfered with."""
    ref = world.case()
    run_id = world.run_of(ref, "PAUSED")
    world.prefect.runs[run_id] = replace(world.prefect.runs[run_id], type="CANCELLING")
    world.timer.look()
    assert world.prefect.taken() == []
