"""What changes a case besides facts and time: its record, another case, a person whom no message reaches.

Each is one function that a door calls, and by which a recorded case is told again (`policy.past`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from policy.answering import unreachable
from policy.book import Book
from policy.case import Case
from policy.copies import Copied
from policy.floors import with_floor
from policy.intents import Entry, Outcome
from policy.pack import Pack
from policy.re_report import recognised
from policy.record_terms import AgeBand, CallType, Earlier
from policy.retime import retime
from policy.roster import Roster
from policy.terms import AlarmKey


def linked(outcome: Outcome, refs: Iterable[str], now: datetime) -> Outcome:
    """Give an outcome whose case names others that may be about the same person, and says so in its journal."""
    fresh = [ref for ref in refs if ref not in outcome.case.linked]
    said = (Entry("possible_duplicate", now, {"case": ref}) for ref in fresh)
    case = replace(outcome.case, linked=(*outcome.case.linked, *fresh))
    return replace(outcome, case=case, entries=(*outcome.entries, *said))


def begun_late(outcome: Outcome, why: str, book: Book) -> Outcome:
    """Mark a case that began late, and ring it with its opening: it is told even if we end right after."""
    book.note("late_start", book.now, why=why)
    book.alarm(AlarmKey.MISSED_START, "its source had the record, and no case was open", book.now)
    rung = book.outcome()
    return replace(
        outcome,
        case=replace(outcome.case, late=why, ringing=rung.case.ringing),
        tells=(*outcome.tells, *rung.tells),
        alarms=(*outcome.alarms, *rung.alarms),
        entries=(*outcome.entries, *rung.entries),
    )


@dataclass(frozen=True)
class FilledIn:
    """What the corrected record says that the first did not; what is None, or names nothing, stays as it is."""

    area: str | None = None
    age_band: AgeBand | None = None
    flags: frozenset[str] = frozenset()
    call_type: CallType | None = None


def filled_in(case: Case, said: FilledIn, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Take over what the record did not say at first; a higher level brings deadlines nearer."""
    known = replace(
        case,
        area=said.area or case.area,
        age_band=said.age_band or case.age_band,
        flags=case.flags | said.flags,
        call_type=said.call_type or case.call_type,
    )
    book = Book(with_floor(known, pack), pack, roster, now)
    before = case.timer_risk(pack.child_floor)
    if book.risk.weight > before.weight and not case.closed:
        retime(book, before, now)
    return book.outcome()


def re_reported(case: Case, earlier: Earlier, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Link a case whose corrected record names the person of an earlier one, and restore the risk of that one."""
    book = Book(case, pack, roster, now)
    recognised(book, earlier)
    return book.outcome()


def cut_off(book: Book, step: str, occurrence: int, person: str) -> None:
    """Climb at once past somebody whose every channel that counts has failed for good."""
    asked = book.case.step(step, occurrence)
    if asked is not None:
        book.note("cut_off", book.now, step=step, occurrence=occurrence, person=person)
        unreachable(book, asked, person, book.now)


def not_received(book: Book, step: str, occurrence: int, rung: int) -> None:
    """Ring for messages of a rung that do not get through for now; the ladder goes on in its own time."""
    book.note("not_received", book.now, step=step, occurrence=occurrence, rung=rung)
    book.alarm(AlarmKey.UNREACHABLE, not_received_words(step, rung), book.now, book.case.step(step, occurrence))


def not_received_words(step: str, rung: int) -> str:
    """Give the detail under which that alarm stands until the messages have got through."""
    return f"{step}: rung {rung} not received"


def copied(book: Book, said: Copied) -> None:
    """Put it on the record that a text stands on other cases too, and ring: somebody reads both (F3, W33)."""
    cases = ", ".join(said.cases)
    book.note("copied_text", book.now, step=said.step, cases=list(said.cases))
    book.alarm(AlarmKey.COPIED_TEXT, f"{said.step}: the text of {cases}", book.now, book.case.step(said.step))
