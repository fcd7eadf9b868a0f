"""Which texts are looked at for copies, and how a copy is put on the record (F3, W33)."""

import pytest

from policy import outside, past
from policy.book import Book
from policy.copies import Copied, long_texts, step_of
from policy.facts import Fact
from policy.terms import AlarmKey, FactKind
from tests.policy.night import Night, pack

LONG = "She was seen, face to face, in the kitchen of her mother's house; and she said that she was well."
BARE = "she was seen face to face in the kitchen of her mother s house and she said that she was well"
K = FactKind


def a_fact(kind: FactKind, step: str | None = None, **evidence: object) -> Fact:
    """Give a fact."""
    return Fact(kind, "pc-1", step, evidence=evidence)


@pytest.mark.parametrize("kind", [K.STEP_COMPLETED, K.REVIEWED, K.CLOSURE_REQUESTED, K.NO_DEPLOYMENT])
def test_a_long_text_is_looked_at_however_it_is_written(kind: FactKind) -> None:
    """Capitals, blanks and commas make no other text; the same text twice is one."""
    said = a_fact(kind, rationale=LONG, decision="  " + LONG.upper().replace(" ", "  "))
    assert long_texts(said, pack()) == [BARE]


@pytest.mark.parametrize("kind", [K.NOTE, K.NEW_INFORMATION, K.LOG_ENTRY])
def test_what_shows_no_work_is_not_looked_at(kind: FactKind) -> None:
    """A log entry may come from another log."""
    assert long_texts(a_fact(kind, text=LONG), pack()) == []


def test_what_is_short_or_no_text_is_boilerplate() -> None:
    """And the spaces of two homes may well have the same names."""
    rooms = "Kitchen: searched\nLiving room: searched\nBedroom 1: searched\nBedroom 2: searched\nBathroom: searched"
    said = a_fact(K.STEP_COMPLETED, "search_home", each_room=rooms, loft=LONG, satisfied=True, note="nothing found")
    assert long_texts(said, pack()) == []


def test_the_step_of_an_interview_that_names_none() -> None:
    """It is the one that its kind completes; a kind that completes none stands for itself."""
    assert step_of(a_fact(K.INTERVIEW_HELD, reasons=LONG), pack()) == "prevention_interview"
    assert step_of(a_fact(K.CLOSURE_REQUESTED), pack()) == "closure_requested"


def test_a_copy_rings_at_the_force_incident_manager() -> None:
    """The step and the other cases are named, in the journal and in the alarm; it rings once."""
    night = Night().report().forget()
    for _ in range(2):
        book = Book(night.case, night.pack, night.roster, night.now)
        outside.copied(book, Copied("prevention_interview", ("MP-2026-000007",)))
        night.keep(book.outcome())
    assert [(a.key, a.to) for a in night.alarms] == [(AlarmKey.COPIED_TEXT, "fim-1")]
    said = [entry.body for entry in night.entries if entry.kind == "copied_text"]
    again = past.go_on(night.case, Copied("x", ("MP-2026-000008",)), lambda _: night.pack, night.roster, night.now)
    assert [entry.kind for entry in again.entries] == ["copied_text", "alarm"]
    assert said == [{"step": "prevention_interview", "cases": ["MP-2026-000007"]}] * 2
