"""The times of a step: first message, reminders, overdue, rungs (design section 4).

`d` is the step's due span, `a` its anchor: first message at `a`, reminders every `retry`, overdue at `a+d`,
rung n at `a+d+n*d`; after the last rung the last two are told again every `d` until a named person has it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from policy.book import Book
from policy.case import Step, Told
from policy.explain_due import reason_of
from policy.pack import Addressee, StepRule
from policy.series import warning
from policy.terms import AlarmKey, Anchor, Kind, Risk, Role, StepStatus
from policy.values import replace


class Happening(StrEnum):
    """What time alone brings about for a live step."""

    WARN = "warn"
    REMIND = "remind"
    OVERDUE = "overdue"
    CLIMB = "climb"


class Next(NamedTuple):
    """The next thing that time brings about for a step."""

    at: datetime
    what: Happening


def next_of(step: Step) -> Next | None:
    """Give the next happening of a step; equal instants: overdue, the rung, the reminder, the warning."""
    at = step.wakes_at if step.live else None
    if at is None:
        return None
    if step.status is StepStatus.OPEN and step.due_at == at:
        return Next(at, Happening.OVERDUE)
    if step.climb_at == at:
        return Next(at, Happening.CLIMB)
    return Next(at, Happening.REMIND if step.remind_at == at else Happening.WARN)


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
        return (step.ladder_at or step.due_at) + step.span * spans
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


def asked_first(step: Step, rule: StepRule, risk: Risk) -> tuple[Addressee, ...]:
    """Give whom this very step asks first: at a change of shift the role of the one who goes, else as its rule says."""
    if rule.anchor is Anchor.SHIFT_END and step.role is not None:
        return (Addressee(step.role),)
    return first_addressees(rule, risk)


def remind(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Remind those of the first message; reminders missed in an outage become one, the newest."""
    retry = rule.retry.get(book.risk)
    if retry is None:  # the level was lowered since, to one that asks for no reminders
        return replace(step, remind_at=None)
    missed = retry.fits(at, book.now)
    number, at = step.reminders + 1 + missed, retry.after(at, missed)
    step = tell_again(book, step, rule, number, at)
    return replace(step, reminders=number, remind_at=retry.after(at))


def tell_again(book: Book, step: Step, rule: StepRule, number: int, at: datetime, *, relief_only: bool = False) -> Step:
    """Tell the same people of the first message once more, and whoever has come on duty where nobody is there.

    Somebody who has gone off duty is relieved: whoever holds the role now is told in their place. While nobody
    does, the one who went is reminded all the same: rather a phone at home than none. With `relief_only` nobody
    is told but the relief. A case that is offered for the end of a shift waits for the relief to come: until then the
    role is still held by the one who goes.
    """
    by_role = {to.role: to for to in asked_first(step, rule, book.risk)}
    first = [told for told in step.told if told.rung == 0]
    owner = book.case.owner.person if book.case.owner else None
    there = {told.role for told in first if book.roster.duties_of(told.person, book.now)}
    waits = rule.kind is Kind.ACCEPT and step.anchor_at is not None and step.anchor_at > at
    come = {role for role, to in by_role.items() if role not in there and not waits and _relief(book, to, there)}
    over = {role for to in by_role.values() if to.role in come for role in (to.role, to.otherwise)}
    for told in () if relief_only else first:
        if told.role not in there | over or book.roster.duties_of(told.person, book.now):
            to = by_role.get(told.role, Addressee(told.role))
            book.tell_person(step, replace(told, at=at), to, number)
    asked = {role for to in by_role.values() for role in (to.role, to.otherwise)}
    for role in (role for role in by_role if role in come):
        step, _ = book.tell(step, by_role[role], 0, number, at)
        theirs = step.role in (role, by_role[role].otherwise) or step.role not in asked  # the level asks another by now
        if step.holder is None or (theirs and step.holder != owner):  # what the owner has must be accepted
            step = replace(step, holder=step.told[-1].person, role=step.told[-1].role)
    return step


def _relief(book: Book, to: Addressee, there: Collection[Role]) -> bool:
    """Tell whether somebody holds the role, or stands in for it, who is not of those who are there and know of it."""
    choice = book.choose(to)
    return choice.chosen is not None and choice.role not in there


def _once_more(book: Book, step: Step, rule: StepRule, at: datetime, *, relief_only: bool = False) -> Step:
    """Tell them again under the next number of the step's reminders."""
    number = step.reminders + 1
    return replace(tell_again(book, step, rule, number, at, relief_only=relief_only), reminders=number)


def hold(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Find the named holder of a step that nobody is told of yet: a watch, or what an outage has let pass.

    It is whoever had the role when the step opened, as far as the roster reaches back; it is their name in a breach.
    """
    to = first_addressees(rule, book.risk)
    choices = [book.choose(one, at) for one in to]
    if not any(choice.chosen for choice in choices):
        choices = [book.choose(one) for one in to]
    chosen = next((choice.chosen for choice in choices if choice.chosen), None)
    role = chosen.role if chosen else choices[0].role if choices else None
    for choice in choices[:1]:
        book.chose(step, choice, 0, at)
    return replace(step, holder=chosen.person if chosen else None, role=role)


def _holder(book: Book, rule: StepRule) -> str | None:
    chosen = (book.choose(to).chosen for to in first_addressees(rule, book.risk))
    return next((duty.person for duty in chosen if duty), None)


def warn(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Warn the holder that the deadline comes nearer; warnings that an outage let pass become one."""
    book.note("warned", at, step=step.key, occurrence=step.occurrence, holder=step.holder, due_at=step.due_at)
    step = replace(step, warned=step.warned + 1)
    while (again := warning(step, rule)) is not None and again <= book.now:
        step = replace(step, warned=step.warned + 1)
    return _once_more(book, replace(step, warn_at=again), rule, at)


def call_upon_new_roles(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Tell at once whoever must do at the higher level what another role had to do before."""
    told = {one.role for one in step.told if one.rung == 0}
    if not told:
        return step
    number = step.reminders + 1
    for to in first_addressees(rule, book.risk):
        if told.isdisjoint({to.role, to.otherwise}) and not to.owner:
            step, somebody = book.tell(step, to, 0, number, at)
            holder, role = (step.told[-1].person, step.told[-1].role) if somebody else (step.holder, to.role)
            step = replace(step, reminders=number, role=role, holder=holder)
    return step


def relieve(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Tell whoever now holds a role whose holder has gone off duty unanswered."""
    return _once_more(book, step, rule, at, relief_only=True)


def missed(book: Book, step: Step) -> Step:
    """Put a missed occurrence on the record, with its holder; the newest one speaks for all of them."""
    if step.status is StepStatus.OPEN:
        _note_breach(book, step)
        step = replace(step, climb_at=None)
    return replace(step, status=StepStatus.OVERDUE, remind_at=None, warn_at=None)


def _note_breach(book: Book, step: Step) -> None:
    at = step.due_at or book.now
    told = list(dict.fromkeys(one.person for one in step.told))
    book.note(
        "overdue", at, step=step.key, occurrence=step.occurrence, holder=step.holder, role=step.role,
        told=told, because=reason_of(book.case, book.pack, step),
    )  # fmt: skip


def overdue(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Write the breach down as of its deadline; the holder of a task is told once more.

    The holder of a watch is whoever has the case when it lapses, not when it began.
    """
    if rule.kind is Kind.WATCH:
        step = replace(step, holder=_holder(book, rule) or step.holder)
    _note_breach(book, step)
    step = replace(step, status=StepStatus.OVERDUE, warn_at=None)
    untold = step.rung < 0
    if untold:
        step = first_messages(book, step, rule, at)
    if rule.repeats:
        step = _take_over(book, step)
    if untold or rule.kind is Kind.NOTIFY:
        return step
    return _once_more(book, step, rule, at)


def _told_once(told: Iterable[Told]) -> tuple[Told, ...]:
    """Keep the latest telling of each person on each rung: a series that nobody answers must not grow without end."""
    return tuple({(one.person, one.rung): one for one in sorted(told, key=lambda t: t.at)}.values())


def _take_over(book: Book, step: Step) -> Step:
    """Go on with the ladder of an earlier occurrence that is overdue too: it never starts from the bottom twice."""
    earlier = [s for s in book.case.occurrences(step.key) if s.occurrence < step.occurrence and s.climb_at]
    climbing = [s for s in earlier if s.status is StepStatus.OVERDUE]
    for before in climbing:
        book.put(replace(before, climb_at=None))
        step = replace(
            step,
            rung=max(step.rung, before.rung),
            rounds=before.rounds,
            climb_at=before.climb_at,
            told=_told_once((*step.told, *(told for told in before.told if told.rung > 0))),
            ladder_at=before.ladder_at or before.due_at,
        )
    return step


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
