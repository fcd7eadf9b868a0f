"""Signing in and out; breaking the glass."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.access import access_of, csrf_fits
from console.kept_forms import send_now, sign_in_page, unseal
from console.pages.answers import Form
from console.pages.signed_out import signed_out
from console.sessions import begin_for, end_for
from console.templating import page
from policy.errors import Busy, Forbidden
from policy.signing_in import How
from store.accounts import Account

router = APIRouter()
LONGEST_REASON = 500
_OPEN_TOO_LONG = "The page had been open too long. Sign in again."


def way_on(address: str) -> str:
    """Give a page of ours to go on to; anything that leads elsewhere becomes the list of cases."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return address if ours and address.isprintable() else "/"


@router.get("/sign-in")
def show(request: Request) -> HTMLResponse:
    """Show the form."""
    return sign_in_page(request, way_on(request.query_params.get("next", "/")))


@router.post("/sign-in")
def take(request: Request, form: Form) -> Response:
    """Begin a session when user name and password fit."""
    access = access_of(request)
    following, kept, user = way_on(form.get("next", "/")), form.get("kept", ""), form.get("user", "").strip()
    if not (_from_here(request) and access.form_token_fits(form.get("csrf", ""))):
        return sign_in_page(request, following, _OPEN_TOO_LONG, user, status=403, kept=kept)
    address = request.client.host if request.client else ""
    try:
        account = access.sign_in(user, form.get("password", ""), address)
    except Busy as error:
        answer = sign_in_page(request, following, f"{error}.", user, status=429, kept=kept)
        answer.headers["Retry-After"] = str(error.retry_after_s)
        return answer
    if account is None:
        return sign_in_page(request, following, "User name or password is wrong.", user, status=401, kept=kept)
    if account.break_glass:
        return _ask_reason(request, account, following, kept)
    return begin_for(request, account, How.PASSWORD, following, kept=kept)


@router.post("/sign-in/go-on")
def go_on(request: Request, form: Form) -> Response:
    """Go on with a form that was kept, for its sender who has signed in meanwhile in another window."""
    following, kept = way_on(form.get("next", "/")), form.get("kept", "")
    found, reader = unseal(request.app.state.vigil, kept), access_of(request).reader(request)
    if found is None or reader is None or reader.user != found.user:
        wrong = "You are not signed in yet with the name that you had before."
        return sign_in_page(request, following, wrong, status=401, kept=kept)
    return send_now(request, found, reader)


@router.post("/sign-in/break-glass")
def break_glass(request: Request, form: Form) -> Response:
    """Begin the session of a sealed account once it says why; this rings an alarm."""
    access = access_of(request)
    following, kept, reason = way_on(form.get("next", "/")), form.get("kept", ""), form.get("reason", "").strip()
    account = access.account(form.get("user", ""))
    proven = account is not None and access.form_token_fits(form.get("csrf", ""), _said(account))
    if account is None or account.disabled_at is not None or not (_from_here(request) and proven):
        return sign_in_page(request, following, _OPEN_TOO_LONG, status=403, kept=kept)
    if not reason or len(reason) > LONGEST_REASON:
        wrong = f"Enter a reason of up to {LONGEST_REASON} letters: why the usual way in cannot be used"
        return _ask_reason(request, account, following, kept, typed=reason, wrong=wrong)
    return begin_for(request, account, How.BREAK_GLASS, following, kept=kept, reason=reason)


@router.post("/sign-out")
def leave(request: Request, form: Form) -> Response:
    """End the session."""
    reader = access_of(request).reader(request)
    if reader is not None and not csrf_fits(reader, form.get("csrf", "")):
        raise Forbidden("this form did not come from your own page")
    way_out = signed_out(request, reader) if reader is not None else None
    return end_for(request, way_out or RedirectResponse("/sign-in", 303))


def _from_here(request: Request) -> bool:
    """Tell whether the browser says that the form is of a page of ours; where it says nothing, the token must do."""
    return request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}


def _ask_reason(
    request: Request, account: Account, following: str, kept: str, *, typed: str = "", wrong: str = ""
) -> HTMLResponse:
    carried = {
        "csrf": access_of(request).form_token(_said(account)),
        "user": account.user,
        "next": following,
        "kept": kept,
    }
    return page(request, "break_glass.html", 422 if wrong else 200, carried=carried, typed=typed, wrong=wrong)


def _said(account: Account) -> str:
    """Give what the second page stands for: that the password of this account, as it is now, was right."""
    return f"break_glass {account.user} {account.password_hash}"
