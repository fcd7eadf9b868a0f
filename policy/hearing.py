"""Information: taken from anybody, on any case, and never refused; it moves anchors and ends what it answers.

Only whether the person has been *seen* needs the word of somebody whom the force knows: a case is never closed on a
belief (W34). What a stranger says of it counts as a report that the person was found.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from policy import ladder
from policy.book import Book, Word
from policy.case import DECEASED, Step, finished, waiting
from policy.closed_contact import on_a_closed_case
from policy.errors import Missing, Refused
from policy.explain_due import reason_of
from policy.facts import Fact, is_blank
from policy.forms import said_yes
from policy.pack import StepRule
from policy.record_terms import AgeBand
from policy.spans import local_time, read_instant
from policy.terms import AlarmKey, Anchor, CaseStatus, FactKind, MessageType, Rank, Role, StepStatus
from policy.unfold import opening
from policy.values import replace

K = FactKind
ANCHOR_OF: Mapping[FactKind, Anchor] = {
    K.ATTENDED: Anchor.ATTENDED,
    K.NEW_INFORMATION: Anchor.NEW_INFO,
    K.CONTACT_MADE: Anchor.LAST_CONTACT,
    K.FOUND_REPORTED: Anchor.FOUND_REPORTED,
    K.RETURNED: Anchor.RETURNED,
}
INVESTIGATIVE = frozenset({K.ATTENDED, K.NEW_INFORMATION})
# News older than this count from their arrival: nobody is in breach before being told.
LATE_NEWS = timedelta(minutes=15)
# Whatever is told last.
LATEST = frozenset({Anchor.LAST_CONTACT, Anchor.LAST_INVESTIGATIVE_ENTRY, Anchor.LAST_SUPERVISOR_ENTRY})
# What only says who has something: none of it shows that a supervisor has looked at the case (W51).
WHO_HAS_IT = frozenset({K.ACKNOWLEDGED, K.ACCEPTED, K.DECLINED, K.DELEGATED, K.HANDOVER_OFFERED})
LIVE_LINES = frozenset({K.NEW_INFORMATION, K.ATTENDED, K.TASKED, K.RESOURCED, K.FOUND_REPORTED})
UNDER_WAY = frozenset({K.ATTENDED, K.RESOURCED})
THIRD_PARTIES = frozenset({Role.HOME_CONTACT, Role.LOCAL_AUTHORITY})
# What is said for the record only; the rest, said of a closed case, reaches a named person (W35).
FOR_THE_RECORD = frozenset({K.NOTE, K.LOG_ENTRY, K.SERIAL_CLOSED})


def information(book: Book, fact: Fact, at: datetime) -> None:
    """Keep what was said, end the steps that it answers, and set the anchor that it moves."""
    if book.case.closed and fact.kind not in FOR_THE_RECORD:
        on_a_closed_case(book, fact)
        return
    _refuse_found_before_reported(book, fact)
    answers(book, fact, at)
    anchor = ANCHOR_OF.get(fact.kind)
    if fact.kind is K.RETURNED:
        _returned(book, read_instant(fact.text("at")) or at, at)
    elif anchor is not None:
        _move(book, anchor, at)
    if fact.kind in INVESTIGATIVE:
        _move(book, Anchor.LAST_INVESTIGATIVE_ENTRY, at)
    if fact.kind in UNDER_WAY or fact.kind is K.UNRESOURCED:
        book.case = replace(book.case, resourced=fact.kind in UNDER_WAY)
    if fact.kind is K.TASKED:
        _tell_the_supervisor(book, at)
    if fact.kind in LIVE_LINES:
        wake(book)


def wake(book: Book) -> None:
    """Bring a case that rests back to life: there is a live line of enquiry."""
    if book.case.status is CaseStatus.INACTIVE:
        book.case = replace(book.case, status=CaseStatus.OPEN)


def answers(book: Book, fact: Fact, at: datetime) -> None:
    """End each step that this kind of fact completes, also one that was not yet asked for."""
    answered = book.pack.completed_by(fact.kind)
    for step in book.case.pending:
        if step.key in answered and fact.step in (None, step.key) and fact.occurrence in (None, step.occurrence):
            rule = book.rule(step)
            if is_later(rule, step, at) if step.live else not (rule.repeats or rule.each_time):
                ended = replace(finished(step, at, fact.by), evidence={**step.evidence, **fact.evidence})
                book.put(ended)
                book.over(step, fact.by, at)


def is_later(rule: StepRule, step: Step, at: datetime) -> bool:
    """Tell whether something said of `at` can answer a step: what comes each time is not answered from before it."""
    return not rule.each_time or step.anchor_at is None or at > step.anchor_at


def investigated(book: Book, at: datetime) -> None:
    """Take it that something was done to find the person."""
    _move(book, Anchor.LAST_INVESTIGATIVE_ENTRY, at)


def supervised(book: Book, fact: Fact, at: datetime) -> None:
    """Take it that a supervisor has looked, where a sergeant or above recorded more than who has something."""
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    if rank.weight >= Rank.SERGEANT.weight and fact.kind not in WHO_HAS_IT:
        _move(book, Anchor.LAST_SUPERVISOR_ENTRY, at)


def _move(book: Book, anchor: Anchor, at: datetime) -> None:
    """Set an anchor; one that stands for the latest of its kind never goes back.

    Information that arrives late, about something earlier, is new all the same: it counts from its arrival.
    """
    before = book.case.anchors.get(anchor, at)
    if anchor in LATEST:
        at = max(before, at)
    elif anchor is Anchor.NEW_INFO and (before > at or book.now - at > LATE_NEWS):
        at = book.now
    book.case = book.case.with_anchor(anchor, at)


def _returned(book: Book, when: datetime, at: datetime) -> None:
    """Count from when the person came back, not from when somebody said so; what is open already moves with it."""
    book.case = book.case.with_anchor(Anchor.RETURNED, max(min(when, at), began_at(book)))
    for step in book.case.steps:
        rule = book.rule(step)
        if rule.anchor is Anchor.RETURNED and step.status is StepStatus.WAITING:
            book.put(waiting(step.key, step.occurrence))  # its times are worked out afresh
        elif rule.anchor is Anchor.RETURNED and step.status is StepStatus.OPEN:
            moved = opening(book, replace(step, anchor_at=None), rule)
            if moved is not None and moved.due_at != step.due_at:
                book.put(replace(moved, climb_at=ladder.climb_after(moved, rule, book.risk, book.now)))
                book.note("retimed", at, step=step.key, occurrence=step.occurrence,
                          before=step.due_at, after=moved.due_at, status=step.status, cause="returned",
                          because=reason_of(book.case, book.pack, moved))  # fmt: skip


def verified_seen(book: Book, fact: Fact, at: datetime) -> None:
    """Take it that the person has been seen: the case is *located*, and nothing is sought any more."""
    if book.case.closed:
        on_a_closed_case(book, fact)
        return
    _refuse_found_before_reported(book, fact)
    known = book.roster.rank_of(fact.by) is not None and not _is_third_party(book, fact.by)
    _keep_secret_if_asked(book, fact, known=known)
    if not known:
        _default(book, Anchor.FOUND_REPORTED, at)
        return
    wellbeing = fact.text("wellbeing")
    status = book.case.status if book.case.status is CaseStatus.CLOSING else CaseStatus.LOCATED
    book.case = replace(book.case, wellbeing=wellbeing, status=status)
    answers(book, fact, at)
    _default(book, Anchor.FOUND_REPORTED, at)
    book.case = book.case.with_anchor(Anchor.VERIFIED_SEEN, at)
    if wellbeing == DECEASED:  # there is no interview that the closure would wait for
        _default(book, Anchor.PREVENTION_INTERVIEW_DONE, at)
    else:
        _default(book, Anchor.RETURNED, at)  # physically back, or seen (domain 8.1); `returned` says it better
    book.note("located", at, by=fact.by, wellbeing=wellbeing)


def _is_third_party(book: Book, person: str) -> bool:
    """Tell whether the roster knows somebody only as a contact outside the force: their word is a report (W34)."""
    roles = {duty.role for duty in book.roster.spells_of(person)}
    return bool(roles) and roles <= THIRD_PARTIES


def _keep_secret_if_asked(book: Book, fact: Fact, *, known: bool) -> None:
    """Keep an adult's place secret from whoever passes the wish on, until somebody known says that it is over (W121).

    Only a child's is not kept; where nobody knows the age, it is.
    """
    said = fact.evidence.get("do_not_disclose")
    child = book.case.is_child and book.case.age_band is not AgeBand.UNKNOWN
    if said_yes(said) and not child:
        book.case = replace(book.case, do_not_disclose=True)
    elif known and not is_blank(said) and not said_yes(said):
        book.case = replace(book.case, do_not_disclose=False)


def _default(book: Book, anchor: Anchor, at: datetime) -> None:
    if anchor not in book.case.anchors:
        book.case = book.case.with_anchor(anchor, at)


def began_at(book: Book) -> datetime:
    """Give when the person went missing for the police: the report, or the latest reopening."""
    reported_at = book.case.anchors[Anchor.CALL_RECEIVED]
    return max(reported_at, book.case.anchors.get(Anchor.REOPENED, reported_at))


def _refuse_found_before_reported(book: Book, fact: Fact) -> None:
    at, reported_at = fact.at or book.now, began_at(book)
    if fact.kind in (K.FOUND_REPORTED, K.VERIFIED_SEEN) and at < reported_at:
        raise Refused(
            f"found at {local_time(at, book.now)}, before the report of {local_time(reported_at, book.now)}",
            rule="found_before_reported",
            missing=[Missing("at", "an instant after the report, or none; say in `how` what is known of the time")],
            who_may="anybody: send it again with the right instant",
        )


def _tell_the_supervisor(book: Book, at: datetime) -> None:
    """Tell whoever supervises the attendance that the control room has sent a unit (domain 10, scenario 13)."""
    steps = [step for step in book.case.steps if K.ATTENDED in book.rule(step).done_by]
    for step in steps[:1]:
        for to in ladder.first_addressees(book.rule(step), book.risk):
            choice = book.choose(to)
            book.chose(step, choice, 0, at)
            if choice.chosen is None:
                book.alarm(AlarmKey.NOBODY_ON_DUTY, f"{step.key}: {to.role} to supervise the unit tasked", at, step)
            else:
                text = "The control room has tasked a unit: supervise what it does"
                word = Word(MessageType.TASK, "Tell the sergeant that a unit is tasked", text, at)
                book.say(word, choice.chosen.person, choice.chosen.role, step)
