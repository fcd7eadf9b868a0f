"""The watchdog: trusts nobody. What is past its instant without its act, it performs itself, and says so.

It needs neither Prefect nor the worker, comes through the same doors, and only acts where the engine does not:
a case that is held by a living pass, or a backlog on which the engine makes progress, is left alone (design section 6).
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Final

import structlog

from policy.errors import Busy, Transient
from policy.terms import Route, Stage
from runtime import clock, doors
from runtime.app import App
from runtime.doors import Act
from runtime.processes import free_what_it_held, process_name, runs
from runtime.watchdog_engine import EngineWatch
from store import meta, wakes
from store.wakes import DueCase

PART: Final = "watchdog"
LOOK_S: Final = 5.0
GRACE: Final = timedelta(seconds=20)  # of real time past its instant: then the act is the watchdog's
PATIENCE: Final = timedelta(minutes=2)  # of real time: an older act is performed though the engine makes progress
MOST: Final = 200  # cases seen to at a look; the next look is five seconds away
AGAIN_S: Final = 1.0  # before the second try of an act; then its messages rest and the fallback is taken
ROUNDS: Final = 20  # of one case at one look: more would be a case that goes in circles
HANDS: Final = 16
IN_HAND: Final = 32  # cases at once: more would stand before a case of high risk that falls due now
LONGEST_REST_S: Final = 300.0  # of a case that breaks

log = structlog.get_logger()
Each = Callable[[Callable[[DueCase], object], Sequence[DueCase]], object]


def one_by_one(do: Callable[[DueCase], object], cases: Iterable[DueCase]) -> None:
    """Perform one case after the other: what a simulation wants."""
    for case in cases:
        do(case)


@dataclass
class Watchdog:
    """Looks at what is due, and performs what nobody has performed."""

    app: App
    engine: EngineWatch
    each: Each = one_by_one
    again_s: float = AGAIN_S
    most: int = MOST
    _behind: frozenset[tuple[str, datetime | None]] = frozenset()
    _freed: frozenset[str] = frozenset()  # silent processes that hold nothing any more
    _broken: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # how often, and until when each rests
    _busy: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _rests_until: datetime | None = None

    def look(self) -> int:
        """See to every case whose act is past its grace; give how many it took in hand."""
        wall = self.app.clock.wall()
        rests = wall < self._rest(wall)
        self._free_what_the_silent_hold()
        late = self._late()
        progress = self._progress(late)
        mine = [] if rests else [case for case in late if not progress or self._older(case, PATIENCE)]
        with self._lock:
            room = self.most - len(self._busy)
            mine = [case for case in mine if case.ref not in self._busy and self._may(case.ref, wall)][:room]
            self._busy |= {case.ref for case in mine}
            # What we take in hand ourselves is no progress of the engine's when it is gone.
            self._behind = frozenset((case.ref, case.wake_at) for case in late if case.ref not in self._busy)
        try:
            self.each(self._tend, mine)
        except RuntimeError:  # no thread to be had: the next look tries again
            with self._lock:
                self._busy -= {case.ref for case in mine}
            raise
        return len(mine)

    def _may(self, ref: str, wall: datetime) -> bool:
        """Tell whether a case may be tried: one that broke rests, longer each time."""
        return ref not in self._broken or self._broken[ref][1] <= wall

    def _late(self) -> list[DueCase]:
        now, wall = self.app.clock.now(), self.app.clock.wall()
        with self.app.sessions.reading() as s:
            return wakes.due(s, now - GRACE * self.app.clock.speed, wall, MOST * 5)

    def _older(self, case: DueCase, than: timedelta) -> bool:
        now = self.app.clock.now()
        return now - (case.wake_at or now) > than * self.app.clock.speed

    def _progress(self, late: Sequence[DueCase]) -> bool:
        """Tell whether the engine is getting on: it lives, and holds a case or has seen to one since the last look."""
        if not late or not self.engine.alive():
            return False
        there = {(case.ref, case.wake_at) for case in late}
        if self._behind - there:
            return True
        with self.app.sessions.reading() as s:
            held = wakes.leased(s, self.app.clock.wall())
        return any(PART not in holder for holder in held)

    def _rest(self, wall: datetime) -> datetime:
        """Leave a home that has just been started to its engine, for as long as an act's grace."""
        if self._rests_until is None:
            self._rests_until = wall + GRACE if self.engine.begin() else wall
        return self._rests_until

    def _free_what_the_silent_hold(self) -> None:
        """Take cases and messages from a process that beats no more: it would hold them for a minute.

        One of this machine that runs is only slow to beat, and what it sends it must not find sent by another.
        """
        silent = frozenset(one for one in self.engine.silent_processes() if not runs(one))
        for process in sorted(silent - self._freed):
            log.warning("silent_process", holder=process)
            free_what_it_held(self.app, process, ended=False)
        self._freed = silent

    def _tend(self, case: DueCase) -> None:
        """Perform all that is due of one case; whatever is wrong with one, the others' time has come too."""
        try:
            self._perform(case.ref)
            if self._broken.pop(case.ref, None):
                doors.pass_went_well(self.app, case.ref)
        except Busy:
            log.info("case_held", case=case.ref)
        except Exception as error:
            log.exception("watchdog_failed", case=case.ref)
            times = self._broken.get(case.ref, (0, None))[0] + 1
            rest = min(LOOK_S * 2 ** min(times, 10), LONGEST_REST_S)
            self._broken[case.ref] = (times, self.app.clock.wall() + timedelta(seconds=rest))
            doors.pass_failed(self.app, case.ref, type(error).__name__)
        finally:
            with self._lock:
                self._busy.discard(case.ref)

    def _perform(self, ref: str) -> None:
        holder, acted = f"{process_name()}/{PART}/{ref}", False
        try:
            for _ in range(ROUNDS):
                due = doors.advance(self.app, ref, holder, route=Route.WATCHDOG)
                if due is None:
                    break
                acted = True
                self._deliver_all([act for stage in Stage for act in due.of(stage)])
        finally:
            doors.release(self.app, ref, holder)
        if acted:
            log.warning("act_by_watchdog", case=ref)
            self.engine.acted()

    def _deliver_all(self, acts: Sequence[Act]) -> None:
        """Deliver every act; one whose receiver does not answer twice rests, and its fallback is due."""
        left = [act for act in acts if not self._delivered(act)]
        if left:
            clock.wait(Event(), self.again_s)
        for act in left:
            if not self._delivered(act):
                doors.give_up(self.app, act)

    def _delivered(self, act: Act) -> bool:
        try:
            doors.deliver(self.app, act, by=PART)
        except Transient:
            return False
        return True

    def beat(self) -> None:
        """Show the others that the watchdog lives."""
        with self.app.sessions() as s:
            meta.beat(s, PART, process_name(), self.app.clock.wall())


class Hands:
    """Some threads, so that one dead telephone holds up no other case, nor the next look."""

    def __init__(self, count: int = HANDS) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="watchdog")

    def __call__(self, do: Callable[[DueCase], object], cases: Sequence[DueCase]) -> None:
        """Begin all of them, and wait for none."""
        for case in cases:
            self._pool.submit(do, case)

    def begin(self, do: Callable[[], object]) -> None:
        """Begin something else that may take long; what goes wrong with it is logged."""
        self._pool.submit(self._safely, do)

    @staticmethod
    def _safely(do: Callable[[], object]) -> None:
        try:
            do()
        except Exception:
            log.exception("watchdog_round_failed")
