"""The change of shift: what somebody would leave behind is offered to their relief before they go (S2, W5, W52).

Offered is not owned: the case and each action stay with the one who goes until a named person has accepted them.
"""

from collections.abc import Collection
from datetime import datetime

from policy import ladder, series
from policy.actions import WORK
from policy.book import Book
from policy.case import ACCEPTED_ELSEWHERE, Case, Step, Told, let_go, waiting
from policy.explain_due import reason_of
from policy.pack import Addressee, Pack, StepRule
from policy.terms import AlarmKey, CaseStatus, Kind, StepStatus
from policy.values import replace

FROM = "from"  # in the evidence of an offer: the person whose case or actions are offered
MOST_KEPT = 6


def actions_of(case: Case, pack: Pack, person: str) -> list[Step]:
    """Give the live actions that a person has: all that they must do or have done, but notices and offers."""
    held = [step for step in case.live_steps() if step.holder == person]
    return [step for step in held if is_action(step, pack.steps[step.key])]


def is_action(step: Step, rule: StepRule) -> bool:
    """Tell whether a step is an action: something to do, and no notice, offer or watch that has not lapsed."""
    return rule.kind in WORK or (rule.kind is Kind.WATCH and step.status is StepStatus.OVERDUE)


def _leaves_with(book: Book) -> str | None:
    """Give the owner whose case must be handed over when they go; what rests does so until its set review."""
    case = book.case
    rests = case.closed or case.status is CaseStatus.INACTIVE or case.transfer == ACCEPTED_ELSEWHERE
    return None if rests or case.owner is None else case.owner.person


def ends_at(book: Book, person: str) -> datetime | None:
    """Give when a person's duty ends, through periods that follow each other; None for somebody off duty already."""
    return book.roster.off_at(person, book.now)


def watch(book: Book) -> Collection[datetime]:
    """Offer what the owner leaves behind, and give others' actions to who has their post; give when to look again."""
    rule, owner = book.pack.shift_handover, _leaves_with(book)
    ends = ends_at(book, owner) if owner is not None else None
    for step in book.case.occurrences(rule.key) if rule else ():
        why_not = _not_needed(step, owner, ends) if step.live else None
        if why_not is not None:
            book.over(step, book.by, book.now)
            book.put(let_go(step, why_not))
            if book.case.offered_to == step.holder:
                book.case = replace(book.case, offered_to=None, offered_at=None)
            if step.evidence.get(FROM) == owner:  # when they go the next time, it rings again
                book.clear(AlarmKey.UNOWNED_AFTER_SHIFT)
    if rule is not None and owner is not None:
        offers_at = (ends or book.now) - rule.leads
        if offers_at > book.now:
            return {offers_at, *_relieve_the_posts(book, owner)}
        if not _offered(book, rule, owner, ends):
            _offer(book, rule, ends or book.now)
    return _relieve_the_posts(book, owner)


def _not_needed(step: Step, owner: str | None, ends: datetime | None) -> str | None:
    """Give why an offer at the end of a shift is asked of nobody any more; None where it still is."""
    if step.evidence.get(FROM) != owner:
        return "nothing is left to be taken over"
    is_there = step.anchor_at is not None and ends is not None and ends > step.anchor_at
    return f"{owner} stays on duty, or has come back" if is_there else None


def _relieve_the_posts(book: Book, owner: str | None) -> Collection[datetime]:
    """Give the actions of somebody who has gone to who has the post now, and tell them; give when the others go.

    An action belongs to a post, and its own ladder climbs when it stays undone: only a case waits to be accepted.
    Whose holder has gone is looked at again on each occasion, of which `now` is the word.
    """
    ends: dict[str, datetime] = {}
    for step in book.case.live_steps():
        holder, rule = step.holder, book.rule(step)
        if holder is None or holder == owner or not step.told or not is_action(step, rule):
            continue
        if holder not in ends:
            ends[holder] = ends_at(book, holder) or book.now
        if ends[holder] <= book.now and _somebody_has_come(book, step, rule):
            book.put(ladder.relieve(book, step, rule, book.now))
    return ends.values()


def _somebody_has_come(book: Book, step: Step, rule: StepRule) -> bool:
    """Tell whether somebody has the post of who has gone, and there is a role of which nobody who is there knows."""
    asked = ladder.asked_first(step, rule, book.risk)
    there = {told.role for told in step.told if told.rung == 0 and book.roster.duties_of(told.person, book.now)}
    if all(to.role in there for to in asked):
        return False
    stands = {to.role for to in asked if step.role in (to.role, to.otherwise)} or {to.role for to in asked}
    return any(book.choose(to).chosen for to in asked if to.role in stands)


def _offered(book: Book, rule: StepRule, person: str, ends: datetime | None) -> bool:
    """Tell whether this end of a duty has been dealt with: offered and unanswered, or answered since.

    So it is too when the case was offered by hand to somebody who will be there.
    """
    by_hand = [step.holder for step in book.case.live_steps() if step.evidence.get(FROM) == person and step.holder]
    if any(book.roster.duties_of(holder, ends or book.now) for holder in by_hand):
        return True
    theirs = [s for s in book.case.occurrences(rule.key) if s.evidence.get(FROM) == person]
    return any(s.live or (ends is not None and s.anchor_at == ends) for s in theirs)


def _offer(book: Book, rule: StepRule, ends: datetime) -> None:
    """Open the offer of the owner's case and actions to whoever has their role when they are gone."""
    owner, due = book.case.owner, rule.due.get(book.risk)
    assert owner is not None
    if due is None:
        return
    latest, now = book.case.step(rule.key), book.now
    fresh = latest is not None and latest.status is StepStatus.WAITING
    number = latest.occurrence + (not fresh) if latest else 1
    _forget_the_oldest(book, rule)
    step = series.timed(waiting(rule.key, number, ends), rule, book.risk, now, max(due.after(ends), now))
    step = replace(step, status=StepStatus.OPEN, opens_at=now, role=owner.role, rung=0, evidence={FROM: owner.person})
    because = reason_of(book.case, book.pack, step)
    book.note("step_opened", now, step=step.key, occurrence=number, due_at=step.due_at, risk=book.risk, because=because)
    to = Addressee(owner.role, otherwise=rule.actor.get(book.risk))  # at night, of a team that has gone home
    choice = book.choose(to, ends)
    book.chose(step, choice, 0, now)
    step = replace(step, role=choice.role if choice.chosen else owner.role)
    step = replace(step, climb_at=ladder.climb_after(step, rule, book.risk, now))
    if choice.chosen is None or choice.chosen.person == owner.person:
        book.alarm(AlarmKey.NOBODY_ON_DUTY, f"{step.key}: {owner.role} after {owner.person}", now, step)
        book.put(ladder.climb(book, step, rule, now))
        return
    relief, retry = choice.chosen.person, rule.retry.get(book.risk)
    step = book.tell_person(step, Told(relief, choice.role, 0, now), to, 0)
    remind_at = max(ends, retry.after(now)) if retry else None  # the relief hears it once more on coming on duty
    book.put(replace(step, holder=relief, remind_at=remind_at))
    book.case = replace(book.case, offered_to=relief, offered_at=now)


def _forget_the_oldest(book: Book, rule: StepRule) -> None:
    """Keep the latest changes of shift in the case; the journal has them all, and a case must not grow without end."""
    over = [step for step in book.case.occurrences(rule.key) if not step.live and step.status is not StepStatus.WAITING]
    gone = {step.id for step in over[:-MOST_KEPT]}
    if gone:
        book.case = replace(book.case, steps=tuple(step for step in book.case.steps if step.id not in gone))


def pass_on(book: Book, before: str, to: Told) -> None:
    """Give a person's live actions to the one who has accepted them."""
    for step in actions_of(book.case, book.pack, before):
        book.note("passed_on", to.at, by=to.person, step=step.key, occurrence=step.occurrence, before=before)
        role = step.role or to.role
        book.put(replace(step, holder=to.person, told=(*step.told, replace(to, role=role))))
