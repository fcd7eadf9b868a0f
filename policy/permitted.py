"""What a fact does by the table of permissions, and its refusal when no post of the person has the word for it."""

from collections.abc import Iterable, Mapping

from policy import closing
from policy.book import Book
from policy.errors import Missing, Refused
from policy.facts import Fact
from policy.permissions import Deed, Post, Word, may, words_of
from policy.roster import Duty
from policy.terms import FactKind, Kind, Rank, Risk

K, D, W = FactKind, Deed, Word

# Words of a column that suffice for a part of it: who offers, asks or hears of something does not decide it.
ASKING: Mapping[FactKind, tuple[Deed, frozenset[Word]]] = {
    K.TRANSFER_OFFERED: (D.TRANSFER, frozenset({W.PROPOSE})),
    K.TRANSFER_BOUNCED: (D.TRANSFER, frozenset({W.PROPOSE})),
    K.CLOSURE_REQUESTED: (D.CLOSE, frozenset({W.SUBMIT, W.UP_TO_MEDIUM})),
    K.CLOSURE_SIGNED: (D.CLOSE, frozenset({W.SIGN})),
}
DEED_OF: Mapping[FactKind, Deed] = {
    K.ACCEPTED: D.OWN,
    K.DELEGATED: D.OWN,
    K.HANDOVER_OFFERED: D.OWN,
    K.REVIEWED: D.REVIEW,
    K.TRANSFER_ACCEPTED: D.TRANSFER,
    K.INACTIVE_REQUESTED: D.CLOSE,
    **{kind: deed for kind, (deed, _) in ASKING.items()},
}
ASKS_TO: Mapping[FactKind, str] = {
    K.TRANSFER_OFFERED: "offer a transfer",
    K.TRANSFER_BOUNCED: "speak for a transfer",
    K.CLOSURE_REQUESTED: "ask for a closure",
    K.CLOSURE_SIGNED: "sign the closure of a case of this risk",
}
SAID: Mapping[Deed, str] = {
    D.SET_FIRST_RISK: "set the first risk",
    D.LOWER_RISK: "lower the risk",
    D.OWN: "own a case of this risk",
    D.REVIEW: "review this case",
    D.TRANSFER: "approve a transfer",
    D.CLOSE: "close or rest a case of this risk",
}
TO_ANOTHER = frozenset({K.DELEGATED, K.HANDOVER_OFFERED})  # the deed is that of whom it is offered to


def posts_of(duties: Iterable[Duty]) -> tuple[Post, ...]:
    """Give what somebody is by their duties of an instant."""
    return tuple(Post(duty.role, duty.rank) for duty in duties)


def deed_of_risk(book: Book, fact: Fact) -> Deed | None:
    """Say what setting a risk does; None when it confirms the level that stands, which is information."""
    level, known = Risk(fact.text("level")), book.case.risk
    if level.weight > (known or book.risk).weight:
        return D.RAISE_RISK
    if known is None:
        return D.SET_FIRST_RISK
    return D.LOWER_RISK if level.weight < known.weight else None


def refuse_without_permission(book: Book, fact: Fact) -> None:
    """Refuse what the table does not let any post of the person do; it names the rule, what lacks and who may."""
    deed = deed_of_risk(book, fact) if fact.kind is K.RISK_SET else DEED_OF.get(fact.kind)
    person = fact.text("to") if fact.kind in TO_ANOTHER else fact.by
    duties = book.roster.duties_of(person, book.now)
    if deed is None or deed is D.RAISE_RISK or not duties or _rank_speaks(book, fact, deed):
        return
    if _may(book, fact, deed, posts_of(duties)):
        return
    roles = " or ".join(dict.fromkeys(duty.role.replace("_", " ") for duty in duties))
    words = " or ".join(sorted(words_of(deed, posts_of(duties)))).replace("_", " ")
    what = _what(fact, deed)
    raise Refused(
        f"{person} is on duty as {roles}, who may not {what} (the table of permissions says: {words})",
        rule="permission",
        missing=[Missing(f"somebody whose role may {what}", f"{deed}: see /permissions")],
        who_may=who_may(book, fact, deed),
    )


def provisional(book: Book, fact: Fact) -> bool:
    """Tell whether the risk that somebody sets takes effect and stays to be confirmed.

    A first level does by the table, a raise where it comes from somebody below a sergeant.
    """
    deed, rank = deed_of_risk(book, fact), book.roster.rank_of(fact.by) or Rank.STAFF
    if deed is D.SET_FIRST_RISK:
        return W.CONFIRM not in words_of(deed, posts_of(book.roster.duties_of(fact.by, book.now)))
    return deed is D.RAISE_RISK and rank.weight < Rank.SERGEANT.weight


def who_may(book: Book, fact: Fact, deed: Deed) -> str:
    """Name those on duty whose role may do what a fact does."""
    fit = (duty for duty in book.roster.on_duty(book.now) if _may(book, fact, deed, posts_of((duty,))))
    return book.roster.named(fit, book.case.area) or "nobody on duty at this minute"


def _may(book: Book, fact: Fact, deed: Deed, posts: tuple[Post, ...]) -> bool:
    words = words_of(deed, posts)
    if words & (ASKING[fact.kind][1] if fact.kind in ASKING else frozenset()):
        return True
    if deed is D.REVIEW and W.INTAKE in words and _at_intake(book, fact):
        return True
    return may(deed, posts, book.risk)


def _at_intake(book: Book, fact: Fact) -> bool:
    """Tell whether a review is one of the intake: a task, or any until another person has accepted the case."""
    rule, owner = book.pack.steps.get(fact.step or ""), book.case.owner
    return owner is None or owner.person == fact.by or (rule is not None and rule.kind is not Kind.REVIEW)


def _rank_speaks(book: Book, fact: Fact, deed: Deed) -> bool:
    """Leave the refusal to the pack's rank where somebody lacks it: it names the rank, which says more."""
    rank = book.roster.rank_of(fact.by) or Rank.STAFF
    rule = book.pack.steps.get(fact.step or "")
    needed = Rank.STAFF
    if deed is D.LOWER_RISK:
        needed = book.pack.downgrade_rank
    elif fact.kind is K.CLOSURE_SIGNED:
        needed = closing.rank_to_sign(book)
    elif fact.kind is K.INACTIVE_REQUESTED:
        needed = book.pack.inactive.rank
    elif fact.kind is K.REVIEWED and rule is not None:
        needed = rule.rank(book.risk)
    return rank.weight < needed.weight


def _what(fact: Fact, deed: Deed) -> str:
    if fact.kind in ASKING:
        return ASKS_TO[fact.kind]
    return SAID.get(deed, str(deed).replace("_", " "))
