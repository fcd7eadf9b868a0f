"""What the API's documentation shows of bodies; reading them is the doors' business."""

from typing import Any, Final

REPORT: Final[dict[str, Any]] = {
    "source": "compact",
    "source_id": "CMP-2026-004711",
    "serial": "STORM-0456-100126",
    "reported_at": "2026-01-10T18:58:00Z",
    "recorded_at": "2026-01-10T19:00:00Z",
    "area": "stoke",
    "risk": "medium",
    "risk_rationale": "Out of character, no phone, cold night",
    "tagged_to": "insp-a",
    "person": {"name": "A Child", "date_of_birth": "2012-05-01", "aliases": [], "person_ref": "NOM-123"},
    "circumstances": "...",
    "last_seen": {"at": "2026-01-10T16:30:00Z", "place": "..."},
    "reporter": {"name": "...", "phone": "...", "kind": "parent"},
    "flags": ["child_in_care"],
    "call_type": "missing",
}
FACT: Final[dict[str, Any]] = {
    "kind": "acknowledged",
    "by": "insp-a",
    "step": "notify_local_supervisor",
    "evidence": {"understood_risk": "medium"},
}
SEEN_TO: Final[dict[str, Any]] = {"by": "fim-1", "reason": "Entered by hand as MP-2026-000012"}
ROSTER: Final = (
    "person,name,rank,role,area,from,to,email,webhook,phone,sms\n"
    "insp-a,A. Inspector,inspector,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,"
    "http://127.0.0.1:9000/hook,,http://127.0.0.1:9000/text\n"
)


def body(media: str, example: object) -> dict[str, Any]:
    """Describe a body that the endpoint reads itself."""
    kind = "string" if media == "text/csv" else "object"
    content = {media: {"schema": {"type": kind}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}
