"""When a step applies at all: each word of the closed list and what it means for a case."""

from collections.abc import Callable, Iterable, Mapping

from policy.case import DECEASED, NOT_MISSING, OFFERED_ELSEWHERE, Case
from policy.record_terms import CallType, Flag
from policy.terms import Anchor, Condition


def _never_missing(case: Case) -> bool:
    return case.closed and case.closure_reason == NOT_MISSING


MEANS: Mapping[Condition, Callable[[Case], bool]] = {
    Condition.UNDER_18: lambda case: case.is_child,
    Condition.ADULT: lambda case: not case.is_child,
    Condition.IN_CARE: lambda case: Flag.CHILD_IN_CARE in case.flags,
    Condition.CARE_HOME_REPORT: lambda case: Flag.CARE_HOME_REPORT in case.flags,
    Condition.RISK_WORDS: lambda case: Flag.RISK_WORDS in case.flags,
    Condition.CONCERN_CALL: lambda case: case.call_type != CallType.MISSING,
    Condition.DEFECTIVE_RECORD: lambda case: case.defective,
    Condition.STILL_MISSING: lambda case: case.still_missing,
    Condition.ENQUIRY_LIVE: lambda case: case.enquiry_live,
    Condition.UNRESOURCED: lambda case: case.enquiry_live and not case.resourced,
    Condition.RETURNED_ALIVE: lambda case: case.wellbeing != DECEASED and not _never_missing(case),
    Condition.CLOSED_CASE: lambda case: case.closed,
    Condition.RE_REPORT: lambda case: case.re_report_of is not None,
    Condition.PHONE_KNOWN: lambda case: Flag.NO_PHONE not in case.flags,
    Condition.CONCERN_UNRESOLVED: lambda case: case.call_type != CallType.MISSING and case.still_missing,
    Condition.RISK_TO_CONFIRM: lambda case: case.to_confirm and not case.closed,
    Condition.HOME_UNSEARCHED: lambda case: Anchor.SEARCHED not in case.anchors,
    Condition.SPACES_UNSEARCHED: lambda case: case.unsearched and case.still_missing,
    Condition.TRANSFER_OFFERED: lambda case: case.transfer == OFFERED_ELSEWHERE,
    Condition.OTHER_FORCE_ASKED: lambda case: case.transfer is not None,
}
# Why a step is not asked for, where a condition that changes in a case's life does not hold.
LETS_GO: Mapping[Condition, str] = {
    Condition.STILL_MISSING: "the person has been seen",
    Condition.ENQUIRY_LIVE: "the person has been seen, the case is inactive, or another force has accepted it",
    Condition.UNRESOURCED: "a unit is going or has attended, or nobody is sought",
    Condition.RETURNED_ALIVE: "the person was found dead, or had never been missing",
    Condition.CLOSED_CASE: "the case is not closed",
    Condition.RE_REPORT: "no earlier case about the same person is known",
    Condition.PHONE_KNOWN: "the person has no phone",
    Condition.CONCERN_UNRESOLVED: "the person counts as missing, or has been seen",
    Condition.RISK_TO_CONFIRM: "no raised risk waits to be confirmed",
    Condition.HOME_UNSEARCHED: "a search of the home has been recorded",
    Condition.SPACES_UNSEARCHED: "no space of the home is left unsearched, or the person has been seen",
    Condition.TRANSFER_OFFERED: "no other force is asked to take the case",
    Condition.OTHER_FORCE_ASKED: "no other force has the case or is asked to take it",
}

ASKED_FLAGS = (Flag.CHILD_IN_CARE, Flag.CARE_HOME_REPORT, Flag.NO_PHONE, Flag.RISK_WORDS)


def state_of(case: Case) -> tuple[object, ...]:
    """Give all of a case that a condition asks about: cases of one state are asked for the same steps."""
    never = case.closure_reason == NOT_MISSING
    flags = tuple(flag in case.flags for flag in ASKED_FLAGS)
    kind = (case.is_child, *flags, case.call_type == CallType.MISSING, case.defective, case.re_report_of is not None)
    moving = (
        case.resourced,
        case.wellbeing == DECEASED,
        case.to_confirm,
        case.unsearched,
        case.transfer,
        Anchor.SEARCHED in case.anchors,
    )
    return (*kind, case.status, *moving, never)


def holds(conditions: Iterable[Condition], case: Case) -> bool:
    """Tell whether all the conditions hold for the case."""
    return all(MEANS[condition](case) for condition in conditions)


def lacking(conditions: Iterable[Condition], case: Case) -> str | None:
    """Give why a step does not apply, in words; None when all its conditions hold."""
    missing = next((condition for condition in conditions if not MEANS[condition](case)), None)
    return None if missing is None else LETS_GO.get(missing, f"not {missing.replace('_', ' ')}")
