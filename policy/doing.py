"""Steps done, waived and recorded; information taken in. A tick is not evidence (F3)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from policy.book import Book
from policy.case import FINISHED, Step
from policy.decide import finished
from policy.errors import Missing, Refused, UsedLink
from policy.facts import Fact, is_blank
from policy.pack import StepRule
from policy.spans import local_time, read_instant
from policy.terms import (
    RANK_OF_ROLE,
    AlarmKey,
    Anchor,
    FactKind,
    Gate,
    Rank,
    StepStatus,
)

K = FactKind
ANCHOR_OF: Mapping[FactKind, Anchor] = {
    K.ATTENDED: Anchor.ATTENDED,
    K.NEW_INFORMATION: Anchor.NEW_INFO,
    K.CONTACT_MADE: Anchor.LAST_CONTACT,
    K.FOUND_REPORTED: Anchor.FOUND_REPORTED,
    K.VERIFIED_SEEN: Anchor.VERIFIED_SEEN,
    K.RETURNED: Anchor.RETURNED,
}
INVESTIGATIVE = frozenset({K.ATTENDED, K.REVIEWED, K.NEW_INFORMATION})
LATEST = frozenset({Anchor.NEW_INFO, Anchor.LAST_CONTACT, Anchor.LAST_INVESTIGATIVE_ENTRY})  # whatever is told last


def information(book: Book, fact: Fact, at: datetime) -> None:
    """Keep what was said and set the anchor that it moves; never refused."""
    anchor = ANCHOR_OF.get(fact.kind)
    if fact.kind is K.RETURNED:  # what counts is when the person came back, not when somebody said so
        at = min(read_instant(fact.text("at")) or at, at)
    if anchor is not None:
        _move(book, anchor, at)
    if fact.kind in INVESTIGATIVE:
        _move(book, Anchor.LAST_INVESTIGATIVE_ENTRY, at)


def _move(book: Book, anchor: Anchor, at: datetime) -> None:
    """Set an anchor; one that stands for the latest of its kind never goes back."""
    before = book.case.anchors.get(anchor, at)
    book.case = book.case.with_anchor(anchor, max(before, at) if anchor in LATEST else at)


def completes(book: Book, fact: Fact, at: datetime) -> None:
    """Complete the live step that asks for this kind of fact; refused when no step does."""
    asking = [s for s in book.case.live_steps() if fact.kind in book.rule(s).done_by]
    asking = [s for s in asking if fact.step in (None, s.key) and fact.occurrence in (None, s.occurrence)]
    if not asking:
        raise Refused(
            f"no open step of {book.case.ref} asks for {fact.kind}",
            rule=fact.step or str(fact.kind),
            missing=[Missing("an open step", f"{fact.kind} answers a step, and none is open that it would answer")],
            who_may="nobody until the step opens; information can always be sent",
        )
    _complete(book, asking[0], fact, at)
    information(book, fact, at)


def step_completed(book: Book, fact: Fact, at: datetime) -> None:
    """Complete a step with its form filled in; `complete: false` keeps what was written and leaves it open."""
    step = _named(book, fact)
    rule = book.rule(step)
    if K.STEP_COMPLETED not in rule.done_by:
        raise Refused(
            f"{step.key} is completed by {' or '.join(rule.done_by)}, not by a tick",
            rule=step.key,
            missing=[Missing(rule.done_by[0], "the step is done only when that is said by the person it asks")],
            who_may=book.roster.who_may(_rank(book, rule), book.now),
        )
    if fact.evidence.get("complete") is False:
        book.put(replace(step, evidence={**step.evidence, **fact.evidence}))
        return
    _complete(book, step, fact, at)


def _complete(book: Book, step: Step, fact: Fact, at: datetime) -> None:
    rule = book.rule(step)
    _refuse_too_low_a_rank(book, step, rule, fact)
    evidence = {**step.evidence, **fact.evidence}
    missing = [
        Missing(field.name, field.help or f"{field.title}: a tick is not evidence")
        for field in rule.evidence
        if field.required and is_blank(evidence.get(field.name))
    ]
    if missing:
        raise Refused(
            f"{step.key} lacks {', '.join(m.what for m in missing)}",
            rule=step.key,
            missing=missing,
            who_may=book.roster.who_may(_rank(book, rule), book.now),
        )
    book.put(replace(finished(step, at, fact.by), evidence=evidence))
    book.over(step, fact.by, at)


def step_waived(book: Book, fact: Fact, at: datetime) -> None:
    """Waive a step with a reason, by the supervisor of the one who has it; some are never waived."""
    step = _named(book, fact)
    rule = book.rule(step)
    if not rule.waivable:
        raise Refused(
            f"{step.key} is never waived",
            rule=step.key,
            missing=[Missing("the step itself", "it is what this system exists for")],
            who_may="nobody",
        )
    held = book.roster.rank_of(step.holder or "") or _rank(book, rule)
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    above = list(Rank)[min(held.weight + 1, len(Rank) - 1)]
    if rank.weight < above.weight:
        raise Refused(
            f"{fact.by} is of rank {rank}; {step.key} is waived by {above} or above",
            rule=step.key,
            missing=[Missing(f"a person of rank {above} or above", "only the holder's supervisor waives a step")],
            who_may=book.roster.who_may(above, book.now),
        )
    done = finished(step, at, fact.by)
    book.put(replace(done, status=StepStatus.WAIVED, reason=fact.text("reason")))
    book.over(step, fact.by, at)


def serial_entry(book: Book, fact: Fact, at: datetime) -> None:
    """Record that the serial names who was told; only this makes the case compliant again (S0)."""
    for step in book.case.steps:
        rule = book.rule(step)
        if K.SERIAL_ENTRY in rule.done_by and step.status not in FINISHED:
            book.put(replace(finished(step, at, fact.by), evidence=dict(fact.evidence)))
            book.over(step, fact.by, at)
    book.case = replace(book.case, non_compliant=False)
    book.clear(AlarmKey.SERIAL_CLOSED_WITHOUT_RECIPIENT)


def serial_closed(book: Book, _fact: Fact, at: datetime) -> None:
    """Take that the serial was closed; without an entry that names the recipient, the FIM hears of it at once."""
    entered = (StepStatus.DONE, StepStatus.DONE_LATE)  # waiving the entry does not make one
    asking = [step for step in book.case.steps if Gate.SERIAL_ENTRY_NAMES_RECIPIENT in book.rule(step).gate]
    if not any(step.status in entered for step in asking):
        book.case = replace(book.case, non_compliant=True)
        book.alarm(AlarmKey.SERIAL_CLOSED_WITHOUT_RECIPIENT, "no serial entry names who was told", at)


def _named(book: Book, fact: Fact) -> Step:
    step = book.case.step(fact.step or "", fact.occurrence)
    if step is None:
        raise Refused(
            f"{book.case.ref} has no step {fact.step}",
            rule=fact.step or "step",
            missing=[Missing("a step of this case", "its steps are: " + ", ".join(s.key for s in book.case.steps))],
            who_may="nobody",
        )
    if step.status in FINISHED:
        raise UsedLink(
            f"{step.key} was done by {step.done_by} at {local_time(step.done_at or book.now, book.now)}", rule=step.key
        )
    return step


def _rank(book: Book, rule: StepRule) -> Rank:
    """Give the rank that a step asks for: its own word, else that of its actor."""
    if rule.done_rank is not None:
        return rule.done_rank
    actor = rule.actor.get(book.risk)
    return RANK_OF_ROLE[actor] if actor else Rank.STAFF


def _refuse_too_low_a_rank(book: Book, step: Step, rule: StepRule, fact: Fact) -> None:
    needed = _rank(book, rule)
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    if rank.weight < needed.weight:
        raise Refused(
            f"{fact.by} is of rank {rank}; {step.key} takes {needed} or above",
            rule=step.key,
            missing=[Missing(f"a person of rank {needed} or above", "the step belongs to that rank")],
            who_may=book.roster.who_may(needed, book.now),
        )
