"""The times of a step: first message, reminders, overdue, rungs (design section 4).

`d` is the step's due span, `a` its anchor: first message at `a`, reminders every `retry`, overdue at `a+d`,
rung n at `a+d+n*d`; after the last rung the last two are told again every `d` until a named person has it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from policy.book import Book
from policy.case import Step
from policy.pack import Addressee, StepRule
from policy.terms import AlarmKey, Kind, Risk, StepStatus


class Happening(StrEnum):
    """What time alone brings about for a live step."""

    OPEN = "open"
    REMIND = "remind"
    OVERDUE = "overdue"
    CLIMB = "climb"


@dataclass(frozen=True)
class Next:
    """The next thing that time brings about for a step."""

    at: datetime
    what: Happening


def next_of(step: Step) -> Next | None:
    """Give the next happening of a step; equal instants: overdue, then the rung, then the reminder."""
    if not step.live:
        return None
    overdue_at = step.due_at if step.status is StepStatus.OPEN else None
    coming = [
        Next(at, what)
        for at, what in (
            (overdue_at, Happening.OVERDUE),
            (step.climb_at, Happening.CLIMB),
            (step.remind_at, Happening.REMIND),
        )
        if at is not None
    ]
    return min(coming, key=lambda n: n.at, default=None)


def climb_after(step: Step, rule: StepRule, risk: Risk, after: datetime) -> datetime | None:
    """Give the instant of the next rung above `step.rung`; after the last, of a round of the last two.

    Rungs stand at fixed instants; a round comes one span after `after`, when somebody of the ladder was last told,
    so that a ladder which was climbed early (nobody on duty, a decline) does not fall silent.
    """
    rungs = rule.rungs(risk)
    if not rungs or step.due_at is None or not step.span:
        return None
    above = [position for position, (number, _) in enumerate(rungs, 1) if number > step.rung]
    if above:
        spans = above[0] - 1 if rule.ladder_from == "anchor" else above[0]
        return step.due_at + step.span * spans
    return after + step.span


def first_messages(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Tell all that the step tells, at once; when the first of them has nobody on duty, the ladder starts now."""
    reached = []
    for to in first_addressees(rule, book.risk):
        step, somebody = book.tell(step, to, 0, 0, at)
        reached.append(somebody)
    first = next((told for told in step.told if told.rung == 0), None)
    step = replace(
        step,
        rung=0,
        holder=first.person if first else None,
        role=first.role if first else next((to.role for to in first_addressees(rule, book.risk)), None),
        remind_at=retry.after(at) if (retry := rule.retry.get(book.risk)) else None,
        climb_at=climb_after(step, rule, book.risk, at),
    )
    if reached and not reached[0] and rule.rungs(book.risk):
        return climb(book, step, rule, at)
    return step


def first_addressees(rule: StepRule, risk: Risk) -> tuple[Addressee, ...]:
    """Give whom a step tells first: its `tells`, else its actor."""
    if rule.tells:
        return tuple(to for to in rule.tells if risk in to.risks)
    actor = rule.actor.get(risk)
    return (Addressee(actor),) if actor else ()


def remind(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Remind those of the first message; reminders missed in an outage become one, the newest."""
    retry = rule.retry.get(book.risk)
    if retry is None:  # the level was lowered since, to one that asks for no reminders
        return replace(step, remind_at=None)
    missed = retry.fits(at, book.now)
    number, at = step.reminders + 1 + missed, retry.after(at, missed)
    step = tell_again(book, step, rule, number, at)
    return replace(step, reminders=number, remind_at=retry.after(at))


def tell_again(book: Book, step: Step, rule: StepRule, number: int, at: datetime) -> Step:
    """Tell the same people of the first message once more, and whoever has come on duty where nobody is there.

    Somebody who has gone off duty is relieved: whoever holds the role now is told in their place. While nobody
    does, the one who went is reminded all the same: rather a phone at home than none.
    """
    by_role = {to.role: to for to in first_addressees(rule, book.risk)}
    first = [told for told in step.told if told.rung == 0]
    there = {told.role for told in first if book.roster.duties_of(told.person, book.now)}
    come = {role for role, to in by_role.items() if role not in there and book.choose(to).chosen is not None}
    for told in first:
        if told.role not in there | come or book.roster.duties_of(told.person, book.now):
            to = by_role.get(told.role, Addressee(told.role))
            book.tell_person(step, replace(told, at=at), to, number)
    for role in (role for role in by_role if role in come):
        step, _ = book.tell(step, by_role[role], 0, number, at)
        if step.holder is None or step.role == role:
            step = replace(step, holder=step.told[-1].person, role=role)
    return step


def overdue(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Write the breach down as of its deadline; the holder of a task is told once more."""
    book.note("overdue", at, step=step.key, occurrence=step.occurrence, holder=step.holder)
    step = replace(step, status=StepStatus.OVERDUE)
    return step if rule.kind is Kind.NOTIFY else tell_again(book, step, rule, 1, at)


def climb(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Tell the next rung; where nobody is on duty the one above it at once; a ladder never ends."""
    rungs = rule.rungs(book.risk)
    above = [(number, to) for number, to in rungs if number > step.rung]
    if rungs and not above:
        return _again_the_last_two(book, step, rule, at)
    for number, to in above:
        step, reached = book.tell(step, to, number, 0, at)
        step = replace(step, rung=number)
        if reached:
            break
    else:
        book.alarm(AlarmKey.OVERDUE_LAST_RUNG, f"{step.key}: nobody on any rung", at, step)
    return replace(step, climb_at=climb_after(step, rule, book.risk, at))


def _again_the_last_two(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Tell the last two rungs again; rounds missed in an outage are told once, as the newest."""
    missed = max((book.now - at) // step.span, 0) if step.span else 0
    rounds, at = step.rounds + 1 + missed, at + (step.span or timedelta(0)) * missed
    for number, to in rule.rungs(book.risk)[-2:]:
        step, _ = book.tell(step, to, number, rounds, at)
    step = replace(step, rounds=rounds)
    return replace(step, climb_at=climb_after(step, rule, book.risk, at))
