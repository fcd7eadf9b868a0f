"""Who was responsible: the case and each action of an instant with one named person, and the chain of ownership."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.api.cases import Vigil
from console.evidence.filled import instant
from console.looking import look_at_page
from console.ownership import responsible
from console.pages.inbox import reader_of
from console.templating import page
from policy.errors import Unauthorised

router = APIRouter()
LONGEST = 40  # letters of an instant that somebody typed


@router.get("/cases/{ref}/responsible")
def show(request: Request, ref: str, app: Vigil, at: str = "") -> Response:
    """Say who had what at an instant, now where none is given; one that cannot be read is asked for again."""
    try:
        reader = reader_of(request, app, "")
    except Unauthorised:
        return RedirectResponse(f"/sign-in?next=/cases/{ref}/responsible", 303)
    look_at_page(request, app, ref, reader)
    now, typed = app.clock.now(), at.strip()[:LONGEST]
    asked = instant(typed, now) if typed else now
    wrong = _wrong(asked, now)
    shown = responsible(app, ref, asked if asked and not wrong else now)
    status = 422 if wrong else 200
    given = typed if wrong else shown.at.isoformat()
    return page(request, "responsible.html", status, shown=shown, ref=ref, as_of=now, typed=given, wrong=wrong)


def _wrong(asked: datetime | None, now: datetime) -> str:
    if asked is None:
        return "That is no time. Write the date and the time, or the time alone, such as 03:00."
    return "That lies ahead. Give a time that has been." if asked > now else ""
