"""Why each step of a case is due now, and who was told of it or why nobody was: a page to read and to print."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.api.cases import Vigil
from console.looking import look_at_page
from console.pages.inbox import reader_of
from console.templating import page
from policy.errors import Unauthorised
from policy.terms import StepStatus
from runtime import readings_explain
from runtime.readings_explain import Why, Whys

router = APIRouter()
NOW = (StepStatus.OVERDUE, StepStatus.OPEN)


@router.get("/cases/{ref}/why")
def show(request: Request, ref: str, app: Vigil, t: str = "") -> Response:
    """Explain a case to somebody who is signed in, or who came by a personal link; these read no journal."""
    try:
        reader = reader_of(request, app, t)
    except Unauthorised:
        return RedirectResponse(f"/sign-in?next=/cases/{ref}/why", 303)
    look_at_page(request, app, ref, reader)
    found = readings_explain.read(app, ref)
    asked, others = _parted(found)
    return page(
        request,
        "why.html",
        as_of=found.as_of,
        case=found.case,
        pack=found.pack,
        parts=(("Asked for now", asked), ("Not asked for now", others)),
        personal=reader.personal,
    )


def _parted(found: Whys) -> tuple[list[Why], list[Why]]:
    """Part what somebody has to do now, the first due first, from the rest, which keeps the order of the pack."""
    live = {step.id: step for step in found.case.steps if step.status in NOW}
    asked = [one for one in found.steps if one.step.id in live]
    asked.sort(key=lambda one: live[one.step.id].due_at or found.as_of)
    return asked, [one for one in found.steps if one.step.id not in live]
