"""How a case rests, closes and comes back: inactive, closure asked for and signed by another hand, reopened.

Vigil never closes a case. It refuses a closure until its gate is satisfied and says what is missing (S4, W33, W34).
"""

from collections.abc import Mapping
from datetime import datetime

from policy import gates, hearing, ladder
from policy.book import Book, Word
from policy.case import FINISHED, NOT_MISSING, Step, Told, finished, let_go, waiting
from policy.errors import Missing, Refused
from policy.facts import Fact
from policy.gates import Ask
from policy.pack import Addressee, StepRule
from policy.ranks import refuse_below
from policy.spans import local_time, read_instant
from policy.terms import (
    AlarmKey,
    Anchor,
    CaseStatus,
    Kind,
    MessageType,
    Rank,
    Stage,
)
from policy.unfold import set_time, unfold
from policy.values import replace

# What a reopened case has to find out anew.
FORGOTTEN = (
    *(Anchor.FOUND_REPORTED, Anchor.VERIFIED_SEEN, Anchor.RETURNED, Anchor.PREVENTION_INTERVIEW_DONE, Anchor.CLOSED),
    *(Anchor.ACKNOWLEDGED, Anchor.OWNER_ASSIGNED, Anchor.ATTENDED, Anchor.NEXT_REVIEW),
)
OVER = (
    *(AlarmKey.NOBODY_ON_DUTY, AlarmKey.UNREACHABLE, AlarmKey.OVERDUE_LAST_RUNG),
    *(AlarmKey.UNOWNED_AFTER_SHIFT, AlarmKey.BOUNCE),
)


def closure_requested(book: Book, fact: Fact, at: datetime) -> None:
    """Ask for the signature once the gate is satisfied; refused with all that is missing until then."""
    rule = _sign_off(book, fact)
    reason = fact.text("reason")
    if book.case.status is CaseStatus.CLOSING:
        raise Refused(
            f"{book.case.closure_by} has asked for {book.case.ref} to be closed already",
            rule=rule.key,
            missing=[Missing("closure_signed", "what it awaits is the signature of another person")],
            who_may=book.roster.who_may(_rank(book, rule), book.now, book.case.area),
        )
    _refuse_while_missing(book, rule, Ask(book, reason))
    book.case = replace(
        book.case, status=CaseStatus.CLOSING, closure_by=fact.by, closure_reason=reason or None
    ).with_anchor(Anchor.PREVENTION_INTERVIEW_DONE, book.case.anchors.get(Anchor.PREVENTION_INTERVIEW_DONE, at))
    book.note("closing", at, by=fact.by, reason=reason or None)
    unfold(book)
    step = book.case.step(rule.key)
    if step is not None and step.live:
        _ask_to_sign(book, step, rule, at)


def _ask_to_sign(book: Book, step: Step, rule: StepRule, at: datetime) -> None:
    """Tell the first on duty whom the gate lets sign: neither the one who asked nor the one who interviewed."""
    reason = book.case.closure_reason or ""
    ways = (*ladder.first_addressees(rule, book.risk), *(to for _, to in rule.rungs(book.risk)))
    for to in ways:
        choice = book.choose(to)
        fit = next((p for p in choice.candidates if not gates.missing(Ask(book, reason, p), rule.gate)), None)
        if fit is not None:
            ask = Addressee(choice.role, to.area, "Read the evidence and sign the closure, or say why not")
            told = book.tell_person(step, Told(fit, choice.role, 0, at), ask, 0, f"sign:{int(at.timestamp())}")
            book.put(replace(told, holder=fit, role=choice.role))
            return
    book.alarm(AlarmKey.NOBODY_ON_DUTY, f"{step.key}: nobody who may sign", at, step)


def closure_signed(book: Book, fact: Fact, at: datetime) -> None:
    """Close the case: asked for by one person, signed by another of the pack's rank, with the gate still satisfied."""
    rule = _sign_off(book, fact)
    if book.case.status is not CaseStatus.CLOSING:
        raise Refused(
            f"nobody has asked for {book.case.ref} to be closed",
            rule=rule.key,
            missing=[Missing("closure_requested", "one person asks with a rationale, another signs")],
            who_may="anybody on duty may ask for it",
        )
    why = "the pack says who signs at this risk"
    refuse_below(book, fact, _rank(book, rule), rule.key, "this closure is signed by", why)
    _refuse_while_missing(book, rule, Ask(book, book.case.closure_reason or "", fact.by))
    duties = book.roster.duties_of(fact.by, book.now)
    for step in book.case.steps:
        if step.key == rule.key and step.status not in FINISHED:
            role = duties[0].role if duties else step.role
            book.put(replace(finished(step, at, fact.by), evidence=dict(fact.evidence), role=role))
            book.over(step, fact.by, at)
    book.case = replace(book.case, status=CaseStatus.CLOSED, offered_to=None, offered_at=None)
    book.case = book.case.with_anchor(Anchor.CLOSED, at)
    rank = book.roster.rank_of(fact.by)
    book.note("closed", at, by=fact.by, role=duties[0].role if duties else None, rank=rank)
    for key in OVER:
        book.clear(key)


def _rank(book: Book, rule: StepRule) -> Rank:
    rank = rule.rank(book.risk, Rank.SERGEANT)
    if book.case.closure_reason == NOT_MISSING:  # that somebody was never missing is an inspector's word
        return max(rank, Rank.INSPECTOR, key=lambda r: r.weight)
    return rank


def _refuse_while_missing(book: Book, rule: StepRule, ask: Ask) -> None:
    lacks = gates.missing(ask, rule.gate)
    if not lacks:
        return
    resting = book.roster.who_may(book.pack.inactive.rank, book.now, book.case.area)
    raise Refused(
        f"{book.case.ref} may not be closed: " + "; ".join(lack.why for lack in lacks),
        rule=rule.key,
        missing=lacks,
        who_may=f"another person: {book.roster.who_may(_rank(book, rule), book.now, book.case.area)}"
        if ask.signer
        else f"nobody until then; the case stays live, or is made inactive with a next review by {resting}",
    )


def rank_to_sign(book: Book) -> Rank:
    """Give the rank that the pack asks of whoever signs this closure; the lowest when the pack has no closure."""
    rule = _closure(book)
    return _rank(book, rule) if rule else Rank.STAFF


def _closure(book: Book) -> StepRule | None:
    return next((rule for rule in book.pack.steps.values() if rule.kind is Kind.SIGN_OFF), None)


def _sign_off(book: Book, fact: Fact) -> StepRule:
    rule = _closure(book)
    if rule is None:
        missing = [Missing("a step of kind sign_off", "the pack says who signs and what must hold")]
        raise Refused(f"{book.pack.name} has no closure", rule=str(fact.kind), missing=missing, who_may="nobody")
    return rule


def sent_back(book: Book, fact: Fact, at: datetime) -> bool:
    """Take a refusal to sign: the case goes on as before; tell whether it was one."""
    rule = book.pack.steps.get(fact.step or "")
    if rule is None or rule.kind is not Kind.SIGN_OFF or book.case.status is not CaseStatus.CLOSING:
        return False
    asked = [step for step in book.case.occurrences(rule.key) if step.told_person(fact.by)]
    needed, rank = _rank(book, rule), book.roster.rank_of(fact.by) or Rank.STAFF
    if not asked and rank.weight < needed.weight:
        raise Refused(
            f"{fact.by} was not asked to sign, and is of rank {rank}",
            rule=rule.key,
            missing=[Missing(f"a person of rank {needed} or above", "only who may sign may refuse to")],
            who_may=book.roster.who_may(needed, book.now, book.case.area),
        )
    seen = Anchor.VERIFIED_SEEN in book.case.anchors
    status = CaseStatus.LOCATED if seen else CaseStatus.OPEN
    book.note("closure_declined", at, by=fact.by)
    _tell_that_it_was_sent_back(book, rule, at)
    book.case = replace(book.case, status=status, closure_by=None, closure_reason=None)
    return True


def _tell_that_it_was_sent_back(book: Book, rule: StepRule, at: datetime) -> None:
    """Tell whoever asked for the closure, else the owner: a closure that is not signed must not lie there."""
    people = [book.case.closure_by, book.case.owner.person if book.case.owner else None]
    duties = [duty for person in people if person for duty in book.roster.duties_of(person, book.now)[:1]]
    step = book.case.step(rule.key)
    for duty in duties[:1]:
        text = "The closure was not signed: read the reason in the case"
        word = Word(MessageType.TASK, "Tell that the closure was not signed", text, at)
        book.say(word, duty.person, duty.role, step or Step(rule.key))


def inactive_requested(book: Book, fact: Fact, at: datetime) -> None:
    """Let a case rest until a set review: by an inspector with a rationale, later by a superintendent; never closed."""
    rests = book.pack.inactive
    long = rests.senior_after.after(book.case.anchors[Anchor.CALL_RECEIVED]) <= book.now
    needed, rank = rests.senior_rank if long else rests.rank, book.roster.rank_of(fact.by) or Rank.STAFF
    review_at = read_instant(fact.text("next_review_at")) or at
    missing = []
    if not book.case.still_missing:
        missing.append(Missing("a person still missing", "who has been seen is interviewed, and the case closed"))
    if rank.weight < needed.weight:
        missing.append(Missing(f"a person of rank {needed} or above", f"{fact.by} is of rank {rank}"))
    missing += _not_in_time(book, "next_review_at", review_at)
    if missing:
        who = book.roster.who_may(needed, book.now, book.case.area)
        raise Refused(f"{book.case.ref} may not be made inactive so", rule="inactive", missing=missing, who_may=who)
    book.case = replace(book.case, status=CaseStatus.INACTIVE)
    set_time(book, Anchor.NEXT_REVIEW, review_at, at)
    book.note("inactive", at, by=fact.by, rank=rank, next_review_at=review_at)


def _not_in_time(book: Book, field: str, review_at: datetime | None) -> list[Missing]:
    within = book.pack.inactive.within.get(book.risk)
    last_at = within.after(book.now) if within else None
    if review_at is not None and book.now < review_at and (last_at is None or review_at <= last_at):
        return []
    by = f", by {local_time(last_at, book.now)} at the latest" if last_at else ""
    return [Missing(field, f"a review that lies ahead{by}")]


def lacks_next_review(book: Book, rule: StepRule, evidence: Mapping[str, object]) -> list[Missing]:
    """Give what a review of an inactive case lacks: a case that rests always has its next review, within the bound."""
    if book.case.status is not CaseStatus.INACTIVE:
        return []
    fields = [field.name for field in rule.evidence if field.sets is Anchor.NEXT_REVIEW]
    return [m for name in fields for m in _not_in_time(book, name, read_instant(str(evidence.get(name))))]


def reopened(book: Book, fact: Fact, at: datetime) -> None:
    """Bring a case back to life: the inspector is told anew, an owner is sought, what is over is asked again."""
    was = book.case.status
    if was is CaseStatus.OPEN:
        return
    book.note("reopened", at, by=fact.by, was=was)
    if was is CaseStatus.INACTIVE:
        book.case = replace(book.case, status=CaseStatus.OPEN)
        return
    hearing.answers(book, fact, at)
    book.case = replace(
        book.case.without_anchors(*FORGOTTEN), status=CaseStatus.OPEN, resourced=False, wellbeing=None,
        interviewer=None, closure_by=None, closure_reason=None,
        owner=None, offered_to=None, offered_at=None, force=None, transfer=None,
    )  # fmt: skip
    book.case = book.case.with_anchor(Anchor.REOPENED, at)
    for key in dict.fromkeys(step.key for step in book.case.steps):
        _ask_anew(book, key)


def _ask_anew(book: Book, key: str) -> None:
    """Ask again for what was done, or was asked for because the person had been found."""
    latest, rule = book.case.step(key), book.pack.steps[key]
    assert latest is not None
    of_the_find = latest.live and rule.anchor in FORGOTTEN
    if of_the_find:
        book.over(latest, book.by, book.now)
        book.put(let_go(latest, "the person is missing again"))
    if of_the_find or (latest.status in FINISHED and _asked_anew(rule)):
        book.put(waiting(key, latest.occurrence + 1, book.now))


def _asked_anew(rule: StepRule) -> bool:
    """Who is missing and what is known of the risk need not be recorded again; a series comes back by itself."""
    return rule.stage is not Stage.RISK and not (rule.repeats or rule.each_time)
