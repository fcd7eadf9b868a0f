"""Whatever is done to a case, in whatever order: the five promises hold, over both packs."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.whole_machine import WholeMachine

FEW = 25  # examples of the profile of every day: its runs are shorter as well
STEPS, MORE_STEPS = 12, 30


@pytest.mark.timeout(1800)  # a red run takes its time to become small, and the long profile to end
def test_whatever_people_do() -> None:
    """Nothing that must be heard is missed, early, told twice or lost, whatever comes in whatever order."""
    steps = STEPS if settings().max_examples <= FEW else MORE_STEPS
    run_state_machine_as_test(WholeMachine, settings=settings(stateful_step_count=steps))
