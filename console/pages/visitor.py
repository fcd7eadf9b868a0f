"""Who reads a page, and who sends one of its forms; a form whose session ran out is kept (`console.kept_forms`)."""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import RedirectResponse

from console.access import Caller, access_of, csrf_fits
from policy.errors import Forbidden, Unauthorised


class SignInFirst(Exception):
    """Nobody is signed in: the sign-in page leads back to here."""


def reader(request: Request) -> Caller:
    """Give who reads; raise SignInFirst when nobody is signed in."""
    caller: Caller | None = access_of(request).reader(request)
    if caller is None:
        raise SignInFirst
    request.state.reader = caller
    return caller


def to_sign_in(request: Request, _error: Exception) -> RedirectResponse:
    """Lead to the sign-in page and back."""
    return RedirectResponse(f"/sign-in?next={request.url.path}", 303)


def author(request: Request, posted: Mapping[str, str]) -> tuple[Caller, str]:
    """Give who sends a form, and their roster id; raise Unauthorised or Forbidden, upon which the form is kept."""
    caller = access_of(request).reader(request)
    if caller is None or caller.person is None:
        raise Unauthorised("sign in: what you typed is kept")
    request.state.reader = caller
    if not csrf_fits(caller, posted.get("csrf", "")):
        raise Forbidden("this form did not come from your own page; open it again and send it there")
    return caller, caller.person
