"""Passes of runs that are not the case's own, and of runs that carry no case: what the worker does when they fail."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.errors import Busy, Unknown
from policy.terms import AlarmKey
from runtime import doors
from runtime.engine_pass import Pass
from runtime.worker_start import hooks_of
from store import alarms, journal, wakes
from tests.runtime.timer_world import World, world_in

FAULT = ValueError("a fault of ours")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with an empty store."""
    made = world_in(tmp_path)
    yield made
    made.sessions.close()


def _kinds(world: World) -> list[str]:
    with world.sessions.reading() as s:
        assert not [rung for rung in alarms.listing(s) if rung.key is not AlarmKey.UNREACHABLE]
        return [line.kind for line in journal.read(s)]


@pytest.mark.parametrize(
    ("run_id", "key", "carries"),
    [
        ("run-1", None, True),  # the case's own, run again by hand or not
        ("run-9", "{}/2", True),  # the one that follows: the store does not have its id yet
        ("run-9", "{}/1", False),  # an old one of the same number
        ("run-9", None, False),  # made by hand
    ],
)
def test_only_the_run_that_carries_the_case_is_put_back(
    world: World, run_id: str, key: str | None, carries: bool
) -> None:
    """Another that fails has failed; it holds the case no more, and no alarm says that its people are not told."""
    ref = world.case()
    with world.sessions() as s:
        wakes.set_run(s, ref, "run-1", 1)
    this = Pass(ref, run_id, "Scheduled", ref, (), key=key.format(ref) if key else None)
    with world.sessions() as s:
        wakes.take_lease(s, ref, this.holder, world.clock.wall())
    assert hooks_of(world.timer.app).failed(this, FAULT) is carries
    assert world.stored(ref).lease_holder is None
    assert _kinds(world) == (["pass_failed"] if carries else [])


@pytest.mark.parametrize("case", ["", "5", "MP-1999-000001", "{'a': 1}"])
def test_a_run_of_no_case_rings_nothing(world: World, case: str) -> None:
    """Somebody typed nonsense into Prefect's form: nobody on duty is woken by it, and it is not put back."""
    this = Pass(case, "run-1", "Scheduled", "gentle-otter", ())
    assert hooks_of(world.timer.app).failed(this, FAULT) is False
    assert _kinds(world) == []


def test_no_such_case_is_told_from_one_that_is_held(world: World) -> None:
    """A run whose case is held by another pass leaves it alone; one without a case ends."""
    ref = world.case()
    with world.sessions() as s:
        wakes.take_lease(s, ref, "somebody", world.clock.wall())
    with pytest.raises(Busy):
        doors.advance(world.timer.app, ref, "me")
    with pytest.raises(Unknown):
        doors.advance(world.timer.app, "MP-1999-000001", "me")
