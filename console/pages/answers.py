"""The page behind a link: reading it changes nothing, only sending its form answers."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from console.answering import answer, message_of
from console.api.cases import Vigil
from console.asked import Asked
from console.bodies import FORM_BYTES, as_form, read_body
from console.brief import brief_of
from console.templating import page
from policy.errors import Forbidden, Unknown
from policy.pack import Notification
from policy.terms import Decision, Route
from runtime.app import App
from runtime.links import Link

router = APIRouter()
INBOX = "inbox"  # a personal link's attempt key is inbox/<person>: it opens an inbox and answers no message
INBOX_FOR = timedelta(hours=12)


async def form_of(request: Request) -> dict[str, str]:
    """Read the form that a page sent."""
    posted = dict(as_form(await read_body(request, FORM_BYTES)))
    request.state.posted = posted  # what a session that ran out must not lose
    return posted


Form = Annotated[dict[str, str], Depends(form_of)]


@router.api_route("/a/{token}", methods=["GET", "HEAD"])
def show(request: Request, token: str, app: Vigil) -> HTMLResponse:
    """Show what is asked. Mail scanners fetch links: nothing is changed, acknowledged or noted here."""
    link = _link(app, token)
    asked, notification = _message(app, link)
    said = " ".join(dict.fromkeys(given.said(app.clock.now()) + "." for given in asked.given))
    return _page(request, app, token, asked, notification, said)


@router.post("/a/{token}")
def take(request: Request, token: str, app: Vigil, form: Form) -> HTMLResponse:
    """Take the answer of the person whose link it is."""
    link = _link(app, token)
    _, notification = _message(app, link)
    answered = answer(app, link.attempt_key, link.person, form, Route.LINK)
    return _page(request, app, token, answered.asked, notification, answered.said + ".")


def personal_link(app: App, person: str) -> str:
    """Give the address of a person's inbox, signed for half a day."""
    token = app.links.make(f"{INBOX}/{person}", person, app.clock.now() + INBOX_FOR)
    return f"/inbox?t={token}"


def _link(app: App, token: str) -> Link:
    link = app.links.read(token)
    if link.attempt_key.startswith(f"{INBOX}/"):
        raise Forbidden("this link opens an inbox and answers nothing by itself")
    return link


def _message(app: App, link: Link) -> tuple[Asked, Notification]:
    try:
        return message_of(app, link.attempt_key, link.person)
    except Unknown:
        raise Unknown("the message of this link is not here any more; open your inbox") from None


def _page(request: Request, app: App, token: str, asked: Asked, notification: Notification, said: str) -> HTMLResponse:
    only_seen = [given.decision for given in asked.given] == [Decision.ACKNOWLEDGE]
    may_accept = any(offer.decision is Decision.ACCEPT for offer in asked.offers)
    follow = "That you own the case is not said yet: accept it below." if only_seen and may_accept else ""
    return page(
        request,
        "answer.html",
        asked=asked,
        brief=brief_of(app, asked.case).without_words() if asked.hands_over else None,
        notification=notification,
        said=said,
        next_says=follow,
        wrong="",
        action=f"/a/{token}",
        inbox=personal_link(app, asked.person),
        as_of=app.clock.now(),
    )
