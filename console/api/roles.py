"""The roles of a pack: each one's card, and who of those on duty has read it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from console import packs, role_cards
from console.access import Caller, known
from console.api.cases import Vigil
from policy.errors import Forbidden
from runtime.door_cards import open_card

router = APIRouter(prefix="/api/v1/packs/{pack}/roles", tags=["force"])


@router.get("")
def get_roles(pack: str, app: Vigil, caller: Annotated[Caller, Depends(known)]) -> JSONResponse:
    """Say of each role who of those on duty has opened its card, and who has not; for sergeants and above."""
    if caller.person is not None and not role_cards.supervises(app, caller.person):
        raise Forbidden("who has opened their card is shown to sergeants and above")
    return JSONResponse(role_cards.listing(app, pack))


@router.get("/{role}")
def get_role(
    pack: str,
    role: str,
    app: Vigil,
    caller: Annotated[Caller, Depends(known)],
    revision: Annotated[str | None, Query()] = None,
) -> JSONResponse:
    """Show a role's card: what it must, may and must not do, whom it calls, and its steps with their times.

    A person's first opening is written down.
    """
    held = packs.find(app, pack, revision)
    body = role_cards.view(held, role)
    if caller.person is not None:
        open_card(app, pack, role_cards.role_of(held.pack, role), caller.person)
    return JSONResponse(body)
