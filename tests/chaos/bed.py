"""A Vigil on either database for one test: its phones, its store, and processes that can be frozen."""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from policy.errors import VigilError
from policy.terms import Route
from runtime.clock import Stopwatch, WallClock, beats
from runtime.databases import for_prefect
from store import journal, meta
from store.engine import Sessions, is_postgres, make_engine
from tests.chaos.database import own_database
from tests.chaos.pack import NAME, put_pack
from tests.chaos.phones import Phones, key_of
from tests.live.force import SPEED, START, Force
from tests.support.stack import Stack

RETRY = "8m"  # between reminders: eight seconds
ENGINE = ("act_by_watchdog", "engine_dead")


@dataclass
class Bed:
    """One running Vigil."""

    stack: Stack
    phones: Phones
    sessions: Sessions
    force: Force

    def report(self, area: str, risk: str = "medium") -> tuple[str, datetime]:
        """Post a report that must be taken; give its case and the real instant before."""
        since = WallClock().wall()
        return self.force.report(area, risk)["case"], since

    def freeze(self, pids: Iterable[int]) -> None:
        """Stop processes where they stand."""
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self, pids: Iterable[int]) -> None:
        """Let processes go on."""
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def all_but(self, *parts: str) -> list[int]:
        """Name all processes but these parts', the supervisor first, so that it sees nobody fall silent."""
        named = [pid for pid, command in self.stack.family().items() if not any(part in command for part in parts)]
        return named[::-1]

    def wait_until(self, there: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until something holds."""
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.2):
            if there():
                return
            assert not watch.over(within_s), f"waited {within_s:.0f} s in vain for {what}; {self.stack.said()}"

    def all_fit_to_freeze(self, pids: list[int]) -> None:
        """Stop processes, none of them inside a transaction: what a frozen one has locked is another test's matter."""
        for _ in beats(threading.Event(), 0.05):
            self.freeze(pids)
            if self._nothing_is_locked():
                return
            self.thaw(pids)

    def _nothing_is_locked(self) -> bool:
        try:
            with self.sessions() as s:
                meta.put(s, "chaos", "writes")
                journal.append(s, [], case=None, route=Route.SYSTEM, written_at=WallClock().wall())
                if is_postgres(str(self.sessions.engine.url)):
                    s.connection().execute(text("LOCK TABLE case_record, message, part, post, meta IN EXCLUSIVE MODE"))
        except VigilError:
            return False
        return True

    def told_of_the_engine(self) -> list[str]:
        """Give who was pushed an alarm about the engine, once for each."""
        return [call.person for call in self.phones.calls(type="alarm") if call.body["step"] in ENGINE]

    def standing(self, key: str) -> bool:
        """Tell whether an alarm stands."""
        return any(a["key"] == key and a["cleared_at"] is None for a in self.stack.ask("/alarms")["alarms"])

    def again(self) -> Counter[str]:
        """Count how often each attempt key was received."""
        return Counter(key_of(call) for call in self.phones.calls() if call.status == 200)


@contextmanager
def bed_on(kind: str, home: Path) -> Iterator[Bed]:
    """Start a Vigil whose force is on duty, on `sqlite` or `postgres`; whatever is frozen in the end is let go."""
    put_pack(home, RETRY)
    flags: tuple[str, ...] = ("--start", START, "--speed", str(SPEED), "--pack", NAME)
    url = f"sqlite:///{home / 'vigil.db'}"
    with ExitStack() as ends:
        if kind == "postgres":
            database = ends.enter_context(own_database())
            url, theirs = database.create("vigil"), for_prefect(database.create("prefect"))
            flags += ("--database-url", url, "--prefect-database-url", theirs)
        phones = ends.enter_context(Phones())
        stack = Stack(home, flags).start()
        ends.callback(stack.stop)
        sessions = Sessions(make_engine(url))
        ends.callback(sessions.close)
        bed = Bed(stack, phones, sessions, Force(stack, phones))
        ends.callback(lambda: bed.thaw(bed.stack.family()))
        bed.force.man()
        yield bed
