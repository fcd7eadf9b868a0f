"""A part's process waits for Prefect, dies with its supervisor, and is named by its first argument."""

import threading

from runtime.up_part import PARTS, wait_for, wait_for_engine


def test_the_worker_waits_until_prefect_knows_the_flow() -> None:
    """It is started early, so that its imports are done when Prefect is there."""
    answers = [False, False, True]
    wait_for_engine(lambda: answers.pop(0), threading.Event())
    assert answers == []


def test_a_part_waits_for_its_database() -> None:
    """It would die and die again, and six deaths in a minute are for good."""
    answers = [False, True]
    wait_for(lambda: answers.pop(0))
    assert answers == []


def test_asked_to_stop_it_waits_no_longer() -> None:
    """A stop during the start is a stop."""
    stop = threading.Event()
    stop.set()
    wait_for_engine(lambda: False, stop)


def test_every_part_that_up_starts_has_its_process() -> None:
    """The names of both ends agree."""
    assert set(PARTS) == {"prefect", "console", "timer", "watchdog", "worker"}
