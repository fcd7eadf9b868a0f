"""The sums behind deadlines: what a level adds to an instant to come to a deadline, as a pack's numbers have it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from policy import hours, series
from policy.case import Step
from policy.explain_words import span_words
from policy.pack import StepRule
from policy.spans import Span
from policy.terms import Risk

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Sum:
    """What is added to an instant: a span, and then `times` times another.

    Where the instant lies outside of a team's hours it is added to their next beginning, `begins_at`.
    """

    span: Span
    then: Span | None = None
    times: int = 0
    begins_at: datetime | None = None

    def after(self, base: datetime) -> datetime:
        """Give the instant to which the sum leads."""
        first = self.span.after(self.begins_at or base)
        return self.then.after(first, self.times) if self.then else first

    def words(self) -> str:
        """Say it: `10 minutes`, `3 times 8 hours`, `24 hours and then 2 times 48 hours`."""
        if self.then is None or not self.times:
            return span_words(self.span)
        if self.then == self.span:
            return f"{self.times + 1} times {span_words(self.then)}"
        again = f"{self.times} times " if self.times > 1 else ""
        return f"{span_words(self.span)} and then {again}{span_words(self.then)}"

    @property
    def whole_minutes(self) -> bool:
        """Tell whether it can be read off two clock times without seconds."""
        return all(not span.elapsed % MINUTE for span in (self.span, self.then) if span)


def sum_of(rule: StepRule, step: Step, risk: Risk, base: datetime, due_at: datetime) -> Sum | None:
    """Give what the level adds to `base` to come to the deadline; None where it does not come to it."""
    if due_at < base or rule.at_anchor:
        return None
    if rule.series:
        return _listed(rule, base, due_at)
    begins_at = hours.counts_from(rule.hours, base) if hours.outside(rule.hours, base) else None
    every = rule.every.get(risk)
    if every is None:
        own = hours.own_span(rule.hours, risk, base)
        span = None if rule.repeats else own or series.span_of(rule, step, risk)
        total = Sum(span, begins_at=begins_at) if span else None
        return total if total and total.after(base) == due_at else None
    first = series.first_span(rule, risk, base, every)
    start = first.after(begins_at or base)
    times = every.fits(start, due_at) if start <= due_at else 0
    total = Sum(first, every, times, begins_at) if times else Sum(first, begins_at=begins_at)
    return total if total.after(base) == due_at else None


def _listed(rule: StepRule, base: datetime, due_at: datetime) -> Sum | None:
    """Find the deadline among the listed spans, or beyond the last of them."""
    spans, again = list(rule.series), rule.then_every
    while again is not None and spans[-1].after(base) < due_at:
        spans.append(Span(spans[-1].months + again.months, spans[-1].elapsed + again.elapsed))
    return next((Sum(span) for span in spans if span.after(base) == due_at), None)


def alike(rule: StepRule, step: Step) -> bool:
    """Tell whether every level asks for the same time."""
    if rule.series or (rule.first and step.occurrence == 1 and not rule.repeats):
        return True
    return rule.alike
