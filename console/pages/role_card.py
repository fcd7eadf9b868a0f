"""The card of a role for whoever has it, and for supervisors who of those on duty has opened theirs."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console import packs, role_cards
from console.api.cases import Vigil
from console.pages.inbox import reader_of
from console.pages.visitor import reader
from console.templating import page
from policy.errors import Unauthorised
from runtime.door_cards import open_card

router = APIRouter(prefix="/packs/{pack}/roles")


@router.get("")
def show_all(request: Request, pack: str, app: Vigil) -> Response:
    """List the roles of a pack; sergeants and above see by roster id who has not opened their card yet."""
    caller = reader(request)
    held, found = role_cards.readers(app, pack)
    named = role_cards.supervises(app, caller.person)
    return page(request, "role_cards.html", as_of=app.clock.now(), pack=held.pack, found=found, named=named)


@router.get("/{role}")
def show(request: Request, pack: str, role: str, app: Vigil, t: str = "") -> Response:
    """Show a card to somebody who is signed in, or who came by a personal link; the first time is written down."""
    try:
        who = reader_of(request, app, t)
    except Unauthorised:
        return RedirectResponse(f"/sign-in?next=/packs/{pack}/roles/{role}", 303)
    held = packs.find(app, pack)
    known = role_cards.role_of(held.pack, role)
    return page(
        request,
        "role_card.html",
        as_of=app.clock.now(),
        pack=held.pack,
        role=known,
        card=held.pack.card(known),
        steps=role_cards.steps_of(held.pack, known),
        parts=role_cards.PARTS,
        opened_at=open_card(app, pack, known, who.person),
        personal=who.personal,
    )
