"""The watchdog's audit: only when it finds nothing does the heartbeat go out (design section 6).

1. Nothing is overdue beyond the grace, and no message waits for long.
2. No case of which somebody is asked something is without an instant at which it is looked at.
3. Worker, timer and Prefect live.
4. The clock is sane and the database's too, and the journal's chain is whole.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from policy.terms import AlarmKey, Route
from runtime import doors, one_store
from runtime.app import App
from runtime.clock import Leaps
from runtime.watchdog_engine import SILENT, EngineWatch
from store import audit, journal, wakes
from store.journal import GENESIS, Followed

LATE: Final = timedelta(seconds=30)  # of real time past its instant: what was promised at the most
OLD_MESSAGE: Final = timedelta(minutes=2)  # of real time in the outbox with nobody sending it
APART: Final = timedelta(seconds=2)  # this machine's clock and the database's
AHEAD: Final = timedelta(seconds=60)  # a line of the journal may lie so far in the future
LINES: Final = 5_000  # of the journal at one audit; then the next goes on
AT_ONCE: Final = 250  # lines held in memory
WHOLE_AGAIN: Final = timedelta(hours=1)  # the chain is followed from its beginning


@dataclass
class Audit:
    """Audits one home, again and again."""

    app: App
    engine: EngineWatch
    _followed: Followed = (0, GENESIS)
    _whole_at: datetime | None = None
    _broken: int | None = None
    _looked: Leaps | None = field(default=None, repr=False)

    def look(self) -> list[str]:
        """Give what is wrong, in words; an empty list is a clean audit."""
        return [*self._cases(), *self._engine(), *self._clock(), *self._journal()]

    def _cases(self) -> list[str]:
        now, wall, speed = self.app.clock.now(), self.app.clock.wall(), self.app.clock.speed
        with self.app.sessions.reading() as s:
            late = wakes.due(s, now - LATE * speed, wall, 10)
            forgotten = audit.cases_without_wake(s)
            oldest = audit.oldest_queued(s, wall)
        found = [f"{case.ref} is past its instant and nobody acts" for case in late]
        found += [f"{ref} has an open step and no instant at which it is looked at" for ref in forgotten]
        if oldest is not None and now - oldest > OLD_MESSAGE * speed:
            found.append(f"the oldest message waits since {oldest:%Y-%m-%d %H:%M:%S} UTC")
        return found

    def _engine(self) -> list[str]:
        return [f"{part} gives no sign of life" for part in self.engine.silent(SILENT)]

    def _clock(self) -> list[str]:
        """Compare the clock with a stopwatch since the last audit, the database's and the journal's last line."""
        self._looked = self._looked or Leaps(self.app.clock)
        leap = self._looked.since()
        found = [f"the machine's clock leapt by {leap.total_seconds():+.0f} s"] if leap else []
        with self.app.sessions.reading() as s:
            ahead = one_store.ahead_of_database(self.app.clock, s)
            last, _ = journal.head(s)
            lines = journal.read(s, after=last - 1, limit=1) if last else []
        if abs(ahead) > APART:
            found.append(f"this machine's clock is {one_store.difference(ahead)} the database's")
        if any(line.written_at > self.app.clock.now() + AHEAD * self.app.clock.speed for line in lines):
            found.append("the clock is behind the last line of the journal")
        return found

    def _journal(self) -> list[str]:
        """Follow the chain on; from its beginning each hour, some thousand lines an audit."""
        wall = self.app.clock.wall()
        broken, ended, left = None, False, LINES
        while left > 0 and not ended:
            with self.app.sessions.reading() as s:
                self._followed, broken, ended = journal.follow(s, self._followed, min(AT_ONCE, left))
            left -= AT_ONCE
        if ended and broken is None:
            self._broken = None
            if self._whole_at is None or wall - self._whole_at > WHOLE_AGAIN:
                first = self._whole_at is None
                self._whole_at = wall
                self._followed = self._followed if first else (0, GENESIS)
        elif broken is not None and broken != self._broken:
            detail = f"line {broken} of the journal was changed or is gone"
            doors.ring(self.app, AlarmKey.JOURNAL_BROKEN, detail, route=Route.WATCHDOG)
            self._broken = broken  # only now: a ring that met a busy store is tried again
        return [f"line {self._broken} of the journal was changed or is gone"] if self._broken else []
