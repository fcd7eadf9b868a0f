"""What a fact changes: facts in, past tense; an outcome out, or Refused with the rule and who may.

Information is never refused. Acts are: by somebody unknown, off duty, of too low a rank, or on a closed case.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from policy import answering, closing, decide, doing, hearing, permitted, retime, transfer
from policy.book import Book
from policy.case import Case
from policy.errors import Fault, Invalid, Missing, Refused
from policy.facts import Fact
from policy.intents import Outcome
from policy.pack import Pack
from policy.roster import Roster
from policy.spans import SKEW
from policy.terms import FactKind, Kind, Rank

K = FactKind
Effect = Callable[[Book, Fact, datetime], None]
EFFECTS: Mapping[FactKind, Effect] = {
    K.ACKNOWLEDGED: answering.acknowledged,
    K.ACCEPTED: answering.accepted,
    K.DECLINED: answering.declined,
    K.DELEGATED: answering.delegated,
    K.RISK_SET: retime.risk_set,
    K.STEP_COMPLETED: doing.step_completed,
    K.STEP_WAIVED: doing.step_waived,
    K.SERIAL_ENTRY: doing.serial_entry,
    K.SERIAL_CLOSED: doing.serial_closed,
    K.HANDOVER_OFFERED: answering.handover_offered,
    K.TRANSFER_OFFERED: transfer.offered,
    K.TRANSFER_ACCEPTED: transfer.accepted,
    K.TRANSFER_BOUNCED: transfer.bounced,
    K.VERIFIED_SEEN: hearing.verified_seen,
    K.INTERVIEW_HELD: doing.interview_held,
    K.NO_DEPLOYMENT: doing.no_deployment,
    K.INACTIVE_REQUESTED: closing.inactive_requested,
    K.CLOSURE_REQUESTED: closing.closure_requested,
    K.CLOSURE_SIGNED: closing.closure_signed,
    K.REOPENED: closing.reopened,
}


def record(case: Case, fact: Fact, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Take a fact into the case, let time act, and give what follows; raises Refused or Invalid."""
    return record_all(case, (fact,), pack, roster, now)


def record_all(case: Case, facts: Iterable[Fact], pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Take several facts that came together: one outcome, so that each person gets one message; all or none."""
    book = Book(case, pack, roster, now)
    decide.run(book)  # what fell due before the facts came is done first: deadlines go before facts
    for fact in facts:
        book.by = fact.by
        _take(book, fact)
        decide.run(book)
    return book.outcome()


def _take(book: Book, fact: Fact) -> None:
    if fact.at is not None and fact.at > book.now + SKEW:
        fault = Fault("at", "lies in the future", "say when it happened, or leave it out for now")
        raise Invalid("the fact has faults", [fault])
    at = max(min(fact.at, book.now), hearing.began_at(book)) if fact.at else book.now  # nothing counts from before it
    if _answered_already(book, fact):
        return
    if not (fact.is_information or _raises(book, fact)):
        _may_act(book, fact)
    permitted.refuse_without_permission(book, fact)
    verified = book.roster.rank_of(fact.by) is not None
    book.note("fact", at, by=fact.by, **_body(fact, dict(fact.evidence), verified))
    effect = EFFECTS.get(fact.kind, hearing.information if fact.is_information else doing.completes)
    effect(book, fact, at)
    hearing.supervised(book, fact, at)


def _answered_already(book: Book, fact: Fact) -> bool:
    """Tell whether this person has said this already: the same answer again changes nothing (contract section 5)."""
    if fact.kind is K.ACCEPTED:
        offers = book.pack.of_kind(Kind.ACCEPT)
        waits = any(step.live and step.told_person(fact.by) for step in book.case.steps if step.key in offers)
        return book.case.owner is not None and book.case.owner.person == fact.by and not waits
    if fact.kind not in (K.ACKNOWLEDGED, K.CLOSURE_SIGNED):
        return False
    keys = book.pack.completed_by(fact.kind)
    steps = [s for s in book.case.steps if s.key in keys and fact.step in (None, s.key)]
    latest = [s for s in steps if fact.occurrence in (None, s.occurrence)][-1:]
    return not any(s.live for s in steps) and any(s.done_by == fact.by for s in latest)


def _outlives_the_closure(book: Book, fact: Fact) -> bool:
    """Tell whether an act does what is still asked of somebody: that, and nothing else, is done on a closed case."""
    asked = [book.rule(step) for step in book.case.live_steps() if step.key == fact.step]
    return any(fact.kind in (*rule.done_by, K.STEP_WAIVED) for rule in asked)


def _body(fact: Fact, evidence: Mapping[str, object], verified: bool) -> dict[str, object]:
    body: dict[str, object] = {"fact": fact.kind, "step": fact.step, "occurrence": fact.occurrence}
    return {**body, "evidence": evidence, "verified": verified}


def _raises(book: Book, fact: Fact) -> bool:
    """Setting the risk for the first time, confirming it or raising it is information; lowering is an act.

    Somebody unknown may not set it below the level that the timers run as until then.
    """
    if fact.kind is not K.RISK_SET:
        return False
    if book.case.risk is None and book.roster.rank_of(fact.by) is not None:
        return True
    return retime.level_of(fact).weight >= (book.case.risk or book.risk).weight


def _may_act(book: Book, fact: Fact) -> None:
    rank = book.roster.rank_of(fact.by)
    if rank is None:
        raise Refused(
            f"{fact.by} is not on the roster",
            rule="known_person",
            missing=[Missing("a roster id", "an act needs a named person whom the force knows")],
            who_may=book.roster.who_may(Rank.STAFF, book.now, book.case.area),
        )
    if not book.roster.duties_of(fact.by, book.now):
        raise Refused(
            f"{fact.by} is off duty",
            rule="on_duty",
            missing=[Missing("a duty that covers this minute", "whoever acts must be there to go on acting")],
            who_may=book.roster.who_may(rank, book.now, book.case.area),
        )
    if book.case.closed and not _outlives_the_closure(book, fact):
        raise Refused(
            f"{book.case.ref} is closed; no one is working on it",
            rule="closed_case",
            missing=[Missing("an open case", "an act on a closed case would be seen by nobody")],
            who_may="anybody: send new_information or reopened, which reach a named person",
        )
    transfer.refuse_other_force(book, fact)
