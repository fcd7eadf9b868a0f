"""Open cases are brought to follow the revision that is in force for them, the soonest deadline first.

1. A case must move when its revision was withdrawn, or when a later one that applies to live cases is in force.
2. Some at a time, each in its own right: the case's pin says that it was done, so that a crash in the middle costs
   nothing and nothing is done twice. Whatever is due by the new numbers is told by the case's own pass.
3. Their pages in Prefect follow at a pace that leaves the worker to what is due.
"""

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from sqlmodel import Session

from policy import outlook
from policy.case import Case
from policy.errors import Transient, Unknown
from policy.pack import Pack
from policy.retime_pack import repin
from policy.roster import Roster
from policy.terms import Route
from runtime.app import App
from runtime.clock import wait
from runtime.timer import Periodic, Timer
from runtime.writing import Pen, write
from store import cases, revisions, wakes
from store.cases import Stored
from store.revisions import Revision, goes_to

LOOK_S = 2.0
REFRESH_S = 1.0
AT_ONCE: Final = 20  # cases of one transaction: a report that comes meanwhile waits for no more
BREATH_S: Final = 0.12  # real time between two: SQLite's waiters look every 0.1 s, and would find it locked for ever
ALL_ANEW: Final = timedelta(minutes=1)
QUEUE = 2  # runs that may wait for the worker when pages are brought up to date

log = structlog.get_logger()


@dataclass
class Settling:
    """Moves the cases whose revision is not theirs any more; lives in the timer's process."""

    app: App
    _failing: set[str] = field(default_factory=set)
    _all_at: datetime | None = None  # real time: when every pack was looked at, whatever had been settled

    def look(self) -> int:
        """Move every case that must move; give their number.

        What a revision asks for is looked at until it is settled, and once a minute all over again: a case that was
        opened in that very second, or reopened, has come since.
        """
        with self.app.sessions.reading() as s:
            asked = revisions.unsettled(s, self.app.clock.now())
            packs = {one.pack for one in asked} | self._all_packs(s)
        moved = sum(self._move_all(pack, number, to) for (pack, number), to in self._moves(packs).items())
        if asked:
            self._settled(asked, {pack for pack, _ in self._moves(packs)})
        if moved:
            log.info("cases_repinned", cases=moved)
            self.app.knock("timer")
        return moved

    def _all_packs(self, s: Session) -> set[str]:
        wall = self.app.clock.wall()
        if self._all_at is not None and timedelta(0) <= wall - self._all_at < ALL_ANEW:
            return set()
        self._all_at, self._failing = wall, set()
        return {pack for pack, _ in revisions.followed(s)}

    def _moves(self, packs: Collection[str]) -> dict[tuple[str, int], int]:
        """Give which revision's followers are to follow which other one."""
        if not packs:
            return {}
        now = self.app.clock.now()
        with self.app.sessions.reading() as s:
            known = {pack: revisions.history(s, pack) for pack in packs}
            followed = [(pack, number) for pack, number in revisions.followed(s) if pack in known]
        found = {(pack, number): goes_to(number, known[pack], now) for pack, number in followed}
        return {who: to for who, to in found.items() if to is not None}

    def _move_all(self, pack: str, number: int, to: int) -> int:
        moved = 0
        while done := self._some(pack, number, to):
            moved += done
            if done >= AT_ONCE:
                wait(threading.Event(), BREATH_S)
        return moved

    def _some(self, pack: str, number: int, to: int) -> int:
        """Move some of those who follow a revision, in one transaction; every case is held before the journal is.

        What is due by the old numbers is done by the case's pass first: a breach is not lost by an edit.
        """
        with self.app.sessions() as s:
            now = self.app.clock.now()
            if goes_to(number, revisions.history(s, pack), now) != to:  # approved or withdrawn since: the next look
                return 0
            refs = revisions.followers(s, pack, number, AT_ONCE, after=now, without=self._failing)
            roster = self.app.roster(s, now) if refs else Roster()
            held = [stored for ref in sorted(refs) if (stored := _held(s, ref, number)) is not None]
            return sum(self._moved(s, stored, to, roster) for stored in held)

    def _moved(self, s: Session, stored: Stored, to: int, roster: Roster) -> bool:
        try:
            with s.begin_nested():
                _move(self.app, s, stored, to, roster)
        except Exception:  # whatever is wrong with one case, the others follow
            self._failing.add(stored.ref)
            log.exception("case_not_repinned", case=stored.ref)
            return False
        return True

    def _settled(self, asked: Iterable[Revision], left: Collection[str]) -> None:
        now = self.app.clock.now()
        with self.app.sessions() as s:
            for one in asked:
                if one.pack not in left:
                    revisions.settled(s, one.pack, one.number, now, only=one.status)


def _held(s: Session, ref: str, number: int) -> Stored | None:
    try:
        stored = cases.load(s, ref, lock=True)
    except Unknown:  # removed meanwhile
        return None
    return stored if stored.case.revision == number else None  # as it was when it was named


def _move(app: App, s: Session, stored: Stored, to: int, roster: Roster) -> None:
    now, old = app.clock.now(), app.pack_of(stored.case)
    new = app.shelf.get(s, stored.case.pack, to)
    outcome = repin(stored.case, old, new, roster, now)
    wake_at = _wake(stored, outcome.case, now if _asks_anew(stored.case, old, new) else None)
    write(Pen(s, Route.SYSTEM, now, app.clock.speed), stored, outcome, wake_at=wake_at)
    wakes.behind(s, stored.ref, app.clock.wall())


def _asks_anew(case: Case, old: Pack, new: Pack) -> bool:
    """Tell whether a step is asked for, or not asked for any more, that was otherwise before: the pass sees to it."""
    before, after = (
        {key for key, rule in pack.steps.items() if rule.applies(case.timer_risk(pack.child_floor))}
        for pack in (old, new)
    )
    return before != after


def _wake(stored: Stored, case: Case, at: datetime | None) -> datetime | None:
    """Give when the case is looked at next: what was awaited already stays, so that nothing is late by this."""
    coming = [at for at in (stored.wake_at, outlook.next_wake(case), at) if at is not None]
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
