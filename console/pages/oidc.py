"""Signing in with the force's own account: there, back, and out again."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from console.oidc import BACK, PATIENCE, Identity, SignInService
from console.oidc_service import NoSignInError, Service
from console.pages.sign_in import way_on
from console.sessions import begin_for
from console.templating import page
from policy.errors import Refused, Unknown
from policy.signing_in import How
from runtime import doors
from runtime.app import App
from runtime.door_force_account import NO_ROLE
from runtime.oidc_setting import ROLES

router = APIRouter()
FLOW = "vigil_oidc"  # the cookie between there and back
PATH = "/sign-in/oidc"

log = structlog.get_logger(__name__)


def service_of(app: App) -> SignInService | None:
    """Give the force's sign-in service, None where the settings name none; it is asked when somebody signs in."""
    issuer = app.settings.oidc_issuer
    return None if issuer is None else SignInService(app, Service(issuer, app.clock.wall))


@router.get(PATH)
def go(request: Request) -> Response:
    """Send the browser to the force's sign-in service."""
    try:
        address, kept = _service(request).begin(request.query_params.get("next", "/"))
    except NoSignInError as error:
        return _not_in(request, error)
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https"
    lasts = int(PATIENCE.total_seconds())
    answer.set_cookie(flow_of(request), kept, max_age=lasts, httponly=True, samesite="lax", secure=secure)
    return answer


@router.get(BACK)
def back(request: Request) -> Response:
    """Begin a session for whom the service sends back; the cookie of the way there is good for one answer."""
    app: App = request.app.state.vigil
    answer: Response
    try:
        identity, following = _service(request).finish(request.cookies.get(flow_of(request), ""), request.query_params)
        account = doors.force_account(app, identity.subject, identity.person, _role(app, identity))
    except NoSignInError as error:
        answer = _not_in(request, error)
    except Refused as error:
        log.warning("oidc_refused", reason=error.rule)
        answer = _page(request, error.detail[:1].upper() + error.detail[1:] + ".", 403, error.who_may)
    else:
        answer = begin_for(request, account, How.OIDC, way_on(following))
    secure = request.url.scheme == "https"
    answer.delete_cookie(flow_of(request), httponly=True, samesite="lax", secure=secure)
    return answer


def flow_of(request: Request) -> str:
    """Give the name of the cookie of the way; under https no other host can set it, and so begin a sign-in for us."""
    return f"__Host-{FLOW}" if request.url.scheme == "https" else FLOW


def _service(request: Request) -> SignInService:
    service: SignInService | None = request.app.state.oidc
    if service is None:
        raise Unknown("this Vigil has no sign-in service of a force; sign in with your Vigil account")
    return service


def _role(app: App, identity: Identity) -> str | None:
    """Give the role that a claim gives, NO_ROLE when it gives none, None where claims are not asked for roles."""
    if app.settings.oidc_role_claim is None:
        return None
    given = {role for value, role in app.settings.oidc_roles.items() if value in identity.groups}
    return next((role for role in ROLES if role in given), NO_ROLE)


def _not_in(request: Request, error: NoSignInError) -> HTMLResponse:
    log.warning("oidc_refused", reason=error.cause)
    return _page(request, error.words, error.status)


def _page(request: Request, words: str, status: int, who_may: str = "") -> HTMLResponse:
    return page(request, "not_signed_in.html", status, words=words, silent=status == 503, who_may=who_may)
