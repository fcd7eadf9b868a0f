"""Faults that are armed and go off once, at the ports: what product code meets in the world, and no hook within it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

import httpx
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from channels import Envelope, NotEver, NotNow, Receipt, Sender
from channels.webhook import WebhookSender
from policy.terms import Channel
from runtime.rehearse_app import Phones
from runtime.rehearse_clock import SimClock
from store.engine import Sessions

SLOW = timedelta(seconds=4)  # below the channels' time-out
SEND = ("before", "after", "timeout", "permanent", "slow", "error_body")
COMMIT = ("before", "after")
POINTS = frozenset({f"send:{where}" for where in SEND} | {f"commit:{where}" for where in COMMIT})


class Died(Exception):
    """The process died here; no code of ours catches this."""


@dataclass
class Faults:
    """What is armed; each goes off once and is then gone."""

    armed: set[str] = field(default_factory=set)
    went_off: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # the attempt keys that a channel refused for good
    unsure: list[str] = field(default_factory=list)  # those that were received though nobody was told so
    _lock: Lock = field(default_factory=Lock, repr=False)

    def arm(self, point: str) -> None:
        """Let the next pass through `point` fail; raises ValueError for a point that does not exist."""
        if point not in POINTS:
            raise ValueError(f"no such point: {point}")
        self.armed.add(point)

    def disarm(self) -> None:
        """Take away what has not gone off."""
        self.armed.clear()

    def goes_off(self, point: str) -> bool:
        """Tell whether `point` fails now."""
        with self._lock:
            if point not in self.armed:
                return False
            self.armed.remove(point)
            self.went_off.append(point)
            return True

    @contextmanager
    def in_store(self, sessions: Sessions) -> Iterator[None]:
        """Let this store's commits fail: *locked* with nothing kept, or cut off when all is kept."""

        def before(session: Session) -> None:
            if session.get_bind() is sessions.engine and self.goes_off("commit:before"):
                raise _locked()

        def after(session: Session) -> None:
            if session.get_bind() is sessions.engine and self.goes_off("commit:after"):
                raise Died("commit:after")

        event.listen(Session, "before_commit", before)
        event.listen(Session, "after_commit", after)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", before)
            event.remove(Session, "after_commit", after)


def _locked() -> OperationalError:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorname = "SQLITE_BUSY"
    return OperationalError("COMMIT", {}, locked)


@dataclass(frozen=True)
class FaultyChannel:
    """A channel that fails as it was told to, once; otherwise it is the one within."""

    inner: Sender
    faults: Faults
    clock: SimClock

    def __call__(self, envelope: Envelope) -> Receipt:
        """Send, or fail on one side or the other of the message's arrival."""
        if self.faults.goes_off("send:before"):
            raise Died("send:before")
        if self.faults.goes_off("send:permanent"):
            self.faults.refused.append(envelope.attempt_key)
            raise NotEver("http_410", 410)
        if self.faults.goes_off("send:slow"):
            self.clock.advance(SLOW)
        receipt = self.inner(envelope)
        if self.faults.goes_off("send:after"):
            self.faults.unsure.append(envelope.attempt_key)
            raise Died("send:after")
        if self.faults.goes_off("send:timeout"):
            self.faults.unsure.append(envelope.attempt_key)
            raise NotNow("timeout")
        if self.faults.goes_off("send:error_body"):
            return _provider_that_says_ok_and_means_no(envelope)
        return receipt


def _provider_that_says_ok_and_means_no(envelope: Envelope) -> Receipt:
    """Let the real sender meet a provider whose 200 carries an error: by the contract 2xx is received."""

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"error": "no such device"})

    sender = WebhookSender("whsec_dGVzdA==", lambda: httpx.Client(transport=httpx.MockTransport(answer)))
    try:
        return sender(envelope)
    finally:
        sender.close()


class FaultyPhones(Phones):
    """Phones behind a channel that can be made to fail; the inbox is our own table and does not."""

    def __init__(self, clock: SimClock, faults: Faults) -> None:
        """Receive at once until a fault goes off."""
        super().__init__(clock)
        self.faults = faults

    def sender(self, channel: Channel) -> Sender:
        """Give what sends on a channel."""
        inner = super().sender(channel)
        return inner if channel is Channel.INBOX else FaultyChannel(inner, self.faults, self.clock)
