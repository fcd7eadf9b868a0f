"""Signing out of the force's service after Vigil: on a machine that many use, the next must not come in as you."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from console.access import Caller
from console.oidc import SignInService
from console.oidc_service import NoSignInError
from console.templating import page
from policy.signing_in import How


def signed_out(request: Request, caller: Caller) -> HTMLResponse | None:
    """Send whoever came by the force's service there to be signed out too; None for others, or while it is silent.

    A form of ours may lead nowhere else (Content-Security-Policy), so a page of ours leads on.
    """
    service: SignInService | None = request.app.state.oidc
    try:
        address = service.way_out() if service is not None and caller.how is How.OIDC else None
    except NoSignInError:
        return None
    if address is None:
        return None
    answer = page(request, "signed_out.html", address=address)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer
