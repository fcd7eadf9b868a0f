"""Waiting for somebody's telephone: a pass that does so lends its slot, so that a dead phone holds up nobody else.

What makes a pass costly is the store and Prefect, and there are as many slots as these bear. A pass that waits for an
answer that does not come, or for its next try, costs nothing meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Final

from runtime.clock import Stopwatch

LENT_AFTER_S: Final = 0.7  # a phone that lives has answered by then
MOST_LENT: Final = 12  # slots at once: each is a thread


class Patience:
    """Whether one pass waits for telephones; asked from another thread."""

    def __init__(self, lent_after_s: float = LENT_AFTER_S) -> None:
        """Begin with nothing to wait for."""
        self._lent_after_s = lent_after_s
        self._lock = Lock()
        self._calls = 0
        self._since: Stopwatch | None = None
        self._tries_again = False

    @property
    def lends(self) -> bool:
        """Tell whether the slot may go to another pass: a try has failed, or an answer is long in coming."""
        since = self._since
        return self._tries_again or (since is not None and since.over(self._lent_after_s))

    @contextmanager
    def call(self) -> Iterator[None]:
        """Note that telephones are being rung while the block runs."""
        with self._lock:
            self._calls += 1
            self._since = self._since or Stopwatch()
        try:
            yield
        finally:
            with self._lock:
                self._calls -= 1
                self._since = self._since if self._calls else None

    def try_again(self) -> None:
        """Note that what is left of the pass is waiting, for the most part."""
        self._tries_again = True


_OF_THIS_PASS: ContextVar[Patience] = ContextVar("vigil-patience")


@contextmanager
def one_pass(patience: Patience) -> Iterator[None]:
    """Let what is sent while the block runs be this pass's."""
    token = _OF_THIS_PASS.set(patience)
    try:
        yield
    finally:
        _OF_THIS_PASS.reset(token)


def of_this_pass() -> Patience:
    """Give the patience of the pass that this thread works for; outside of one, one that nobody asks."""
    return _OF_THIS_PASS.get(None) or Patience()
