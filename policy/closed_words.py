"""What a closed case says to whoever calls about it: that no one is working on it, and who has been told (W35).

Callers were told for days that their concern had been passed on, when the report was closed.
"""

from dataclasses import dataclass
from datetime import datetime

from policy.case import FINISHED, Case, Step
from policy.pack import Pack
from policy.spans import local_time
from policy.terms import Anchor, StepStatus

CLOSED = "CLOSED - no one is working on this."
STILL = "What is known now still reaches a named person: say it as new information, or reopen the case."


@dataclass(frozen=True)
class ClosedCase:
    """The truth about a closed case: in words that may be said to a caller, and who decides about it until when."""

    says: str
    told: tuple[str, ...] = ()
    decides_by: datetime | None = None


def closed_case(case: Case, pack: Pack, now: datetime) -> ClosedCase | None:
    """Give the truth about a closed case; None for one that is not closed."""
    if not case.closed:
        return None
    asked = [step for step in case.steps if pack.steps[step.key].anchor is Anchor.CLOSED_CASE_CONTACT]
    deciding = [step for step in asked if step.live]
    if deciding:
        return _deciding(deciding[-1], pack, now)
    closed_at = case.anchors.get(Anchor.CLOSED, now)
    decided = [step for step in asked if step.status in FINISHED and step.done_at and step.done_at >= closed_at]
    for step in decided[-1:]:
        at = local_time(step.done_at or now, now)
        return ClosedCase(f"{CLOSED} {step.done_by} decided at {at} that it stays closed. {STILL}")
    return ClosedCase(f"{CLOSED} {STILL}")


def _deciding(step: Step, pack: Pack, now: datetime) -> ClosedCase:
    """Name each person who was told, when, and until when it is decided."""
    names = {one.person: f"{one.person} ({pack.short(one.role)}) at {local_time(one.at, now)}" for one in step.told}
    told = f"Told: {', '.join(names.values())}." if names else "Nobody could be told yet; the alarm rings."
    due = "was due" if step.status is StepStatus.OVERDUE else "is due"
    by = f" The decision whether to reopen it {due} by {local_time(step.due_at, now)}." if step.due_at else ""
    return ClosedCase(f"{CLOSED} {told}{by}", tuple(names), step.due_at)
