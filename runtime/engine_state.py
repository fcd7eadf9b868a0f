"""How a run stands in Prefect, in the words that the timer goes by; and what is wrong with it, if anything is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

AWAITING: Final = "Awaiting "  # how the name of a rest begins
GOES_ON: Final = "Goes on in a fresh run"
PUT_BACK: Final = "Pass put back"  # the pass before died
GOES_ON_IN: Final = "The case goes on in"
BY_HAND: Final = ("Paused", "Suspended")  # Prefect's own names of a rest
OURS: Final = ("Closed", GOES_ON, GOES_ON_IN)  # how the name of an end that Vigil set begins

FOUND: Final[Mapping[str, str]] = {
    "CANCELLED": "cancelled",
    "CANCELLING": "cancelled",
    "FAILED": "failed",
    "CRASHED": "crashed",
    "RUNNING": "stuck",
    "PENDING": "stuck",
}


@dataclass(frozen=True)
class RunState:
    """How a run stands in Prefect: its type and name, and since when."""

    type: str
    name: str
    since_at: datetime
    scheduled_at: datetime | None = None
    queued: bool = True  # in our queue; a run whose queue or pool was deleted is handed out to nobody, ever

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


@dataclass(frozen=True)
class Passing:
    """A run that shows a pass under way, or being cancelled, since an instant; `case` is what was given as its case."""

    run_id: str
    case: str | None  # None where somebody gave none, or nonsense
    type: str
    since_at: datetime


def found_in(state: RunState | None) -> str | None:
    """Name what is wrong with the run of a case that is open and that no pass holds; None when nothing is."""
    if state is None:
        return "deleted"
    if state.type == "COMPLETED":
        return None if state.name.startswith(OURS) else "completed"
    if not state.queued and not state.over:
        return "unqueued"
    if state.waiting:
        return None if state.name.startswith(AWAITING) else "paused"
    return FOUND.get(state.type)
