"""Every fault at every place of the story: exhaustive and not random, because the list is short."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.simulation.night import Night
from tests.support.faults import POINTS
from tests.support.world import World

Act = Callable[[Night], object]
INSPECTOR = "duty-inspector-stoke-2"


def _report(night: Night) -> None:
    stamp = night.now.isoformat()
    person = {"name": "Somebody", "date_of_birth": "1980-05-01"}
    record = {"source": "s", "source_id": "1", "reported_at": stamp, "recorded_at": stamp, "area": "stoke"}
    night.cases.append(night.report({**record, "risk": "medium", "person": person}))


def _accepted(night: Night) -> None:
    assert night.say(night.cases[0], {"kind": "accepted", "by": INSPECTOR})


def _found(night: Night) -> None:
    told = {"where": "At home", "how": "By phone"}
    assert night.say(night.cases[0], {"kind": "found_reported", "by": INSPECTOR, "evidence": told})


STORY: tuple[Act, ...] = (_report, lambda night: night.wait(20), _accepted, _found)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("point", sorted(POINTS))
def test_whatever_fails_is_made_good(point: str) -> None:
    """The process dies, the store is locked, a phone is dead: what must be heard is heard, and the journal is whole."""
    went_off = 0
    for place in range(len(STORY)):
        night = Night("staffordshire")
        for number, act in enumerate(STORY):
            if number == place:
                night.faults.arm(point)
                night.in_trouble = True
            act(night)
            night.check()
        night.recover()
        night.check()
        went_off += len(night.faults.went_off)
        night.close()
    assert went_off >= 2, f"{point} was hardly ever met"


def test_a_point_that_does_not_exist_is_refused() -> None:
    """A misspelt point would be a test that tests nothing."""
    night = Night("staffordshire")
    with pytest.raises(ValueError, match="no such point"):
        night.faults.arm("send:befor")
    night.close()


def test_a_new_process_opens_the_same_file(tmp_path: Path) -> None:
    """What was committed is there when another process opens the database, and the ladder goes on."""
    world = World(database=f"sqlite:///{tmp_path / 'vigil.db'}")
    case = world.report(risk="medium")
    world.wait("5m")
    world.restart()
    world.wait_until("19:20")
    world.phone("fim-1").expect("speak to the inspector by voice", case, by="19:20", after="19:20")
    keys = [telling.key for telling in world.sim.seen.tellings]
    assert len(keys) == len(set(keys))
    world.close()
