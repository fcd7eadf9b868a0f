"""Which cases a change of numbers can concern at all: the others come out the same, and need not be played twice.

A case only ever looks up the numbers of the levels that its timers run as. So it is the same under both packs where
these differ in nothing but numbers of levels that it can never have had.
"""

from collections.abc import Iterator
from dataclasses import replace

from policy.pack import Pack, StepRule
from policy.play import Story
from policy.spans import Span
from policy.terms import FactKind, Risk

LEVELS = frozenset(Risk)
BY_LEVEL = ("due", "every", "retry", "rung_every")  # what a step has for each level


def levels_changed(old: Pack, new: Pack) -> frozenset[Risk]:
    """Give the levels of which a number differs; all of them where anything else does."""
    if old is new:
        return frozenset()
    if _apart_from_numbers(old) != _apart_from_numbers(new) or list(old.steps) != list(new.steps):
        return LEVELS
    return frozenset(risk for key, rule in old.steps.items() for risk in _of_step(rule, new.steps[key]))


def _apart_from_numbers(pack: Pack) -> Pack:
    return replace(pack, steps={}, revision=0)


def _of_step(old: StepRule, new: StepRule) -> Iterator[Risk]:
    bare: dict[str, dict[Risk, Span]] = {name: {} for name in BY_LEVEL}
    if replace(old, **bare) != replace(new, **bare):  # type: ignore[arg-type]  # fields by name
        yield from LEVELS
    for name in BY_LEVEL:
        before, after = getattr(old, name), getattr(new, name)
        yield from (risk for risk in Risk if before.get(risk) != after.get(risk))


def concerns(story: Story, changed: frozenset[Risk], pack: Pack) -> bool:
    """Tell whether a case may ever have run as one of these levels."""
    return not changed.isdisjoint(_possible(story, pack))


def _possible(story: Story, pack: Pack) -> set[Risk]:
    """Give every level that the timers of a case may have run as: more than they did, never fewer."""
    said = {fact.text("level") for one in story.said for fact in one.facts if fact.kind is FactKind.RISK_SET}
    levels = {risk for risk in Risk if risk in said}
    levels |= {story.report.risk} if story.report.risk else {Risk.MEDIUM, Risk.HIGH}
    floors = {pack.floors[flag] for flag in story.report.flags if flag in pack.floors}
    floors |= {earlier.highest} if (earlier := story.report.earlier) and earlier.highest else set()
    return levels | floors | ({pack.child_floor} if story.report.age_band.is_child else set())
