"""The inbox as cards: one a case, holding all that its messages ask of a person and how each of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from console.asked import Asked, Line, Offer, asked, given_by
from policy.terms import MessageState, MessageType, Risk
from runtime.app import App
from store import cases, journal, messages
from store.messages import Message

MOST = 200  # messages that are looked at
ALL = 1_000_000  # entries: the whole journal of a case


@dataclass(frozen=True)
class Sent:
    """One message in a line: when, why, as what."""

    at: datetime
    type: MessageType
    label: str


@dataclass(frozen=True)
class Card:
    """One case in somebody's inbox; `key` names the message that an answer is for."""

    case: str
    key: str
    label: str
    risk: Risk | None
    timer_risk: Risk
    age_band: str
    area: str
    example: bool
    asks: tuple[Line, ...]
    offers: tuple[Offer, ...]
    over: str
    sent: tuple[Sent, ...]
    hands_over: bool = False  # nothing but an offer of the case by somebody who goes: one line, answered on `/shift`

    @property
    def overdue(self) -> bool:
        """Tell whether something asked is past its time."""
        return any(line.overdue for line in self.asks)

    @property
    def waits(self) -> bool:
        """Tell whether something is still to be done."""
        return bool(self.offers) or any(line.waits for line in self.asks)


@dataclass(frozen=True)
class Inbox:
    """Somebody's inbox: the cards, and what is about no case."""

    cards: tuple[Card, ...]
    notices: tuple[Message, ...]
    handovers: tuple[Card, ...] = ()

    @property
    def waiting(self) -> int:
        """Count the cases that wait for the person."""
        return sum(card.waits for card in (*self.handovers, *self.cards))

    @property
    def overdue(self) -> int:
        """Count those with something past its time."""
        return sum(card.overdue for card in (*self.handovers, *self.cards))


def inbox_of(app: App, person: str) -> Inbox:
    """Give what was sent to a person: overdue first, then what waits, then the newest."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        sent = [m for m in messages.inbox(s, person, MOST) if m.state is not MessageState.CANCELLED]
        held = {ref: cases.load(s, ref).case for ref in dict.fromkeys(m.case for m in sent) if ref}
        history = {ref: journal.read(s, ref, 0, ALL) for ref in held}
    by_case: dict[str, list[Asked]] = {ref: [] for ref in held}
    for message in sent:
        if message.case:
            case = held[message.case]
            given = given_by(person, history[message.case], message.queued_at)
            by_case[message.case].append(asked(message, case, app.pack_of(case), given, now))
    cards = sorted((_card(group) for group in by_case.values()), key=_pressing)
    offered = tuple(card for card in cards if card.hands_over)
    return Inbox(tuple(c for c in cards if not c.hands_over), tuple(m for m in sent if not m.case), offered)


def _pressing(card: Card) -> tuple[bool, bool, int, float]:
    newest = card.sent[0].at.timestamp()
    return (not card.overdue, not card.waits, -card.timer_risk.weight if card.waits else 0, -newest)


def _card(group: Sequence[Asked]) -> Card:
    """Put the messages of one case together, the newest first; of what is asked twice the newest words count."""
    newest = group[0]
    answerable = next((message for message in group if message.offers), newest)
    lines: dict[tuple[str, int], Line] = {}
    for message in group:
        for line in (*message.asks, *message.also):
            lines.setdefault(line.id, line)
    live = [line for line in lines.values() if line.waits]
    shown = live or list(newest.asks)
    return Card(
        case=newest.case,
        key=answerable.key,
        label=newest.label,
        risk=newest.risk,
        timer_risk=newest.timer_risk,
        age_band=newest.age_band,
        area=newest.area,
        example=newest.example,
        asks=tuple(sorted(shown, key=lambda line: (line.due_at is None, line.due_at or newest.at))),
        offers=answerable.offers,
        over="" if answerable.offers else newest.over,
        hands_over=bool(live) and answerable.hands_over and {line.id for line in live} == {answerable.offer},
        sent=tuple(Sent(message.at, message.type, message.label) for message in group),
    )
