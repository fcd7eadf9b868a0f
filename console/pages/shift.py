"""The change of shift: each case that is offered to the reader with its brief, accepted or declined case by case."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of, csrf_fits
from console.api.cases import Vigil
from console.looking import look_at_page
from console.pages.answers import Form
from console.pages.inbox import Reader, reader_of
from console.problems import problem_of
from console.shift import Shift, shift_of
from console.templating import page
from console.words import roles_named
from policy.errors import Busy, Fault, Forbidden, Invalid, Refused, Unauthorised, UsedLink, VigilError
from policy.terms import Decision, FactKind, Route
from runtime import doors
from runtime.app import App

router = APIRouter()
SAYS: Mapping[Decision, tuple[FactKind, str]] = {
    Decision.ACCEPT: (FactKind.ACCEPTED, "You have accepted {case}."),
    Decision.DECLINE: (FactKind.DECLINED, "You have declined {case}; the next person is told."),
}
KEYS = 64  # characters of what tells one sending of a form from the next


@dataclass(frozen=True)
class Trouble:
    """Why an answer was not taken, and what was typed."""

    case: str
    detail: str
    who_may: str
    reason: str
    status: int


@router.get("/shift")
def show(request: Request, app: Vigil, t: str = "", said: str = "", case: str = "") -> Response:
    """Show what the reader takes over and gives up."""
    try:
        reader = reader_of(request, app, t)
    except Unauthorised:
        return RedirectResponse("/sign-in?next=/shift", 303)
    known = said in SAYS and case.replace("-", "").isalnum() and len(case) < 32
    return _page(request, app, reader, SAYS[Decision(said)][1].format(case=case) if known else "")


@router.post("/shift")
def take(request: Request, app: Vigil, form: Form) -> Response:
    """Take the answer to what is offered of one case; what is refused comes back with what was typed."""
    reader = reader_of(request, app, form.get("t", ""))
    caller = access_of(request).reader(request)
    if not reader.personal and (caller is None or not csrf_fits(caller, form.get("csrf", ""))):
        raise Forbidden("this form did not come from your own page; open the page again and answer there")
    ref, given = form.get("case", ""), form.get("decision", "")
    try:
        _answer(app, reader, ref, form)
    except (Invalid, Refused, UsedLink, Busy) as error:
        return _page(request, app, reader, "", _trouble(app, error, ref, form))
    token = f"&t={reader.personal}" if reader.personal else ""
    return RedirectResponse(f"/shift?said={given}&case={ref}{token}#said", 303)


def _answer(app: App, reader: Reader, ref: str, form: Mapping[str, str]) -> None:
    """Say the answer: one acceptance takes all that is offered of the case, a decline gives back each offer."""
    given, reason = form.get("decision", ""), form.get("reason", "").strip()
    if given not in SAYS:
        raise Invalid("the answer has faults", [Fault("decision", f"{given!r} is no answer", "accept or decline")])
    decision = Decision(given)
    kind = SAYS[decision][0]
    once = f"form:{sent}:{decision}" if (sent := form.get("once", "")[:KEYS]) else None
    if decision is Decision.ACCEPT:
        doors.record(app, ref, {"kind": kind, "by": reader.person}, route=Route.CONSOLE, key=once)
        return
    if not reason:
        fault = Fault("reason", "Say why you cannot take it", "the next person reads it")
        raise Invalid("the answer has faults", [fault])
    theirs = next((one for one in shift_of(app, reader.person).taking if one.case == ref), None)
    for number, offer in enumerate(theirs.offers if theirs else ()):
        about = {"step": offer.step, "occurrence": offer.occurrence, "evidence": {"reason": reason}}
        raw = {"kind": kind, "by": reader.person, **about}
        doors.record(app, ref, raw, route=Route.CONSOLE, key=once and f"{once}:{number}")
    if theirs is None:
        raise UsedLink("nothing of this case is offered to you any more", rule=str(kind))


def _trouble(app: App, error: VigilError, ref: str, form: Mapping[str, str]) -> Trouble:
    problem = problem_of(error)
    detail = " ".join(fault.message for fault in error.faults) if isinstance(error, Invalid) else problem.detail
    who = error.who_may if isinstance(error, Refused) else ""
    pack = app.packs.get(app.settings.pack)
    return Trouble(
        case=ref,
        detail=detail[:1].upper() + detail[1:],
        who_may=roles_named(who, pack) if pack else who,
        reason=form.get("reason", ""),
        status=409 if problem.status == 410 else problem.status,
    )


def _page(request: Request, app: App, reader: Reader, said: str, trouble: Trouble | None = None) -> Response:
    shift = shift_of(app, reader.person)
    for one in shift.taking:  # who reads the brief has looked at the case
        look_at_page(request, app, one.case, reader)
    return page(
        request,
        "shift.html",
        trouble.status if trouble else 200,
        shift=_as_read(shift) if reader.personal else shift,
        said=said,
        trouble=trouble,
        action="/shift",
        csrf=reader.csrf,
        personal=reader.personal,
        once=secrets.token_urlsafe(12),
        as_of=app.clock.now(),
    )


def _as_read(shift: Shift) -> Shift:
    """Give the page as a personal link shows it: without what people wrote."""
    return replace(shift, taking=tuple(replace(one, brief=one.brief.without_words()) for one in shift.taking))
