"""What ends an alarm: its cause is gone, or, where no machine can see that, a person who has seen to it."""

from collections.abc import Mapping
from datetime import datetime

from policy.case import Case, Step
from policy.errors import Fault, Invalid, Missing, Refused
from policy.roster import Roster
from policy.terms import AlarmKey, Role

# Alarms that nobody can click away, and what ends each of them.
ENDS_WITH_ITS_CAUSE: Mapping[AlarmKey, str] = {
    AlarmKey.NOBODY_ON_DUTY: "somebody acknowledges, or the step that it is about is over",
    AlarmKey.UNREACHABLE: "somebody acknowledges, the message gets through, or the step that it is about is over",
    AlarmKey.OVERDUE_LAST_RUNG: "somebody acknowledges, or the step that it is about is over",
    AlarmKey.SERIAL_CLOSED_WITHOUT_RECIPIENT: "a serial entry that names the recipient is recorded",
    AlarmKey.UNOWNED_AFTER_SHIFT: "the next person accepts the case, or it is closed",
    AlarmKey.FEED_OLD: "the source answers again",
    AlarmKey.ENGINE_DEAD: "the engine beats again",
}
ABOUT_A_STEP = frozenset({AlarmKey.NOBODY_ON_DUTY, AlarmKey.UNREACHABLE, AlarmKey.OVERDUE_LAST_RUNG})
WHO_MAY = "anybody on duty"
LONGEST_REASON = 500


def read_seen_to(raw: object) -> tuple[str, str]:
    """Read who has seen to an alarm, and why it may go; raise Invalid with every fault."""
    said = raw if isinstance(raw, Mapping) else {}
    by, reason = said.get("by"), said.get("reason") or ""
    faults = []
    if not isinstance(by, str) or not by.strip():
        faults.append(Fault("by", "nobody is named", "give the roster id of whoever has seen to it"))
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
        faults.append(Fault("reason", "is no short text", f"write it in {LONGEST_REASON} letters at the most"))
    if faults:
        raise Invalid("the alarm was not cleared", faults)
    return str(by).strip(), reason.strip()


def refuse_clearing(key: AlarmKey, by: str, roster: Roster, now: datetime) -> None:
    """Refuse a person who would clear an alarm whose cause still stands, who is unknown, or off duty."""
    if key in ENDS_WITH_ITS_CAUSE:
        ends = ENDS_WITH_ITS_CAUSE[key]
        raise Refused(
            f"{key} is cleared when {ends}",
            rule="alarm_cause_stands",
            missing=[Missing("the end of its cause", f"it is cleared by itself when {ends}")],
            who_may="nobody: mend the cause",
        )
    if not roster.duties_of(by, now):
        known = roster.rank_of(by) is not None
        raise Refused(
            f"{by} is {'not on duty' if known else 'not on the roster'}",
            rule="alarm_cleared_on_duty",
            missing=[Missing("a person on duty", "whoever clears an alarm answers for what it was about")],
            who_may=WHO_MAY,
        )


def cause_is_gone(key: AlarmKey, detail: str, rang_at: datetime, case: Case, roster: Roster, now: datetime) -> bool:
    """Tell whether what an alarm about a case rang for is over, where time and others may end it unsaid.

    An alarm about a step begins with the step's key; it is over when nothing of that step that was open when it rang
    is open still. The one about the Force Incident Manager is over when there is an owner or a manager.
    """
    if key not in ABOUT_A_STEP:
        return False
    if case.closed:
        return True
    about = detail.partition(":")[0].partition(",")[0]
    if about == Role.FORCE_INCIDENT_MANAGER:
        return case.owner is not None or any(duty.role == about for duty in roster.on_duty(now))
    occurrences = case.occurrences(about)
    return bool(occurrences) and not any(_waits(step, rang_at) for step in occurrences)


def _waits(step: Step, rang_at: datetime) -> bool:
    began_at = step.opens_at or step.anchor_at
    return step.live and (began_at is None or began_at <= rang_at)
