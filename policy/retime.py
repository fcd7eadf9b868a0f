"""A change of risk and what it does to the times of a case (domain 8.1, design section 4).

Raise: each open step's due is the earlier of what it was and `risk_set` + the new span; steps that only the new
level asks for open now. Lower: open steps not yet overdue get the later due, overdue ones stay overdue, what the
new level does not ask for is *not required* and comes back on a raise. Nothing moves silently into the past.
"""

from dataclasses import replace
from datetime import datetime

from policy import ladder
from policy.book import Book
from policy.case import FINISHED, Step
from policy.decide import finished, not_required
from policy.errors import Missing, Refused
from policy.facts import Fact
from policy.pack import StepRule
from policy.terms import Anchor, FactKind, Rank, Risk, StepStatus


def level_of(fact: Fact) -> Risk:
    """Give the level that a `risk_set` fact names; the grammar has made sure that it is one."""
    return Risk(fact.text("level"))


def risk_set(book: Book, fact: Fact, at: datetime) -> None:
    """Set the risk, complete the risk steps that this rank completes, and retime all that is open."""
    level, before = level_of(fact), book.risk
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    _refuse_lowering_by_too_low_a_rank(book, fact, level, rank)
    same = level is book.case.risk and book.case.risk_rank is not None
    stands = max(rank, book.case.risk_rank or rank, key=lambda r: r.weight) if same else rank
    book.note("risk", at, by=fact.by, before=book.case.risk, after=level, rank=stands)
    book.case = replace(book.case, risk=level, risk_rank=stands)
    if not same:
        book.case = book.case.with_anchor(Anchor.RISK_SET, at)
    for step in book.case.live_steps():
        rule = book.rule(step)
        if FactKind.RISK_SET in rule.done_by and rank.weight >= (rule.done_rank or Rank.STAFF).weight:
            book.put(finished(step, at, fact.by))
            book.over(step, fact.by, at)
    if book.risk is not before:
        retime(book, before, at)


def _refuse_lowering_by_too_low_a_rank(book: Book, fact: Fact, level: Risk, rank: Rank) -> None:
    lowers = book.case.risk is not None and level.weight < book.case.risk.weight
    needed = book.pack.downgrade_rank
    if lowers and rank.weight < needed.weight:
        raise Refused(
            f"{fact.by} is of rank {rank}; lowering the risk takes {needed} or above",
            rule="downgrade_rank",
            missing=[Missing(f"a person of rank {needed} or above", "lowering is allowed, never silent (W1, W49)")],
            who_may=book.roster.who_may(needed, book.now),
        )


def retime(book: Book, before: Risk, at: datetime) -> None:
    """Move every unfinished step of the case to the level in force now."""
    raised = book.risk.weight > before.weight
    for step in book.case.steps:
        if step.status in FINISHED:
            continue
        rule = book.rule(step)
        moved = _asked_again(book, step, rule)
        if moved is step and step.live:
            moved = _moved(book, step, rule, at, raised=raised) if rule.applies(book.risk) else _let_go(book, step)
        elif moved is step and step.status is StepStatus.WAITING and not rule.applies(book.risk):
            moved = not_required(step, book.risk)
        if moved != step:
            book.put(moved)
            book.note(
                "retimed", at, step=step.key, occurrence=step.occurrence,
                before=step.due_at, after=moved.due_at, status=moved.status,
            )  # fmt: skip


def _asked_again(book: Book, step: Step, rule: StepRule) -> Step:
    """What was not required and is asked for now waits for its anchor, and counts from now at the earliest.

    Where people had been told of it, it comes back as a new occurrence: nobody is told twice under one attempt key.
    """
    if step.status is not StepStatus.NOT_REQUIRED or not rule.applies(book.risk) or step != book.case.step(step.key):
        return step
    number = step.occurrence + 1 if step.told else step.occurrence
    return Step(step.key, number, StepStatus.WAITING, anchor_at=book.now)


def _let_go(book: Book, step: Step) -> Step:
    if step.status is StepStatus.OVERDUE:
        return step
    book.cancel(step)
    return not_required(step, book.risk)


def _moved(book: Book, step: Step, rule: StepRule, at: datetime, *, raised: bool) -> Step:
    span = rule.due.get(book.risk)
    if span is None or step.due_at is None or step.anchor_at is None:
        return step
    due_at = step.due_at
    if step.status is StepStatus.OPEN:
        new = span.after(at) if raised else span.after(step.anchor_at)
        due_at = min(due_at, max(new, book.now)) if raised else max(due_at, new)
    step = replace(step, due_at=due_at, span=span.after(step.anchor_at) - step.anchor_at)
    climb_at = ladder.climb_after(step, rule, book.risk, book.now)
    if climb_at is not None:
        climb_at = max(min(climb_at, step.climb_at or climb_at) if raised else climb_at, book.now)
    remind_at, retry = step.remind_at, rule.retry.get(book.risk)
    if retry is not None and (raised or remind_at is None):
        remind_at = min(remind_at or retry.after(book.now), retry.after(book.now))
    return replace(step, climb_at=climb_at, remind_at=remind_at)
