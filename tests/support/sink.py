"""A phone for every person: the sink of live rehearsals, which remembers and answers as it is told to."""

import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runtime import rehearse_sink
from runtime.clock import Stopwatch


@dataclass(frozen=True)
class Call:
    """One webhook as it was received: `at_s` is real seconds since the sink was opened."""

    person: str
    at_s: float
    status: int
    headers: dict[str, str]
    text: str
    body: dict[str, Any]


class Sink(rehearse_sink.Sink):
    """Receives for everybody at `address(person)`, remembers it; answers 200 unless told otherwise."""

    def __init__(self) -> None:
        super().__init__(self._take)
        self._watch = Stopwatch()
        self._changed = threading.Condition()
        self._answers: dict[str, deque[int]] = defaultdict(deque)
        self._holds: dict[str, deque[float]] = defaultdict(deque)
        self._calls: list[Call] = []

    def answer(self, person: str, *statuses: int) -> None:
        """Answer the person's next messages with these, then with 200 again."""
        with self._changed:
            self._answers[person].extend(statuses)

    def refuse(self, person: str, status: int) -> None:
        """Answer all that the person gets from now on with this, whatever was said before."""
        with self._changed:
            self._answers[person] = deque([status] * 500)

    def well(self, person: str) -> None:
        """Answer 200 again."""
        with self._changed:
            self._answers[person].clear()

    def hold(self, person: str, *, seconds: float) -> None:
        """Answer the person's next message only after so many seconds, as a bad network does."""
        with self._changed:
            self._holds[person].append(seconds)

    def elapsed_s(self) -> float:
        """Give real seconds since the sink was opened, the clock of `Call.at_s`."""
        return self._watch.elapsed()

    def calls(self, person: str | None = None, **said: object) -> list[Call]:
        """Give what was received, of one person and with these values in the body."""
        with self._changed:
            return [c for c in self._calls if _fits(c, person, said)]

    def wait_for(self, person: str | None = None, *, within_s: float, times: int = 1, **said: object) -> list[Call]:
        """Wait until that many such messages were received; fails with what was received instead."""

        def there() -> bool:
            return sum(_fits(c, person, said) for c in self._calls) >= times

        self.wait_until(there, within_s, f"{times} x {person} {said}")
        return self.calls(person, **said)

    def wait_until(self, there: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until something holds about what was received."""
        with self._changed:
            if not self._changed.wait_for(there, timeout=within_s):
                got = [(c.person, c.body.get("type"), c.body.get("step"), c.body.get("rung")) for c in self._calls]
                raise AssertionError(f"not received within {within_s} s: {what}; received: {got[-20:]}")

    def _take(self, person: str, headers: Mapping[str, str], text: str) -> int:
        with self._changed:
            status = self._answers[person].popleft() if self._answers[person] else 200
            self._calls.append(Call(person, self._watch.elapsed(), status, dict(headers), text, json.loads(text)))
            self._changed.notify_all()
            hold_s = self._holds[person].popleft() if self._holds[person] else 0.0
        if hold_s:
            threading.Event().wait(hold_s)
        return status


def _fits(call: Call, person: str | None, said: dict[str, object]) -> bool:
    return person in (None, call.person) and all(call.body.get(name) == value for name, value in said.items())


@contextmanager
def open_sink() -> Iterator[Sink]:
    """Open a sink on a free port of this machine."""
    with Sink() as sink:
        yield sink
