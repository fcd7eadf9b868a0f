"""How pages and the terminal say things: in the procedure's words, times as a person on duty reads them."""

from collections.abc import Mapping
from datetime import datetime

from policy.explain_words import span_words
from policy.pack import Pack
from policy.spans import LOCAL, Span, local_time, read_instant
from policy.terms import Risk, Role

RISK_WORDS = {
    Risk.VERY_LOW: "Very low risk",
    Risk.LOW: "Low risk",
    Risk.MEDIUM: "Medium risk",
    Risk.HIGH: "High risk",
}
_WORDS = {
    "waiting": "Not yet",
    "done_late": "Done late",
    "not_required": "Not required",
    "queued": "Waiting to be sent",
    "notify": "Notification",
    "remind": "Reminder",
    "escalate": "Escalation",
    "cancel": "Stand down",
    "cms_created": "the record was made",
    "call_received": "the call was received",
    "risk_set": "the risk was set",
}


def risk_words(risk: str | None) -> str:
    """Say a level of risk, or that it is not set."""
    return RISK_WORDS[Risk(risk)] if risk else "Risk not set"


def words(key: str) -> str:
    """Say a word of one of the closed lists as people write it."""
    return _WORDS.get(key) or key.replace("_", " ").capitalize()


def local(at: datetime | str | None, now: datetime) -> str:
    """Say an instant in local time, with its date when that is not today."""
    if not at:
        return ""
    return local_time(datetime.fromisoformat(at) if isinstance(at, str) else at, now)


def value_words(value: object) -> str:
    """Say a number of a pack: `10 minutes`; what is no span stays as it is written."""
    text = str(value)
    try:
        return ", ".join(span_words(Span.parse(part)) for part in text.split()) or "none"
    except ValueError:
        return "not asked for" if text == "-" else text


def typed_time(at: str) -> str:
    """Write an instant as a form's field has it, in local time; what is none stays as it was typed."""
    instant = read_instant(at)
    return at if instant is None else f"{instant.astimezone(LOCAL):%Y-%m-%dT%H:%M}"


def roles_named(text: str, pack: Pack) -> str:
    """Say the roles in a sentence in the force's own short words: `insp-a (LOI)`."""
    for role in Role:
        text = text.replace(f"({role})", f"({pack.short(role)})")
    return text


def said(value: object, now: datetime) -> str:
    """Say one piece of evidence: yes or no, an instant as local time, the rest as it was written."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{words(str(name))}: {said(part, now)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        between = "; " if any(isinstance(part, Mapping) for part in value) else ", "
        return between.join(said(part, now) for part in value)
    at = read_instant(value) if isinstance(value, str) and value[:2] in ("19", "20") else None
    return str(value) if at is None else local_time(at, now)


def age(band: str) -> str:
    """Say an age band."""
    return "Age not known (treated as a child)" if band == "unknown" else f"Aged {band.replace('-', ' to ')}"
