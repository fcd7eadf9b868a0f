"""Steps done, waived and recorded by somebody who may. A tick is not evidence (F3)."""

from collections.abc import Sequence
from datetime import datetime

from policy import closing, forms, hearing
from policy.book import Book
from policy.case import FINISHED, Step, finished, let_go
from policy.completing import Completion, bring_about, lacking
from policy.errors import Fault, Invalid, Missing, Refused, UsedLink
from policy.facts import Fact
from policy.pack import StepRule
from policy.ranks import refuse_below
from policy.spans import local_time, read_instant
from policy.terms import (
    AlarmKey,
    Anchor,
    CaseStatus,
    FactKind,
    Gate,
    Rank,
    Stage,
    StepStatus,
)
from policy.values import replace

K = FactKind
INVESTIGATIVE = frozenset({Stage.RESPOND, Stage.PARTNERS})  # whose steps, done, are a line of enquiry


def completes(book: Book, fact: Fact, at: datetime) -> None:
    """Complete the step that asks for this kind of fact; refused when no step does."""
    step = _answered(book, fact)
    if step is None:
        raise Refused(
            f"no open step of {book.case.ref} asks for {fact.kind}",
            rule=fact.step or str(fact.kind),
            missing=[Missing("an open step", f"{fact.kind} answers a step, and none is open that it would answer")],
            who_may="nobody until the step opens; information can always be sent",
        )
    _complete(book, step, fact, at)


def _answered(book: Book, fact: Fact) -> Step | None:
    """Find the step that a fact answers: of a series the newest that is overdue, else the one that is open.

    A missed occurrence can still be named, and is then done late.
    """
    keys = book.pack.completed_by(fact.kind)
    asking = [s for s in book.case.steps if s.key in keys and fact.step in (None, s.key)]
    if fact.occurrence is not None:
        named = [s for s in asking if s.occurrence == fact.occurrence]
        return next((s for s in named if s.live or (s.status is StepStatus.NOT_REQUIRED and s.holder)), None)
    return _pressing([s for s in asking if s.live])


def _pressing(live: Sequence[Step]) -> Step | None:
    """Give, of one step's live occurrences, the newest that is overdue, else the one that is open."""
    overdue = [s for s in live if s.status is StepStatus.OVERDUE and s.key == live[0].key]
    return overdue[-1] if overdue else next(iter(live), None)


def no_deployment(book: Book, fact: Fact, at: datetime) -> None:
    """Take an inspector's decision that nobody is sent; it is asked again at the next instant of the series (W57)."""
    what, why = "that nobody is sent is decided by an", "the decision is timed, named and never silent"
    refuse_below(book, fact, Rank.INSPECTOR, str(fact.kind), what, why)
    completes(book, fact, at)


def interview_held(book: Book, fact: Fact, at: datetime) -> None:
    """Take the prevention interview, with its interviewer, who does not sign the closure (W33)."""
    when, anchors = read_instant(fact.text("when")), book.case.anchors
    found = [anchors[a] for a in (Anchor.FOUND_REPORTED, Anchor.VERIFIED_SEEN, Anchor.RETURNED) if a in anchors]
    found_at = min(found, default=hearing.began_at(book))
    if when is not None and not found_at <= when <= book.now:
        says = "before the person was found" if when < found_at else "in the future"
        after = f"give the time of the interview, after {local_time(found_at, book.now)}"
        raise Invalid("the fact interview_held has faults", [Fault("evidence.when", f"lies {says}", after)])
    completes(book, fact, at)
    book.case = replace(book.case, interviewer=fact.text("interviewer"))
    book.case = book.case.with_anchor(Anchor.PREVENTION_INTERVIEW_DONE, at)


def step_completed(book: Book, fact: Fact, at: datetime) -> None:
    """Complete a step with its form filled in; `complete: false` keeps what was written and leaves it open."""
    step = _named(book, fact)
    rule = book.rule(step)
    if K.STEP_COMPLETED not in rule.done_by:
        raise Refused(
            f"{step.key} is completed by {' or '.join(rule.done_by)}, not by a tick",
            rule=step.key,
            missing=[Missing(rule.done_by[0], "the step is done only when that is said by the person it asks")],
            who_may=book.roster.who_may(rule.rank(book.risk), book.now, book.case.area),
        )
    if fact.evidence.get("complete") is False:
        book.put(replace(step, evidence={**step.evidence, **fact.evidence}))
        return
    _complete(book, step, fact, at)


def _complete(book: Book, step: Step, fact: Fact, at: datetime) -> None:
    rule = book.rule(step)
    refuse_below(book, fact, rule.rank(book.risk), step.key, f"{step.key} takes", "the step belongs to that rank")
    evidence = {**step.evidence, **fact.evidence}
    missing, wrong = forms.lacking(rule, evidence, fact.kind), forms.wrong(rule, evidence, book.roster, book.now)
    done = Completion(book, rule, step, fact, evidence)
    missing += [*closing.lacks_next_review(book, rule, evidence), *([] if wrong else lacking(done))]
    if missing:
        raise Refused(
            f"{step.key} lacks {', '.join(m.what for m in missing)}",
            rule=step.key,
            missing=missing,
            who_may=book.roster.who_may(rule.rank(book.risk), book.now, book.case.area),
        )
    if wrong:
        raise Invalid(f"the form of {step.key} has faults", wrong)
    book.put(replace(finished(step, at, fact.by), evidence=evidence, reason=None))
    book.over(step, fact.by, at)
    _let_the_missed_go(book, step, rule)
    bring_about(done, at)
    if rule.stage in INVESTIGATIVE or fact.kind is K.REVIEWED:
        hearing.investigated(book, at)


def _let_the_missed_go(book: Book, step: Step, rule: StepRule) -> None:
    """Ask no more for what was missed before the occurrence that is done now; the breach stays on the record."""
    if not rule.repeats:
        return
    for before in book.case.occurrences(step.key):
        if before.live and before.occurrence < step.occurrence:
            book.over(before, book.by, book.now)
            book.put(let_go(before, f"missed; occurrence {step.occurrence} was done instead"))


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
    if book.case.status is CaseStatus.INACTIVE and rule.anchor is Anchor.NEXT_REVIEW:
        raise Refused(
            f"{step.key} is not waived while {book.case.ref} is inactive",
            rule=step.key,
            missing=[Missing("the next review", "a case may rest only until a set review")],
            who_may="nobody until the case is live again",
        )
    held = book.roster.rank_of(step.holder or "") or rule.rank(book.risk)
    above = list(Rank)[min(held.weight + 1, len(Rank) - 1)]
    refuse_below(book, fact, above, step.key, f"{step.key} is waived by", "only the holder's supervisor waives a step")
    done = finished(step, at, fact.by)
    book.put(replace(done, status=StepStatus.WAIVED, reason=fact.text("reason")))
    book.over(step, fact.by, at)


def serial_entry(book: Book, fact: Fact, at: datetime) -> None:
    """Record that the serial names who was told; only this makes the case compliant again (S0)."""
    for step in book.case.steps:
        if step.key in book.pack.completed_by(K.SERIAL_ENTRY) and step.status not in FINISHED:
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
    live = [s for s in book.case.occurrences(fact.step or "") if s.live and fact.occurrence in (None, s.occurrence)]
    step = _pressing(live) or book.case.begun(fact.step or "", fact.occurrence)
    if step is None:
        raise Refused(
            f"{book.case.ref} has no step {fact.step}",
            rule=fact.step or "step",
            missing=[Missing("a step of this case", "its steps are: " + ", ".join(s.key for s in book.case.steps))],
            who_may="nobody",
        )
    if step.status is StepStatus.WAITING and book.rule(step).repeats:
        raise Refused(
            f"{step.key} {step.occurrence} is not open yet",
            rule=step.key,
            missing=[Missing("an open occurrence", "what is planned is done when it is asked for")],
            who_may="nobody until it opens",
        )
    if step.status in FINISHED:
        raise UsedLink(
            f"{step.key} was done by {step.done_by} at {local_time(step.done_at or book.now, book.now)}", rule=step.key
        )
    return step
