"""Steps that come again: when each occurrence opens, is due, warns and climbs (design section 4).

A fixed series counts from its anchor: occurrence n is due at anchor + n x every, whatever was done when. A late or
missed one does not move the next. A change of risk starts a new series from that moment.
"""

from datetime import datetime, timedelta

from policy import hours
from policy.case import Step, waiting
from policy.pack import StepRule
from policy.spans import Span
from policy.terms import Risk
from policy.values import replace

# Missed occurrences that are put on the record one by one; one line tells how many were before them.
MOST_MISSED = 100
MOST_KEPT = 20  # missed occurrences that stay in the case; the register of breaches has them all


def due_after(rule: StepRule, risk: Risk, base: datetime, after: datetime) -> datetime | None:
    """Give the first instant of the series later than `after`; None when the level asks for none."""
    if rule.series:
        return _listed(rule, base, after)
    every = rule.every.get(risk)
    if every is None:
        return None
    first = first_span(rule, risk, base, every).after(hours.counts_from(rule.hours, base))
    return first if first > after else every.after(first, every.fits(first, after) + 1)


def first_span(rule: StepRule, risk: Risk, base: datetime, every: Span) -> Span:
    """Give what lies before the first occurrence of a series that comes `every` so often."""
    return hours.own_span(rule.hours, risk, base) or rule.first or rule.due.get(risk) or every


def _listed(rule: StepRule, base: datetime, after: datetime) -> datetime | None:
    """Go through the listed spans, then on by `then_every`; months count from the anchor, so a leap day stays one."""
    due = next((at for span in rule.series if (at := span.after(base)) > after), None)
    again, last = rule.then_every, rule.series[-1]
    times = 0
    while due is None and again is not None:
        times += 1
        at = Span(last.months + again.months * times, last.elapsed + again.elapsed * times).after(base)
        due = at if at > after else None
    return due


def missed_before(rule: StepRule, risk: Risk, due_at: datetime, now: datetime) -> int:
    """Give how many occurrences from this one on lie too far back to be put on the record one by one."""
    every = rule.every.get(risk)
    return max(every.fits(due_at, now) - MOST_MISSED, 0) if every else 0


def span_of(rule: StepRule, step: Step, risk: Risk) -> Span | None:
    """Give the due span of a step that is no series; its first occurrence may have one of its own."""
    return rule.first if rule.first and step.occurrence == 1 else rule.due.get(risk)


def due_from(rule: StepRule, step: Step, risk: Risk, base: datetime) -> datetime | None:
    """Give when a step that is no series is due, counted from `base`; None where the level asks for none."""
    span = hours.own_span(rule.hours, risk, base) or span_of(rule, step, risk)
    return span.after(hours.counts_from(rule.hours, base)) if span else None


def planned(step: Step, rule: StepRule, risk: Risk, opens_at: datetime) -> Step | None:
    """Plan the occurrence after `step` in the series of `step.anchor_at`; it opens at `opens_at` at the earliest."""
    if step.anchor_at is None or step.due_at is None:
        return None
    due_at = due_after(rule, risk, step.anchor_at, step.due_at)
    if due_at is None:
        return None
    upcoming = waiting(step.key, step.occurrence + 1, step.anchor_at)
    return timed(upcoming, rule, risk, opens_at, due_at)


def timed(step: Step, rule: StepRule, risk: Risk, opens_at: datetime, due_at: datetime) -> Step:
    """Give the step with its times: when it opens and is due, what lies between its rungs, when it warns."""
    if rule.opens_before is not None:
        before = rule.opens_before
        opens_at = max(opens_at, due_at - (before.elapsed or before.nominal))
    begins_at = hours.counts_from(rule.hours, opens_at)
    if begins_at < due_at:  # a team that has gone home is asked when it comes back
        opens_at = begins_at
    warn_at, span = _warning(step.warned, rule, opens_at, due_at), rung_span(step, rule, risk, due_at)
    return replace(step, opens_at=opens_at, due_at=due_at, span=span, warn_at=warn_at)


def rung_span(step: Step, rule: StepRule, risk: Risk, due_at: datetime) -> timedelta | None:
    """Give what lies between two rungs: the pack's own word, else the due span (of a series: its interval)."""
    anchor_at = step.anchor_at
    if anchor_at is None:
        return None
    base = hours.counts_from(rule.hours, anchor_at)
    between = rule.rung_every.get(risk) or rule.every.get(risk)
    return between.after(base) - base if between else due_at - base


def warning(step: Step, rule: StepRule) -> datetime | None:
    """Give the instant of the next warning, counted from the opening of the step to its deadline."""
    opens_at, due_at = step.opens_at, step.due_at
    return _warning(step.warned, rule, opens_at, due_at) if opens_at and due_at else None


def _warning(warned: int, rule: StepRule, opens_at: datetime, due_at: datetime) -> datetime | None:
    return opens_at + (due_at - opens_at) * rule.warn_at[warned] / 100 if warned < len(rule.warn_at) else None
