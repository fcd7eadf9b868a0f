"""A step's form: what is missing of it and what is wrong with it. A tick is not evidence (F3)."""

from collections.abc import Mapping
from datetime import datetime

from policy.errors import Fault, Missing
from policy.facts import is_blank
from policy.pack import Evidence, StepRule
from policy.spans import read_instant

YES_NO = (True, False, "yes", "no", "true", "false")


def said_yes(value: object) -> bool:
    """Tell whether a yes-or-no answer is yes."""
    return value is True or str(value).strip().lower() in ("yes", "true")


def lacking(rule: StepRule, evidence: Mapping[str, object]) -> list[Missing]:
    """Give each mandatory field that says nothing."""
    return [
        Missing(field.name, field.help or f"{field.title}: a tick is not evidence")
        for field in rule.evidence
        if field.required and is_blank(evidence.get(field.name))
    ]


def wrong(rule: StepRule, evidence: Mapping[str, object], now: datetime) -> list[Fault]:
    """Give each field whose value is not of its kind; what is set for later must lie ahead."""
    faults = []
    for field in rule.evidence:
        value = evidence.get(field.name)
        fault = None if is_blank(value) else _fault(field, value, now)
        if fault is not None:
            faults.append(Fault(f"evidence.{field.name}", *fault))
    return faults


def _fault(field: Evidence, value: object, now: datetime) -> tuple[str, str] | None:
    if field.type == "choice" and value not in field.choices:
        return f"{value!r} is not a word of the list", "use one of: " + ", ".join(field.choices)
    if field.type == "yes_no" and (value.lower() if isinstance(value, str) else value) not in YES_NO:
        return f"{value!r} is neither yes nor no", "answer yes or no"
    if field.type == "number" and not _is_number(value):
        return f"{value!r} is not a number", "write a number, such as 3"
    if field.type == "instant":
        at = read_instant(str(value))
        if at is None:
            return f"{value!r} is no instant", "write 2026-01-10T19:00:00Z, with its offset"
        if field.sets is not None and at <= now:
            return f"{value!r} does not lie ahead", "set an instant that is still to come"
    return None


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)
