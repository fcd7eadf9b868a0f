"""Which numbers a change of a pack touches: where, at which level, from what to what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from policy.pack import Pack, StepRule
from policy.spans import Span
from policy.terms import Risk

BY_RISK = ("due", "every", "retry", "rung_every")
PLAIN = ("first", "series", "then_every", "opens_before", "send", "warn_at", "at_local")
NUMBERS = (*BY_RISK, *PLAIN)
WORDS = frozenset({"title", "act", "awaits", "ask", "basis", "guidance", "guidance_link", "stage"})
OTHERS = tuple(f.name for f in fields(StepRule) if f.name not in {*NUMBERS, *WORDS, "key"})
WITHIN, SENIOR_AFTER = "inactive.within", "inactive.senior_after"
OF_ALL = "whole step"  # the field of a step that is there in one of the packs alone


@dataclass(frozen=True)
class Touched:
    """One number that differs; `step` is None for one of the pack as a whole, `risk` for one of every level."""

    step: str | None
    field: str
    risk: Risk | None
    before: object
    after: object

    @property
    def spans(self) -> tuple[Span, Span] | None:
        """Give what it was and what it is, where both are a time."""
        if isinstance(self.before, Span) and isinstance(self.after, Span):
            return self.before, self.after
        return None


def touched(old: Pack, new: Pack) -> tuple[Touched, ...]:
    """Give every number that differs between two packs, in the new pack's order."""
    found = [one for key in dict.fromkeys([*new.steps, *old.steps]) for one in _of_step(key, old, new)]
    found += _by_risk(None, WITHIN, old.inactive.within, new.inactive.within)
    if old.inactive.senior_after != new.inactive.senior_after:
        found.append(Touched(None, SENIOR_AFTER, None, old.inactive.senior_after, new.inactive.senior_after))
    return tuple(found)


def _of_step(key: str, old: Pack, new: Pack) -> Iterator[Touched]:
    was, now = old.steps.get(key), new.steps.get(key)
    if was is None or now is None:
        yield Touched(key, OF_ALL, None, was, now)
        return
    for name in BY_RISK:
        yield from _by_risk(key, name, getattr(was, name), getattr(now, name))
    for name in (*PLAIN, *OTHERS):
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            yield Touched(key, name, None, before, after)


def _by_risk(step: str | None, name: str, was: Mapping[Risk, object], now: Mapping[Risk, object]) -> Iterator[Touched]:
    for risk in Risk:
        if was.get(risk) != now.get(risk):
            yield Touched(step, name, risk, was.get(risk), now.get(risk))


def steps_of(found: tuple[Touched, ...]) -> tuple[str, ...]:
    """Name the steps of which a number is touched."""
    return tuple(dict.fromkeys(one.step for one in found if one.step is not None))


def levels_of(found: tuple[Touched, ...], step: str) -> tuple[Risk, ...]:
    """Give the levels at which a number of a step is touched."""
    risks = {one.risk for one in found if one.step == step}
    return tuple(risk for risk in Risk if None in risks or risk in risks)
