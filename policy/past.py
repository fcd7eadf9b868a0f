"""A recorded decision made again: what came from outside goes in, what policy makes of it comes out.

Whatever ever changes a case is one of these: its record, facts, time, a correction, a link, a message that reached
nobody, another revision. The journal says which and when; the case, the pack and the roster say what follows.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from policy import outside
from policy.book import Book
from policy.case import Case
from policy.copies import Copied
from policy.decide import decide, open_case
from policy.facts import Fact
from policy.intents import Outcome
from policy.outside import FilledIn
from policy.pack import Pack
from policy.record import record_all
from policy.record_terms import Earlier
from policy.report import Report
from policy.retime_pack import repin
from policy.roster import Roster
from policy.terms import AlarmKey

Packs = Callable[[Case], Pack]  # the pack that a case is pinned to

# Every kind of journal line that a decision writes; the others tell what the engine did about it.
DECIDED = frozenset(
    {"alarm", "asked_again", "case_opened", "chosen", "closed", "closing", "closure_declined", "cut_off", "fact"}
    | {"acknowledgement_lapsed", "copied_text", "holder", "passed_on"}
    | {"inactive", "late_start", "located", "missed", "not_received", "not_required", "overdue", "owner"}
    | {"possible_duplicate", "re_report", "reopened", "repinned", "retimed", "risk", "risk_restored", "shift_ended"}
    | {"step_opened", "transfer", "unowned", "warned"}
)


@dataclass(frozen=True)
class Began:
    """The record came in; `late` says why the case began later than it, `linked` names others of the same person."""

    ref: str
    report: Report
    late: str | None = None
    linked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Heard:
    """Facts that came together."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class TimePassed:
    """Nothing came but a deadline, or somebody who went off duty."""


@dataclass(frozen=True)
class Linked:
    """Another case may be about the same person."""

    refs: tuple[str, ...]


@dataclass(frozen=True)
class ReReported:
    """The corrected record names the person of an earlier case."""

    earlier: Earlier


@dataclass(frozen=True)
class CutOff:
    """Every channel to a person failed for good."""

    step: str
    occurrence: int
    person: str


@dataclass(frozen=True)
class NotReceived:
    """The messages of a rung did not get through for now."""

    step: str
    occurrence: int
    rung: int


@dataclass(frozen=True)
class Repinned:
    """The case goes on under another revision of its pack."""

    revision: int


@dataclass(frozen=True)
class Cleared:
    """An alarm of the case was cleared by a person, or because its cause was gone."""

    key: str
    detail: str


Came = Began | Heard | TimePassed | FilledIn | Linked | ReReported | CutOff | NotReceived | Copied | Repinned | Cleared


def begin(came: Began, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Open a case as the door of intake does."""
    outcome = open_case(came.report, pack, roster, now, came.ref)
    outcome = outside.linked(outcome, came.linked, now)
    if came.late is not None:
        outcome = outside.begun_late(outcome, came.late, Book(outcome.case, pack, roster, now))
    return outcome


def go_on(case: Case, came: Came, packs: Packs, roster: Roster, now: datetime) -> Outcome:  # noqa: PLR0911 - one way out for each thing that can come
    """Decide again what came of something; raises Refused or Invalid where the past cannot have been so."""
    pack = packs(case)
    match came:
        case Heard(facts):
            return record_all(case, facts, pack, roster, now)
        case FilledIn():
            return outside.filled_in(case, came, pack, roster, now)
        case Linked(refs):
            return outside.linked(Outcome(case), refs, now)
        case ReReported(earlier):
            return outside.re_reported(case, earlier, pack, roster, now)
        case Cleared(key, detail):
            return Outcome(silenced(case, key, detail), changed=False)
        case Repinned(revision):
            return repin(case, pack, packs(replace(case, revision=revision)), roster, now)
        case CutOff(step, occurrence, person):
            book = Book(case, pack, roster, now)
            outside.cut_off(book, step, occurrence, person)
            return book.outcome()
        case Copied():
            book = Book(case, pack, roster, now)
            outside.copied(book, came)
            return book.outcome()
        case NotReceived(step, occurrence, rung):
            detail = outside.not_received_words(step, rung)  # it is rung only where it does not stand already
            book = Book(silenced(case, AlarmKey.UNREACHABLE, detail), pack, roster, now)
            outside.not_received(book, step, occurrence, rung)
            return book.outcome()
        case _:
            return decide(case, pack, roster, now)


def silenced(case: Case, key: str, detail: str) -> Case:
    """Give the case with one alarm cleared."""
    return replace(case, ringing=frozenset(one for one in case.ringing if one != (key, detail)))
