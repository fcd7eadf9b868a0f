"""A rehearsal through the real stack."""

from runtime.rehearse_scenario import Scenario
from runtime.rehearse_show import Played


def play(scenario: Scenario, speed: float) -> Played:
    """Play it."""
    raise NotImplementedError
