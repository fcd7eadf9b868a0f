"""What a search of a pack looks at: the case as a whole, then each step with those on which it depends.

What is said of any other step cannot change when a step is asked for, who is told of it or when it is due.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from policy import check_moves as moves
from policy.check_moves import FELT
from policy.lint_scene import INSTANTS, Profile
from policy.lint_who import profile_of
from policy.pack import NEIGHBOURS, Pack, StepRule
from policy.record_terms import AgeBand
from policy.terms import Anchor, Condition, FactKind, Kind, Risk
from policy.values import once, replace

NIGHT = 3  # the instant of INSTANTS at which a team is at home
LEVELS = (Risk.MEDIUM, Risk.HIGH, Risk.LOW, Risk.VERY_LOW)
REST_OF_LIFE = ("raise", "lower", "seen", "dead", "rest", "ask to close", "sign", "reopen", "news", "offer", "take")


@dataclass(frozen=True)
class Focus:
    """What a search looks at: one step with those on which it depends (None: all of them), and what may be said."""

    step: str | None
    pack: Pack
    profiles: tuple[tuple[Profile, str | None], ...]  # who is reported, and in which area
    life: tuple[str, ...]

    @once
    def anchors(self) -> frozenset[Anchor]:
        """Give the anchors that any of its steps counts from, and those that say how the case ended."""
        return frozenset(rule.anchor for rule in self.pack.case_steps) | {Anchor.VERIFIED_SEEN}


def focuses(pack: Pack) -> Iterator[Focus]:
    """Give the search of the case as a whole, then that of each step of the pack."""
    everybody = (_profile(risk, age=age) for risk in (*LEVELS, None) for age in (AgeBand.B25_64, AgeBand.B13_15))
    yield Focus(None, pack, tuple((one, _area(pack)) for one in everybody), REST_OF_LIFE)
    for rule in pack.case_steps:
        keys = _depends_on(pack, rule)
        rules = {key: pack.steps[key] for key in pack.steps if key in keys}
        yield Focus(rule.key, replace(pack, steps=rules), tuple(_reported(pack, rule)), _felt(rules.values()))


def _profile(risk: Risk | None, *, age: AgeBand) -> Profile:
    return Profile(risk, age, INSTANTS[0], INSTANTS[0])


def _area(pack: Pack) -> str | None:
    return next(iter(pack.areas), None)


def _reported(pack: Pack, rule: StepRule) -> Iterator[tuple[Profile, str | None]]:
    """Give people of whom the step is asked, at each level and without one, by day; by night where a team has hours.

    Where a rung is among the neighbours, also somebody in an area that has none.
    """
    instants = (INSTANTS[0], *([INSTANTS[NIGHT]] if rule.hours is not None else []))
    people = [profile_of(rule, risk, at) for at in instants for risk in LEVELS]
    people.append(replace(people[-1], risk=None))
    yield from ((person, _area(pack)) for person in people)
    alone = next((key for key, one in pack.areas.items() if not one.neighbours), None)
    if alone is not None and any(to.area == NEIGHBOURS for to in (*rule.tells, *rule.ladder)):
        yield people[0], alone


def _depends_on(pack: Pack, rule: StepRule) -> set[str]:
    """Name the steps that bear on when a step is asked for and of whom, the step itself among them."""
    keys, left = {rule.key}, [rule]
    while left:
        for key in _bear_on(pack, left.pop()):
            if key not in keys:
                keys.add(key)
                left.append(pack.steps[key])
    return keys


def _bear_on(pack: Pack, rule: StepRule) -> Iterator[str]:
    closes = Condition.CLOSED_CASE in rule.when or rule.anchor in (Anchor.CLOSED, Anchor.CLOSED_CASE_CONTACT)
    owned = rule.anchor in (Anchor.OWNER_ASSIGNED, Anchor.SHIFT_END) or any(to.owner for to in rule.tells)
    for other in pack.case_steps:
        asked = other.kind is Kind.NOTIFY and rule.anchor is Anchor.ACKNOWLEDGED
        offered = other.kind is Kind.ACCEPT and owned and other.anchor is not Anchor.SHIFT_END
        signed = (other.kind is Kind.SIGN_OFF or FactKind.INTERVIEW_HELD in other.done_by) and closes
        held = FactKind.INTERVIEW_HELD in other.done_by and rule.anchor is Anchor.PREVENTION_INTERVIEW_DONE
        telling = moves.telling(other) and {Condition.CONCERN_UNRESOLVED, Condition.SPACES_UNSEARCHED} & set(rule.when)
        searched = moves.sets(other, Anchor.SEARCHED) and Condition.HOME_UNSEARCHED in rule.when
        set_by = moves.sets(other, rule.anchor) or other.key == rule.checks
        if asked or offered or signed or held or telling or searched or set_by:
            yield other.key


def _felt(rules: Collection[StepRule]) -> tuple[str, ...]:
    """Name what the steps can feel of what is said of the case as a whole; the level always."""
    words = [*(word for rule in rules for word in rule.when), *(rule.anchor for rule in rules)]
    answered = [kind for rule in rules for kind in rule.done_by if rule.kind in moves.ASKED]
    felt = [name for known, names in FELT.items() if known in words for name in names] + (
        ["decline"] if answered else []
    )
    return tuple(dict.fromkeys(["raise", "lower", *felt]))
