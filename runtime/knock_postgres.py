"""Knocks that PostgreSQL carries, so that parts on other machines hear them too: `NOTIFY vigil, '<part>@<home>'`.

Like the datagram on loopback they carry nothing and promise nothing; a lost one costs the second until the next look.
The parts of the home that knocks have heard its datagram, so they leave its notices alone.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from runtime.clock import wait
from runtime.knock import mark_of
from store import notices

REST_S: Final = 1.0  # between two tries to reach the database; its parts look each second anyway
LOOK_S: Final = 0.5  # how late an ear may see that it is closed
FLUSH_S: Final = 1.0  # what a command has just said is said before it ends, if the database answers

log = structlog.get_logger()


class Notifier:
    """Knocks through the database from a thread of its own: whoever knocks never waits, and never hears of a fault."""

    def __init__(self, url: str, home: Path) -> None:
        """Start nothing yet: the thread and its connection begin with the first knock."""
        self._url = url
        self._from = mark_of(home)
        self._words: set[str] = set()
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._line: notices.Line | None = None

    def knock(self, part: str) -> None:
        """Knock on a part of every other home; several knocks that wait count as one."""
        with self._lock:
            self._words.add(f"{part}@{self._from}")
            if self._thread is None and not self._over.is_set():
                self._thread = threading.Thread(target=self._serve, name="notifier", daemon=True)
                self._thread.start()
        self._woken.set()

    def close(self) -> None:
        """Say what is still to be said, for a second at the most, and end."""
        self._over.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(FLUSH_S)

    def _serve(self) -> None:
        silent = False
        while not (self._over.is_set() and not self._words):
            self._woken.wait()
            self._woken.clear()
            with self._lock:
                words, self._words = self._words, set()
            if words and self._said(words) == silent:
                silent = not silent
                log.warning("knocks_not_carried" if silent else "knocks_carried")
            if silent and wait(self._over, REST_S):
                break
        self._drop()

    def _said(self, words: set[str]) -> bool:
        """Say the words, on a new line where the kept one is dead; they are lost when that fails too."""
        for _ in range(2):
            try:
                self._line = self._line or notices.connect(self._url)
                notices.say(self._line, words)
            except OSError:
                self._drop()
            else:
                return True
        return False

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


class Ear:
    """Hears the knocks of other homes on one part of this one, until closed; a line that was cut is made again."""

    def __init__(self, url: str, home: Path, part: str, knock: Callable[[], None]) -> None:
        """Listen from a thread of its own; `knock` is called for each knock, and when we may have missed one."""
        self._url = url
        self._own = mark_of(home)
        self._part = part
        self._knock = knock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"ear-{part}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear no more."""
        self._over.set()
        self._thread.join(LOOK_S * 4)

    def _serve(self) -> None:
        deaf = False
        while not self._over.is_set():
            try:
                with notices.connect(self._url) as line:
                    notices.listen(line)
                    if deaf:
                        log.warning("knocks_heard_again", name=self._part)
                    deaf = False
                    self._knock()  # for what was said while nobody listened
                    while not self._over.is_set():
                        self._hear(notices.heard(line, LOOK_S))
            except OSError as error:
                if not deaf:
                    log.warning("knocks_not_heard", name=self._part, error=str(error))
                deaf = True
                wait(self._over, REST_S)

    def _hear(self, words: list[str]) -> None:
        for word in words:
            part, _, origin = word.partition("@")
            if part == self._part and origin != self._own:
                self._knock()
                return
