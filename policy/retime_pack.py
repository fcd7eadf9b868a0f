"""A case that goes on under another revision of its pack (design section 4, `applies_to = live_and_new`).

A breach is never unmade; nobody is told twice under one attempt key; nothing moves silently into the past: what the
new numbers would have asked for before now is due now. Where no number of a step differs, the step stays as it is.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from policy import ladder, series
from policy.book import Book
from policy.case import FINISHED, Case, Step
from policy.explain_due import reason_of
from policy.intents import Outcome
from policy.pack import Pack, StepRule
from policy.roster import Roster
from policy.spans import Span
from policy.terms import Anchor, Kind, Risk, StepStatus


def repin(case: Case, old: Pack, new: Pack, roster: Roster, now: datetime) -> Outcome:
    """Let a case follow `new` from now on, and move what is open to its numbers; nothing is told by this alone."""
    book = Book(replace(case, revision=new.revision), new, roster, now)
    book.note("repinned", now, before=case.revision, after=new.revision)
    for step in case.steps:
        was, rule = old.steps.get(step.key), new.steps.get(step.key)
        if rule is None:
            _leave_out(book, step)
        elif was is not None and was != rule and step.status not in (*FINISHED, StepStatus.NOT_REQUIRED):
            _move(book, step, was, rule)
    return book.outcome()


def _leave_out(book: Book, step: Step) -> None:
    """Take a step out of the case that the pack does not know; what was breached stands in the journal."""
    book.cancel(step)
    why = f"revision {book.pack.revision} has no such step"
    book.note("not_required", book.now, step=step.key, occurrence=step.occurrence, reason=why)
    book.case = replace(book.case, steps=tuple(known for known in book.case.steps if known.id != step.id))


def _move(book: Book, step: Step, was: StepRule, rule: StepRule) -> None:
    step = book.case.step(step.key, step.occurrence) or step  # an earlier occurrence may have moved it
    moved = replace(step, due_at=_due(book, step, was, rule))
    if moved.due_at != step.due_at and moved.status is StepStatus.WAITING and moved.due_at and moved.opens_at:
        moved = _opens(book, moved, rule)
    moved = _with_ladder(book, step, moved, was, rule)
    if moved != step:
        book.put(moved)
    if moved.due_at != step.due_at:
        book.note(
            "retimed", book.now, step=step.key, occurrence=step.occurrence, before=step.due_at, after=moved.due_at,
            status=moved.status, revision=book.pack.revision, because=reason_of(book.case, book.pack, moved),
        )  # fmt: skip


def _due(book: Book, step: Step, was: StepRule, rule: StepRule) -> datetime | None:
    """Give the deadline under the new numbers; what has passed stays, what would have passed is now."""
    if step.due_at is None or step.anchor_at is None or step.status is StepStatus.OVERDUE or rule.at_anchor:
        return step.due_at
    if step.due_at <= book.now:  # a breach that nobody has written down yet, after an outage say, is one all the same
        return step.due_at
    new = _in_series(book, step, was, rule) if rule.repeats else _counted(book, step, was, rule)
    if new is None or new == step.due_at:
        return step.due_at
    return max(new, book.now)


def _counted(book: Book, step: Step, was: StepRule, rule: StepRule) -> datetime | None:
    """Find from what and by which level's span the deadline was counted, and count it by the new one.

    A raise counts from `risk_set`, and keeps what was earlier: then it is another level's time that still holds.
    """
    bases = [at for at in (step.anchor_at, book.case.anchors.get(Anchor.RISK_SET)) if at is not None]
    for risk in (book.risk, *Risk):
        for base in bases:
            new = series.due_from(rule, step, risk, base)
            if new is not None and series.due_from(was, step, risk, base) == step.due_at:
                return new
    return None


def _in_series(book: Book, step: Step, was: StepRule, rule: StepRule) -> datetime | None:
    """Give the first instant of the new series after the former occurrence; the same series stays where it is."""
    if _interval(was, book.risk) == _interval(rule, book.risk) or step.anchor_at is None:
        return step.due_at
    former = book.case.step(step.key, step.occurrence - 1)
    after = former.due_at if former and former.due_at else step.opens_at or step.anchor_at
    return series.due_after(rule, book.risk, step.anchor_at, min(after, book.now))


def _interval(rule: StepRule, risk: Risk) -> tuple[object, ...]:
    return rule.every.get(risk), rule.first or rule.due.get(risk), rule.series, rule.then_every, rule.hours


def _opens(book: Book, step: Step, rule: StepRule) -> Step:
    """Give a planned occurrence with its opening: at the former deadline, or as long before its own as is said."""
    former = book.case.step(step.key, step.occurrence - 1)
    opens_at = former.due_at if former and former.due_at and rule.repeats else step.opens_at
    assert opens_at is not None
    assert step.due_at is not None
    return series.timed(step, rule, book.risk, min(opens_at, step.due_at), step.due_at)


def _with_ladder(book: Book, before: Step, step: Step, was: StepRule, rule: StepRule) -> Step:
    """Give the step with reminders, warnings and rungs by the new numbers; none of them lies in the past."""
    if step.due_at is None:
        return step
    if not step.live:
        return replace(step, span=_between_rungs(book, step, rule))
    changed = dict(_ladder_times(book, before, step, was, rule))
    return replace(step, **changed)  # type: ignore[arg-type]  # mypy sees one type for all of them


def _between_rungs(book: Book, step: Step, rule: StepRule) -> timedelta | None:
    """Give what lies between two rungs: the pack's own word, else the span of the level in force."""
    counted = None if rule.repeats else step.anchor_at
    until = (series.due_from(rule, step, book.risk, counted) if counted else None) or step.due_at
    return series.rung_span(step, rule, book.risk, until) if until else None


def _ladder_times(book: Book, before: Step, step: Step, was: StepRule, rule: StepRule) -> Iterator[tuple[str, object]]:
    span = _between_rungs(book, step, rule)
    if span != before.span:
        yield "span", span
    moved = span != before.span or step.due_at != before.due_at or was.ladder != rule.ladder
    if moved and step.climb_at is not None:
        climb_at = ladder.climb_after(replace(step, span=span), rule, book.risk, book.now)
        late = step.climb_at <= book.now  # a rung that an outage held up is climbed now, whatever the new numbers
        yield "climb_at", (book.now if late else max(climb_at, book.now)) if climb_at else None
    old, new = was.retry.get(book.risk), rule.retry.get(book.risk)
    if old != new and step.rung >= 0 and (step.remind_at is not None or rule.kind is Kind.NOTIFY):
        yield "remind_at", _reminder(book, step, old, new)
    if step.due_at != before.due_at or was.warn_at != rule.warn_at:
        warn_at = series.warning(step, rule) if step.status is StepStatus.OPEN else None
        yield "warn_at", max(warn_at, book.now) if warn_at else None


def _reminder(book: Book, step: Step, old: Span | None, new: Span | None) -> datetime | None:
    """Count the next reminder from the last one."""
    if new is None:
        return None
    if step.remind_at is None or old is None:
        return new.after(book.now)
    return max(new.after(step.remind_at - old.elapsed), book.now)
