"""The parts of a pack beside its steps: areas, other forces, role cards, floors, what counts as a notification."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from policy.spans import Span
from policy.terms import Rank, Risk

CARD_WORD = re.compile(r"\{(\w*)\}")  # a role or a system, said in the force's own words


@dataclass(frozen=True)
class RoleCard:
    """What a role must do, may decide, must not do, and whom it calls (S2 recommendation 1: nobody knew their role).

    A line names roles and systems in braces, so that a card that a force inherits speaks of its own people.
    """

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()

    def worded(self, word: Callable[[str], str]) -> "RoleCard":
        """Give the card with what stands in braces replaced by the force's word for it."""
        parts = (self.must, self.may, self.must_not, self.calls)
        return RoleCard(*(tuple(CARD_WORD.sub(lambda found: word(found[1]), line) for line in part) for part in parts))


@dataclass(frozen=True)
class ForceRule:
    """Another force to which a case may be transferred; its control room stands in the roster under this area."""

    key: str
    title: str


@dataclass(frozen=True)
class Hours:
    """The local hours of a team: what comes outside of them counts from their next beginning, with times of its own."""

    from_local: str
    to_local: str
    due: Mapping[Risk, Span] = field(default_factory=dict)  # after the beginning, for what came outside of them


@dataclass(frozen=True)
class AreaRule:
    """A policing area: its title and its neighbours, whose inspectors a ladder may ask."""

    key: str
    title: str
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notification:
    """The force's definition of an effective notification, shown where one is acknowledged (S0)."""

    who: str = ""
    how: str = ""
    content: str = ""
    what_counts: str = ""
    how_recorded: str = ""


@dataclass(frozen=True)
class Override:
    """Who lets a step's time lie above its national ceiling, and why (domain 8.1: superintendent or above)."""

    by: str
    reason: str


@dataclass(frozen=True)
class Inactive:
    """When a case may rest: the next review within `within`, by `rank`, after `senior_after` by `senior_rank`."""

    within: Mapping[Risk, Span] = field(default_factory=dict)
    rank: Rank = Rank.INSPECTOR
    senior_after: Span = field(default=Span(elapsed=timedelta(days=28)))
    senior_rank: Rank = Rank.SUPERINTENDENT
