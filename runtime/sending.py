"""Sending one act's messages: what is said on a channel, and what came of each. No transaction is open meanwhile."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from channels import Envelope, NotEver, NotNow, Payload, Sender
from policy.case import Case
from policy.terms import Channel, MessageType
from runtime.clock import Clock
from runtime.links import Links
from store.messages import Message

LINK_LIFE = timedelta(hours=24)  # of procedure time; afterwards the inbox still answers
NO_LINK = (MessageType.CANCEL, MessageType.ALARM)  # nothing is asked that a link could answer
MOST_TRIES = 4  # of a message by one task: then somebody hears that it does not come through
LONGEST_WAIT_S = 30.0  # of real time: a provider that asks for more is tried all the same
_pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="vigil-send")  # they wait for telephones, no more


class Result(StrEnum):
    """What came of one try."""

    RECEIVED = "received"
    TRANSIENT = "transient"
    PERMANENT = "permanent"


@dataclass(frozen=True)
class Sent:
    """One try: `at` is the procedure's clock when the channel answered.

    `wait` is for how long (on that clock) the receiver asked to be left alone, None where it did not ask; `down` tells
    that the provider has taken nothing from anybody for a while.
    """

    message: Message
    result: Result
    at: datetime
    detail: str = ""
    status_code: int | None = None
    wait: timedelta | None = None
    down: bool = False

    @property
    def tried_too_often(self) -> bool:
        """Tell whether this message has gone through a task's tries and did not come through."""
        return self.result is Result.TRANSIENT and self.message.tries + 1 >= MOST_TRIES


def send_all(
    messages: Sequence[Message],
    cases: Mapping[str, Case],
    senders: Mapping[Channel, Sender],
    links: Links,
    clock: Clock,
    base: str,
) -> list[Sent]:
    """Send every message side by side, so that one slow phone never holds up another."""
    envelopes = [(m, envelope(m, cases, links, clock, base)) for m in messages]
    if len(envelopes) == 1:
        return [_send(envelopes[0], senders, clock)]
    return list(_pool.map(lambda pair: _send(pair, senders, clock), envelopes))


def envelope(message: Message, cases: Mapping[str, Case], links: Links, clock: Clock, base: str) -> Envelope:
    """Put a message into its envelope: reference, risk, age band, area, what is asked and by when (S0); no more.

    One about several cases goes under the first; what is asked names them all.
    """
    now = clock.now()
    about = next(iter(message.cases), "")
    case = cases.get(about)
    link = None
    asked = message.type not in NO_LINK or any(ask.due_at for ask in message.asks)
    if asked and case is not None:
        token = links.make(message.attempt_key, message.person, now + LINK_LIFE)
        link = f"{base}/a/{token}"
    due_at = next((ask.due_at for ask in message.asks if ask.due_at), None)
    payload: Payload = {
        "type": message.type.value,
        "case": about,
        "to": {"person": message.person, "role": message.role.value, "label": message.label},
        "step": message.step,
        "rung": message.rung,
        "reminder": message.reminder,
        "risk": case.risk.value if case and case.risk else None,
        "age_band": case.age_band.value if case else "unknown",
        "area": case.area if case else None,
        "ask": "; ".join(dict.fromkeys(ask.text for ask in message.asks)),
        "due_at": stamp(due_at) if due_at else None,
        "sent_at": stamp(now),
        "link": link,
    }
    return Envelope(message.attempt_key, message.address, payload, clock.wall())


def stamp(at: datetime) -> str:
    """Write an instant as the contract has it: `2026-01-10T19:10:00Z`."""
    return at.isoformat().replace("+00:00", "Z")


def _send(pair: tuple[Message, Envelope], senders: Mapping[Channel, Sender], clock: Clock) -> Sent:
    message, letter = pair
    sender = senders.get(message.channel)
    if sender is None:
        return Sent(message, Result.PERMANENT, clock.now(), "no_such_channel")
    try:
        receipt = sender(letter)
    except NotNow as error:
        asked_s = error.retry_after_s
        wait = None if asked_s is None else timedelta(seconds=min(asked_s, LONGEST_WAIT_S) * clock.speed)
        return Sent(message, Result.TRANSIENT, clock.now(), error.code, error.status_code, wait, error.down)
    except NotEver as error:
        return Sent(message, Result.PERMANENT, clock.now(), error.code, error.status_code)
    return Sent(message, Result.RECEIVED, clock.now(), "", receipt.status_code)
