"""Information that is coded as a matter of life: medical, or of harm to oneself, with how severe it is (W35).

A GP's warning on a closed report was not filed as one. So the code itself, never the text, goes to whoever decides.
"""

from collections.abc import Mapping

CATEGORIES = {"medical": "medical", "self_harm": "of self-harm"}  # of `new_information`, and how it is said
SEVERITIES = ("low", "medium", "high")


def code_of(evidence: Mapping[str, object]) -> Mapping[str, str]:
    """Give category and severity as a step keeps them, from closed lists alone; empty where it is no matter of life."""
    if not evidence:
        return {}
    category, severity = (str(evidence.get(name) or "").strip().lower() for name in ("category", "severity"))
    if category not in CATEGORIES:
        return {}
    return {"category": category} | ({"severity": severity} if severity in SEVERITIES else {})


def asked_of(evidence: Mapping[str, object]) -> str:
    """Say what somebody who is asked about such information must do first; empty where it is none."""
    code = code_of(evidence)
    if not code:
        return ""
    severity = f", severity {code['severity']}" if "severity" in code else ""
    return f"The information is {CATEGORIES[code['category']]}{severity}: check the risk first"


def with_vital(text: str, evidence: Mapping[str, object]) -> str:
    """Give what somebody is asked, and what they must do first where it is about such information."""
    vital = asked_of(evidence)
    return f"{text}. {vital}" if vital else text
