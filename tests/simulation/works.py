"""The engine as it really is, without its processes: the real timer, Prefect's runs, a worker that makes passes.

What `SimEngine` does at once happens here as it does in a home: a case is woken by way of its run, a pass holds a
lease and may die between any two doors, a run is put back when its pass is surely dead. Time goes from look to look.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from models import CaseRow
from policy.errors import Broken, Busy, Transient
from policy.terms import Stage
from runtime import doors, repair
from runtime.acts import Act
from runtime.processes import free_what_it_held, process_name
from runtime.rehearse_engine import MAX_ROUNDS, TRIES_AFTER_S, SimEngine, Waiting
from runtime.timer import Timer
from runtime.watchdog import GRACE, Watchdog
from runtime.watchdog_engine import EngineWatch
from store import cases, meta, outbox, wakes
from tests.support.faults import Died, Faults, FaultyClock, FaultyRuns, faulty_knock
from tests.support.runs import SimRuns

LOOK = timedelta(seconds=1)
TICK = timedelta(seconds=5)  # between two looks of the watchdog
PAGED = timedelta(seconds=75)  # after so long without the engine the control room has been told of it
REST = timedelta(seconds=5)  # of a run whose pass failed; twice as long each time
PASSES_OF_A_RUN = 12  # few, so that a fresh run is part of every longer story
ENGINE = ("timer", "worker")


def earliest_lease(s: Session) -> datetime | None:
    """Give when the first lease runs out."""
    return s.exec(select(func.min(CaseRow.lease_until)).where(col(CaseRow.lease_until).is_not(None))).one()


@dataclass
class Works(SimEngine):
    """Performs what is due by way of the timer and the worker, and fails where it was told to."""

    faults: Faults = field(default_factory=Faults)
    prefect: SimRuns | None = None
    died: Callable[[], None] = lambda: None  # told when the worker alone has died
    worker_alone: bool = False  # whether a pass takes only the worker with it
    frees: bool = True  # whether what the dead one held is known and given back, or runs out by itself
    down_until: datetime | None = None  # of the story; nothing of the engine lives before
    beat_at: datetime | None = None
    down_since: datetime | None = None
    watched: bool = False  # whether a watchdog looks where the engine does not
    beside: bool = False  # and where it does
    dog: Watchdog | None = None
    _deaf: dict[str, datetime] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)
    _holders: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the parts together: each reads the faulty clock and knocks by the faulty knock."""
        clock = FaultyClock(self.clock, self.faults)
        self._knock = faulty_knock(self.faults, self._hear)
        self.app = replace(self.app, clock=clock, knock=self._on_knock)
        self.runs_of = self.prefect or SimRuns(self.clock)
        self.asks = FaultyRuns(self.runs_of, self.faults)
        self.timer = Timer(self.app, self.asks)

    def start(self) -> None:
        """Start, where there is something to start; give back what the dead one held, if that is known."""
        self.running = True
        if self.frees and self.lives:
            free_what_it_held(self.app, process_name())

    def comes_after(self, before: "Works", away: timedelta | None, how: str) -> None:
        """Take over from the one that died, now or when nobody has been there for so long."""
        self.died, self.beat_at, self.beside = before.died, before.beat_at, before.beside
        self.down_until, self.down_since = before.down_until, before.down_since
        if away is not None and self.down_until is None:
            self.down_since = self.clock.true()
            self.down_until = self.down_since + away
        self.watched = before.watched or how == "watchdog"

    def goes_away(self, away: timedelta, *, watched: bool = False) -> None:
        """Die now, and come again when nobody has been there for so long."""
        self.watched = self.watched or watched
        self._waiting.clear()
        self.down_since = self.clock.true()
        self.down_until = self.down_since + away

    # --- time

    @property
    def lives(self) -> bool:
        """Tell whether the engine runs at this instant."""
        return self.running and (self.down_until is None or self.down_until <= self.clock.true())

    def next_at(self) -> datetime | None:
        """Give when something may happen next; what is due and was left alone is looked at a second later."""
        if not self.running:
            return None
        now = self.clock.true()
        if self.down_until and self.down_until > now:
            return min(self.down_until, self._next_watch()) if self.watched else self.down_until
        with self.faults.asleep(), self.app.sessions.reading() as s:
            shown = [wakes.next_wake(s, self.clock.wall()), outbox.earliest(s, None), earliest_lease(s)]
        shown.append(self.runs_of.next_at())
        found = [self.clock.true_of(at) for at in shown if at is not None]
        found += [waiting.goes_on_at for waiting in self._waiting.values()]
        found += [at for at in (*self._deaf.values(), *self._hanging()) if at > now]
        coming = min(found, default=None)
        soon = coming if coming is None or coming > now else now + LOOK
        return min(soon or now + TICK, now + TICK) if self.beside else soon

    def work(self) -> None:
        """Do all that there is to do now."""
        if not self.lives:
            self.watch()
            return None
        self.beat_at = self.clock.wall()
        self._tell_apart(lambda: doors.look_at_alarms(self.app))
        self._tell_apart(lambda: repair.end_the_dead(self.app, self.asks))
        for _ in range(MAX_ROUNDS):
            if not self._round():
                return self.watch() if self.beside else None
        raise Broken(f"work was due {MAX_ROUNDS} times at {self.clock.now().isoformat()}")

    def watch(self) -> None:
        """Let the watchdog look, where there is one; the signs of life that it reads are written down before."""
        if not self.watched:
            return
        if self.dog is None:
            self.dog = Watchdog(self.app, EngineWatch(self.app, prefect=lambda: self.lives), again_s=0)
        with self.faults.asleep(), self.app.sessions() as s:
            for part in ENGINE if self.beat_at else ():
                meta.beat(s, part, process_name(), self.beat_at or self.clock.wall())
            meta.beat(s, "watchdog", process_name(), self.clock.wall())
        self.dog.engine.look_at_prefect()
        self.dog.look()
        self.dog.engine.look()
        doors.deliver_home(self.app, by="watchdog")

    def _next_watch(self) -> datetime:
        """Give when the watchdog looks next: each five seconds, of which those are left out that find nothing."""
        now = self.clock.true()
        since = self.down_since or now
        with self.faults.asleep(), self.app.sessions.reading() as s:
            shown = [wakes.next_wake(s, self.clock.wall()), earliest_lease(s), outbox.earliest(s, None)]
        late = [self.clock.true_of(at) + GRACE for at in shown if at is not None]
        want = max(now + TICK, min(late, default=now + PAGED)) if now - since > PAGED else now + TICK
        return since + TICK * math.ceil((want - since) / TICK)

    def _hanging(self) -> list[datetime]:
        """Give when passes that show as under way will count as dead, though nobody holds their cases."""
        shown = self.runs_of.passing(self.clock.wall() + LOOK)
        return [self.clock.true_of(run.since_at + repair.HANGS_AFTER) + LOOK for run in shown]

    def _round(self) -> bool:
        ready = [ref for ref, waiting in self._waiting.items() if waiting.goes_on_at <= self.clock.true()]
        for ref in ready:
            self._go_on(ref, self._waiting.pop(ref).rest)
        before = len(self.runs_of.asked)
        if self._hears("timer"):
            self._tell_apart(self.timer.look)
        offered = self._in_order() if self._hears("worker") else []
        for run_id in offered:
            self.runs_of.take(run_id)
            self._passes += 1
            self._holders[run_id] = f"{process_name()}/{self._passes}"
            self._go_on(run_id, self._pass(run_id, self._holders[run_id]))
        sent = self._tell_apart(lambda: doors.deliver_home(self.app)) or 0
        return bool(ready or offered) or sent > 0 or len(self.runs_of.asked) > before

    def _in_order(self) -> list[str]:
        """Give the runs that are offered in the order of the store, as the worker takes them."""
        offered = [run for run in self.runs_of.offered() if run not in self._waiting]
        if len(offered) < 2:
            return offered
        with self.faults.asleep(), self.app.sessions.reading() as s:
            turns = [case.ref for case in wakes.due(s, self.clock.now(), self.clock.wall())]
        return sorted(offered, key=lambda run: (*turns, run.partition("/")[0]).index(run.partition("/")[0]))

    @staticmethod
    def _tell_apart(do: Callable[[], int]) -> int:
        """Do what the timer does in a job of its own: a store that fails is logged, and looked at again."""
        try:
            return do()
        except (Busy, Transient):
            return 0

    # --- knocks

    def _on_knock(self, part: str) -> None:
        self._deaf[part] = self.clock.true() + LOOK  # unless it is heard
        self._knock(part)

    def _hear(self, part: str) -> None:
        self._deaf.pop(part, None)

    def _hears(self, part: str) -> bool:
        return self._deaf.get(part, self.clock.true()) <= self.clock.true()

    # --- a pass

    def _go_on(self, ref: str, rest: Iterator[int]) -> None:
        """Go on with a pass; one that fails is put back as the worker does it, one that dies is left as it lies."""
        try:
            wait_s = next(rest, None)
        except Died:
            self._waiting.clear()
            if not self.worker_alone:
                raise
            self.died()
            with self.faults.asleep():
                self.start()
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 -- as the worker: no error may end a case
            self._rescue(ref, error)
        else:
            if wait_s is not None:
                self._waiting[ref] = Waiting(self.clock.true() + timedelta(seconds=wait_s), rest)

    def _pass(self, run_id: str, holder: str) -> Iterator[int]:
        ref = run_id.partition("/")[0]
        try:
            while due := doors.advance(self.app, ref, holder):
                self._holds(ref, holder)
                self.faults.dies("pass:advanced")
                for stage in Stage:
                    yield from self._stage(list(due.of(stage)))
            resting = doors.resting(self.app, ref, holder)
        except Busy:  # another has the case; the run is left as it is
            return
        self.faults.dies("pass:rested")
        if resting.changed:
            self.runs_of.again(run_id)
        elif resting.closed:
            self.runs_of.complete(run_id, resting.name)
        elif resting.passes >= PASSES_OF_A_RUN:
            doors.renew(self.app, ref, holder)
            self.runs_of.complete(run_id, "Goes on in a fresh run")
            return
        else:
            self.asks.ask("pause", lambda: self.runs_of.pause(run_id, resting.name))
            self.faults.dies("pass:paused")
        doors.release(self.app, ref, holder)
        self._failed.pop(run_id, None)
        self.faults.dies("pass:released")

    def _holds(self, ref: str, holder: str) -> None:
        with self.faults.asleep(), self.app.sessions.reading() as s:
            assert cases.load(s, ref).lease_holder == holder, f"a pass of {ref} without its lease"

    def _stage(self, acts: list[Act]) -> Iterator[int]:
        for wait_s in TRIES_AFTER_S:
            acts = [act for act in acts if not self._delivered(act)]
            if not acts:
                return
            yield wait_s
        for act in acts:
            if not self._delivered(act):
                doors.give_up(self.app, act)

    def _delivered(self, act: Act) -> bool:
        try:
            doors.deliver(self.app, act)
        except Transient:
            return False
        except Busy:  # a task run that failed for good: `tasks/acts.py`
            doors.give_up(self.app, act)
        self.faults.dies("pass:settled")
        return True

    def _rescue(self, run_id: str, error: Exception) -> None:
        """Mend what can be mended, as `runtime/worker_slots.py` does it; the rest is the timer's."""
        ref = run_id.partition("/")[0]
        self._failed[run_id] = self._failed.get(run_id, 0) + 1
        later = self.clock.wall() + REST * 2 ** (self._failed[run_id] - 1)
        mends: tuple[Callable[[], object], ...] = (
            lambda: doors.pass_failed(self.app, ref, type(error).__name__),
            lambda: doors.release(self.app, ref, self._holders[run_id]),
            lambda: self.runs_of.put_back(run_id, "Put back after an error", not_before=later),
        )
        for mend in mends:
            try:
                mend()
            except (Busy, Transient):
                continue
