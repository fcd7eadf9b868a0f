"""Acts that take a rank: one refusal for all of them, which names the rank and who on duty has it."""

from policy.book import Book
from policy.errors import Missing, Refused
from policy.facts import Fact
from policy.terms import Rank


def refuse_below(book: Book, fact: Fact, needed: Rank, rule: str, what: str, why: str) -> None:
    """Refuse an act of somebody below the rank it takes: `... is of rank pc; <what> sergeant or above`."""
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    if rank.weight < needed.weight:
        raise Refused(
            f"{fact.by} is of rank {rank}; {what} {needed} or above",
            rule=rule,
            missing=[Missing(f"a person of rank {needed} or above", why)],
            who_may=book.roster.who_may(needed, book.now, book.case.area),
        )
