"""What a fact changes: facts in, past tense; an outcome out, or Refused with the rule and who may.

Information is never refused. Acts are: by somebody unknown, off duty, of too low a rank, or on a closed case.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from policy import answering, decide, doing, retime
from policy.book import Book
from policy.case import Case
from policy.errors import Fault, Invalid, Missing, Refused
from policy.facts import Fact
from policy.intents import Outcome
from policy.pack import Pack
from policy.roster import Roster
from policy.spans import SKEW
from policy.terms import FactKind, Rank

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
}


def record(case: Case, fact: Fact, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Take a fact into the case, let time act, and give what follows; raises Refused or Invalid."""
    if fact.at is not None and fact.at > now + SKEW:
        fault = Fault("at", "lies in the future", "say when it happened, or leave it out for now")
        raise Invalid("the fact has faults", [fault])
    at = min(fact.at, now) if fact.at else now
    book = Book(case, pack, roster, now)
    decide.run(book)  # what fell due before the fact came is done first: deadlines go before facts
    if not (fact.is_information or _raises(case, fact)):
        _may_act(book, fact)
    verified = roster.rank_of(fact.by) is not None
    evidence = dict(fact.evidence)
    book.note("fact", at, by=fact.by, **_body(fact, evidence, verified))
    effect = EFFECTS.get(fact.kind, doing.information if fact.is_information else doing.completes)
    effect(book, fact, at)
    decide.run(book)
    return book.outcome()


def _body(fact: Fact, evidence: Mapping[str, object], verified: bool) -> dict[str, object]:
    body: dict[str, object] = {"fact": fact.kind, "step": fact.step, "occurrence": fact.occurrence}
    return {**body, "evidence": evidence, "verified": verified}


def _raises(case: Case, fact: Fact) -> bool:
    """Setting the risk for the first time, confirming it or raising it is information; lowering is an act."""
    if fact.kind is not K.RISK_SET:
        return False
    return case.risk is None or retime.level_of(fact).weight >= case.risk.weight


def _may_act(book: Book, fact: Fact) -> None:
    rank = book.roster.rank_of(fact.by)
    if rank is None:
        raise Refused(
            f"{fact.by} is not on the roster",
            rule="known_person",
            missing=[Missing("a roster id", "an act needs a named person whom the force knows")],
            who_may=book.roster.who_may(Rank.STAFF, book.now),
        )
    if not book.roster.duties_of(fact.by, book.now):
        raise Refused(
            f"{fact.by} is off duty",
            rule="on_duty",
            missing=[Missing("a duty that covers this minute", "whoever acts must be there to go on acting")],
            who_may=book.roster.who_may(rank, book.now),
        )
    if book.case.closed:
        raise Refused(
            f"{book.case.ref} is closed; no one is working on it",
            rule="closed_case",
            missing=[Missing("an open case", "an act on a closed case would be seen by nobody")],
            who_may="anybody: send new_information or reopened, which reach a named person",
        )
