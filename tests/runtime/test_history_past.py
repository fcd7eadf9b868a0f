"""On which past a change is tried: what the store remembers, as long as that is enough to say something."""

import pytest

from policy.tally import BREACHES, ESCALATIONS
from policy.terms import Risk
from runtime import history_past
from runtime.history_past import history
from tests.policy.night import NOTIFY, pack
from tests.runtime.test_history import sooner
from tests.support.world import World


def test_a_home_that_remembers_too_little_has_a_simulated_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and how far it is."""
    monkeypatch.setattr(history_past, "DAYS", 2)
    world, told = World(), list[tuple[int, int]]()
    found = history(world.sim.app, pack(), sooner(*Risk), lambda done, of: told.append((done, of)), processes=1)
    assert found.simulated
    assert told[-1] == (found.old.cases, found.old.cases)
    world.close()


def test_recorded_cases_are_played_with_the_people_of_that_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answered: at 19:05 nothing had been missed under ten minutes; under three the FIM would have heard."""
    monkeypatch.setattr(history_past, "ENOUGH", 2)
    world = World()
    refs = [world.report(risk="medium") for _ in range(2)]
    world.wait_until("19:08")
    found = history(world.sim.app, pack(), sooner(*Risk), processes=2)
    assert not found.simulated
    assert [tally.count(BREACHES, NOTIFY) for tally in (found.old, found.new)] == [0, 2]
    assert [tally.count(ESCALATIONS, NOTIFY) for tally in (found.old, found.new)] == [0, 2]
    assert sorted(found.new.cases_of(BREACHES, NOTIFY)) == sorted(refs)
    world.close()
