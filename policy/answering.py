"""Answers of people who were told: acknowledging, accepting, declining, handing on.

Acknowledging says "I have seen it"; accepting says "it is mine". They are never the same (domain 11.1).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from policy import closing, handover, ladder
from policy.book import Book, Word
from policy.case import FINISHED, Owner, Step, Told, finished, let_go
from policy.errors import Missing, Refused, UsedLink
from policy.facts import Fact
from policy.pack import Addressee
from policy.roster import Duty
from policy.spans import local_time
from policy.terms import AlarmKey, Anchor, FactKind, Kind, MessageType, Rank, Role, StepStatus
from policy.unfold import opening
from policy.values import replace

END_OF_SHIFT = timedelta(hours=1)  # so long before its end a case may be offered to whoever comes on duty then


def acknowledged(book: Book, fact: Fact, at: datetime) -> None:
    """Stop reminders and rungs of the notice that this person was told of, and stand the others down."""
    step = _asked(book, fact, Kind.NOTIFY)
    if not step.live:
        raise UsedLink(
            f"{step.done_by} has already acknowledged at {local_time(step.done_at or at, book.now)}", rule=step.key
        )
    _acknowledge(book, step, fact.by, at)


def _acknowledge(book: Book, step: Step, by: str, at: datetime) -> None:
    book.put(finished(step, at, by))
    book.over(step, by, at)
    for key in (AlarmKey.NOBODY_ON_DUTY, AlarmKey.OVERDUE_LAST_RUNG, AlarmKey.UNREACHABLE):
        book.clear(key)
    book.case = book.case.with_anchor(Anchor.ACKNOWLEDGED, at)


def accepted(book: Book, fact: Fact, at: datetime) -> None:
    """Who accepts owns the case and what its owner had to do, and has thereby acknowledged it."""
    offers = _offers_to(book, fact)
    role = _role_of(book, fact.by, offers)
    before = book.case.owner
    _become_owner(book, fact, at, role, offered=bool(offers))
    for step in offers:
        if (book.case.step(*step.id) or step).live:
            book.put(finished(step, at, fact.by))
            book.over(step, fact.by, at)
    if before is not None:
        handover.pass_on(book, before.person, Told(fact.by, role, 0, at))


def _offers_to(book: Book, fact: Fact) -> list[Step]:
    """Give the offers that a person answers: all that they were told of, or the one that they name."""
    named = fact.text("offer") or fact.step
    live = [step for step in _steps(book, Kind.ACCEPT) if step.live and step.told_person(fact.by)]
    keys = {step.key for step in live}
    return [step for step in live if named not in keys or step.key == named]


def _become_owner(book: Book, fact: Fact, at: datetime, role: Role, *, offered: bool) -> None:
    """Make the one who accepts the owner of the case; refused where it was never offered to them."""
    owner = book.case.owner
    notice, first = _steps(book, Kind.NOTIFY), _first_offers(book)
    asked = offered or book.case.offered_to == fact.by
    if not asked and not any(step.told_person(fact.by) for step in (*notice, *_steps(book, Kind.ACCEPT))):
        raise Refused(
            f"the case was never offered to {fact.by}",
            rule="named_owner_accepts",
            missing=[Missing("an offer", "ownership passes only to a person to whom it was offered")],
            who_may=_offered_people(book, (*notice, *first)),
        )
    if owner is not None and not asked:
        raise UsedLink(
            f"{owner.person} accepted at {local_time(owner.accepted_at, book.now)}; a case has one owner",
            rule="named_owner_accepts",
            missing=[Missing("an offer to this person", "the owner hands the case over, and the next accepts")],
            who_may=owner.person,
        )
    offered_at = book.case.offered_at or at
    still = book.case.offered_to if book.case.offered_to != fact.by and owner is not None else None
    book.case = replace(
        book.case.with_anchor(Anchor.OWNER_ASSIGNED, at),
        owner=Owner(fact.by, role, offered_at, at),
        offered_to=still,
        offered_at=offered_at if still else None,
    )
    for step in first:
        if step.live:
            book.put(finished(step, at, fact.by))
            book.over(step, fact.by, at)
    for step in notice:
        if step.live:
            _acknowledge(book, step, fact.by, at)
    for key in (AlarmKey.UNOWNED_AFTER_SHIFT, AlarmKey.BOUNCE):
        book.clear(key)
    book.note("owner", at, by=fact.by, owner=fact.by, role=role, offered_at=offered_at)


def _first_offers(book: Book) -> list[Step]:
    """Give the offers by which a case finds its first owner: over as soon as anybody has accepted it."""
    return [step for step in _steps(book, Kind.ACCEPT) if step.key == book.pack.first_offer]


def declined(book: Book, fact: Fact, at: datetime) -> None:
    """A decline sends the step up the next rung at once; it stays with the others who were told."""
    if closing.sent_back(book, fact, at):
        return
    step = _still_asked(book, fact)
    if book.case.offered_to == fact.by:
        book.case = replace(book.case, offered_to=None, offered_at=None)
    book.put(ladder.climb(book, step, book.rule(step), at))


def delegated(book: Book, fact: Fact, at: datetime) -> None:
    """Offer the case to another person on duty; it stays with the one who delegates until that person accepts."""
    if book.case.owner is not None and book.case.owner.person == fact.by:
        handover_offered(book, fact, at)
        return
    step = _still_asked(book, fact)
    to, duty = _next_person(book, fact, step.key)
    told = Told(to, duty.role, 0, at)
    slug = f"delegated:{step.key}:{int(at.timestamp())}"  # a message of its own, also to somebody told before
    book.put(book.tell_person(step, told, Addressee(told.role, duty.area), 0, slug))
    book.case = replace(book.case, offered_to=to, offered_at=at)


def handover_offered(book: Book, fact: Fact, at: datetime) -> None:
    """Offer a case that has an owner to the next one; it stays with the owner until that person accepts."""
    owner = book.case.owner
    latest = next(iter(reversed(_first_offers(book))), None)
    if owner is None or latest is None:
        raise Refused(
            f"{book.case.ref} has no owner who could hand it over",
            rule=str(fact.kind),
            missing=[Missing("an owner", "until somebody accepts, the offer climbs by itself")],
            who_may="nobody until there is one",
        )
    rule = book.rule(latest)
    _refuse_another_hand(book, fact, owner)
    ends_at = book.roster.off_at(owner.person, book.now) if fact.kind is FactKind.HANDOVER_OFFERED else None
    to, duty = _next_person(book, fact, rule.key, ends_at)
    for step in _steps(book, Kind.ACCEPT):
        theirs = step.key == rule.key or step.evidence.get(handover.FROM) == owner.person
        if step.live and theirs:  # an offer that nobody has answered gives way to this one
            book.cancel(step)
            book.put(let_go(step, f"offered to {to} instead"))
    offer = Step(rule.key, latest.occurrence + 1, StepStatus.OPEN, evidence={handover.FROM: owner.person})
    opened = opening(book, replace(offer, anchor_at=max(at, duty.from_at)), rule)
    if opened is not None:
        told = book.tell_person(opened, Told(to, duty.role, 0, at), Addressee(duty.role, duty.area), 0)
        climb_at = ladder.climb_after(replace(told, rung=0), rule, book.risk, at)
        book.put(replace(told, rung=0, holder=to, role=duty.role, climb_at=climb_at))
    book.case = replace(book.case, offered_to=to, offered_at=at)


def _refuse_another_hand(book: Book, fact: Fact, owner: Owner) -> None:
    """Let the owner hand a case over, or somebody of a higher rank, of whom the owner then hears."""
    if fact.by == owner.person:
        return
    mine, theirs = (book.roster.rank_of(person) or Rank.STAFF for person in (fact.by, owner.person))
    manager = any(duty.role is Role.FORCE_INCIDENT_MANAGER for duty in book.roster.duties_of(fact.by, book.now))
    if mine.weight <= theirs.weight and not manager:
        above = list(Rank)[min(theirs.weight + 1, len(Rank) - 1)]
        raise Refused(
            f"{owner.person} has this case; {fact.by} is neither the owner nor above",
            rule=str(fact.kind),
            missing=[Missing("the owner, or a supervisor", "nobody gives away what another has")],
            who_may=f"{owner.person}, {book.roster.who_may(above, book.now, book.case.area)}",
        )
    word = Word(MessageType.TASK, "Tell the owner of the handover", f"{fact.by} offers your case to another", book.now)
    book.say(word, owner.person, owner.role, _steps(book, Kind.ACCEPT)[-1])


def _next_person(book: Book, fact: Fact, rule: str, ends_at: datetime | None = None) -> tuple[str, Duty]:
    """Give whom a case is offered to: somebody on duty, or, at the end of a shift, who comes on duty by then."""
    to = fact.text("to")
    duties = book.roster.duties_of(to, book.now)
    if not duties and ends_at is not None and ends_at - book.now <= END_OF_SHIFT:
        duties = book.roster.duties_of(to, ends_at)
    if not duties or to == fact.by:
        raise Refused(
            f"{to} is not on duty" if not duties else f"{to} is the one who delegates",
            rule=rule,
            missing=[Missing("another person on duty", "a case is never offered to somebody who is not there")],
            who_may=book.roster.who_may(Rank.SERGEANT, book.now, book.case.area),
        )
    return to, duties[0]


def _still_asked(book: Book, fact: Fact) -> Step:
    """Find the live notice or offer that this person was told of; over for them when others have dealt with it."""
    steps = (*_steps(book, Kind.NOTIFY), *_steps(book, Kind.ACCEPT))
    live = [s for s in steps if s.live]
    done = [s for s in steps if s.status in FINISHED and s.told_person(fact.by)]
    if not live and done:
        at = local_time(done[-1].done_at or book.now, book.now)
        raise UsedLink(f"{done[-1].done_by} has it since {at}; nothing is asked any more", rule=str(fact.kind))
    return _asked_of(book, fact, [s for s in live if fact.step in (None, s.key)])


def _steps(book: Book, kind: Kind) -> list[Step]:
    keys = book.pack.of_kind(kind)
    return [step for step in book.case.steps if step.key in keys]


def _asked(book: Book, fact: Fact, kind: Kind) -> Step:
    """Find the step of that kind which this person was asked to answer."""
    steps = [s for s in _steps(book, kind) if fact.step in (None, s.key)]
    steps = [s for s in steps if fact.occurrence in (None, s.occurrence)]
    return _asked_of(book, fact, sorted(steps, key=lambda s: (not s.live, -s.occurrence)))


def _asked_of(book: Book, fact: Fact, steps: Sequence[Step]) -> Step:
    for step in steps:
        if step.told_person(fact.by):
            return step
    key = fact.step or (steps[0].key if steps else str(fact.kind))
    raise Refused(
        f"{fact.by} was not asked about {key}",
        rule=key,
        missing=[Missing("a message to this person", "only somebody who was told can answer")],
        who_may=_offered_people(book, steps),
    )


def _offered_people(book: Book, steps: Sequence[Step]) -> str:
    people = dict.fromkeys(told.person for step in steps for told in step.told)
    return ", ".join(people) or book.roster.who_may(Rank.INSPECTOR, book.now, book.case.area)


def _role_of(book: Book, person: str, offers: Sequence[Step]) -> Role:
    """Give the role as which a person was offered the case, else as which they were told of it."""
    offered = [t.role for s in offers for t in s.told if t.person == person]
    told = [t.role for s in book.case.steps for t in s.told if t.person == person]
    duties = book.roster.duties_of(person, book.now)
    return next(reversed(offered or told), duties[0].role)


def unreachable(book: Book, step: Step, person: str, at: datetime) -> None:
    """Climb at once when every channel that pushes to a person has failed for good: the inbox alone tells nobody."""
    book.alarm(AlarmKey.UNREACHABLE, f"{step.key}: {person}", at, step)
    if step.live:
        book.put(ladder.climb(book, step, book.rule(step), at))
