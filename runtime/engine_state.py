"""How a run stands in Prefect, in the words that the timer goes by."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunState:
    """How a run stands in Prefect: its type and name, and since when."""

    type: str
    name: str
    since_at: datetime
    scheduled_at: datetime | None = None

    @property
    def waiting(self) -> bool:
        """Paused until somebody wakes it: `wake` it."""
        return self.type == "PAUSED"

    @property
    def offered(self) -> bool:
        """In the queue for the worker: knock on the worker, nothing else."""
        return self.type == "SCHEDULED"

    @property
    def passing(self) -> bool:
        """A pass has it; if its lease has run out that pass is dead: `put_back`."""
        return self.type in {"PENDING", "RUNNING"}

    @property
    def broken(self) -> bool:
        """An error got out of a pass: `put_back`."""
        return self.type in {"FAILED", "CRASHED"}

    @property
    def over(self) -> bool:
        """Somebody cancelled it, or the case was closed: an open case goes on in run n + 1."""
        return self.type in {"CANCELLED", "CANCELLING", "COMPLETED"}
