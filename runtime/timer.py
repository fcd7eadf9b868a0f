"""The timer: sees to it that a case whose wake has come gets a pass, however the wake came about.

It looks into the store on a knock, at the earliest wake and each second as a net. Deadlines live in the
store and nowhere else; APScheduler only knocks. What the timer does is safe to repeat: a run is created under
the key `<case>/<n>`, only a paused run is woken, and only a pass without a lease is put back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from policy.case import Case
from policy.errors import Transient, Unknown
from runtime import doors
from runtime.acts import run_name, tags_of
from runtime.app import App
from runtime.clock import ago, real_seconds_until
from runtime.engine import BROUGHT_UP_TO_DATE, DEADLINE_REACHED, PUT_RIGHT
from runtime.engine_state import GOES_ON_IN, PUT_BACK, RunState, found_in
from runtime.processes import process_name
from store import cases, meta, wakes
from store.wakes import DueCase

PART = "timer"
LOOK_S = 1.0
BEAT_S = 5.0
LIMIT = 200  # due cases read at a look
BATCH = 16  # cases seen to before the store is asked again: something more urgent may have come
PATIENCE = 2  # failures of Prefect in a row after which a look ends: it is down
# How long (real time) a case is left alone unless its wake moves, or something comes in.
AFTER_ACT = timedelta(seconds=4)
IN_QUEUE = timedelta(seconds=10)
AFTER_OUTAGE = timedelta(seconds=2)
LONGEST_LEAVE = timedelta(seconds=60)
LONGEST_REST = timedelta(minutes=10)  # a run in the queue for later than that was put off by hand
# How long a state may last before a pass without a lease counts as dead.
DEAD_AFTER: Mapping[str, timedelta] = {
    "PENDING": timedelta(seconds=15),
    "RUNNING": timedelta(seconds=10),  # between RUNNING and the lease there are some tenths
    "FAILED": timedelta(seconds=5),  # the worker puts its own failures back first
    "CRASHED": timedelta(seconds=5),
    "CANCELLING": timedelta(seconds=30),
}

log = structlog.get_logger()


class Runs(Protocol):
    """What the timer asks of the engine; each raises Transient when Prefect does not answer."""

    def start(self, case: str, n: int, tags: Sequence[str], name: str | None = None) -> str:
        """Create the nth run of a case, or give the one that is there."""

    def state(self, run_id: str) -> RunState | None:
        """Give the state of a run; None when there is no such run."""

    def wake(self, run_id: str, reason: str) -> bool:
        """Put a paused run into the queue; False when it was not paused."""

    def put_back(self, run_id: str, reason: str) -> None:
        """Put a run whose pass died into the queue again."""

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """End a run that carries nothing any more."""


@dataclass(frozen=True)
class Seen:
    """When a case was last seen to: for which wake and version, until when it is left alone, how often it failed."""

    wake_at: datetime | None
    version: int
    until_at: datetime  # real time
    failures: int = 0


@dataclass(frozen=True)
class Periodic:
    """Something else that the timer's process does, every so many real seconds.

    What waits for the world outside (`waits`) has a thread of its own, so that it never holds up a look.
    Where several timers run, only the holder of its `post` does it; what has none is done by each.
    """

    name: str
    every_s: float
    do: Callable[[], object]
    soon: bool = False  # the first time at once
    waits: bool = False
    post: str = "timer"


@dataclass
class Timer:
    """Looks after the cases whose wake has come, high risk first."""

    app: App
    runs: Runs
    _seen: dict[str, Seen] = field(default_factory=dict)
    _suspects: set[str] = field(default_factory=set)
    _behind: set[str] = field(default_factory=set)
    _down_since: datetime | None = None

    def suspect(self, refs: Iterable[str]) -> None:
        """Have the next look see to these cases too, whose runs may be astray though nothing is due."""
        self._suspects = self._suspects | set(refs)

    def refresh(self, refs: Iterable[str]) -> None:
        """Have the next look wake these cases too, whose pages in Prefect are behind though nothing is due."""
        self._behind = self._behind | set(refs)

    def begin_anew(self) -> None:
        """Leave no case alone any longer: until when was said by a clock that has leapt."""
        self._seen.clear()

    def look(self) -> bool:
        """See to the due cases that are not left alone, then to the suspects; True when some are still to be seen to.

        One bad case does not stop the look: it is logged and left alone, longer each time. When Prefect
        does not answer the look ends, the outage is logged once, and the next look tries again.
        """
        wall = self.app.clock.wall()
        suspects, self._suspects = self._suspects | self._behind, set()
        with self.app.sessions.reading() as s:
            due = wakes.due(s, self.app.clock.now(), wall, LIMIT)
            if others := suspects - {case.ref for case in due}:
                due += wakes.carried(s, wall, only=others, limit=len(others))
        self._seen = {case.ref: self._seen[case.ref] for case in due if case.ref in self._seen}
        todo = [case for case in due if self._turn_of(case, wall)]
        self.suspect(suspects & {case.ref for case in todo[BATCH:]})
        offered, unanswered = False, 0
        for case in todo[:BATCH]:
            try:
                offered |= self._attend(case)
            except Transient as error:
                self._unanswered(case, error)
                unanswered += 1
                if unanswered == PATIENCE:
                    break
            except Exception:  # whatever is wrong with one case, the others' time has come too
                log.exception("case_not_seen_to", case=case.ref, tries=self._failed(case))
            else:
                unanswered = 0
                self._answered()
        if offered:
            self.app.knock("worker")
        return len(todo) > BATCH and unanswered < PATIENCE

    def next_look_at(self) -> datetime | None:
        """Give the real instant of the earliest wake to come; None when there is none, or it has come."""
        wall = self.app.clock.wall()
        with self.app.sessions.reading() as s:
            wake_at = wakes.next_wake(s, wall)
        seconds = real_seconds_until(self.app.clock, wake_at) if wake_at else 0.0
        return wall + timedelta(seconds=seconds) if seconds else None

    def beat(self) -> None:
        """Show the others that the timer lives."""
        with self.app.sessions() as s:
            meta.beat(s, PART, process_name(), self.app.clock.wall())

    def _turn_of(self, case: DueCase, wall: datetime) -> bool:
        seen = self._seen.get(case.ref)
        return seen is None or seen.until_at <= wall or (seen.wake_at, seen.version) != (case.wake_at, case.version)

    def _attend(self, case: DueCase) -> bool:
        """Give one case what it needs to get its pass or its rest; True when its run is in the worker's queue."""
        state = self.runs.state(case.run_id) if case.run_id else None
        if case.run_id is None or state is None or state.type in ("COMPLETED", "CANCELLED"):
            return self._start(case, found_in(state) if case.run_id else None)
        if ago(self.app.clock, state.since_at) < DEAD_AFTER.get(state.type, timedelta(0)):
            self._leave(case, AFTER_OUTAGE)
            return False
        if state.type == "CANCELLING" or not state.queued:
            self.runs.cancelled(case.run_id, f"{GOES_ON_IN} {case.ref}/{case.run_number + 1}.")
            return self._start(case, found_in(state))
        if state.waiting:
            return self._wake(case, case.run_id, found_in(state))
        later = state.scheduled_at - self.app.clock.wall() if state.scheduled_at else timedelta(0)
        if state.offered and later < LONGEST_REST:
            return self._leave(case, IN_QUEUE) and later <= timedelta(0)
        self.runs.put_back(case.run_id, PUT_BACK)
        self._repaired(case, case.run_id, found_in(state) or "put_off")
        return self._leave(case, AFTER_ACT)

    def _wake(self, case: DueCase, run_id: str, found: str | None) -> bool:
        """Wake a run whose case is due, or that was paused by hand: its pass gives the rest its name again."""
        due, behind = self._is_due(case), case.ref in self._behind
        self._behind = self._behind - {case.ref}
        if not due and found is None and not behind:
            return False
        woken = self.runs.wake(run_id, DEADLINE_REACHED if due else PUT_RIGHT if found else BROUGHT_UP_TO_DATE)
        if woken and found:
            self._repaired(case, run_id, found)
        return self._leave(case, AFTER_ACT)

    def _is_due(self, case: DueCase) -> bool:
        return case.wake_at is not None and case.wake_at <= self.app.clock.now()

    def _start(self, case: DueCase, found: str | None = None) -> bool:
        number = case.run_number + 1
        with self.app.sessions.reading() as s:
            held = cases.load(s, case.ref).case
            name = self._name_of(held)
        if held.closed and not held.live_steps() and not self._is_due(case):
            return False  # its run has ended as it should
        run_id = self.runs.start(case.ref, number, tags_of(held), name)
        doors.goes_on_in(self.app, case.ref, run_id, number, found=found)
        if found:
            log.warning("run_repaired", case=case.ref, run_id=case.run_id, run_number=case.run_number, kind=found)
        log.info("run_started", case=case.ref, run_id=run_id, run_number=number)
        return self._leave(case, AFTER_ACT)

    def _name_of(self, case: Case) -> str | None:
        try:
            return run_name(case, self.app.pack_of(case))
        except Unknown:  # a pack that is gone is the pass's trouble, and rings there
            return None

    def _repaired(self, case: DueCase, run_id: str, found: str) -> None:
        doors.run_repaired(self.app, case.ref, run_id, case.run_number, found)
        log.warning("run_repaired", case=case.ref, run_id=run_id, run_number=case.run_number, kind=found)

    def _leave(self, case: DueCase, time: timedelta, failures: int = 0) -> bool:
        until = self.app.clock.wall() + time
        self._seen[case.ref] = Seen(case.wake_at, case.version, until, failures)
        return True

    def _failed(self, case: DueCase) -> int:
        seen = self._seen.get(case.ref)
        failures = (seen.failures if seen else 0) + 1
        self._leave(case, min(LONGEST_LEAVE, AFTER_OUTAGE * 2 ** min(failures, 5)), failures)
        return failures

    def _unanswered(self, case: DueCase, error: Transient) -> None:
        self._leave(case, AFTER_OUTAGE)
        if self._down_since is None:
            self._down_since = self.app.clock.wall()
            log.warning("prefect_unreachable", case=case.ref, error=type(error).__name__)

    def _answered(self) -> None:
        if self._down_since is not None:
            log.warning("prefect_back", seconds=round(ago(self.app.clock, self._down_since).total_seconds()))
            self._down_since = None
