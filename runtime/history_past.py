"""Which past a change is tried on: the cases that the store remembers, else a simulated year of the force."""

import itertools
from datetime import date
from typing import Final

from policy.load_model import PROFILES, profile_of
from policy.pack import Pack
from policy.standing_roster import StandingRoster
from runtime.app import App
from runtime.history import History, Progress, Question, Year, compare, quiet, simulate
from runtime.past import rosters_of, stories

ENOUGH: Final = 200  # recorded cases of the pack; fewer say little about a year
MOST: Final = 10_000
DAYS: Final = 365


def history(app: App, old: Pack, new: Pack, progress: Progress = quiet, processes: int | None = None) -> History:
    """Play the past of a pack under both revisions; `simulated` tells whether it is one that never was.

    Whoever raises in `progress` ends it.
    """
    past = stories(app, old.name, MOST)
    newest = list(itertools.islice(past, ENOUGH))
    if len(newest) < ENOUGH:
        year = Year(PROFILES[profile_of(old.name)], date(app.clock.now().year, 1, 1), DAYS)
        return simulate(year, old, new, progress, processes)
    rosters = rosters_of(app, StandingRoster(tuple(old.areas)))
    return compare(itertools.chain(newest, past), Question(old, new, rosters), progress, processes=processes)
