"""The register of breaches as a page: which deadline passed, whose it was, and what became of it."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of
from console.api.cases import Vigil
from console.asking import instant
from console.templating import page
from policy.errors import Invalid, Unknown
from policy.spans import LOCAL
from runtime import readings_breaches
from runtime.readings_breaches import Register

router = APIRouter()
DAY = timedelta(days=1)


@router.get("/breaches")
def show(request: Request, app: Vigil) -> Response:
    """Show the register to somebody who is signed in."""
    reader = access_of(request).reader(request)
    if reader is None:
        return RedirectResponse("/sign-in?next=/breaches", 303)
    request.state.reader = reader
    asked = {name: request.query_params.get(name, "").strip()[:64] for name in ("case", "from", "to", "before")}
    wrong, found = "", Register((), None, app.clock.now())
    try:
        between = _day("from", asked["from"]), _day("to", asked["to"], after=DAY)
        before = int(asked["before"]) if asked["before"].isascii() and asked["before"].isdigit() else None
        found = readings_breaches.register(app, asked["case"] or None, between, before)
    except (Invalid, Unknown) as error:
        wrong = f"{error}."
    return page(
        request,
        "breaches.html",
        422 if wrong else 200,
        as_of=found.as_of,
        asked=asked,
        wrong=wrong[:1].upper() + wrong[1:],
        found=found,
        non_compliant=readings_breaches.non_compliant(app),
    )


def _day(name: str, text: str, after: timedelta = timedelta(0)) -> datetime | None:
    """Read a day of the form as local midnight; the end of a span is the midnight after it."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d") if text else None  # noqa: DTZ007 - a local day, placed below
    except ValueError:
        return instant(name, text)
    return (day + after).replace(tzinfo=LOCAL) if day else None
