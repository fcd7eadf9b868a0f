"""One revision: who proposed it and why, what it would do as of now, and the second person's word."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console import packs, revising, timings
from console.access import Caller
from console.api.cases import Vigil
from console.pages.answers import Form
from console.pages.timings_change import shown_of
from console.pages.visitor import author, reader
from console.problems import problem_of
from console.templating import page
from policy.errors import Invalid, Refused, Stale, VigilError
from policy.terms import Route
from runtime import preview, readings_revisions
from runtime.app import App
from runtime.readings import Json
from store import revisions
from store.revisions import PROPOSED, Revision

router = APIRouter(prefix="/timings/{pack}/revisions")
SAID = {
    "proposed": "Proposed. It changes nothing until another person has approved it.",
    "approved": "Approved.",
    "withdrawn": "Withdrawn.",
}


@dataclass(frozen=True)
class Heard:
    """What the page answers to: what was just done, or what was refused and with what typed."""

    said: str = ""
    error: VigilError | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@router.get("/{number}")
def show(request: Request, pack: str, number: int, app: Vigil, said: str = "") -> Response:
    """Show a revision; one that waits with what it would do now."""
    return _page(request, app, reader(request), _revision(app, pack, number), Heard(SAID.get(said, "")))


@router.post("/{number}")
def take(request: Request, pack: str, number: int, app: Vigil, posted: Form) -> Response:
    """Approve or withdraw it; what is refused is said in words."""
    caller, by = author(request, posted)
    made = _revision(app, pack, number)
    try:
        if posted.get("decision") == "approve":
            revising.approve(app, pack, number, by, Route.CONSOLE)
            done = "approved"
        else:
            revising.withdraw(app, pack, number, {"reason": posted.get("reason", "")}, by, Route.CONSOLE)
            done = "withdrawn"
    except (Invalid, Refused, Stale) as error:
        status = 422 if isinstance(error, Invalid) else 409
        return _page(request, app, caller, made, Heard(error=error, typed=posted, status=status))
    return RedirectResponse(f"/timings/{pack}/revisions/{number}?said={done}", 303)


def _revision(app: App, pack: str, number: int) -> Revision:
    with app.sessions.reading() as s:
        return revisions.get(s, pack, number)


def _page(request: Request, app: App, caller: Caller, made: Revision, heard: Heard) -> Response:
    with app.sessions.reading() as s:
        followed = revisions.followed(s).get((made.pack, made.number), 0)
        in_force = revisions.effective(s, made.pack, app.clock.now()) == made.number
    held = packs.find(app, made.pack)
    diff = readings_revisions.differences(app, made.pack, made.base, made.number) if made.base else {"changes": []}
    shown: Json = {"live": None, "past": None, "trouble": None, "running": False, "others": []}
    if made.status == PROPOSED:
        key = preview.of_revision(app, made, caller.person or caller.user)
        kept = preview.look(app, key)
        shown = shown_of(app, kept, preview.as_body(made, app.clock.now()), but=made.number)
    return page(
        request,
        "timings_revision.html",
        heard.status,
        as_of=app.clock.now(),
        made=made,
        in_force=in_force,
        followed=followed,
        said=heard.said,
        error=problem_of(heard.error).body if heard.error else None,
        typed=heard.typed,
        rights=timings.rights_of(app, caller.person),
        others_changed=diff.get("others", []),
        **{**shown, "pack": held.pack, "changes": timings.diff_lines(held.pack, diff)},
    )
