"""The alarms as a page: what stands first, who hears it and since when; whoever has seen to one clears it here."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import Caller, access_of, csrf_fits
from console.api.cases import Vigil
from console.evidence.may import on_duty
from console.pages.answers import Form
from console.templating import page
from policy.alarms import ENDS_WITH_ITS_CAUSE, read_seen_to
from policy.errors import Fault, Forbidden, Invalid, Unauthorised
from policy.terms import Route
from runtime import doors, readings_alarms
from runtime.app import App
from store import roster
from store.alarms import Rung

router = APIRouter()


@router.get("/alarms")
def show(request: Request, app: Vigil) -> Response:
    """Show the alarms to whoever is signed in."""
    reader = access_of(request).reader(request)
    if reader is None:
        return RedirectResponse("/sign-in?next=/alarms", 303)
    return _page(request, app, reader, "")


@router.post("/alarms")
def clear(request: Request, app: Vigil, form: Form) -> Response:
    """Clear an alarm that the reader has seen to."""
    reader = access_of(request).reader(request)
    if reader is None or reader.person is None:
        raise Unauthorised("sign in; whoever clears an alarm says so by name")
    if not csrf_fits(reader, form.get("csrf", "")):
        raise Forbidden("this form did not come from your own page; open the alarms again and clear it there")
    number = form.get("alarm", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Invalid("the alarm was not cleared", [Fault("alarm", "is no number", "open the alarms again")])
    by, reason = read_seen_to({"by": reader.person, "reason": form.get("reason", "")})
    hands = _hands(app, by, readings_alarms.alarms_of(app).standing)
    named = form.get("by", "")
    by = named if int(number) in hands.examples and named in dict(hands.others) else by
    rung = doors.clear_alarm(app, int(number), by, route=Route.CONSOLE, reason=reason)
    return _page(request, app, reader, f"Cleared: {rung.key.replace('_', ' ')}.")


@dataclass(frozen=True)
class Hands:
    """Who may clear: the reader, or, of the alarms about an example, anybody on duty whom the reader plays."""

    may: bool
    others: tuple[tuple[str, str], ...]
    examples: frozenset[int]


def _hands(app: App, person: str | None, standing: tuple[Rung, ...]) -> Hands:
    now = app.clock.now()
    with app.sessions.reading() as s:
        rules = app.rules(s)
        known = roster.snapshot(s, now).apart(rules.forces)
    if person is not None and known.rank_of(person) is not None:
        return Hands(bool(known.duties_of(person, now)), (), frozenset())
    others = on_duty(known, rules, now)
    return Hands(False, others, readings_alarms.of_examples(app, standing) if others else frozenset())


def _page(request: Request, app: App, reader: Caller, said: str) -> Response:
    request.state.reader = reader
    found = readings_alarms.alarms_of(app)
    return page(
        request,
        "alarms.html",
        as_of=app.clock.now(),
        standing=found.standing,
        cleared=found.cleared,
        hands=_hands(app, reader.person, found.standing),
        ends=ENDS_WITH_ITS_CAUSE,
        csrf=reader.csrf,
        said=said,
    )
