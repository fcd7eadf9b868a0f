"""What is due now: case, pack, roster and `now` in, one outcome out. Time alone acts here; facts are in `record`.

1. Steps whose anchor is known open, and their first messages go out.
2. Each live step's happenings at or before `now` are performed in the order in which they fell due,
   each dated when it fell due and not when it was noticed.
3. What an outage let pass is done once: every rung, but only the newest of the reminders and rounds.
"""

from dataclasses import replace
from datetime import datetime

from policy import ladder
from policy.book import Book
from policy.case import Case, Step
from policy.conditions import holds
from policy.intents import Outcome
from policy.ladder import Happening
from policy.pack import Addressee, Pack, StepRule
from policy.pack_parse import case_steps
from policy.report import Report
from policy.roster import Roster
from policy.terms import AlarmKey, Anchor, Rank, Risk, Role, StepStatus


def open_case(report: Report, pack: Pack, roster: Roster, now: datetime, ref: str) -> Outcome:
    """Open a case from its record and perform what is due at once, the first messages among it."""
    case = Case(
        ref=ref,
        pack=pack.name,
        revision=pack.revision,
        area=report.area,
        age_band=report.age_band,
        risk=report.risk,
        risk_rank=Rank.STAFF if report.risk else None,
        anchors={Anchor.CALL_RECEIVED: report.reported_at, Anchor.CMS_CREATED: report.recorded_at},
        tagged_to=report.tagged_to,
        flags=report.flags,
        call_type=report.call_type,
        defective=report.defective,
        example=report.example,
    )
    if report.risk:
        case = case.with_anchor(Anchor.RISK_SET, report.recorded_at)
    book = Book(case, pack, roster, now)
    book.note("case_opened", report.recorded_at, risk=report.risk, area=report.area, pack=pack.name)
    _ring_without_a_manager(book)
    for rule in case_steps(pack):
        if holds(rule.when, case):
            _place(book, rule, report)
    run(book)
    return book.outcome()


def _ring_without_a_manager(book: Book) -> None:
    """Until somebody accepts, the Force Incident Manager is responsible; where none is on duty, the next one hears."""
    fim = Role.FORCE_INCIDENT_MANAGER
    if book.choose(Addressee(fim)).chosen is None:
        book.alarm(AlarmKey.NOBODY_ON_DUTY, f"{fim}, who is responsible until an owner accepts", book.now)


def _place(book: Book, rule: StepRule, report: Report) -> None:
    """Put a step into the case as waiting; what the record itself has done is done."""
    step = Step(key=rule.key, status=StepStatus.WAITING)
    if not rule.applies(book.risk):
        book.put(not_required(step, book.risk))
        return
    by_record = rule.done_by_record or (report.risk is not None and _set_by_record(rule))
    if by_record:
        opened = opening(book, step, rule) or step
        book.put(finished(opened, report.recorded_at, "system"))
    else:
        book.put(step)


def _set_by_record(rule: StepRule) -> bool:
    return "risk_set" in rule.done_by and rule.done_rank is Rank.STAFF


def decide(case: Case, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Perform on paper all that fell due at or before `now`; nothing due gives an unchanged outcome."""
    book = Book(case, pack, roster, now)
    run(book)
    return book.outcome()


def run(book: Book) -> None:
    """Open what can open, then let time act on each live step; a closed case asks for nothing."""
    if book.case.closed:
        return
    for step in book.case.steps:
        if step.status is StepStatus.WAITING:
            _open_if_due(book, step)
    for step in book.case.live_steps():
        _let_time_act(book, step)


def opening(book: Book, step: Step, rule: StepRule) -> Step | None:
    """Give the step with its times, None while its anchor is not known."""
    anchor_at = book.case.anchors.get(rule.anchor)
    span = rule.due.get(book.risk)
    if anchor_at is None or span is None:
        return None
    anchor_at = max(anchor_at, step.anchor_at or anchor_at)  # asked for again by a raise: counts from the raise
    due_at = span.after(anchor_at)
    return replace(step, anchor_at=anchor_at, due_at=due_at, span=due_at - anchor_at)


def _open_if_due(book: Book, step: Step) -> None:
    rule = book.rule(step)
    opened = opening(book, step, rule)
    if opened is None or opened.anchor_at is None:
        return
    if opened.anchor_at > book.now:
        book.put(opened)
        return
    at = opened.anchor_at
    opened = replace(opened, status=StepStatus.OPEN)
    book.note("step_opened", at, step=step.key, occurrence=step.occurrence, due_at=opened.due_at, risk=book.risk)
    opened = ladder.first_messages(book, opened, rule, at)
    book.put(opened)
    _offer(book, opened, at)


def _offer(book: Book, step: Step, at: datetime) -> None:
    """A step that asks for an owner offers the case to the person told first."""
    if book.rule(step).kind == "accept" and step.holder and book.case.owner is None:
        book.case = replace(book.case, offered_to=step.holder, offered_at=at)


def _let_time_act(book: Book, step: Step) -> None:
    rule = book.rule(step)
    while (coming := ladder.next_of(step)) is not None and coming.at <= book.now:
        if coming.what is Happening.OVERDUE:
            step = ladder.overdue(book, step, rule, coming.at)
        elif coming.what is Happening.CLIMB:
            step = ladder.climb(book, step, rule, coming.at)
        else:
            step = ladder.remind(book, step, rule, coming.at)
    before = book.case.step(step.key, step.occurrence)
    if before is not None and step != before:
        book.put(step)
        if before.holder is None:  # somebody has come on duty
            _offer(book, step, book.now)


def not_required(step: Step, risk: Risk) -> Step:
    """Give the step as one that the level does not ask for, with the reason."""
    reason = f"not asked for at {risk.replace('_', ' ')} risk"
    return replace(step, status=StepStatus.NOT_REQUIRED, reason=reason, remind_at=None, climb_at=None)


def finished(step: Step, at: datetime, by: str) -> Step:
    """Give the step as done: *done late* where its deadline had passed, which is not *done*."""
    late = step.due_at is not None and at >= step.due_at
    return replace(
        step,
        status=StepStatus.DONE_LATE if late else StepStatus.DONE,
        done_at=at,
        done_by=by,
        remind_at=None,
        climb_at=None,
    )
