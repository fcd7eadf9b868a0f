"""The earlier case of the same person, for whoever has the re-report: how it ended, what was left undone."""

from policy.case import Case
from policy.errors import Unknown
from policy.pack import Pack
from policy.terms import Anchor, Kind, StepStatus
from runtime.app import App
from runtime.readings import Json, iso
from store import cases

NOT_DONE = (StepStatus.OPEN, StepStatus.OVERDUE, StepStatus.WAIVED, StepStatus.NOT_REQUIRED)


def earlier(app: App, case: Case) -> Json | None:
    """Give the earlier case of which this is a re-report; None where it is none, or where that case is gone."""
    if case.re_report_of is None:
        return None
    try:
        with app.sessions.reading() as s:
            before = cases.load(s, case.re_report_of).case
        return _told(before, app.pack_of(before))
    except Unknown:  # an example that was removed, or a pack that is gone
        return None


def _told(before: Case, pack: Pack) -> Json:
    latest = [group[-1] for group in before.by_key.values()]
    asked = [step for step in latest if step.told and step.status in NOT_DONE]
    return {
        "case": before.ref,
        "status": before.status,
        "risk": before.risk,
        "reported_at": iso(before.anchors.get(Anchor.CALL_RECEIVED)),
        "closed_at": iso(before.anchors.get(Anchor.CLOSED)),
        "closure_reason": before.closure_reason,
        "wellbeing": before.wellbeing,
        "unfinished": [
            {"step": step.key, "title": rule.title, "status": step.status, "reason": step.reason}
            for step in asked
            if (rule := pack.steps[step.key]).kind is Kind.TASK
        ],
    }
