"""A case played through by policy alone: a record, what was said and when, and all that time does in between.

No store, no clock, no channel: a year of cases can be played under two packs and compared. Every message is taken
as received when it falls due; a person whom no channel reaches is a matter of the engine's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat

from policy import outlook
from policy.case import Case
from policy.decide import decide, open_case
from policy.errors import Invalid, Refused
from policy.facts import Fact
from policy.intents import Entry, Outcome, Tell
from policy.pack import Pack
from policy.record import record_all
from policy.report import Report
from policy.roster import Roster

Rosters = Callable[[datetime], Roster]  # the roster as it was known at an instant


@dataclass(frozen=True)
class Said:
    """What came in together at `at`, the instant at which it was taken in."""

    at: datetime
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Story:
    """One case as it came about: its record, taken in at `opened_at`, and what was said until `until`."""

    ref: str
    report: Report
    opened_at: datetime
    said: tuple[Said, ...]
    until: datetime
    late: str | None = None


@dataclass
class Played:
    """What came of a story: the case at its end, each message and journal line with the instant of its decision."""

    case: Case
    tells: list[tuple[datetime, Tell]] = field(default_factory=list)
    entries: list[tuple[datetime, Entry]] = field(default_factory=list)
    refused: list[tuple[Said, Invalid | Refused]] = field(default_factory=list)

    def take(self, at: datetime, outcome: Outcome) -> None:
        """Take over what was decided at an instant."""
        self.case = outcome.case
        self.tells += zip(repeat(at), outcome.tells, strict=False)
        self.entries += zip(repeat(at), outcome.entries, strict=False)


def play(story: Story, pack: Pack, rosters: Rosters) -> Played:
    """Play a story under a pack, from its record to `until`; at equal instants deadlines go before what was said."""
    opened = open_case(story.report, pack, rosters(story.opened_at), story.opened_at, story.ref, story.late)
    played = Played(opened.case)
    played.take(story.opened_at, opened)
    for said in sorted(story.said, key=lambda s: s.at):
        if said.at > story.until:
            break
        let_time_act(played, pack, rosters, said.at)
        try:
            outcome = record_all(played.case, said.facts, pack, rosters(said.at), said.at)
        except (Invalid, Refused) as error:
            played.refused.append((said, error))
        else:
            played.take(said.at, outcome)
    let_time_act(played, pack, rosters, story.until)
    return played


def let_time_act(played: Played, pack: Pack, rosters: Rosters, until: datetime) -> None:
    """Go from wake to wake up to and including `until`."""
    before = None
    while (wake_at := outlook.next_wake(played.case)) is not None and wake_at <= until:
        outcome = decide(played.case, pack, rosters(wake_at), wake_at)
        if not outcome.changed and wake_at == before:
            return  # nothing is left to do at this instant, and nothing comes after it
        before = wake_at
        played.take(wake_at, outcome)
