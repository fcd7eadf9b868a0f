"""What is due now: case, pack, roster and `now` in, one outcome out. Time alone acts here; facts are in `record`.

1. Steps whose time has come open, and their first messages go out (`unfold`).
2. Each live step's happenings at or before `now` are performed in the order in which they fell due,
   each dated when it fell due and not when it was noticed.
3. What an outage let pass is done once: every rung, but only the newest of the reminders, rounds and occurrences.
4. Whoever goes off duty with something unanswered is relieved, and the Force Incident Manager hears of it.
"""

from datetime import datetime

from policy import ladder, re_report, shifts
from policy.book import Book
from policy.case import Case, Step, finished, waiting
from policy.conditions import holds
from policy.floors import floor_of
from policy.intents import Outcome
from policy.ladder import Happening
from policy.pack import Addressee, Pack, StepRule
from policy.pack_parse import case_steps
from policy.report import Report
from policy.roster import Roster
from policy.terms import AlarmKey, Anchor, Rank, Role, StepStatus
from policy.unfold import forget_the_long_missed, offer, opening, unfold
from policy.values import replace


def open_case(report: Report, pack: Pack, roster: Roster, now: datetime, ref: str, late: str | None = None) -> Outcome:
    """Open a case from its record and perform what is due at once, the first messages among it.

    `late` says why it begins later than its record, such as `missed start`.
    """
    case = Case(
        ref=ref,
        pack=pack.name,
        revision=pack.revision,
        area=report.area,
        age_band=report.age_band,
        risk=report.risk,
        risk_rank=Rank.STAFF if report.risk else None,
        anchors={
            Anchor.CALL_RECEIVED: report.reported_at,
            Anchor.CMS_CREATED: report.recorded_at,
            Anchor.LAST_CONTACT: report.reported_at,  # the report itself is a contact with the reporter
            Anchor.LAST_INVESTIGATIVE_ENTRY: report.recorded_at,  # a case in which nothing is ever done is watched too
            Anchor.LAST_SUPERVISOR_ENTRY: report.recorded_at,  # as is one at which no supervisor ever looks
        },
        tagged_to=report.tagged_to,
        flags=report.flags,
        risk_floor=floor_of(report.flags, pack),
        call_type=report.call_type,
        defective=report.defective,
        example=report.example,
        late=late,
    )
    if report.risk:
        case = case.with_anchor(Anchor.RISK_SET, report.recorded_at)
    book = Book(case, pack, roster, now)
    book.note("case_opened", report.recorded_at, risk=report.risk, area=report.area, pack=pack.name, late=late)
    if report.earlier is not None:
        re_report.restore(book, report.earlier, report.recorded_at)
    _ring_without_a_manager(book)
    steps = [_placed(book, rule, report) for rule in case_steps(pack) if holds(rule.when, book.case)]
    book.case = replace(book.case, steps=tuple(steps))
    run(book)
    return book.outcome()


def _ring_without_a_manager(book: Book) -> None:
    """Until somebody accepts, the Force Incident Manager is responsible; where none is on duty, the next one hears."""
    fim = Role.FORCE_INCIDENT_MANAGER
    if book.choose(Addressee(fim)).chosen is None:
        book.alarm(AlarmKey.NOBODY_ON_DUTY, f"{fim}, who is responsible until an owner accepts", book.now)


def _placed(book: Book, rule: StepRule, report: Report) -> Step:
    """Give a step as it waits in a new case; what the record itself has done is done."""
    step = waiting(rule.key)
    by_record = rule.done_by_record or (report.risk is not None and _set_by_record(rule))
    if by_record and rule.applies(book.risk):
        return finished(opening(book, step, rule) or step, report.recorded_at, "system")
    return step


def _set_by_record(rule: StepRule) -> bool:
    return "risk_set" in rule.done_by and rule.done_rank is Rank.STAFF


def decide(case: Case, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Perform on paper all that fell due at or before `now`; nothing due gives an unchanged outcome."""
    book = Book(case, pack, roster, now)
    run(book)
    return book.outcome()


def run(book: Book) -> None:
    """Open what can open, let time act on each live step, and look after the ends of shifts."""
    pack, roster = book.case.left_under
    if pack is not book.pack or _is_due(book.case, book.now):
        unfold(book)
        for step in book.case.live_steps():
            if _is_due(step, book.now) or (step.key in book.pack.series and len(book.case.occurrences(step.key)) > 1):
                _let_time_act(book, step)
        forget_the_long_missed(book)
    elif roster is book.roster:
        return
    rests = shifts.watch(book)
    book.case.settle(book.pack, book.roster if rests else None)


def _is_due(one: Case | Step, now: datetime) -> bool:
    return one.wakes_at is not None and one.wakes_at <= now


def _let_time_act(book: Book, step: Step) -> None:
    rule = book.rule(step)
    if rule.repeats and _newer_is_overdue(book, step):
        if step.status is StepStatus.OPEN or step.remind_at is not None:
            book.put(ladder.missed(book, step))
        return
    before = step
    while (coming := ladder.next_of(step)) is not None and coming.at <= book.now:
        if coming.what is Happening.OVERDUE:
            step = ladder.overdue(book, step, rule, coming.at)
        elif coming.what is Happening.CLIMB:
            step = ladder.climb(book, step, rule, coming.at)
        elif coming.what is Happening.WARN:
            step = ladder.warn(book, step, rule, coming.at)
        else:
            step = ladder.remind(book, step, rule, coming.at)
    if step is before:
        return
    book.put(step)
    if before.holder != step.holder:  # somebody has come on duty, or is the relief
        offer(book, step, book.now)


def _newer_is_overdue(book: Book, step: Step) -> bool:
    """Tell whether a later occurrence has passed its deadline too: one message goes out, for the newest."""
    later = [s for s in book.case.live_steps() if s.key == step.key and s.occurrence > step.occurrence]
    return any(s.due_at is not None and s.due_at <= book.now for s in later)
