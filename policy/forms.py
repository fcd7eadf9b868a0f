"""A step's form: what is missing of it and what is wrong with it. A tick is not evidence (F3)."""

from collections.abc import Mapping
from datetime import datetime

from policy import spaces
from policy.errors import Fault, Missing
from policy.facts import REQUIRED, is_blank
from policy.pack import Evidence, StepRule
from policy.roster import Roster
from policy.spans import SKEW, read_instant
from policy.terms import Anchor, FactKind

YES_NO = (True, False, "yes", "no", "true", "false")


def said_yes(value: object) -> bool:
    """Tell whether a yes-or-no answer is yes."""
    return value is True or str(value).strip().lower() in ("yes", "true")


def lacking(rule: StepRule, evidence: Mapping[str, object], kind: FactKind = FactKind.STEP_COMPLETED) -> list[Missing]:
    """Give each mandatory field that says nothing; a fact that has evidence of its own needs no more than that."""
    own = None if kind is FactKind.STEP_COMPLETED else REQUIRED.get(kind, ())
    return [
        Missing(field.name, field.help or f"{field.title}: a tick is not evidence")
        for field in rule.evidence
        if field.required and is_blank(evidence.get(field.name)) and (own is None or field.name in own)
    ]


def wrong(rule: StepRule, evidence: Mapping[str, object], roster: Roster, now: datetime) -> list[Fault]:
    """Give each field whose value is not of its kind.

    What is set for later must lie ahead, what has happened must not; who is named in a role must hold it now.
    """
    faults = []
    for field in rule.evidence:
        value = evidence.get(field.name)
        fault = None if is_blank(value) else _fault(field, value, now) or _stranger(field, str(value), roster, now)
        if fault is not None:
            faults.append(Fault(f"evidence.{field.name}", *fault))
    return faults


def lies_ahead(field: Evidence) -> bool:
    """Tell whether a field asks for an instant that is still to come; what sets any other anchor has happened."""
    return field.sets is Anchor.NEXT_REVIEW


def _fault(field: Evidence, value: object, now: datetime) -> tuple[str, str] | None:
    if field.type == spaces.SPACES:
        return _unread_spaces(field, value)
    if field.type == "instant":
        return _wrong_instant(field, value, now)
    word = value.lower() if isinstance(value, str) else value
    plain = isinstance(value, (str, int, float))
    wrong: dict[str, tuple[bool, str, str]] = {
        "choice": (value not in field.choices, "is not a word of the list", "use one of: " + ", ".join(field.choices)),
        "yes_no": (word not in YES_NO, "is neither yes nor no", "answer yes or no"),
        "number": (not _is_number(value), "is not a number", "write a number, such as 3"),
    }
    bad, what, remedy = wrong.get(field.type, (not plain, "is not a text", "write it as a text"))
    return (f"{value!r} {what}", remedy) if bad else None


def _wrong_instant(field: Evidence, value: object, now: datetime) -> tuple[str, str] | None:
    at = read_instant(str(value))
    if at is None:
        return f"{value!r} is no instant", "write 2026-01-10T19:00:00Z, with its offset"
    if lies_ahead(field) and at <= now:
        return f"{value!r} does not lie ahead", "set an instant that is still to come"
    if field.sets is not None and not lies_ahead(field) and at > now + SKEW:
        return f"{value!r} lies in the future", "say when it happened"
    return None


def _unread_spaces(field: Evidence, value: object) -> tuple[str, str] | None:
    """Say which lines of a search cannot be taken; where there may be nothing of the sort, `none` is an answer."""
    if spaces.is_none(value):
        says_which = "says that there is none", "write a line for each: searched, or not searched and why"
        return None if field.may_be_none else says_which
    wrong = spaces.read(value, field).wrong
    none = "; or `none` where there is none" if field.may_be_none else ""
    return ("; ".join(wrong), spaces.REMEDY + none) if wrong else None


def _stranger(field: Evidence, person: str, roster: Roster, now: datetime) -> tuple[str, str] | None:
    """Say that somebody named in a role does not hold it at this minute, and who does."""
    role = field.role
    if role is None or any(duty.role is role for duty in roster.duties_of(person, now)):
        return None
    there = roster.named(duty for duty in roster.on_duty(now) if duty.role is role)
    remedy = f"name one of: {there}" if there else "nobody is on duty as that; give it to somebody who can take it"
    return f"{person!r} is not on duty as {role.replace('_', ' ')}", remedy


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return not isinstance(value, bool)
