"""How pages and the terminal say things: in the procedure's words, times as a person on duty reads them."""

from datetime import datetime

from policy.spans import local_time
from policy.terms import Risk

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


def age(band: str) -> str:
    """Say an age band."""
    return "Age not known (treated as a child)" if band == "unknown" else f"Aged {band.replace('-', ' to ')}"
