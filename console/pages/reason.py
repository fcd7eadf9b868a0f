"""The question before a case outside the own area is shown: why do you need to see it (DPA 2018 s.62)?"""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.access import access_of, csrf_fits
from console.api.cases import Vigil
from console.looking import looker
from console.pages.answers import Form
from console.pages.sign_in import way_on
from console.templating import page
from policy.errors import Forbidden, Unauthorised
from policy.looking import LONGEST, OTHER, REASONS
from policy.terms import Route
from runtime.door_looked import look

router = APIRouter()


def ask(request: Request, ref: str) -> HTMLResponse:
    """Ask why, in the place of a page that somebody may only see with a reason; afterwards it is shown."""
    query = f"?{request.url.query}" if request.url.query else ""
    return _page(request, ref, f"{request.url.path}{query}" if request.method == "GET" else f"/cases/{ref}")


@router.post("/cases/{ref}/reason")
def take(request: Request, ref: str, app: Vigil, form: Form) -> Response:
    """Take the reason, write the look down, and go on to the page that was asked for."""
    caller = access_of(request).reader(request)
    if caller is None:
        raise Unauthorised("sign in again, then say why you need to see the case")
    request.state.reader = caller
    if not csrf_fits(caller, form.get("csrf", "")):
        raise Forbidden("this form did not come from your own page; open the case again and send it there")
    chosen, text, following = form.get("reason", ""), form.get("other", "").strip(), way_on(form.get("next", ""))
    wrong = _wrong(chosen, text)
    if wrong:
        return _page(request, ref, following, 422, chosen=chosen, other=text, wrong=wrong)
    look(app, ref, looker(caller), Route.CONSOLE, text if chosen == OTHER else REASONS[chosen])
    return RedirectResponse(following if following != "/" else f"/cases/{ref}", 303)


def _wrong(chosen: str, text: str) -> tuple[str, str] | None:
    """Give what lacks, and the field where it is mended."""
    if chosen not in {*REASONS, OTHER}:
        return "Choose why you need to see this case", f"reason-{next(iter(REASONS))}"
    if chosen == OTHER and not text:
        return "Say why you need to see this case", "other"
    if chosen == OTHER and len(text) > LONGEST:
        return f"Say why in {LONGEST} letters or fewer; you wrote {len(text)}", "other"
    return None


def _page(request: Request, ref: str, following: str, status: int = 403, **typed: object) -> HTMLResponse:
    shown = {"chosen": "", "other": "", "wrong": None, **typed}
    return page(request, "reason.html", status, ref=ref, next=following, reasons=REASONS, **shown)
