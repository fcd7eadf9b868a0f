"""Runs as Prefect keeps them, for a simulation: outlive every process of ours; as few words as the timer needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from runtime.engine_state import Passing, RunState
from runtime.rehearse_clock import SimClock


@dataclass
class SimRuns:
    """Each run by its id, `<case>/<n>`, and how it stands."""

    clock: SimClock
    runs: dict[str, RunState] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def start(self, case: str, n: int, tags: Sequence[str], name: str | None = None) -> str:
        """Create the nth run of a case, or give the one that is there."""
        run_id = f"{case}/{n}"
        if run_id not in self.runs:
            self._put(run_id, "SCHEDULED", name or "")
        return run_id

    def state(self, run_id: str) -> RunState | None:
        """Give the state of a run."""
        return self.runs.get(run_id)

    def wake(self, run_id: str, reason: str) -> bool:
        """Put a paused run into the queue."""
        return self.runs[run_id].waiting and self._put(run_id, "SCHEDULED", reason)

    def put_back(self, run_id: str, reason: str, *, not_before: datetime | None = None) -> None:
        """Put a run whose pass died or failed into the queue again."""
        self._put(run_id, "SCHEDULED", reason, not_before)

    def pause(self, run_id: str, name: str) -> bool:
        """Let the run of a pass rest; False when it is no longer the pass's."""
        return self.runs[run_id].type == "RUNNING" and self._put(run_id, "PAUSED", name)

    def again(self, run_id: str) -> None:
        """Put the run of the pass that asks into the queue."""
        self._put(run_id, "SCHEDULED", "Fact arrived")

    def complete(self, run_id: str, name: str) -> None:
        """End a run."""
        self._put(run_id, "COMPLETED", name)

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """End a run that carries nothing any more."""
        self._put(run_id, "CANCELLED", message or "Cancelled")

    def passing(self, older_than: datetime) -> list[Passing]:
        """Give the runs that show a pass under way since before an instant."""
        passes = [(run_id, state) for run_id, state in self.runs.items() if state.passing]
        found = [Passing(run_id, run_id.partition("/")[0], state.type, state.since_at) for run_id, state in passes]
        return [run for run in found if run.since_at < older_than]

    def take(self, run_id: str) -> None:
        """Give a run to a pass."""
        self._put(run_id, "RUNNING", "Running")

    def offered(self) -> list[str]:
        """Name the runs that a worker may take now."""
        wall = self.clock.wall()
        queued = [(run_id, state) for run_id, state in self.runs.items() if state.offered]
        return [run_id for run_id, state in queued if state.scheduled_at is None or state.scheduled_at <= wall]

    def next_at(self) -> datetime | None:
        """Give when the next run that was put off may be taken."""
        return min((s.scheduled_at for s in self.runs.values() if s.offered and s.scheduled_at), default=None)

    def _put(self, run_id: str, kind: str, name: str, not_before: datetime | None = None) -> bool:
        self.asked.append(f"{run_id} {kind}")
        self.runs[run_id] = RunState(kind, name, self.clock.wall(), not_before)
        return True
