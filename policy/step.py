"""One occurrence of one step of a case: whom it was told to, when it is due, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policy.terms import Role, StepStatus
from policy.values import once, replace

LIVE = frozenset({StepStatus.OPEN, StepStatus.OVERDUE})
PENDING = LIVE | {StepStatus.WAITING}
FINISHED = frozenset({StepStatus.DONE, StepStatus.DONE_LATE, StepStatus.WAIVED})


@dataclass(frozen=True)
class Told:
    """One person told of a step, on which rung (0 is the first message) and when it fell due."""

    person: str
    role: Role
    rung: int
    at: datetime


@dataclass(frozen=True)
class Step:
    """One occurrence of one step of one case.

    It opens at `opens_at`. `span` lies between its rungs under the risk in force: rung n stands at `due_at + n * span`.
    `rung` is the highest rung told (-1: nobody yet), `rounds` how often the last two rungs were told again,
    `reminders` the number of the latest reminder, `warned` how many of the pack's warnings have been given.
    """

    key: str
    occurrence: int = 1
    status: StepStatus = StepStatus.OPEN
    anchor_at: datetime | None = None
    due_at: datetime | None = None
    span: timedelta | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    holder: str | None = None
    role: Role | None = None
    rung: int = -1
    rounds: int = 0
    reminders: int = 0
    remind_at: datetime | None = None
    climb_at: datetime | None = None
    told: tuple[Told, ...] = ()
    reason: str | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    opens_at: datetime | None = None
    warn_at: datetime | None = None
    warned: int = 0
    ladder_at: datetime | None = None  # from when its rungs count, where that is not its own deadline

    @once
    def live(self) -> bool:
        """Tell whether somebody still has to do something."""
        return self.status in LIVE

    @once
    def wakes_at(self) -> datetime | None:
        """Give when time alone brings about the next thing: it opens, is overdue, climbs, reminds or warns."""
        if self.status is StepStatus.WAITING:
            return self.opens_at
        if not self.live:
            return None
        coming = [self.climb_at, self.remind_at]
        if self.status is StepStatus.OPEN:
            coming += [self.due_at, self.warn_at]
        return min((at for at in coming if at is not None), default=None)

    @property
    def id(self) -> tuple[str, int]:
        """Give what names the step within its case."""
        return (self.key, self.occurrence)

    def told_person(self, person: str) -> bool:
        """Tell whether this person has been told of the step on any rung."""
        return any(told.person == person for told in self.told)


def finished(step: Step, at: datetime, by: str) -> Step:
    """Give the step as done: *done late* where its deadline had passed, which is not *done*."""
    late = step.due_at is not None and at >= step.due_at
    status = StepStatus.DONE_LATE if late else StepStatus.DONE
    return replace(step, status=status, done_at=at, done_by=by, remind_at=None, climb_at=None, warn_at=None)


def let_go(step: Step, reason: str) -> Step:
    """Give the step as one that is not asked for any more, with the reason."""
    status = StepStatus.NOT_REQUIRED
    return replace(step, status=status, reason=reason, remind_at=None, climb_at=None, warn_at=None)


_PLANNED = Step("", status=StepStatus.WAITING)


def waiting(key: str, occurrence: int = 1, anchor_at: datetime | None = None) -> Step:
    """Give an occurrence that nobody is asked for yet."""
    return replace(_PLANNED, key=key, occurrence=occurrence, anchor_at=anchor_at)
