"""The search that proves a pack: cases followed with `decide` and `record` themselves, breadth first, to a bound.

1. The case as a whole, with every step: all that is asked is done, or waived, or nothing is, and it moves as cases do.
2. Each step with those on which it depends (`check_focus`): in silence to the end of its ladder, then move by move.

Cases that stand alike (steps, rungs, level, anchors that are there; not how many minutes have passed) are one state,
and the first of them is followed for all. Time passes to the next instant at which a state becomes another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policy import check_moves as moves
from policy import outlook
from policy.case import Case, Step
from policy.check_focus import Focus
from policy.check_moves import LIFE, TOGETHER, Here, Ways
from policy.conditions import state_of
from policy.decide import decide, open_case
from policy.errors import Invalid, Refused
from policy.facts import Fact
from policy.lint_scene import Profile
from policy.pack import StepRule
from policy.play import Played, Said, Story, let_time_act
from policy.record import record
from policy.standing_roster import StandingRoster
from policy.terms import StepStatus
from policy.values import once, replace

MINUTE = timedelta(minutes=1)
PATIENCE, A_STEPS = 90, 9  # shifts that end without any change of state; so many count for reminders, or rungs again
LONGEST = timedelta(days=800)
LATER = 4  # layers after the first person reported, with whom every level can be reached, the others are gone into
Sign = tuple[object, ...]


@dataclass(frozen=True)
class Node:
    """One state of a search: the case that came to it first, by what, and what that decided."""

    focus: Focus
    profile: Profile
    area: str | None
    played: Played
    at: datetime
    depth: int = 0
    before: "Node | None" = None
    said: tuple[Said, ...] = ()
    silent: bool = False  # nothing was said on the way to it

    @property
    def case(self) -> Case:
        """Give the case."""
        return self.played.case

    @once
    def sign(self) -> Sign:
        """Give all by which this state is told from others."""
        return sign_of(self.case, self.focus, fine=self.silent)

    def story(self) -> Story:
        """Give the way to it, as it can be played again."""
        said: list[Said] = []
        node: Node | None = self
        while node is not None:
            said[:0] = node.said
            node = node.before
        begins = self.profile.recorded_at
        return Story("CHECK", self.profile.report(self.area), begins, tuple(said), self.at)


def sign_of(case: Case, focus: Focus, *, fine: bool) -> Sign:
    """Give how a case stands: its level, state and anchors, and each step, of which the latest two occurrences count.

    `fine` tells each rung of a ladder apart; else it is whether any was told, and of all steps together not even that.
    """
    level = case.timer_risk(focus.pack.child_floor)
    steps = (step for key in focus.pack.steps for step in case.occurrences(key)[-2:])
    stand = tuple(_stands(step, focus.step is not None, fine) for step in steps)
    owner = case.owner.role if case.owner else None
    anchors = frozenset(anchor for anchor in case.anchors if anchor in focus.anchors)
    return (state_of(case), case.area, level, owner, case.offered_to is None, anchors, stand)


def _stands(step: Step, alone: bool, fine: bool) -> tuple[object, ...]:
    rung = (step.rung if fine else step.rung > 0, step.climb_at is None, step.holder is None) if alone else ()
    return (step.key, step.status, step.due_at is None, *rung)


@dataclass
class Search:
    """One search under way: what was seen so far, and whether it came to its end before its bound."""

    focus: Focus
    most: int
    rosters: StandingRoster
    states: int = 0
    depth: int = 0
    ended: bool = False
    known: set[tuple[datetime, Sign]] = field(default_factory=set)

    def run(self) -> Iterator[Node]:
        """Give each new state: those that silence comes to first, then layer by layer."""
        ahead: dict[int, list[Node]] = {}
        for number, (profile, area) in enumerate(self.focus.profiles):
            for node in self._silence(self._opened(profile, area)):
                yield node
                ahead.setdefault(node.depth + (LATER if number else 0), []).append(node)
        while ahead:
            for node in ahead.pop(min(ahead)):
                for after in self._next(node):
                    for one in self._diligence(after):
                        yield one
                        ahead.setdefault(one.depth, []).append(one)
                        if self.states >= self.most:
                            return
        self.ended = True

    def _silence(self, node: Node | None) -> Iterator[Node]:
        """Give the new states of a case in which nobody says anything."""
        while node is not None and self._is_news(node):
            yield node
            node = self._waited(node)

    def _diligence(self, node: Node | None) -> Iterator[Node]:
        """Give a state, if it is new; of the case as a whole also those in which all is done as soon as it is asked."""
        while node is not None and self._is_news(node):
            yield node
            if self.focus.step is not None:
                return
            ready = self._ready(node)
            each = [moves.done(ready, step) for step in ready.case.live_steps()]
            node = self._taken(node, ready, each) or self._waited(node)

    def _is_news(self, node: Node) -> bool:
        seen = (node.profile.recorded_at, node.sign)
        if seen in self.known:
            return False
        self.known.add(seen)
        self.states, self.depth = self.states + 1, max(self.depth, node.depth)
        return True

    def _opened(self, profile: Profile, area: str | None) -> Node:
        at = profile.recorded_at
        opened = open_case(profile.report(area), self.focus.pack, self.rosters(at), at, "CHECK")
        played = Played(opened.case)
        played.take(at, opened)
        return Node(self.focus, profile, area, played, at, silent=True)

    def _waited(self, node: Node) -> Node | None:
        """Let time pass to the next instant at which the state is another; None where there is none."""
        played, quiet = Played(node.case), 0
        while quiet < PATIENCE:
            wake_at = outlook.next_wake(played.case)
            if wake_at is None or wake_at - node.profile.recorded_at > LONGEST:
                return None
            outcome = decide(played.case, self.focus.pack, self.rosters(wake_at), wake_at)
            quiet += 1 if played.case.shift_ends_at == wake_at else A_STEPS
            played.take(wake_at, outcome)
            if sign_of(played.case, self.focus, fine=node.silent) != node.sign:
                return replace(node, played=played, at=wake_at, depth=node.depth + 1, before=node, said=())
        return None

    def _next(self, node: Node) -> Iterator[Node]:
        waited = None if node.silent else self._waited(node)  # silence has been followed already
        if waited is not None:
            yield waited
        ready = self._ready(node)
        for move in _moves(ready, self.focus):
            taken = self._taken(node, ready, move)
            if taken is not None:
                yield taken

    def _ready(self, node: Node) -> Here:
        """Give the case a minute later, when something may be said."""
        at = node.at + MINUTE
        played = Played(node.case)
        let_time_act(played, self.focus.pack, self.rosters, at)
        return Here(played.case, self.focus.pack, self.rosters, at)

    def _taken(self, node: Node, here: Here, move: Iterable[Ways]) -> Node | None:
        """Give the state after a move; None where nothing of it could be said."""
        played = Played(here.case)
        said = [fact for ways in move if (fact := self._say(played, ways, here.at)) is not None]
        if not said:
            return None
        facts = tuple(Said(here.at, (fact,)) for fact in said)
        return replace(node, played=played, at=here.at, depth=node.depth + 1, before=node, said=facts, silent=False)

    def _say(self, played: Played, ways: Ways, at: datetime) -> Fact | None:
        """Say it in the first way that is not refused; None where nobody may, or nothing comes of it."""
        for fact in ways:
            try:
                outcome = record(played.case, fact, self.focus.pack, self.rosters(at), at)
            except (Invalid, Refused):
                continue
            played.take(at, outcome)
            return fact if outcome.changed else None
        return None


def _moves(here: Here, focus: Focus) -> Iterator[Iterable[Ways]]:
    """Give what may be said now: of the case as a whole all that is asked at once, of a step each by itself."""
    live = here.case.live_steps()
    rules = here.pack.steps
    for other in (False, True) if any(moves.telling(rules[step.key]) for step in live) else (False,):
        each = [moves.done(here, step, other=other) for step in live]
        yield from [each] if focus.step is None else [[ways] for ways in each]
    over = [moves.waived(here, step) for step in live]
    yield from [over] if focus.step is None else [[ways] for ways in over]
    for name in focus.life:
        yield [LIFE[one](here) for one in TOGETHER.get(name, (name,))]


def is_missed(case: Case, step: Step, rule: StepRule) -> bool:
    """Tell whether a newer occurrence of a series speaks for one that is overdue."""
    return rule.repeats and any(
        other.occurrence > step.occurrence and other.status is not StepStatus.NOT_REQUIRED
        for other in case.occurrences(step.key)
    )
