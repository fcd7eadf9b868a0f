"""When a step applies at all: each word of the closed list and what it means for a case."""

from collections.abc import Callable, Iterable, Mapping

from policy.case import Case
from policy.record_terms import CallType, Flag
from policy.terms import Condition

MEANS: Mapping[Condition, Callable[[Case], bool]] = {
    Condition.UNDER_18: lambda case: case.is_child,
    Condition.ADULT: lambda case: not case.is_child,
    Condition.IN_CARE: lambda case: Flag.CHILD_IN_CARE in case.flags,
    Condition.CARE_HOME_REPORT: lambda case: Flag.CARE_HOME_REPORT in case.flags,
    Condition.CONCERN_CALL: lambda case: case.call_type != CallType.MISSING,
    Condition.DEFECTIVE_RECORD: lambda case: case.defective,
}


def holds(conditions: Iterable[Condition], case: Case) -> bool:
    """Tell whether all the conditions hold for the case."""
    return all(MEANS[condition](case) for condition in conditions)
