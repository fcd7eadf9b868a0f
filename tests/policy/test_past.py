"""What reaches a case from outside, made again by policy alone."""

from policy import outside
from policy.book import Book
from policy.past import Linked, go_on
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
