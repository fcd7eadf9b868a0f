"""A change of risk and what it does to the times of a case (domain 8.1, design section 4).

Raise: each open step's due is the earlier of what it was and `risk_set` + the new span; steps that only the new
level asks for open now. Lower: open steps not yet overdue get the later due, overdue ones stay overdue, what the
new level does not ask for is *not required* and comes back on a raise. Nothing moves silently into the past.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from policy import hearing, ladder, permitted, series
from policy.book import Book
from policy.case import FINISHED, Step, finished
from policy.closed_contact import on_a_closed_case
from policy.errors import Missing, Refused
from policy.explain_due import reason_of
from policy.facts import Fact
from policy.forms import said_yes
from policy.pack import StepRule
from policy.ranks import refuse_below
from policy.terms import Anchor, FactKind, Rank, Risk, StepStatus


def level_of(fact: Fact) -> Risk:
    """Give the level that a `risk_set` fact names; the grammar has made sure that it is one."""
    return Risk(fact.text("level"))


def risk_set(book: Book, fact: Fact, at: datetime) -> None:
    """Set the risk, complete the risk steps that this rank completes, and retime all that is open."""
    level, before = level_of(fact), book.risk
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    _refuse_lowering(book, fact, level)
    raised = book.case.risk is not None and level.weight > book.case.risk.weight
    same = level is book.case.risk and book.case.risk_rank is not None
    stands = max(rank, book.case.risk_rank or rank, key=lambda r: r.weight) if same else rank
    open_to = {"to_confirm": True} if permitted.provisional(book, fact) else {}
    book.note("risk", at, by=fact.by, before=book.case.risk, after=level, rank=stands, **open_to)
    book.case = replace(book.case, risk=level, risk_rank=stands)
    if not same:
        book.case = book.case.with_anchor(Anchor.RISK_SET, at)
    _confirm(book, rank, at, raised=raised)
    for step in book.case.live_steps():
        rule = book.rule(step)
        answered = FactKind.RISK_SET in rule.done_by and hearing.is_later(rule, step, at)
        if answered and rank.weight >= (rule.done_rank or Rank.STAFF).weight:
            book.put(replace(finished(step, at, fact.by), evidence={**step.evidence, **fact.evidence}))
            book.over(step, fact.by, at)
    if book.case.closed:
        on_a_closed_case(book, fact)
    elif book.risk is not before:
        if book.risk.weight > before.weight:
            hearing.wake(book)
        retime(book, before, at)


def _confirm(book: Book, rank: Rank, at: datetime, *, raised: bool) -> None:
    """Leave a raise by somebody below a sergeant to be confirmed; what a supervisor says later confirms it."""
    supervises, raised_at = rank.weight >= Rank.SERGEANT.weight, book.case.anchors.get(Anchor.RISK_RAISED)
    if raised and not supervises:
        book.case = replace(book.case, to_confirm=True).with_anchor(Anchor.RISK_RAISED, book.now)
    elif supervises and (raised_at is None or at > raised_at):
        book.case = replace(book.case, to_confirm=False)


def _refuse_lowering(book: Book, fact: Fact, level: Risk) -> None:
    """Refuse to lower a level that stands by too low a rank, or on a mere hypothesis."""
    if book.case.risk is not None and level.weight < book.case.risk.weight:
        why = "lowering is allowed, never silent (W1, W49)"
        refuse_below(book, fact, _rank_to_lower(book), "downgrade_rank", "lowering the risk takes", why)
        _refuse_a_hypothesis(book, fact)


def _rank_to_lower(book: Book) -> Rank:
    """Give the rank that lowers the risk: the pack's, and never below an inspector between two forces (W41)."""
    if book.case.transfer is None:
        return book.pack.downgrade_rank
    return max(book.pack.downgrade_rank, Rank.INSPECTOR, key=lambda rank: rank.weight)


def _refuse_a_hypothesis(book: Book, fact: Fact) -> None:
    """Refuse a lower level for which there is nothing but a benign hypothesis: what bears it out is named (W2, W4)."""
    supposed = said_yes(fact.evidence.get("hypothesis")) or fact.text("basis").lower() == "hypothesis"
    if supposed and not fact.text("source"):
        raise Refused(
            "a benign hypothesis never lowers the risk by itself",
            rule="hypothesis",
            missing=[Missing("source", "who gave the information that bears it out, or leave the risk as it is")],
            who_may=book.roster.who_may(book.pack.downgrade_rank, book.now, book.case.area),
        )


def retime(book: Book, before: Risk, at: datetime) -> None:
    """Move every unfinished step of the case to the level in force now; what it does not ask for is let go later."""
    raised = book.risk.weight > before.weight
    for known in book.case.steps:
        step = book.case.step(known.key, known.occurrence) or known
        rule = book.rule(step)
        if step.status in FINISHED or not rule.applies(book.risk):
            continue
        moved = step
        if rule.repeats:
            moved = _in_new_series(book, step, rule, at)
        elif step.status is StepStatus.WAITING and rule.at_anchor and step.due_at is not None:
            span = series.rung_span(step, rule, book.risk, step.due_at)
            moved = replace(step, span=span)
        elif step.live:
            moved = _moved(book, step, rule, at, raised=raised)
        if moved != step:
            book.put(moved)
        if moved.due_at != step.due_at:
            book.note(
                "retimed", at, step=step.key, occurrence=step.occurrence,
                before=step.due_at, after=moved.due_at, status=moved.status,
                cause="risk", risk_before=before, risk=book.risk, because=reason_of(book.case, book.pack, moved),
            )  # fmt: skip


def _in_new_series(book: Book, step: Step, rule: StepRule, at: datetime) -> Step:
    """Count a series anew from the change: the open occurrence keeps the earlier due, the next follow the new interval.

    A series of fixed instants (28 days, 3 months ...) is no matter of the level and stays.
    """
    due_at = series.due_after(rule, book.risk, at, at)
    if rule.series or due_at is None or step.due_at is None:
        return step
    if step.status is StepStatus.OPEN:
        step = replace(step, anchor_at=at, due_at=min(step.due_at, max(due_at, book.now)))
    elif step.status is StepStatus.WAITING:
        before = book.case.step(step.key, step.occurrence - 1)
        after = before.due_at if before is not None and before.status is StepStatus.OPEN and before.due_at else at
        # The open one stands for the first of the new series: the next does not follow it within half an interval.
        rest = (due_at - at) / 2 if after > at else timedelta(0)
        anew = replace(step, occurrence=step.occurrence - 1, anchor_at=at, due_at=after + rest)
        return series.planned(anew, rule, book.risk, after) or step
    return _with_ladder(book, step, rule, raised=True)


def _moved(book: Book, step: Step, rule: StepRule, at: datetime, *, raised: bool) -> Step:
    due_at, anchor_at = step.due_at, step.anchor_at
    counted_from = at if raised else anchor_at
    new = series.due_from(rule, step, book.risk, counted_from) if counted_from else None
    if new is None or due_at is None or anchor_at is None:
        return step
    if step.status is StepStatus.OPEN:
        step = replace(step, due_at=min(due_at, max(new, book.now)) if raised else max(due_at, new))
    if raised:
        step = ladder.call_upon_new_roles(book, step, rule, at)
    return _with_ladder(book, step, rule, raised=raised)


def _with_ladder(book: Book, step: Step, rule: StepRule, *, raised: bool) -> Step:
    """Give the step with the reminders, warnings and rungs of the level in force; none lies in the past."""
    level_due = series.due_from(rule, step, book.risk, step.anchor_at) if step.anchor_at else None
    step = replace(step, span=series.rung_span(step, rule, book.risk, level_due or step.due_at or book.now))
    climb_at = ladder.climb_after(step, rule, book.risk, book.now)
    taken_over = rule.repeats and step.status is StepStatus.OVERDUE and step.climb_at is None
    if taken_over or step.rung < 0:  # a newer occurrence climbs on, or nobody has been asked yet
        climb_at = None
    if climb_at is not None:
        climb_at = max(min(climb_at, step.climb_at or climb_at) if raised else climb_at, book.now)
    remind_at, retry = step.remind_at, rule.retry.get(book.risk)
    if retry is not None and (raised or remind_at is None):
        remind_at = min(remind_at or retry.after(book.now), retry.after(book.now))
    warn_at = series.warning(step, rule) if step.status is StepStatus.OPEN else None
    warn_at = max(warn_at, book.now) if warn_at else None
    return replace(step, climb_at=climb_at, remind_at=remind_at, warn_at=warn_at)
