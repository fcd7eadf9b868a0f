"""How people and systems are told: one file a channel, each gives a Receipt or raises Transient or Permanent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from policy.errors import Broken, Permanent, Transient


class To(TypedDict):
    """Whom a message is for: a roster id, the role told, and the force's own word for it."""

    person: str
    role: str
    label: str


class Payload(TypedDict):
    """All that a message may say (contract section 3): no name, no place, no free text."""

    type: str
    case: str
    to: To
    step: str
    rung: int
    reminder: int
    risk: str | None
    age_band: str
    area: str | None
    ask: str
    due_at: str | None
    sent_at: str
    link: str | None


@dataclass(frozen=True)
class Envelope:
    """One message to one person on one channel.

    `timestamp` is the real instant of sending, also in a rehearsal: receivers refuse what is minutes off.
    """

    attempt_key: str
    address: str
    payload: Payload
    timestamp: datetime


@dataclass(frozen=True)
class Receipt:
    """The channel took the message; `status_code` is its answer, where it has such a thing."""

    status_code: int | None = None


Sender = Callable[[Envelope], Receipt]


class NotNow(Transient):
    """The channel failed for now; `code` is a word of ours, never the provider's text.

    `retry_after_s` is what the provider asked us to wait, in real seconds; None where it did not say. `down` tells
    that it has taken nothing from anybody for a while.
    """

    def __init__(
        self, code: str, status_code: int | None = None, retry_after_s: float | None = None, *, down: bool = False
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status_code = status_code
        self.retry_after_s = retry_after_s
        self.down = down


class NotEver(Permanent):
    """The channel refused for good; `code` is a word of ours, never the provider's text."""

    def __init__(self, code: str, status_code: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status_code = status_code


def checked(payload: Payload) -> Payload:
    """Give the payload in the contract's order; raise Broken when it holds another key or lacks one."""
    whole = Payload.__annotations__
    if set(payload) != set(whole) or set(payload["to"]) != set(To.__annotations__):
        odd = set(payload) ^ set(whole) | set(payload.get("to", {})) ^ set(To.__annotations__)
        raise Broken(f"a message must hold the contract's keys and no others: {', '.join(sorted(odd))}")
    return {key: payload[key] for key in whole}  # type: ignore[return-value, literal-required]  # its own keys
