"""Phones at which a message can be caught: whoever catches it knows that its sender waits at this moment."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from runtime.clock import WallClock
from tests.support.sink import Call, Sink

Fits = Callable[[str, Mapping[str, Any]], bool]


@dataclass
class Catch:
    """One message to be caught: its phone answers only after `hold_s`, or when it is let go."""

    fits: Fits
    hold_s: float
    key: str = ""
    person: str = ""
    _there: threading.Event = field(default_factory=threading.Event)
    _go: threading.Event = field(default_factory=threading.Event)

    def wait(self, within_s: float) -> bool:
        """Wait until the message is there; its sender waits for the answer."""
        return self._there.wait(within_s)

    def let_go(self) -> None:
        """Have the phone answer now."""
        self._go.set()

    def take(self, key: str, person: str) -> None:
        """Hold the answer back."""
        self.key, self.person = key, person
        self._there.set()
        self._go.wait(self.hold_s)


class Phones(Sink):
    """A sink whose answers can be held by what a message says, and which tells real instants."""

    def __init__(self) -> None:
        super().__init__()
        self.opened_at = WallClock().wall() - timedelta(seconds=self.elapsed_s())
        self._catches: list[Catch] = []

    def catch(self, fits: Fits, hold_s: float) -> Catch:
        """Catch the next message that fits."""
        catch = Catch(fits, hold_s)
        with self._changed:
            self._catches.append(catch)
        return catch

    def forget(self, catch: Catch) -> None:
        """Catch nothing any more."""
        with self._changed:
            self._catches = [other for other in self._catches if other is not catch]
        catch.let_go()

    def at(self, call: Call) -> datetime:
        """Give the real instant at which something was received."""
        return self.opened_at + timedelta(seconds=call.at_s)

    def ring(self, person: str, headers: Mapping[str, str], text: str) -> int:
        """Receive a message that comes by no network."""
        return self._take(person, headers, text)

    def _take(self, person: str, headers: Mapping[str, str], text: str) -> int:
        status = super()._take(person, headers, text)
        body = json.loads(text)
        with self._changed:
            mine = next((catch for catch in self._catches if catch.fits(person, body)), None)
            if mine is not None:
                self._catches.remove(mine)
        if mine is not None:
            mine.take(headers["webhook-id"], person)
        return status


def key_of(call: Call) -> str:
    """Give the attempt key under which something was received."""
    return call.headers["webhook-id"]
