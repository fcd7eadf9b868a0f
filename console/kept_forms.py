"""A form whose session ran out loses nothing: it is carried through the sign-in and sent when its sender says so.

Only a form of a page that we made for the same user is carried: it bears the CSRF token of their earlier session.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse
from itsdangerous import BadData, URLSafeSerializer

from console.access import Caller, access_of, csrf_fits
from console.templating import page
from runtime.app import App
from store import sign_ins

_UNSEEN = frozenset({"csrf", "once", "form", "button", "t", "key", "decision"})  # fields that nobody typed


@dataclass(frozen=True)
class KeptForm:
    """What was typed, where it was going, and whose it is."""

    path: str
    fields: Mapping[str, str]
    user: str

    @property
    def typed(self) -> Mapping[str, str]:
        """Give what a person would know again."""
        return {name: text for name, text in self.fields.items() if text.strip() and name not in _UNSEEN}


def seal(app: App, kept: KeptForm) -> str:
    """Write a form down as one field that only we can have made."""
    return str(_signer(app).dumps([kept.path, dict(kept.fields), kept.user]))


def unseal(app: App, sealed: str) -> KeptForm | None:
    """Read a form that was written down, None for what is not ours."""
    try:
        path, fields, user = _signer(app).loads(sealed)
    except (BadData, ValueError, TypeError):
        return None
    return KeptForm(path, fields, user)


def rescued(request: Request) -> HTMLResponse | None:
    """Give the page that keeps a refused form, None where there is nothing to keep or its session is not the reason."""
    kept = _kept(request)
    if kept is None:
        return None
    reader = access_of(request).reader(request)
    if reader is None:
        return sign_in_page(request, kept.path, status=401, kept=seal(request.app.state.vigil, kept))
    if reader.user != kept.user or csrf_fits(reader, kept.fields["csrf"]):
        return None
    return send_now(request, kept, reader)


def send_now(request: Request, kept: KeptForm, reader: Caller) -> HTMLResponse:
    """Show what was typed, with the button that sends it."""
    request.state.reader = reader
    fields = {**kept.fields, "csrf": reader.csrf}
    return page(request, "send_now.html", path=kept.path, fields=fields, typed=kept.typed)


def sign_in_page(
    request: Request, following: str, wrong: str = "", user: str = "", *, status: int = 200, kept: str = ""
) -> HTMLResponse:
    """Show the sign-in form, with what is carried through it."""
    csrf = access_of(request).form_token()
    shown = {"csrf": csrf, "next": following, "wrong": wrong, "user": user, "kept": kept}
    return page(request, "sign_in.html", status, force=request.app.state.oidc is not None, **shown)


def _kept(request: Request) -> KeptForm | None:
    posted: Mapping[str, str] = getattr(request.state, "posted", {})
    if "csrf" not in posted or request.url.path.startswith("/sign-"):
        return None
    app: App = request.app.state.vigil
    with app.sessions.reading() as s:
        earlier = sign_ins.of_csrf(s, posted["csrf"])
    if earlier is None:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return KeptForm(request.url.path + query, posted, earlier.user)


def _signer(app: App) -> URLSafeSerializer:
    return URLSafeSerializer(app.keys.link_secret, salt="vigil.kept_form.1")
