"""What one message asks of one person as it stands now, and what that person has answered.

The page behind a link and the inbox show the same: references, risk, age band, area, asks and times,
never a name, a place or free text of the missing person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.case import FINISHED, Case, Step
from policy.handover import FROM
from policy.intents import Ask
from policy.pack import Pack
from policy.spans import local_time
from policy.terms import Decision, FactKind, Kind, MessageType, Risk
from store.journal import JournalEntry
from store.messages import Message

FACT_OF: Mapping[Decision, FactKind] = {
    Decision.ACKNOWLEDGE: FactKind.ACKNOWLEDGED,
    Decision.ACCEPT: FactKind.ACCEPTED,
    Decision.DECLINE: FactKind.DECLINED,
}


@dataclass(frozen=True)
class Given:
    """An answer that this person gave before."""

    decision: Decision
    at: datetime

    def said(self, now: datetime) -> str:
        """Say it back: `You acknowledged at 19:04`."""
        return f"You {FACT_OF[self.decision]} at {local_time(self.at, now)}"


@dataclass(frozen=True)
class Line:
    """One thing asked, by when, and what came of it."""

    text: str
    due_at: datetime | None
    overdue: bool
    answered: str
    id: tuple[str, int] = ("", 0)  # the step, so that what is asked twice is shown once
    waits: bool = False


@dataclass(frozen=True)
class Offer:
    """One answer that can be given."""

    decision: Decision
    label: str
    hint: str
    id: str


@dataclass(frozen=True)
class Asked:
    """One message for its person to read and answer."""

    key: str
    id: str
    case: str
    type: MessageType
    person: str
    label: str
    risk: Risk | None
    timer_risk: Risk
    age_band: str
    area: str
    at: datetime
    asks: tuple[Line, ...]  # with buttons below: what they answer; without: all that is asked
    also: tuple[Line, ...]  # what else is asked, and is recorded in the case
    offers: tuple[Offer, ...]
    given: tuple[Given, ...]
    over: str
    example: bool
    notice: tuple[str, int] | None  # the live notice that an acknowledgement would stop
    offer: tuple[str, int] | None  # the live offer that an acceptance or a decline would answer
    hands_over: bool  # somebody goes, and this person is to take over
    card: str  # where the card of the role lies in which the person was told; empty where the pack has none

    @property
    def overdue(self) -> bool:
        """Tell whether something that still waits for an answer is past its time."""
        return any(line.overdue for line in (*self.asks, *self.also))

    @property
    def waits(self) -> bool:
        """Tell whether an answer is still wanted."""
        return bool(self.offers)


def given_by(person: str, history: Iterable[JournalEntry], since_at: datetime) -> tuple[Given, ...]:
    """Find a person's answers about a case since a message was put."""
    kinds = {kind: decision for decision, kind in FACT_OF.items()}
    return tuple(
        Given(kinds[FactKind(str(entry.body["fact"]))], entry.at)
        for entry in history
        if entry.kind == "fact" and entry.by == person and entry.at >= since_at and entry.body.get("fact") in kinds
    )


def asked(message: Message, case: Case, pack: Pack, given: tuple[Given, ...], now: datetime) -> Asked:
    """Say how a message stands."""
    steps = [case.step(ask.step, ask.occurrence) for ask in message.asks]
    lines = [_line(ask, step, message, now) for ask, step in zip(message.asks, steps, strict=True)]
    answers = {key for key, rule in pack.steps.items() if rule.kind in (Kind.NOTIFY, Kind.ACCEPT)}
    offers = () if case.closed else _offers(message, case, pack, steps)
    return Asked(
        key=message.attempt_key,
        id="m-" + "-".join(message.attempt_key.split("/")),
        case=case.ref,
        type=message.type,
        person=message.person,
        label=pack.label(message.role),
        risk=case.risk,
        timer_risk=case.timer_risk(pack.child_floor),
        age_band=case.age_band,
        area=pack.area_title(case.area),
        at=message.due_at,
        asks=tuple(line for line in lines if not offers or line.id[0] in answers),
        also=tuple(line for line in lines if offers and line.id[0] not in answers),
        offers=offers,
        given=given,
        over=_over(message, case, steps, offers, now),
        example=case.example,
        notice=_notice(message, pack, steps),
        offer=next((step.id for step in offered_to(message.person, case, pack, steps)), None),
        hands_over=message.type is MessageType.HANDOVER or any(s and s.evidence.get(FROM) for s in steps),
        card=f"/packs/{pack.name}/roles/{message.role}" if message.role in pack.cards else "",
    )


def _notice(message: Message, pack: Pack, steps: Sequence[Step | None]) -> tuple[str, int] | None:
    for step in steps:
        if step is not None and step.live and pack.steps[step.key].kind is Kind.NOTIFY:
            return step.id if step.told_person(message.person) else None
    return None


def _line(ask: Ask, step: Step | None, message: Message, now: datetime) -> Line:
    if message.type in (MessageType.CANCEL, MessageType.ALARM) or step is None:
        return Line(ask.text, None, overdue=False, answered="", id=(ask.text, 0))
    done = ""
    if step.status in FINISHED and step.done_at is not None:
        who = "you" if step.done_by == message.person else step.done_by
        done = f"Done by {who} at {local_time(step.done_at, now)}"
    due_at = step.due_at or ask.due_at
    overdue = step.live and due_at is not None and due_at <= now
    return Line(ask.text, due_at, overdue, done, step.id, step.live)


def _offers(message: Message, case: Case, pack: Pack, steps: Sequence[Step | None]) -> tuple[Offer, ...]:
    """Give the answers that make sense now: acknowledging a notice, accepting an offer, declining either."""
    if message.type in (MessageType.CANCEL, MessageType.ALARM):
        return ()
    live = [step for step in steps if step is not None and step.live]
    noticed = any(pack.steps[s.key].kind is Kind.NOTIFY and s.told_person(message.person) for s in live)
    offered = offered_to(message.person, case, pack, live)
    mark = "-".join(message.attempt_key.split("/"))
    offers = []
    if noticed:
        hint = "I have seen it. Reminders stop. It is not yet mine."
        offers.append(Offer(Decision.ACKNOWLEDGE, "Acknowledge", hint, f"ack-{mark}"))
    if offered or (noticed and case.owner is None) or case.offered_to == message.person:
        hint = "It is mine: I own this case from now on."
        offers.append(Offer(Decision.ACCEPT, "Accept the case", hint, f"accept-{mark}"))
    if offers:
        hint = "The next person is told at once. Say why; do not name the missing person."
        offers.append(Offer(Decision.DECLINE, "I cannot take it", hint, f"decline-{mark}"))
    return tuple(offers)


def offered_to(person: str, case: Case, pack: Pack, steps: Iterable[Step | None]) -> list[Step]:
    """Give, of these steps, the live offers of the case that a person was told of; nobody is offered their own."""
    if case.owner is not None and case.owner.person == person:
        return []
    live = [s for s in steps if s is not None and s.live and pack.steps[s.key].kind is Kind.ACCEPT]
    return [step for step in live if step.told_person(person)]


def _over(message: Message, case: Case, steps: Sequence[Step | None], offers: tuple[Offer, ...], now: datetime) -> str:
    """Say why nothing is asked any more, or what an answer means where no button does it."""
    if case.closed:
        return "The case is closed. Nothing more is asked of you here."
    if offers or message.type in (MessageType.CANCEL, MessageType.ALARM):
        return ""
    if case.owner is not None and case.owner.person == message.person:
        return f"You own this case since {local_time(case.owner.accepted_at, now)}."
    if any(step is not None and step.live for step in steps):
        return "Do what is asked and record it in the case. Seeing this page is not an answer."
    if case.owner is not None:
        return f"{case.owner.person} accepted the case at {local_time(case.owner.accepted_at, now)}."
    return "Nothing more is asked of you here."
