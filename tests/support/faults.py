"""Faults that are armed and go off once, at the ports: what product code meets in the world, and no hook within it.

`verb:before` fails with nothing done, `verb:after` when it is done and nobody was told so; at `died` the process ends.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol, TypeVar

import httpx
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from channels import Envelope, NotEver, NotNow, Receipt, Sender
from channels.webhook import WebhookSender
from policy.errors import Transient
from policy.terms import Channel
from runtime.engine_state import Passing, RunState
from runtime.rehearse_app import Phones
from runtime.rehearse_clock import SimClock
from runtime.repair import Passes
from runtime.timer import Runs
from store.engine import Sessions

SLOW = timedelta(seconds=4)  # below the channels' time-out
SEND = ("before", "after", "timeout", "permanent", "slow", "error_body")
COMMIT = ("before", "after")
POINTS = frozenset({f"send:{where}" for where in SEND} | {f"commit:{where}" for where in COMMIT})
# What only a whole engine meets (tests/simulation/works.py).
STORE = frozenset({"begin:locked", "statement:lost", "commit:lost"})
ASKED = ("start", "wake", "put_back")  # of Prefect by the timer; by a pass: pause
DISPATCH = frozenset(
    {f"{verb}:{where}" for verb in ASKED for where in ("before", "after", "died")}
    | {"state:before", "pause:before", "pause:after"}
)
CLOCK = {"clock:back": timedelta(seconds=-90), "clock:forward": timedelta(minutes=10), "clock:drift": timedelta(0)}
DRIFT = timedelta(milliseconds=20)  # at each reading
DOORS = frozenset(f"pass:{after}" for after in ("advanced", "settled", "rested", "paused", "released"))
KNOCKS = frozenset({"knock:timer", "knock:worker"})
T = TypeVar("T")
EVERY = POINTS | STORE | DISPATCH | CLOCK.keys() | DOORS | KNOCKS


class Died(BaseException):
    """The process died here; no code of ours catches this."""


@dataclass
class Faults:
    """What is armed; each goes off once and is then gone."""

    armed: dict[str, int] = field(default_factory=dict)  # how often each is still passed unharmed
    went_off: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # the attempt keys that a channel refused for good
    unsure: list[str] = field(default_factory=list)  # those that were received though nobody was told so
    met: Counter[str] = field(default_factory=Counter)  # how often each point was passed
    _asleep: bool = False
    _lock: Lock = field(default_factory=Lock, repr=False)

    def arm(self, point: str, after: int = 0) -> None:
        """Let a pass through `point` fail, the next or `after` so many; raises ValueError for one that is not there."""
        if point not in EVERY:
            raise ValueError(f"no such point: {point}")
        self.armed[point] = after

    def disarm(self) -> None:
        """Take away what has not gone off."""
        self.armed.clear()

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Let nothing go off and nothing be counted: whoever judges is no part of the story."""
        self._asleep, before = True, self._asleep
        try:
            yield
        finally:
            self._asleep = before

    def goes_off(self, point: str) -> bool:
        """Tell whether `point` fails now."""
        with self._lock:
            if self._asleep:
                return False
            self.met[point] += 1
            left = self.armed.get(point)
            if left is None:
                return False
            if left:
                self.armed[point] = left - 1
                return False
            del self.armed[point]
            self.went_off.append(point)
            return True

    def dies(self, point: str) -> None:
        """Let the process die here when `point` fails now."""
        if self.goes_off(point):
            raise Died(point)

    @contextmanager
    def in_store(self, sessions: Sessions) -> Iterator[None]:
        """Let this store's transactions fail: at the lock, in the middle, with nothing kept, or cut off when all is."""

        def before(session: Session) -> None:
            if session.get_bind() is sessions.engine and self.goes_off("commit:before"):
                raise _locked()

        def after(session: Session) -> None:
            if session.get_bind() is sessions.engine:
                self.dies("commit:after")
                if self.goes_off("commit:lost"):
                    raise _lost()

        def statement(*said: object) -> None:
            if said[2] == "BEGIN IMMEDIATE" and self.goes_off("begin:locked"):
                raise _locked()
            if not str(said[2]).startswith(("BEGIN", "PRAGMA")) and self.goes_off("statement:lost"):
                raise _lost()

        event.listen(Session, "before_commit", before)
        event.listen(Session, "after_commit", after)
        event.listen(sessions.engine, "before_cursor_execute", statement)
        try:
            yield
        finally:
            event.remove(Session, "before_commit", before)
            event.remove(Session, "after_commit", after)
            event.remove(sessions.engine, "before_cursor_execute", statement)


def _locked() -> OperationalError:
    return _failure("database is locked", "SQLITE_BUSY")


def _lost() -> OperationalError:
    return _failure("disk I/O error", "SQLITE_IOERR")


def _failure(text: str, name: str) -> OperationalError:
    failure = sqlite3.OperationalError(text)
    failure.sqlite_errorname = name
    return OperationalError("A statement", {}, failure)


@dataclass(frozen=True)
class FaultyChannel:
    """A channel that fails as it was told to, once; otherwise it is the one within."""

    inner: Sender
    faults: Faults
    clock: SimClock

    def __call__(self, envelope: Envelope) -> Receipt:
        """Send, or fail on one side or the other of the message's arrival."""
        self.faults.dies("send:before")
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


@dataclass
class FaultyClock:
    """What a process reads as the time: steps once, or runs too fast from then on, and nobody tells it."""

    inner: SimClock
    faults: Faults
    fast: bool = False

    @property
    def speed(self) -> float:
        """As fast as the one within."""
        return self.inner.speed

    def now(self) -> datetime:
        """Tell what the machine shows."""
        for point, step in CLOCK.items():
            if self.faults.goes_off(point):
                self.inner.drift(step)
                self.fast = self.fast or not step
        if self.fast:
            self.inner.drift(DRIFT)
        return self.inner.now()

    def wall(self) -> datetime:
        """Tell the same."""
        return self.now()


class Asked(Runs, Passes, Protocol):
    """All that the timer's process asks about runs."""


@dataclass(frozen=True)
class FaultyRuns:
    """What the timer asks of Prefect: not answered, or done and the answer lost, or the last that the process did."""

    inner: Asked
    faults: Faults

    def start(self, case: str, n: int, tags: Sequence[str], name: str | None = None) -> str:
        """Start a run, or fail."""
        return self.ask("start", lambda: self.inner.start(case, n, tags, name))

    def state(self, run_id: str) -> RunState | None:
        """Tell how a run stands, or fail."""
        return self.ask("state", lambda: self.inner.state(run_id))

    def wake(self, run_id: str, reason: str) -> bool:
        """Wake a run, or fail."""
        return self.ask("wake", lambda: self.inner.wake(run_id, reason))

    def passing(self, older_than: datetime) -> list[Passing]:
        """Give the runs that show a pass under way; a question that has no answer is a look later."""
        return self.inner.passing(older_than)

    def put_back(self, run_id: str, reason: str) -> None:
        """Put a run back, or fail."""
        self.ask("put_back", lambda: self.inner.put_back(run_id, reason))

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """End a run, or fail."""
        self.ask("cancelled", lambda: self.inner.cancelled(run_id, message))

    def ask(self, verb: str, do: Callable[[], T]) -> T:
        """Ask for one thing."""
        if f"{verb}:before" in EVERY and self.faults.goes_off(f"{verb}:before"):
            raise Transient(f"Prefect: {verb}: not asked")
        answer = do()
        if f"{verb}:died" in EVERY:
            self.faults.dies(f"{verb}:died")
        if f"{verb}:after" in EVERY and self.faults.goes_off(f"{verb}:after"):
            raise Transient(f"Prefect: {verb}: the answer was lost")
        return answer


def faulty_knock(faults: Faults, hear: Callable[[str], None]) -> Callable[[str], None]:
    """Give what knocks on a part, and now and then is not heard."""

    def knock(part: str) -> None:
        if not faults.goes_off(f"knock:{part}"):
            hear(part)

    return knock
