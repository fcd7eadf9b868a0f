"""The proof of a pack: every state of a case that a stated bound reaches, looked at for what must never be.

`decide` and `record` themselves are searched, so that what is found is what would happen. Each fault keeps the story
of a case that shows it; what lies beyond the bound was not looked at, and is named.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policy.check_focus import Focus, focuses
from policy.check_moves import MOVED, sets
from policy.check_rules import RULES, Hit, Reached
from policy.check_search import Node, Search
from policy.lint_words import opening, quoted, scene_words
from policy.pack import Pack
from policy.play import Story
from policy.standing_roster import StandingRoster
from policy.terms import Kind

NAMED = 6  # searches that the bound has ended are named up to so many
# So many times as many states as a step has that depends on no other: for the case as a whole, and to close one.
OF_THE_WHOLE, OF_A_CLOSURE = 12, 15


@dataclass(frozen=True)
class Found:
    """One fault of a pack: in a sentence, with a case that shows it; `story` plays it under `pack`."""

    kind: str
    step: str | None
    fault: str
    example: str
    story: Story | None = None
    pack: Pack | None = None


@dataclass(frozen=True)
class Checked:
    """What was found, and how far was looked."""

    faults: tuple[Found, ...]
    states: int
    depth: int
    searches: int
    cut: tuple[str, ...]  # titles of the searches that the bound has ended
    unreached: tuple[str, ...]  # titles of the steps that no state within the bound asked for

    def bound(self) -> str:
        """Say what lies within the bound and what beyond it."""
        left = len(self.cut)
        ended = f"{self.searches - left} of {self.searches} searches came to their end"
        names = ", ".join(self.cut) if left <= NAMED else f"{left}, the case as a whole and those of single steps"
        cut = f"; ended by the bound: {names}" if left else ""
        none = f"; asked for in no state within it: {', '.join(self.unreached)}" if self.unreached else ""
        return f"{ended}{cut}{none}."


def check(pack: Pack, states: int, progress: Callable[[int, int], None] | None = None) -> Checked:
    """Search the cases of a pack, to about so many states: silence is always followed to its end.

    `progress` hears how many searches are over, and of how many.
    """
    looked_at = tuple(focuses(pack))
    shares = [_share(focus) for focus in looked_at]
    rosters = StandingRoster(tuple(pack.areas), tuple(pack.forces))
    hits: dict[tuple[str, str | None, str], Hit] = {}
    searches, lost, unreached = list[Search](), list[Found](), list[str]()
    for number, focus in enumerate(looked_at, 1):
        left = states - sum(one.states for one in searches)  # what a search leaves of its share, those after it have
        search = Search(focus, max(left * shares[number - 1] // sum(shares[number - 1 :]), 1), rosters)
        searches.append(search)
        reached = Reached(pack.steps[focus.step]) if focus.step else None
        for node in search.run():
            for hit in (one for rule in RULES for one in rule(node)):
                hits.setdefault((hit.kind, hit.step, hit.fault if hit.kind == "nobody" else ""), hit)
            if reached:
                reached.look(node)
        if reached and not reached.live:
            lost += list(_never(reached, search, pack))
            unreached += [] if _is_certain(reached, search, pack) else [reached.rule.title]
        if progress:
            progress(number, len(looked_at))
    found = (*(_found(hit) for hit in hits.values()), *lost)
    depth = max(search.depth for search in searches)
    cut = tuple(_named(search.focus) for search in searches if not search.ended)
    return Checked(found, sum(one.states for one in searches), depth, len(searches), cut, tuple(unreached))


def _share(focus: Focus) -> int:
    """Give the part of the bound that a search has: more where more steps bear on each other, or a case is closed."""
    closes = any(rule.kind is Kind.SIGN_OFF for rule in focus.pack.case_steps)
    return len(focus.pack.case_steps) + (OF_A_CLOSURE if closes else 0) if focus.step else OF_THE_WHOLE


def _named(focus: Focus) -> str:
    return focus.pack.steps[focus.step].title if focus.step else "the case as a whole"


def _found(hit: Hit) -> Found:
    node: Node = hit.node
    example = f"{scene_words(node.profile, node.focus.pack)}; {hit.then}."
    return Found(hit.kind, hit.step, f"{opening(hit.fault)}.", example, node.story(), node.focus.pack)


def _is_certain(reached: Reached, search: Search, pack: Pack) -> bool:
    """Tell whether no longer search could reach the step: nothing sets its anchor, or every state was seen."""
    anchor = reached.rule.anchor
    settable = anchor in MOVED or any(sets(rule, anchor) for rule in pack.case_steps)
    return not settable or search.ended


def _never(reached: Reached, search: Search, pack: Pack) -> Iterator[Found]:
    rule = reached.rule
    if not _is_certain(reached, search, pack):
        return
    fault = f"{quoted(rule.title)} never comes due: {reached.lacks()}"
    who = scene_words(search.focus.profiles[0][0], pack)
    example = f"{who}; in none of {search.states} states of this and other cases is the step asked for."
    yield Found("never", rule.key, f"{opening(fault)}.", example)
