"""A machine whose clock differs from the database's is refused at the start; a slow answer is no difference."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from policy.errors import Refused
from runtime.one_store import agree_on_time, ahead_of_database
from store import audit
from tests.runtime.timer_world import World, world_in

Told = Callable[..., None]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world with a clock that the test moves."""
    made = world_in(tmp_path)
    yield made
    made.sessions.close()


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Sets by how many seconds the database's clock is ahead, and how long its answer takes to come and to go."""

    def tells(ahead: float, there: float = 0.0, back: float = 0.0) -> None:
        def answer(_s: object) -> object:
            world.clock.go_on(there)
            instant = world.clock.wall() + timedelta(seconds=ahead)
            world.clock.go_on(back)
            return instant

        monkeypatch.setattr(audit, "database_clock", answer)

    return tells


def ahead(world: World) -> float:
    """By how many seconds this machine is ahead."""
    with world.sessions.reading() as s:
        return ahead_of_database(world.clock, s).total_seconds()


def test_on_sqlite_there_is_nothing_to_compare(world: World) -> None:
    """Its machine is this one."""
    assert ahead(world) == 0
    agree_on_time(world.clock, world.sessions)


@pytest.mark.parametrize(("there", "back"), [(0, 0), (20, 0), (0, 20), (10, 10)])
def test_a_slow_answer_is_no_difference(world: World, told: Told, there: float, back: float) -> None:
    """Wherever in the round trip the database looked at its clock."""
    told(0, there, back)
    assert ahead(world) == 0
    agree_on_time(world.clock, world.sessions)


def test_a_difference_has_its_sign(world: World, told: Told) -> None:
    """Ahead is positive; of a slow answer counts what is certain."""
    told(7)
    assert ahead(world) == -7
    told(-7)
    assert ahead(world) == 7
    told(7, back=3)
    assert ahead(world) == -4


@pytest.mark.parametrize(("seconds", "says"), [(6, "6.0 s behind the database's"), (-90, "90.0 s ahead of the")])
def test_a_machine_with_a_wrong_clock_does_not_start(world: World, told: Told, seconds: float, says: str) -> None:
    """The refusal names the difference and the remedy; five seconds are let through."""
    told(5 if seconds > 0 else -5)
    agree_on_time(world.clock, world.sessions)
    told(seconds)
    with pytest.raises(Refused, match=says) as refused:
        agree_on_time(world.clock, world.sessions)
    assert "NTP" in refused.value.detail
