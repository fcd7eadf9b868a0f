"""A thousand crashes: whatever fails, wherever it falls, whoever is there afterwards, the five promises hold.

`VIGIL_CRASH='<name>'` plays one crash again; `VIGIL_CRASH_SEED=<number>` makes another choice.
"""

import os

import pytest

from tests.simulation.campaign import CHOSEN, chosen, enumerated, few, meetings, play_all
from tests.simulation.crash import Crash, CrashNight, one_after_another, play
from tests.simulation.stories import STORIES
from tests.support.faults import EVERY

PARTS = 4
AT_LEAST = 1000
NAMED = "two_cases send:after@3+commit:after@9 worker"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_each_point_once(part: int) -> None:
    """Each point goes off at least once, in one story or another, and some together."""
    mine = few()[part::PARTS]
    assert play_all(mine) >= len(mine), "some of them met nothing"


def test_no_point_is_left_out() -> None:
    """A point that no story meets would be a promise that nobody tests."""
    played = {point for crash in few() for point, _ in crash.points}
    assert played == EVERY


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("story", sorted(STORIES))
def test_every_point_at_every_place(story: str) -> None:
    """All of them, and in some stories two or three things go wrong."""
    every, several = list(enumerated(story)), list(chosen(story))
    assert play_all(every) >= len(every)
    assert play_all(several) >= len(several), "each of several meets at least one of its points"


@pytest.mark.long
@pytest.mark.timeout(300)
def test_they_are_a_thousand() -> None:
    """The number that is promised, of which the test above has seen each go off."""
    count = sum(len(list(enumerated(story))) + CHOSEN for story in STORIES)
    assert count >= AT_LEAST
    assert set().union(*(meetings(story) for story in STORIES)) == EVERY


@pytest.mark.timeout(120)
def test_a_crash_that_is_named_is_the_same_crash_again() -> None:
    """What was received, when, and the last line of the journal: all the same."""
    crash = Crash.named(os.environ.get("VIGIL_CRASH", NAMED))
    assert play(crash) == play(crash)


@pytest.mark.timeout(120)
def test_the_run_of_a_closed_case_ends_though_its_last_pass_died() -> None:
    """Whoever looks into Prefect must not read for ever that a pass is under way."""
    story = STORIES["closure"]
    with one_after_another():
        night = CrashNight(Crash("closure", (("pass:rested", 0),), "worker"))
        for minute, act in story.acts:
            night.until(minute)
            if (minute, act) == story.acts[-1]:
                night.arm()
            act(night)
        night.faults.disarm()
        night.wait(60)
        states = {state.type for state in night.works.runs_of.runs.values()}
        night.close()
    assert states == {"COMPLETED"}


def test_a_name_that_is_none_is_refused() -> None:
    """A misspelt name plays nothing."""
    assert str(Crash.named(NAMED)) == NAMED
    with pytest.raises(ValueError, match="not in"):
        Crash.named("silence send:after@1 nobody")
