"""Acting up and temporary cover: who acts in which role and rank until when, and the form that grants it."""

from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import Caller, access_of, csrf_fits
from console.api.cases import Vigil
from console.pages.answers import Form
from console.templating import page
from policy.acting import ROLES
from policy.errors import Forbidden, Invalid, Refused, Unauthorised, VigilError
from policy.roster import FORCE_WIDE
from policy.spans import LOCAL
from policy.terms import Rank, Route
from runtime import door_acting
from runtime.app import App
from store import acting, roster

router = APIRouter()


@router.get("/cover")
def show(request: Request, app: Vigil) -> Response:
    """Show the cover that is not over, and to inspectors and above the form."""
    caller = _reader(request)
    if caller is None:
        return RedirectResponse("/sign-in?next=/cover", 303)
    return _page(request, app, caller)


@router.post("/cover")
def take(request: Request, app: Vigil, form: Form) -> Response:
    """Grant cover, or let it end; what is refused comes back with all that was typed."""
    caller = _reader(request)
    if caller is None:
        raise Unauthorised("sign in again, then send the form")
    if not csrf_fits(caller, form.get("csrf", "")):
        raise Forbidden("this form did not come from your own page; open it again and send it there")
    by = caller.person or caller.user
    try:
        if form.get("end"):
            number = form["end"]
            door_acting.end_acting(app, int(number) if number.isascii() and number.isdigit() else 0, by, Route.CONSOLE)
        else:
            raw = {name: form.get(name) for name in ("person", "role", "rank", "area", "reason")}
            raw |= {name: _instant(form.get(name, "")) for name in ("from", "to")}
            door_acting.act_up(app, raw, by, Route.CONSOLE)
    except (Invalid, Refused) as error:
        return _page(request, app, caller, error, form)
    return RedirectResponse("/cover", 303)


def _instant(typed: str) -> str:
    """Give what a field for local time holds with its offset; anything else as it is, to be refused by name."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (at if at.tzinfo else at.replace(tzinfo=LOCAL)).isoformat()


def _reader(request: Request) -> Caller | None:
    request.state.reader = access_of(request).reader(request)
    reader: Caller | None = request.state.reader
    return reader


def _page(
    request: Request, app: App, caller: Caller, error: VigilError | None = None, typed: Mapping[str, str] | None = None
) -> Response:
    now = app.clock.now()
    with app.sessions.reading() as s:
        known, held = roster.snapshot(s, now), acting.standing(s, now)
    mine = known.rank_of(caller.person or "") or Rank.STAFF
    status = {Invalid: 422, Refused: 409}.get(type(error), 200) if error else 200
    return page(
        request,
        "cover.html",
        status,
        as_of=now,
        held=held,
        may=mine.weight >= Rank.INSPECTOR.weight,
        me=caller.person,
        who_may=known.who_may(Rank.INSPECTOR, now),
        detail=getattr(error, "detail", ""),
        faults={fault.field: f"{fault.message}; {fault.remedy}" for fault in getattr(error, "faults", ())},
        refused=error if isinstance(error, Refused) else None,
        typed=typed or {},
        roles=ROLES,
        ranks=[rank for rank in Rank if rank.weight <= mine.weight],
        areas=[FORCE_WIDE, *door_acting.areas_of(app)],
        people=sorted(known.known),
    )
