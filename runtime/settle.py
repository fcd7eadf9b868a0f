"""Open cases are brought to follow the revision that is in force for them, the soonest deadline first.

1. A case must move when its revision was withdrawn, or when a later one that applies to live cases is in force.
2. Some at a time, each in its own right: the case's pin says that it was done, so that a crash in the middle costs
   nothing and nothing is done twice. Whatever is due by the new numbers is told by the case's own pass.
3. Their pages in Prefect follow at a pace that leaves the worker to what is due.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from policy import outlook
from policy.case import Case
from policy.errors import Stale, Transient, Unknown
from policy.retime_pack import repin
from policy.roster import Roster
from policy.terms import Route
from runtime.app import App
from runtime.timer import Periodic, Timer
from runtime.writing import Pen, write
from store import cases, revisions, wakes
from store.cases import Stored
from store.revisions import Revision, goes_to

LOOK_S = 2.0
REFRESH_S = 1.0
AT_ONCE: Final = 20  # cases of one transaction: a report that comes meanwhile waits for no more
QUEUE = 2  # runs that may wait for the worker when pages are brought up to date

log = structlog.get_logger()


@dataclass
class Settling:
    """Moves the open cases whose revision is not theirs any more; lives in the timer's process."""

    app: App

    def look(self) -> int:
        """Move every case that must move; give their number."""
        now, moved = self.app.clock.now(), 0
        with self.app.sessions.reading() as s:
            asked = revisions.unsettled(s, now)
            packs = {one.pack for one in asked}
            known = {pack: revisions.history(s, pack) for pack in packs}
            moves = {
                (pack, number): to
                for (pack, number) in (revisions.followed(s) if packs else {})
                if pack in packs and (to := goes_to(number, known[pack], now)) is not None
            }
        for (pack, number), to in moves.items():
            while done := self._some(pack, number, to):
                moved += done
        if asked:
            self._settled(asked)
        if moved:
            log.info("cases_repinned", cases=moved)
            self.app.knock("timer")
        return moved

    def _some(self, pack: str, number: int, to: int) -> int:
        """Move some of those who follow a revision, in one transaction; every case is held before the journal is."""
        with self.app.sessions() as s:
            now = self.app.clock.now()
            if goes_to(number, revisions.history(s, pack), now) != to:  # approved or withdrawn since: the next look
                return 0
            refs = revisions.followers(s, pack, number, AT_ONCE)
            roster = self.app.roster(s, now) if refs else Roster()
            held = [stored for ref in sorted(refs) if (stored := _held(s, ref, number)) is not None]
            return sum(_move(self.app, s, stored, to, roster) for stored in held)

    def _settled(self, asked: Iterable[Revision]) -> None:
        now = self.app.clock.now()
        with self.app.sessions() as s:
            for one in asked:
                revisions.settled(s, one.pack, one.number, now, only=one.status)


def _held(s: Session, ref: str, number: int) -> Stored | None:
    try:
        stored = cases.load(s, ref, lock=True)
    except Unknown:  # removed meanwhile
        return None
    return stored if stored.case.revision == number and not stored.case.closed else None  # as it was when it was named


def _move(app: App, s: Session, stored: Stored, to: int, roster: Roster) -> bool:
    now = app.clock.now()
    outcome = repin(stored.case, app.pack_of(stored.case), app.shelf.get(s, stored.case.pack, to), roster, now)
    try:
        write(Pen(s, Route.SYSTEM, now, app.clock.speed), stored, outcome, wake_at=_wake(stored, outcome.case))
    except Stale:
        return False
    wakes.behind(s, stored.ref, app.clock.wall())
    return True


def _wake(stored: Stored, case: Case) -> datetime | None:
    """Give when the case is looked at next: what was awaited already stays, so that nothing is late by this."""
    coming = [at for at in (stored.wake_at, outlook.next_wake(case)) if at is not None]
    return min(coming, default=None)


class Queue(Protocol):
    """What is asked of the engine; raises Transient when Prefect does not answer."""

    def count_queued(self) -> int:
        """Count the runs that stand in our queue."""


@dataclass
class Refreshing:
    """Names cases whose page in Prefect is behind to the timer, no more than the worker does beside what is due."""

    app: App
    queue: Queue
    refresh: Callable[[Iterable[str]], None]

    def look(self) -> None:
        """Name some, where the queue is all but empty."""
        with self.app.sessions.reading() as s:
            behind = wakes.to_refresh(s, self.app.clock.wall(), QUEUE)
        if behind and self._is_idle():
            self.refresh(behind)
            self.app.knock("timer")

    def _is_idle(self) -> bool:
        try:
            return self.queue.count_queued() < QUEUE
        except Transient:  # what is behind stays noted until Prefect is back
            return False


def jobs(app: App, queue: Queue, timer: Timer) -> list[Periodic]:
    """Give what the timer's process does for revisions, each at its pace."""
    return [
        Periodic("settle", LOOK_S, Settling(app).look, soon=True, waits=True),
        Periodic("refresh", REFRESH_S, Refreshing(app, queue, timer.refresh).look, waits=True),
    ]
