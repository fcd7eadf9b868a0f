"""Who was responsible? For every minute of three shifts one named person for the case, and one for each action."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from policy.errors import Unknown
from runtime import rehearse_sim
from runtime.readings_owner import Chain, chain_of, owner_at, responsible_at
from runtime.rehearse_file import read
from runtime.rehearse_scenario import Scenario
from runtime.rehearse_sim import Simulation

FILE = Path(__file__).parents[1] / "rehearsals" / "three_shifts_of_one_case.toml"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Read the three shifts."""
    return read(FILE)


@pytest.fixture(scope="module")
def sim(scenario: Scenario) -> Iterator[Simulation]:
    """Play the three shifts, to their end."""
    with rehearse_sim.play(scenario) as played:
        yield played


@pytest.fixture(scope="module")
def chain(sim: Simulation) -> Chain:
    """Read the chain of the case once."""
    return chain_of(sim.app, sim.refs[1])


def test_every_minute_has_one_person_for_the_case_and_for_each_action(
    sim: Simulation, scenario: Scenario, chain: Chain
) -> None:
    """Show: asked for every minute, none is empty, none is double; actions are named by step and occurrence."""
    minutes = int((sim.clock.now() - scenario.start) / MINUTE)
    assert minutes > 11 * 60
    seen: set[tuple[str, int]] = set()
    for minute in range(minutes + 1):
        at = scenario.start + minute * MINUTE
        who = chain.case_at(at)
        assert who is not None, f"nobody answered for the case at {at}"
        actions = [step.id for step in chain.live_at(at)]
        assert len(actions) == len(set(actions))
        for step in chain.live_at(at):
            had = chain.had(step, at)
            assert had is not None, f"nobody had {step.id} at {at}"
            assert had.person
            seen.add(step.id)
    assert len(seen) > 10


def test_the_owner_changes_only_when_somebody_accepts(sim: Simulation, scenario: Scenario) -> None:
    """Until 20:08 the Force Incident Manager, then a, b from 22:05 and not from 22:00, and ci-1 from 07:55."""
    ref = sim.refs[1]
    said = {
        minutes: owner_at(sim.app, ref, scenario.start + minutes * MINUTE)["person"]
        for minutes in (0, 7, 8, 119, 124, 125, 690, 714, 715)
    }
    people = ("fim-1", "fim-1", "insp-a", "insp-a", "insp-a", "insp-b", "insp-b", "insp-b", "ci-1")
    assert said == dict(zip(said, people, strict=True))
    how = owner_at(sim.app, ref, scenario.start + 130 * MINUTE)
    assert (how["how"], how["offered_at"], how["accepted_at"]) == (
        "accepted",
        "2026-01-10T21:30:00Z",
        "2026-01-10T22:05:00Z",
    )


def test_an_action_passes_from_hand_to_hand(sim: Simulation, scenario: Scenario) -> None:
    """A sergeant's action goes with the post; an action of the owner's is had by who accepted the case."""
    ref = sim.refs[1]

    def had(step: str, minutes: int) -> object:
        return owner_at(sim.app, ref, scenario.start + minutes * MINUTE, step)["person"]

    assert [had("search_home", 10), had("deploy_and_attend", 170), had("deploy_and_attend", 190)] == [
        *("insp-a", "sgt-a", "sgt-b")
    ]
    assert [had("update_reporter", minutes) for minutes in (100, 124, 126, 714, 716)] == [
        *("insp-a", "insp-a", "insp-b", "insp-b", "ci-1")
    ]


def test_all_of_one_instant(sim: Simulation, scenario: Scenario) -> None:
    """At 03:00 on the second day: the case and every open action, one named person each, and how."""
    found = responsible_at(sim.app, sim.refs[1], scenario.start + 420 * MINUTE)
    case, steps = found["case"], found["steps"]
    assert isinstance(case, dict)
    assert isinstance(steps, list)
    assert case["person"] == "insp-b"
    assert all(step["person"] and step["role"] and step["how"] for step in steps)
    assert {step["key"] for step in steps} >= {"deploy_and_attend", "sergeant_review", "update_reporter"}


def test_a_step_that_the_case_has_not(sim: Simulation) -> None:
    """An unknown step is said to be unknown."""
    with pytest.raises(Unknown, match="no step tea"):
        owner_at(sim.app, sim.refs[1], None, "tea")
