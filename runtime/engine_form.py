"""The form behind Prefect's own Resume button: a collar number, a decision, a reason from a closed list.

What is typed there stays in Prefect's database, so nothing in it is free text. Prefect has no users:
whoever answers here *claims* to be the officer; the door `answer` checks the roster and marks the route.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from policy.terms import Decision

SCHEMA_KEY: Final = "resume-schema"
DESCRIPTION_KEY: Final = "resume-description"
ANSWER_PREFIX: Final = "answer-"

NO_REASON: Final = "none"
REASONS: Final = (
    NO_REASON,
    "off duty",
    "committed to another incident",
    "not my area",
    "conflict of interest",
    "already with another officer",
)

DESCRIPTION: Final = (
    "Answer as the officer who was told. Vigil checks the collar number against the duty roster; "
    "the journal shows that the answer came through Prefect. Give a reason when you decline."
)

SCHEMA: Final[Mapping[str, Any]] = {
    "title": "Answer",
    "type": "object",
    "properties": {
        "collar_number": {
            "title": "Collar number",
            "type": "string",
            "pattern": r"^\s*[A-Za-z0-9][A-Za-z0-9._-]{0,63}\s*$",  # as the roster has it; blanks are forgiven
            "position": 0,
        },
        "decision": {
            "title": "Decision",
            "type": "string",
            "enum": [decision.value for decision in Decision],
            "default": Decision.ACKNOWLEDGE.value,  # a collar number is enough at 3 a.m.
            "position": 1,
        },
        "reason": {
            "title": "Reason, when you decline",
            "type": "string",
            "enum": list(REASONS),
            "default": NO_REASON,
            "position": 2,
        },
    },
    "required": ["collar_number"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class Answer:
    """What somebody typed into the form of one pause; `key` names that pause."""

    key: str
    collar_number: str
    decision: str
    reason: str


def keyset() -> dict[str, str]:
    """Name the keys of one pause: schema and words are the run's, the place for the answer is new."""
    return {
        "schema": SCHEMA_KEY,
        "description": DESCRIPTION_KEY,
        "response": f"{ANSWER_PREFIX}{uuid4().hex}",
    }


def read_answer(key: str, typed: object) -> Answer | None:
    """Read what was typed; None when it is not of the form, for the server may be spoken to directly."""
    if not isinstance(typed, dict):
        return None
    collar_number = typed.get("collar_number")
    decision = typed.get("decision", Decision.ACKNOWLEDGE.value)
    reason = typed.get("reason", NO_REASON)
    if not isinstance(collar_number, str) or not 0 < len(collar_number := collar_number.strip()) <= 64:
        return None
    if decision not in {member.value for member in Decision} or reason not in REASONS:
        return None
    return Answer(key, collar_number, decision, "" if reason == NO_REASON else reason)
