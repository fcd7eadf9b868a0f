"""What reaches a case from outside, made again by policy alone."""

from policy import outside
from policy.book import Book
from policy.past import Cleared, Linked, go_on
from policy.terms import AlarmKey
from tests.policy.night import NOTIFY, Night, staff


def test_a_link_is_noted_with_the_case() -> None:
    """Another case may be about the same person: the case names it, and nothing else changes."""
    night = Night(staff()).report()
    outcome = go_on(night.case, Linked(("MP-2026-000009",)), lambda _case: night.pack, night.roster, night.now)
    assert outcome.case.linked == ("MP-2026-000009",)


def test_nobody_is_cut_off_from_a_step_that_is_gone() -> None:
    """The step was left out meanwhile: there is nothing to climb past."""
    night = Night(staff()).report()
    book = Book(night.case, night.pack, night.roster, night.now)
    outside.cut_off(book, "no_such_step", 1, "insp-a")
    assert not book.outcome().changed
    outside.cut_off(book, NOTIFY, 1, "insp-a")
    assert book.outcome().changed


def test_an_alarm_that_was_cleared_rings_no_more_in_the_case() -> None:
    """What was rung about it may ring again; nothing else of the case changes."""
    night = Night(staff(without=("fim-1",))).report()
    (key, detail) = sorted(night.case.ringing)[0]
    cleared = Cleared(AlarmKey(key), detail)
    outcome = go_on(night.case, cleared, lambda _case: night.pack, night.roster, night.now)
    assert (AlarmKey(key), detail) not in outcome.case.ringing
    assert not outcome.changed
