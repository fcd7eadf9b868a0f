"""What if: a case replayed with one thing changed, beside the case as it is. Nothing is stored and nobody is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import Caller, access_of, csrf_fits
from console.api.cases import Vigil
from console.looking import look_at_page
from console.pages.answers import Form
from console.templating import page
from policy.errors import Fault, Forbidden, Invalid, Refused, Unauthorised
from policy.revise import OF_A_STEP
from policy.terms import Risk
from runtime import readings
from runtime.against_case import compare_case, read_change
from runtime.against_what import Kind
from runtime.app import App
from runtime.rehearse_against import Comparison

router = APIRouter()
MOST_MINUTES = 10_080  # a week
GIVEN = "the roster given"


@dataclass(frozen=True)
class Asked:
    """What the page is asked, and what came of it."""

    ref: str
    typed: Mapping[str, str] = field(default_factory=dict)
    found: Comparison | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def change(self) -> str:
        """Give which of the forms was sent."""
        return self.typed.get("change", "")


@router.get("/cases/{ref}/what-if")
def show(request: Request, ref: str, app: Vigil) -> Response:
    """Show what can be changed."""
    if _reader(request) is None:
        return RedirectResponse(f"/sign-in?next=/cases/{ref}/what-if", 303)
    look_at_page(request, app, ref)
    return _page(request, app, Asked(ref))


@router.post("/cases/{ref}/what-if")
def compare(request: Request, ref: str, app: Vigil, posted: Form) -> Response:
    """Show both timelines; what is wrong with the change comes back with all that was typed."""
    reader = _reader(request)
    if reader is None:
        raise Unauthorised("sign in to compare")
    if not csrf_fits(reader, posted.get("csrf", "")):
        raise Forbidden("this form did not come from your own page; open the case again and send it there")
    look_at_page(request, app, ref)
    try:
        roster = posted.get("roster", "").encode() if posted.get("change") == Kind.ROSTER else None
        found = compare_case(app, ref, read_change(_what(posted)), roster)
    except Invalid as error:
        return _page(request, app, Asked(ref, posted, faults=tuple(error.faults)), 422)
    except Refused as error:
        fault = Fault("case", error.detail, "nothing can be compared here")
        return _page(request, app, Asked(ref, posted, faults=(fault,)), 409)
    return _page(request, app, Asked(ref, posted, found))


def _reader(request: Request) -> Caller | None:
    request.state.reader = access_of(request).reader(request)
    reader: Caller | None = request.state.reader
    return reader


def _what(posted: Mapping[str, str]) -> str:
    """Give what was chosen as the command line names it; raise Invalid with the field that is wrong."""
    typed = {name: value.strip() for name, value in posted.items()}
    change = typed.get("change", "")
    if change == Kind.TOLD:
        minutes = typed.get("minutes", "")
        if not (minutes.isascii() and minutes.isdigit() and 0 < int(minutes) <= MOST_MINUTES):
            remedy = f"write a whole number of minutes from 1 to {MOST_MINUTES}, such as 5"
            raise Invalid("the change has faults", [Fault("minutes", f"{minutes!r} are no minutes", remedy)])
        return f"told={'-' if typed.get('side') == 'earlier' else '+'}{int(minutes)}m"
    if change == Kind.PACK:
        return f"pack={typed.get('pack', '')}"
    if change == Kind.ROSTER:
        return f"roster={GIVEN}"
    risk = typed.get("risk", "")
    number = ".".join(part for part in (typed.get("step", ""), typed.get("field", ""), risk) if part)
    return f"{number}={typed.get('value', '')}"


def _page(request: Request, app: App, asked: Asked, status: int = 200) -> Response:
    case = readings.stored(app, asked.ref).case
    pack = app.pack_of(case)
    fields = {name: field.title for name, field in OF_A_STEP.items()}
    return page(
        request,
        "what_if.html",
        status,
        as_of=app.clock.now(),
        asked=asked,
        case=case,
        packs=[(name, other.title) for name, other in sorted(app.packs.items()) if name != case.pack],
        steps=[(key, rule.title) for key, rule in pack.steps.items()],
        fields=fields,
        risks=list(Risk),
        own_risk=case.timer_risk(pack.child_floor),
    )
