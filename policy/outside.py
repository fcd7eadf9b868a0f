"""What changes a case besides facts and time: its record, another case, a person whom no message reaches.

Each is one function that a door calls, and by which a recorded case is told again (`policy.past`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from policy.answering import unreachable
from policy.book import Book
from policy.case import Case
from policy.intents import Entry, Outcome
from policy.pack import Pack
from policy.record_terms import AgeBand
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


def filled_in(case: Case, area: str | None, age_band: AgeBand, pack: Pack, roster: Roster, now: datetime) -> Outcome:
    """Take over an area or an age that the record did not say at first; a higher level brings deadlines nearer."""
    book = Book(replace(case, area=area, age_band=age_band), pack, roster, now)
    before = case.timer_risk(pack.child_floor)
    if book.risk.weight > before.weight and not case.closed:
        retime(book, before, now)
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
