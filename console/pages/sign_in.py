"""Signing in and out."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.access import COOKIE, SESSION, access_of, csrf_fits
from console.pages.answers import Form
from console.templating import page
from policy.errors import Forbidden

router = APIRouter()


def way_on(address: str) -> str:
    """Give a page of ours to go on to; anything that leads elsewhere becomes the list of cases."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if ours and address.isprintable() else "/"


@router.get("/sign-in")
def show(request: Request) -> HTMLResponse:
    """Show the form."""
    return _form(request, way_on(request.query_params.get("next", "/")), "")


@router.post("/sign-in")
def take(request: Request, form: Form) -> Response:
    """Begin a session when user name and password fit."""
    access = access_of(request)
    following = way_on(form.get("next", "/"))
    if not access.form_token_fits(form.get("csrf", "")):
        return _form(request, following, "The page had been open too long. Sign in again.", 403)
    account = access.sign_in(form.get("user", "").strip(), form.get("password", ""))
    if account is None:
        return _form(request, following, "User name or password is wrong.", 401)
    answer = RedirectResponse(following, 303)
    answer.set_cookie(
        COOKIE,
        access.begin(account),
        max_age=int(SESSION.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/sign-out")
def leave(request: Request, form: Form) -> Response:
    """End the session."""
    reader = access_of(request).reader(request)
    if reader is not None and not csrf_fits(reader, form.get("csrf", "")):
        raise Forbidden("this form did not come from your own page")
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _form(request: Request, following: str, wrong: str, status: int = 200) -> HTMLResponse:
    csrf = access_of(request).form_token()
    return page(request, "sign_in.html", status, csrf=csrf, next=following, wrong=wrong)
