"""A person's session in the browser: it begins with a cookie of its own, and ends for good."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from console.access import SESSION, access_of, cookie_of
from console.kept_forms import send_now, unseal
from policy.signing_in import How
from runtime import doors
from runtime.app import App
from store.accounts import Account


def begin_for(
    request: Request, account: Account, how: How, following: str = "/", *, kept: str = "", reason: str | None = None
) -> Response:
    """Begin a session for whoever has shown who they are, and lead them on: to `following`, or to the form they kept.

    A session that the browser brought along is ended, never taken over.
    """
    app: App = request.app.state.vigil
    access = access_of(request)
    end_brought(request)
    secret = access.begin(account, how, reason)
    form, reader = unseal(app, kept) if kept else None, access.person_of(secret)
    answer: Response = RedirectResponse(following, 303)
    if form is not None and reader is not None and form.user == account.user:
        answer = send_now(request, form, reader)
    answer.set_cookie(
        cookie_of(request),
        secret,
        max_age=int(SESSION.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


def end_for(request: Request, answer: Response) -> Response:
    """End the session of the request, and let the answer take its cookie away."""
    end_brought(request)
    answer.delete_cookie(
        cookie_of(request), path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )
    return answer


def end_brought(request: Request) -> None:
    """End the session that the browser brought along, if there is one."""
    secret = request.cookies.get(cookie_of(request))
    if secret:
        doors.end_session(request.app.state.vigil, secret)
