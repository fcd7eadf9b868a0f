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
    word = value.lower() if isinstance(value, str) else value
    at = read_instant(str(value)) if field.type == "instant" else None
    ahead = at is not None and (field.sets is None or at > now)
    plain = isinstance(value, (str, int, float))
    wrong: dict[str, tuple[bool, str, str]] = {
        "choice": (value not in field.choices, "is not a word of the list", "use one of: " + ", ".join(field.choices)),
        "yes_no": (word not in YES_NO, "is neither yes nor no", "answer yes or no"),
        "number": (not _is_number(value), "is not a number", "write a number, such as 3"),
        "instant": (at is None, "is no instant", "write 2026-01-10T19:00:00Z, with its offset"),
    }
    bad, what, remedy = wrong.get(field.type, (not plain, "is not a text", "write it as a text"))
    if not bad and field.type == "instant" and not ahead:
        bad, what, remedy = True, "does not lie ahead", "set an instant that is still to come"
    return (f"{value!r} {what}", remedy) if bad else None


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)
