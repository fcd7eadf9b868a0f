"""Who looks at a case, by the API or a page: let in, asked why, or refused; each first look is kept."""

import hashlib
from contextlib import suppress
from typing import Annotated, Protocol

from fastapi import Depends, Header, Request

from console.access import Caller, known
from policy.errors import Forbidden, Unknown
from policy.looking import NeedsReason
from policy.terms import Rank, Role, Route
from runtime.app import App
from runtime.door_looked import Looker, look, looked_by_machine, looks
from runtime.readings import Json, iso
from store.looked import Look

SHORT = 16  # characters of what names the link by which somebody came


class Reader(Protocol):
    """Who reads a page: by session, or by a personal link."""

    @property
    def person(self) -> str:
        """Give the roster id."""

    @property
    def personal(self) -> str:
        """Give the link's token, empty by session."""


def looking(
    request: Request,
    case: str,
    caller: Annotated[Caller, Depends(known)],
    x_reason: Annotated[str | None, Header(description="why a case outside the own area must be seen")] = None,
) -> None:
    """Let whoever asks by the API look at a case; a machine is written down by the name of its token."""
    app: App = request.app.state.vigil
    with suppress(Unknown):  # that there is no such case says what is asked, after the faults of its query
        if caller.person is None:
            looked_by_machine(app, case, caller.user, Route.API)
        else:
            look(app, case, looker(caller), Route.API, x_reason)


LOOKING = [Depends(looking)]


def looker(caller: Caller) -> Looker:
    """Give who looks by a session, or by a token of their own."""
    return Looker(caller.person or caller.user, caller.role, caller.sign_in or f"token:{caller.user}")


def look_at_page(request: Request, app: App, ref: str, reader: Reader | None = None) -> None:
    """Let whoever reads a page look at the case that it shows; NeedsReason becomes the question why."""
    if reader is not None and reader.personal:
        _look_by_link(app, ref, reader.person, reader.personal)
    else:
        look(app, ref, looker(request.state.reader), Route.CONSOLE)


def _look_by_link(app: App, ref: str, person: str, token: str) -> None:
    """Let the person of a personal link look at a case of which they were told, or that is theirs to see."""
    name = f"link:{hashlib.sha256(token.encode()).hexdigest()[:SHORT]}"
    try:
        look(app, ref, Looker(person, None, name), Route.LINK)
    except NeedsReason:
        detail = "this link opens the cases of which you were told; sign in, and say why you need to see this one"
        raise Forbidden(detail) from None


def may_see_looks(app: App, caller: Caller) -> bool:
    """Tell whether somebody may see who has looked: inspectors and above, the auditor, an admin's token."""
    if not caller.sign_in:
        return caller.admin
    now = app.clock.now()
    with app.sessions.reading() as s:
        roster = app.roster(s, now)
    rank = roster.rank_of(caller.person or "") or Rank.STAFF
    if rank.weight >= Rank.INSPECTOR.weight:
        return True
    return caller.role is Role.AUDITOR


def listed(app: App, case: str) -> Json:
    """Give who has looked at a case as the API answers it, the newest first."""
    return {"looks": [_shown(one) for one in looks(app, case)]}


def _shown(one: Look) -> Json:
    return {"person": one.person, "at": iso(one.at), "own": one.own, "reason": one.reason, "via": one.via}
