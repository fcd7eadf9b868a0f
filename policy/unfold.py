"""Which steps the case has at this moment: those let go, asked again, planned and opened.

1. A step that the level, the state of the case or the person does not ask for is *not required*, with the reason;
   it comes back, counted from then, when it is asked for again.
2. A step whose anchor has moved comes again where its pack says so; a series always has its next occurrence planned.
3. What has reached its opening is opened, its named holder is found, and the first messages go out.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from policy import ladder, series
from policy.book import Book
from policy.case import FINISHED, PENDING, Step, finished, let_go, waiting
from policy.conditions import lacking, state_of
from policy.explain_due import reason_of
from policy.pack import StepRule
from policy.pack_parse import case_steps
from policy.terms import Anchor, Kind, StepStatus
from policy.values import replace

SET_TIME_NOTICE = timedelta(hours=1)  # how long before a set time its step opens, where the pack says nothing
BY_LEVEL = "not asked for at"


def unfold(book: Book) -> None:
    """Bring the steps of the case up to `now`.

    What becomes of a step follows from the level, why the case does not ask for it, the step itself and its anchor.
    Where these are as the last look had them, time alone opens what is planned.
    """
    against = _reasons_against(book)
    touched = _touched(book, against)
    for rule in touched:
        _settle(book, rule, against[rule.key])
    while _open_what_is_due(book, touched, against):
        touched = _touched(book, against)  # one that opens may bring the next of its series, passed in an outage too


def reason_against(book: Book, rule: StepRule) -> str | None:
    """Give why the case does not ask for a step now, in words; None when it does."""
    if book.case.closed and not rule.outlives_closure:
        return "the case is closed"
    level = None if rule.applies(book.risk) else f"{BY_LEVEL} {book.risk.replace('_', ' ')} risk"
    return lacking(rule.when, book.case) or level


def _touched(book: Book, against: Mapping[str, str | None]) -> Sequence[StepRule]:
    """Give the rules of which anything is not as the last look had it; all where there was none at this level."""
    rules, seen = case_steps(book.pack), book.case.seen
    if seen is None or seen.pack is not book.pack or seen.risk is not book.risk:
        return rules
    changed, moved = book.case.stirred, book.case.moved
    if against is not seen.against:
        changed |= {key for key in against if against[key] != seen.against[key]}
    moved &= book.pack.anchors
    if not moved and len(changed) < 2:
        return [book.pack.steps[key] for key in changed]
    return [rule for rule in rules if rule.key in changed or rule.anchor in moved]


def _reasons_against(book: Book) -> Mapping[str, str | None]:
    state, known = (*state_of(book.case), book.risk), book.pack.worked_out
    if state not in known:
        known[state] = {rule.key: reason_against(book, rule) for rule in case_steps(book.pack)}
    return known[state]


def _settle(book: Book, rule: StepRule, why_not: str | None) -> None:
    latest = book.case.step(rule.key)
    if why_not is not None:
        _let_go(book, rule, why_not)
    elif latest is None:  # what made it apply has only just come true
        book.put(waiting(rule.key, anchor_at=book.now))
    elif latest.status is StepStatus.NOT_REQUIRED and rule.anchor is not Anchor.SHIFT_END:  # which offers by itself
        _ask_again(book, latest, rule)
    elif rule.each_time and _moved_on(book, latest, rule):
        _come_again(book, latest, rule)


def _let_go(book: Book, rule: StepRule, why_not: str) -> None:
    """Ask no more; what is overdue stays so while only the level has changed, and is over with the person seen."""
    by_level = why_not.startswith(BY_LEVEL)
    for step in book.case.occurrences(rule.key):
        if step.status in PENDING and not (by_level and step.status is StepStatus.OVERDUE):
            book.note("not_required", book.now, step=step.key, occurrence=step.occurrence, reason=why_not)
            if step.live:
                book.over(step, book.by, book.now)
            book.put(let_go(step, why_not))


def _ask_again(book: Book, latest: Step, rule: StepRule) -> None:
    """Bring a step back, counted from now; a series that the level had not let go goes on at its own instants (W63).

    Where people had been told of it, it is a new occurrence: nobody is told twice under one attempt key.
    """
    number = latest.occurrence + 1 if latest.told else latest.occurrence
    book.note("asked_again", book.now, step=latest.key, occurrence=number)
    again = waiting(latest.key, number, book.now)
    by_level = (latest.reason or "").startswith(BY_LEVEL)
    base = latest.anchor_at if rule.repeats and not by_level else None
    due_at = series.due_after(rule, book.risk, base, book.now) if base else None
    if due_at is not None:
        again = series.timed(replace(again, anchor_at=base), rule, book.risk, book.now, due_at)
    book.put(again)


def _moved_on(book: Book, latest: Step, rule: StepRule) -> bool:
    """Tell whether the anchor has moved since; what came while the former was open was answered with it."""
    at, before = book.case.anchors.get(rule.anchor), latest.anchor_at or latest.done_at
    if at is None or before is None or at <= before:
        return False
    return latest.live or latest.done_at is None or at >= latest.done_at


def _come_again(book: Book, latest: Step, rule: StepRule) -> None:
    """Open the next occurrence of a finished step; a watch that has not yet lapsed starts anew."""
    if latest.live and rule.kind is Kind.WATCH:
        at = book.case.anchors[rule.anchor]
        if latest.status is StepStatus.OPEN:
            opened = opening(book, replace(latest, anchor_at=None), rule)
            book.put(opened or latest)
            return
        latest = book.put(finished(latest, at, book.by))
        book.over(latest, book.by, book.now)
    if latest.status in FINISHED:
        book.put(waiting(rule.key, latest.occurrence + 1))


def opening(book: Book, step: Step, rule: StepRule) -> Step | None:
    """Give the step with its times, None while its anchor is not known."""
    anchor_at = _anchor_of(book, rule)
    if anchor_at is None:
        return None
    anchor_at = max(anchor_at, step.anchor_at or anchor_at)  # asked for again: counts from then
    due_at = _due(book, step, rule, anchor_at)
    if due_at is None:
        return None
    opens_at = due_at - SET_TIME_NOTICE if rule.at_anchor else anchor_at
    return series.timed(replace(step, anchor_at=anchor_at), rule, book.risk, opens_at, due_at)


def _anchor_of(book: Book, rule: StepRule) -> datetime | None:
    at = book.case.anchors.get(rule.anchor)
    if at is None and rule.anchor is Anchor.RISK_SET:  # until it is set, the timers run from the first second
        return book.case.anchors.get(Anchor.CMS_CREATED)
    return at


def _anchored(book: Book, step: Step) -> bool:
    """Tell whether a step can be counted from anything yet; of the risk it always can."""
    anchor = book.pack.steps[step.key].anchor
    return anchor in book.case.anchors or anchor is Anchor.RISK_SET


def _due(book: Book, step: Step, rule: StepRule, anchor_at: datetime) -> datetime | None:
    if rule.at_anchor:
        return anchor_at
    if rule.repeats:
        return series.due_after(rule, book.risk, anchor_at, anchor_at)
    return series.due_from(rule, step, book.risk, anchor_at)


def set_time(book: Book, anchor: Anchor, value: datetime, at: datetime) -> None:
    """Take the instant that somebody has set; the step that is due at it is planned, or moved if not yet overdue."""
    book.case = book.case.with_anchor(anchor, value)
    for rule in case_steps(book.pack):
        if not (rule.at_anchor and rule.anchor is anchor):
            continue
        latest = book.case.step(rule.key)
        number = latest.occurrence if latest else 1
        if latest is None or latest.status in FINISHED:
            latest = waiting(rule.key, number + (latest is not None))
        if latest.status is not StepStatus.OVERDUE:
            opens_at = max(at, value - (rule.opens_before.elapsed if rule.opens_before else SET_TIME_NOTICE))
            step = series.timed(replace(latest, anchor_at=value), rule, book.risk, opens_at, value)
            book.put(replace(step, opens_at=opens_at))


def forget_the_long_missed(book: Book) -> None:
    """Take the oldest missed occurrences out of a case: their breaches stand, and a case must not grow without end."""
    if len(book.case.steps) - len(book.case.by_key) < series.MOST_KEPT:  # no step has so many occurrences
        return
    never = (StepStatus.OVERDUE, StepStatus.NOT_REQUIRED)
    for rule in case_steps(book.pack):
        if rule.repeats:
            missed = [step for step in book.case.occurrences(rule.key)[:-1] if step.status in never]
            for step in missed[: -series.MOST_KEPT]:
                book.cancel(step)
                book.case = replace(book.case, steps=tuple(s for s in book.case.steps if s.id != step.id))


def _open_what_is_due(book: Book, touched: Iterable[StepRule], against: Mapping[str, str | None]) -> bool:
    book.case.look(book.pack, book.risk, against)
    keys, now, wakes_at = {rule.key for rule in touched}, book.now, book.case.wakes_at
    if not keys and (wakes_at is None or wakes_at > now):
        return False
    waits = [step for step in book.case.pending if step.status is StepStatus.WAITING]
    due = [step for step in waits if step.key in keys or (step.opens_at and step.opens_at <= now)]
    opened = [_open_if_due(book, step) for step in due if step.opens_at is not None or _anchored(book, step)]
    return any(opened)


def _open_if_due(book: Book, step: Step) -> bool:
    """Open a waiting step whose time has come; tell whether it did."""
    rule = book.rule(step)
    planned = step.due_at is not None and (rule.repeats or rule.at_anchor)
    if planned and step.opens_at is not None and step.opens_at > book.now:
        return False
    opened = step if planned else opening(book, step, rule)
    if opened is None:
        if step.opens_at is not None:  # its anchor has been forgotten: what was planned by it wakes nobody
            book.put(waiting(step.key, step.occurrence))
        return False
    at = opened.opens_at or opened.anchor_at or book.now
    if at > book.now:
        if opened != step:
            book.put(opened)
        return False
    owner = book.case.owner
    if rule.kind is Kind.ACCEPT and owner is not None and owner.role is rule.actor.get(book.risk):
        book.put(finished(opened, at, owner.person))  # the unit that the step asks for has the case already
        return True
    opened = replace(opened, status=StepStatus.OPEN)
    book.note(
        "step_opened", at, step=step.key, occurrence=step.occurrence, due_at=opened.due_at, risk=book.risk,
        because=reason_of(book.case, book.pack, opened),
    )  # fmt: skip
    later = _plan_next(book, opened, rule) if rule.repeats else False
    passed = later and opened.due_at is not None and opened.due_at <= book.now
    tell = ladder.hold if passed or rule.kind is Kind.WATCH else ladder.first_messages
    offer(book, book.put(tell(book, opened, rule, at)), at)
    return True


def _plan_next(book: Book, step: Step, rule: StepRule) -> bool:
    """Plan the occurrence after this one; tell whether there is one."""
    due_at = step.due_at
    assert due_at is not None
    missed = series.missed_before(rule, book.risk, due_at, book.now)
    if missed:  # years of them, from a record of long ago: one line for all but the last hundred
        book.note("missed", due_at, step=step.key, occurrence=step.occurrence + 1, times=missed)
        due_at = rule.every[book.risk].after(due_at, missed)
        step = replace(step, occurrence=step.occurrence + missed, due_at=due_at)
    upcoming = series.planned(step, rule, book.risk, due_at)
    if upcoming is not None:
        book.put(upcoming)
    return upcoming is not None


def offer(book: Book, step: Step, at: datetime) -> None:
    """Offer the case to the person told first, where a step asks for an owner who has not got it yet."""
    owner = book.case.owner
    if book.rule(step).kind is Kind.ACCEPT and step.holder and (owner is None or owner.person != step.holder):
        book.case = replace(book.case, offered_to=step.holder, offered_at=at)
