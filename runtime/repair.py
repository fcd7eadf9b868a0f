"""The audit: what somebody did in Prefect to the run of a case, or to our deployment, is found within half a minute.

The timer looks at a run when the wake of its case has come, which may be in a month. The audit goes round all
cases that must have a run, the highest risk first, and names those to the timer whose run is not well: deleted,
ended, broken, paused by hand, or without a pass. It asks for counts: ten thousand resting cases cost four questions
each five seconds.

Nobody comes back to the run of a case that is over, nor to a run that carries no case. When the pass of one dies, it
would show RUNNING for ever: Prefect is asked for such runs, and they get a pass that ends them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from policy.errors import Transient, Unknown
from runtime import doors
from runtime.app import App
from runtime.engine_state import FOUND, PUT_BACK, Passing
from runtime.timer import PART, Periodic, Timer
from store import wakes
from store.wakes import DueCase

LOOK_S = 5.0
MEND_S = 15.0
PORTION = 2000  # cases of a look: ten thousand are gone round in half a minute
AT_ONCE = 500  # runs of one count
HANGS_AFTER = timedelta(seconds=75)  # of real time: the lease of a pass that died has surely run out
QUEUE = 10  # runs put into the queue at a look: two passes a second leave the rest of the worker to what is due

log = structlog.get_logger()


class Passes(Protocol):
    """What is asked of the engine about passes that died; each raises Transient when Prefect does not answer."""

    def passing(self, older_than: datetime) -> list[Passing]:
        """Give runs that show a pass under way, or being cancelled, since before an instant of real time."""

    def put_back(self, run_id: str, reason: str) -> None:
        """Put a run whose pass died into the queue again."""

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """End a run that carries nothing any more."""


class Survey(Passes, Protocol):
    """What the audit asks of the engine; each raises Transient when Prefect does not answer."""

    def count_well(self, run_ids: Sequence[str]) -> int:
        """Count the runs among these that rest, or stand in our queue."""

    def list_well(self, run_ids: Sequence[str]) -> set[str]:
        """Name the runs among these that `count_well` counts."""

    def count_queued(self) -> int:
        """Count the runs that stand in our queue."""

    def astray(self) -> str | None:
        """Name what keeps our runs from being handed out, None when nothing does."""

    def deploy(self) -> None:
        """Make pool, queue and deployment as they should be."""


@dataclass
class Audit:
    """Goes round the runs of all cases and looks after our deployment."""

    app: App
    survey: Survey
    suspect: Callable[[Iterable[str]], None]
    _after: DueCase | None = None
    _found: str | None = None

    def look(self) -> None:
        """Name the cases of the next portion whose run is not well to the timer; while Prefect is down, nothing.

        No more of them than the queue bears: a thousand runs that were deleted must not stand before a new report.
        """
        try:
            self._look()
        except Transient:  # the timer says so, and the watchdog sees to what is due
            return

    def _look(self) -> None:
        """Go on for a portion, some hundred cases at a time: what a look holds does not grow with the cases."""
        given = 0
        for _ in range(PORTION // AT_ONCE):
            with self.app.sessions.reading() as s:
                part = wakes.carried(s, self.app.clock.wall(), self._after, AT_ONCE)
            unwell = self._unwell(part)
            if unwell:
                taken = unwell[: max(QUEUE - given - self.survey.count_queued(), 0)]
                given += len(taken)
                self.suspect([case.ref for case in taken])
                self.app.knock(PART)
                if len(taken) < len(unwell):
                    self._after = taken[-1] if taken else self._after
                    return
            self._after = part[-1] if len(part) == AT_ONCE else None
            if self._after is None:
                return

    def mend(self) -> None:
        """Put right what keeps our runs from being handed out; one line of the journal each time it is found."""
        try:
            found = self.survey.astray()
            if found:
                self.survey.deploy()
        except Transient:
            return
        if found and found != self._found:
            self._after = None  # what was lost with it is found from the highest risk on
            doors.prefect_repaired(self.app, found)
            log.warning("prefect_repaired", kind=found)
            self.app.knock("worker")
        self._found = found

    def _unwell(self, part: Sequence[DueCase]) -> list[DueCase]:
        ids = sorted({case.run_id for case in part if case.run_id})
        counted = self.survey.count_well(ids) if ids else 0
        well = set(ids) if counted == len(ids) else self.survey.list_well(ids)
        return [case for case in part if case.run_id not in well]


def end_the_dead(app: App, runs: Passes, hangs_after: timedelta = HANGS_AFTER) -> int:
    """See that runs end whose pass died and that no open case has for its own; give how many were put right.

    A pass ends each of them as if nothing had been; one that somebody cancelled is cancelled. What somebody holds is
    left to its holder, and the own run of a case that must have one to the timer.
    """
    mended = 0
    try:
        for run in _left_behind(app, runs.passing(app.clock.wall() - hangs_after)):
            if run.type == "CANCELLING":
                runs.cancelled(run.run_id)
            else:
                runs.put_back(run.run_id, PUT_BACK)
            _write_down(app, run)
            mended += 1
    except Transient:
        return mended
    finally:
        if mended:
            app.knock("worker")
    return mended


def _left_behind(app: App, found: Sequence[Passing]) -> list[Passing]:
    """Leave out the runs of cases that somebody holds, and those that the timer sees to."""
    if not found:
        return []
    refs, wall = {run.case for run in found if run.case is not None}, app.clock.wall()
    with app.sessions.reading() as s:
        held = wakes.held(s, refs, wall)
        own = {case.run_id for case in wakes.carried(s, wall, only=refs, limit=len(refs))}
    return [run for run in found if run.case not in held and run.run_id not in own]


def _write_down(app: App, run: Passing) -> None:
    """Say what was found: in the log always, in the journal when the run carried the case to its end."""
    found, ref = FOUND[run.type], run.case
    try:
        own, number = doors.run_of(app, ref) if ref is not None else (None, 0)
    except Unknown:
        own, number, ref = None, 0, None  # what somebody typed for a case is nobody's to log
    log.warning("run_repaired", case=ref, run_id=run.run_id, kind=found)
    if ref is not None and own == run.run_id:
        doors.run_repaired(app, ref, run.run_id, number, found)


def jobs(app: App, survey: Survey, timer: Timer) -> list[Periodic]:
    """Give what the timer's process does for repair, each at its pace."""
    audit = Audit(app, survey, timer.suspect)
    return [
        Periodic("run_audit", LOOK_S, audit.look, waits=True),
        Periodic("deployment_audit", MEND_S, audit.mend, waits=True),
        Periodic("dead_passes", MEND_S, lambda: end_the_dead(app, survey), waits=True),
    ]
