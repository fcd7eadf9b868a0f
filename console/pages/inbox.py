"""A person's inbox: what was sent to them, what is still asked, and answering it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.access import access_of, csrf_fits
from console.answering import answer
from console.api.cases import Vigil
from console.cards import inbox_of
from console.overdue import overdue_for
from console.pages.answers import INBOX, Form
from console.templating import page
from policy.errors import Forbidden, Unauthorised
from policy.terms import Route
from runtime.app import App

router = APIRouter()


@dataclass(frozen=True)
class Reader:
    """Whose inbox it is: by session, or by a personal link."""

    person: str
    csrf: str
    personal: str


@router.get("/inbox")
def show(request: Request, app: Vigil, t: str = "") -> Response:
    """Show the inbox of whoever is signed in, or of the person of a personal link."""
    try:
        reader = reader_of(request, app, t)
    except Unauthorised:
        return RedirectResponse("/sign-in?next=/inbox", 303)
    return _page(request, app, reader, "")


@router.post("/inbox")
def take(request: Request, app: Vigil, form: Form) -> HTMLResponse:
    """Take an answer from the inbox."""
    reader = reader_of(request, app, form.get("t", ""))
    caller = access_of(request).reader(request)
    if not reader.personal and (caller is None or not csrf_fits(caller, form.get("csrf", ""))):
        raise Forbidden("this form did not come from your own page; open the inbox again and answer there")
    answered = answer(app, form.get("key", ""), reader.person, form, Route.INBOX)
    return _page(request, app, reader, f"{answered.asked.case}: {answered.said}.")


def reader_of(request: Request, app: App, token: str) -> Reader:
    """Say whose inbox is asked for; raise Unauthorised when nobody says so."""
    if token:
        link = app.links.read(token)
        if link.attempt_key != f"{INBOX}/{link.person}":
            raise Forbidden("this link is for one message; it opens no inbox")
        return Reader(link.person, "", token)
    caller = access_of(request).reader(request)
    if caller is None or caller.person is None:
        raise Unauthorised("sign in, or open the inbox from a message that was sent to you")
    request.state.reader = caller
    return Reader(caller.person, caller.csrf, "")


def _page(request: Request, app: App, reader: Reader, said: str) -> HTMLResponse:
    inbox = inbox_of(app, reader.person)
    return page(
        request,
        "inbox.html",
        person=reader.person,
        said=said,
        inbox=inbox,
        overdue_cases=overdue_for(app, reader.person),
        action="/inbox",
        csrf=reader.csrf,
        personal=reader.personal,
        as_of=app.clock.now(),
    )
