"""The audit: what somebody did in Prefect to the run of a case, or to our deployment, is found within half a minute.

The timer looks at a run when the wake of its case has come, which may be in a month. The audit goes round all
cases that must have a run, the highest risk first, and names those to the timer whose run is not well: deleted,
ended, broken, paused by hand, or without a pass. It asks for counts: ten thousand resting cases cost four questions
each five seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from policy.errors import Transient
from runtime import doors
from runtime.app import App
from runtime.timer import PART, Periodic, Timer
from store import wakes
from store.wakes import DueCase

LOOK_S = 5.0
MEND_S = 15.0
PORTION = 2000  # cases of a look: ten thousand are gone round in half a minute
AT_ONCE = 500  # runs of one count
QUEUE = 50  # runs put into the queue beyond this would stand before the next report

log = structlog.get_logger()


class Survey(Protocol):
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
        with self.app.sessions.reading() as s:
            portion = wakes.carried(s, self.app.clock.wall(), self._after, PORTION)
        unwell = self._unwell(portion)
        if unwell:
            room = max(QUEUE - self.survey.count_queued(), 0)
            taken = unwell[:room]
            self.suspect([case.ref for case in taken])
            self.app.knock(PART)
            if len(taken) < len(unwell):
                self._after = taken[-1] if taken else self._after
                return
        self._after = portion[-1] if len(portion) == PORTION else None

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

    def _unwell(self, portion: Sequence[DueCase]) -> list[DueCase]:
        found = []
        for start in range(0, len(portion), AT_ONCE):
            part = portion[start : start + AT_ONCE]
            ids = sorted({case.run_id for case in part if case.run_id})
            counted = self.survey.count_well(ids) if ids else 0
            well = set(ids) if counted == len(ids) else self.survey.list_well(ids)
            found += [case for case in part if case.run_id not in well]
        return found


def jobs(app: App, survey: Survey, timer: Timer) -> list[Periodic]:
    """Give what the timer's process does for repair, each at its pace."""
    audit = Audit(app, survey, timer.suspect)
    return [
        Periodic("run_audit", LOOK_S, audit.look, waits=True),
        Periodic("deployment_audit", MEND_S, audit.mend, waits=True),
    ]
