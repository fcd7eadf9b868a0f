"""The search for what a change brings about: cases played under both packs, breadth first, to a stated bound.

1. For each step of which a number is touched: somebody reported at each level that it concerns, at each awkward
   instant, and nobody says anything; where the step waits for something, that is said first.
2. Then, one more each time, whatever can be said that concerns the step, at awkward minutes: just asked for, a minute
   before the deadline, in its very minute, before the first rung.
3. Cases that stand alike at the same minute are followed once.

Only the touched steps, and those that what is said answers, are played: the others change nothing about them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from policy.facts import INFORMATION
from policy.lint_numbers import Touched, levels_of, steps_of
from policy.lint_scene import INSTANTS, LATE_RECORD, MOVES, Act, Profile, Scene, setter
from policy.lint_seen import Seen
from policy.lint_who import BEFORE, GRADED, SHORTEST, profile_of, reach_of, roles_of, said_first
from policy.pack import Pack, StepRule
from policy.play import Played, play
from policy.terms import Anchor, Condition, FactKind, Kind, Risk
from policy.values import once, replace

C = Condition
MINUTE = timedelta(minutes=1)
LATER = timedelta(minutes=3)  # between what has to be said before a step is asked for
Turn = tuple[str, Scene, "Look | None"]
# Facts that need no step of their kind: information, a change of risk, and what names its step.
TAKEN = INFORMATION | {FactKind.RISK_SET, FactKind.STEP_COMPLETED}
ENDS: Mapping[Condition, str] = {C.STILL_MISSING: "seen", C.ENQUIRY_LIVE: "seen", C.UNRESOURCED: "attended"}


@dataclass(frozen=True)
class Budget:
    """How far a search goes, for each touched step: cases played, and messages and journal lines of all of them.

    `depth` is how many things are said in a case, `longest` for how long it is followed.
    `thorough` leaves nothing out that the change cannot concern; `before` also tells what the old pack has already.
    """

    states: int = 240
    lines: int = 25_000
    depth: int = 2
    longest: timedelta = timedelta(days=400)
    thorough: bool = False
    before: bool = False


@dataclass(frozen=True)
class Look:
    """One case of one touched step as it was played under the new pack, and on demand under the old one."""

    step: str
    risk: Risk  # the level that its timers run as in the end
    scene: Scene
    seen: Seen
    play_old: Callable[[], Played]
    before: "Look | None"  # the same case without what was said last
    old_rule: StepRule | None

    @property
    def quiet(self) -> bool:
        """Tell whether nothing is said but what the step waits for, with everybody there and the record prompt."""
        profile = self.scene.profile
        return self.before is None and profile.absent is None and profile.reported_at == profile.recorded_at

    @once
    def was(self) -> Seen:
        """Give what came of the same case under the old pack."""
        return Seen(self.step, self.play_old())


@dataclass
class Search:
    """A search under way: what was played so far, and what is still to come."""

    old: Pack
    new: Pack
    found: tuple[Touched, ...]
    budget: Budget
    progress: Callable[[int, int], None] | None = None
    states: int = 0
    depth: int = 0
    lines: int = 0
    profiles: set[Profile] = field(default_factory=set)
    known: set[tuple[object, ...]] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    _packs: dict[tuple[int, frozenset[str]], Pack] = field(default_factory=dict)

    def steps(self) -> tuple[str, ...]:
        """Give the steps to look at: touched, and of a case in either pack."""
        keys = steps_of(self.found)
        return tuple(key for key in keys if any(r.kind is not Kind.PERIODIC for r in self.rules(key)))

    def rules(self, step: str) -> tuple[StepRule, ...]:
        """Give a step as it is in each of the packs that has it, the new one first."""
        return tuple(pack.steps[step] for pack in (self.new, self.old) if step in pack.steps)

    def spent(self) -> bool:
        """Tell whether the bound is reached."""
        return self.states >= self.most or self.lines >= self.budget.lines * len(self.steps())

    @property
    def most(self) -> int:
        """Give how many cases are played at the most."""
        return self.budget.states * len(self.steps())

    def run(self) -> Iterator[Look]:
        """Play layer by layer until nothing is left or the bound is reached."""
        layer = list(_in_turn([(key, scene, None) for scene in self._roots(key)] for key in self.steps()))
        for depth in range(self.budget.depth + 1):
            coming: list[list[Turn]] = []
            for key, scene, before in layer:
                if self.spent():
                    return
                look = self._look(key, scene, before)
                self.states, self.depth = self.states + 1, depth
                self.profiles.add(scene.profile)
                if self.progress:
                    self.progress(self.states, self.most)
                if not look.seen.played.refused and self._is_news(look):
                    self.reached |= {key} if look.seen.opened else set()
                    yield look
                    coming.append([(key, after, look) for after in self._next(look)])
            layer = list(_in_turn(coming))

    # --- where it begins

    def _roots(self, step: str) -> list[Scene]:
        """Give somebody at each level and instant; levels that no number of the step concerns once, to compare with."""
        levels = tuple(Risk) if self.budget.thorough else levels_of(self.found, step)
        rule = self.rules(step)[0]
        at = INSTANTS[0]
        found = [profile_of(rule, risk, at) for risk in Risk]
        found += [profile_of(rule, risk, at, LATE_RECORD) for risk in levels]
        found += [profile_of(rule, risk, at) for risk in levels for at in INSTANTS[1:]]
        if self.budget.thorough or rule.anchor is Anchor.RISK_SET or FactKind.RISK_SET in rule.done_by:
            unset = [profile_of(rule, risk, at, late) for risk in GRADED for late in (timedelta(0), LATE_RECORD)]
            found += [replace(profile, risk=None) for profile in unset]
        speak = {MOVES[name].role for name in said_first(rule)}
        absent = [(risk, role) for risk in levels for role in roles_of(rule, risk) if role not in speak]
        found += [replace(profile_of(rule, risk, at), absent=role) for risk, role in absent]
        return [self._begun(step, profile) for profile in dict.fromkeys(found)]

    def _begun(self, step: str, profile: Profile) -> Scene:
        names = enumerate(said_first(self.rules(step)[0]), 1)
        acts = tuple(Act(profile.recorded_at + LATER * n, name) for n, name in names)
        return self._followed(step, Scene(profile, acts))

    def _followed(self, step: str, scene: Scene) -> Scene:
        """Follow a case for as long as the step's own times reach."""
        levels = {scene.level(self.new.child_floor), *(act.level for act in scene.acts if act.level)}
        hours = max(reach_of(rule, risk) for rule in self.rules(step) for risk in levels)
        return replace(scene, hours=max(min(hours, self.budget.longest), SHORTEST))

    # --- playing

    def _look(self, step: str, scene: Scene, before: Look | None) -> Look:
        focus = self._focus(step, scene)
        new = self._only(self.new, focus)
        story = scene.story(new)
        played = play(story, new, scene.rosters(new))
        old = self._only(self.old, focus)
        risk, was = scene.level(self.new.child_floor), self.old.steps.get(step)
        self._count(played)

        def under_the_old() -> Played:
            return self._count(play(story, old, scene.rosters(old)))

        return Look(step, risk, scene, Seen(step, played), under_the_old, before, was)

    def _count(self, played: Played) -> Played:
        self.lines += len(played.entries) + len(played.tells)
        return played

    def _focus(self, step: str, scene: Scene) -> frozenset[str]:
        """Name the steps that this case is about: the touched one, and those that what is said answers."""
        if self.budget.thorough:
            return frozenset((*self.new.steps, *self.old.steps))
        moves = [MOVES[act.move] for act in scene.acts]
        kinds = {move.kind for move in moves} - TAKEN
        answers = any(move.answers for move in moves)
        about = (
            {setter(pack) for pack in (self.new, self.old)} if any(a.move == "review" for a in scene.acts) else set()
        )
        return frozenset(
            rule.key
            for pack in (self.new, self.old)
            for rule in pack.case_steps
            if rule.key in {step, *about, *partners(pack, step)}
            or not kinds.isdisjoint(rule.done_by)
            or (answers and rule.kind in (Kind.NOTIFY, Kind.ACCEPT))
        )

    def _only(self, pack: Pack, keys: frozenset[str]) -> Pack:
        known = (id(pack), keys)
        if known not in self._packs:
            steps = {key: rule for key, rule in pack.steps.items() if key in keys}
            self._packs[known] = replace(pack, steps=steps)
        return self._packs[known]

    # --- how it goes on

    def _is_news(self, look: Look) -> bool:
        """Tell whether no other case stood like this one at this minute after what was said."""
        case = look.seen.played.case
        steps = tuple((s.key, s.occurrence, s.status, s.opens_at, s.due_at, s.climb_at, s.rung) for s in case.steps)
        state = (look.step, look.scene.profile, look.scene.last_at, case.risk, case.status, case.owner, steps)
        if state in self.known:
            return False
        self.known.add(state)
        return True

    def _next(self, look: Look) -> Iterator[Scene]:
        """Give what may be said next, at each awkward minute."""
        profile = look.scene.profile
        if profile.recorded_at not in INSTANTS[:2] or profile.absent is not None:
            return
        for at in _awkward(look):
            for name in self._moves(look.step):
                level, again = _moved(look.risk, name), any(act.move == name for act in look.scene.acts)
                if not (again and MOVES[name].answers) and (name not in ("raise", "lower") or level is not None):
                    acts = (*look.scene.acts, Act(at, name, level))
                    yield self._followed(look.step, Scene(profile, acts))

    def _moves(self, step: str) -> tuple[str, ...]:
        """Name what can be said that concerns a step."""
        rule = self.rules(step)[0]
        if self.budget.thorough:
            return tuple(MOVES)
        found = ["raise", "lower"]
        if rule.kind in (Kind.NOTIFY, Kind.ACCEPT):
            found += ["ack", "accept", "decline"]
        found += [*BEFORE.get(rule.anchor, ()), *(ENDS[word] for word in rule.when if word in ENDS)]
        found += [name for name, move in MOVES.items() if move.kind in rule.done_by and name != "review"]
        found += ["review"] if step == setter(self.new) else []
        return tuple(dict.fromkeys(found))


def partners(pack: Pack, step: str) -> tuple[str, ...]:
    """Name the other reviews that the same role is asked for."""
    rule = pack.steps.get(step)
    if rule is None or rule.kind is not Kind.REVIEW:
        return ()
    others = (other for other in pack.case_steps if other.kind is Kind.REVIEW and other.repeats)
    return tuple(o.key for o in others if o is not rule and o.actor.items() & rule.actor.items())


def _in_turn(lists: Iterable[list[Turn]]) -> Iterator[Turn]:
    """Take one of each list in turn, so that a bound cuts all of them alike."""
    for row in zip_longest(*lists):
        yield from (one for one in row if one is not None)


def _awkward(look: Look) -> list[datetime]:
    """Give the minutes at which what is said comes at the worst time, later than what was said already."""
    opened, overdue, rungs = look.seen.opened, look.seen.overdue, look.seen.rungs
    found = [opened[-1].at + MINUTE] if opened else []
    found += [at for due_at in list(overdue.values())[:1] for at in (due_at - MINUTE, due_at)]
    found += [rung.at - MINUTE for rung in rungs[:1]]
    return [at for at in dict.fromkeys(found) if at > look.scene.last_at]


def _moved(risk: Risk, move: str) -> Risk | None:
    """Give the level next above or below; None where there is none, and for what moves no level."""
    weight = risk.weight + {"raise": 1, "lower": -1}.get(move, len(Risk))
    return next((level for level in Risk if level.weight == weight), None)
