"""One step's timings: each number with its unit, ceiling, basis and past; what is typed becomes a draft."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console import packs, timings
from console.access import Caller
from console.api.cases import Vigil
from console.pages.answers import Form
from console.pages.visitor import author, reader
from console.templating import page
from console.timing_numbers import OF_ALL, UNITS, Sheet, filled, sheet, with_changes
from policy.errors import Fault, Invalid, Refused, Unknown
from runtime import preview
from runtime.app import App
from runtime.readings import Json
from runtime.shelf import raw_of
from store import revisions
from store.previews import Preview
from store.revisions import FIRST

router = APIRouter(prefix="/timings")
CEILING = "ceiling"


@dataclass(frozen=True)
class Desk:
    """A step as the next change finds it: the numbers of the newest approved revision, `base`."""

    pack: str
    step: str
    base: int
    sheet: Sheet
    draft: str = ""  # the draft that is changed, where there is one
    notice: str = ""

    @property
    def key(self) -> str | None:
        """Give the step's key as a change names it; None for the pack as a whole."""
        return None if self.step == OF_ALL else self.step


@router.get("/{pack}/{step}")
def show(request: Request, pack: str, step: str, app: Vigil, draft: str = "") -> Response:
    """Show the numbers of a step; those of a draft that is to be changed stand in their fields."""
    caller = reader(request)
    desk = desk_of(app, pack, step)
    if draft:
        given = _given(preview.look(app, draft))
        changes = given.get("changes")
        typed = with_changes(desk.sheet, changes if isinstance(changes, list) else [])
        notice = _meanwhile(desk.base) if given.get("base") != desk.base else ""
        desk = replace(desk, sheet=typed, draft=draft, notice=notice)
    return _page(request, app, caller, desk)


@router.post("/{pack}/{step}")
def take(request: Request, pack: str, step: str, app: Vigil, posted: Form) -> Response:
    """Take what was typed: a sound change goes on to *why and when*, the rest comes back as it was typed."""
    caller, by = author(request, posted)
    desk = desk_of(app, pack, step)
    typed, draft = filled(desk.sheet, posted), posted.get("draft", "")
    desk = replace(desk, sheet=typed, draft=draft)
    if posted.get("base") != str(desk.base):
        return _page(request, app, caller, replace(desk, notice=_meanwhile(desk.base)), 409)
    if not (typed.faults or typed.changes):
        typed = replace(typed, faults=(Fault("", "Every number is as it was: change one", ""),))
        desk = replace(desk, sheet=typed)
    if typed.faults:
        return _page(request, app, caller, desk, 422)
    body: Json = {**_kept(app, draft), "base": desk.base, "changes": typed.changes}
    try:
        preview.checked(app, pack, body, for_preview=True)
    except Invalid as error:
        return _page(request, app, caller, replace(desk, sheet=typed.wrong(error.faults, typed.changes)), 422)
    except Refused as error:
        if error.rule != CEILING:
            raise
    key = preview.draft(app, pack, body, by, instead_of=draft)
    return RedirectResponse(f"/timings/preview/{key}/why", 303)


def desk_of(app: App, pack: str, step: str) -> Desk:
    """Give a step's numbers with their past; raise Unknown when there is no such step."""
    app.shelf.must_have(pack)
    with app.sessions.reading() as s:
        base = revisions.latest(s, pack) or FIRST
        raw = raw_of(s, pack, base)
        known = revisions.history(s, pack)
    steps = raw.get("steps")
    if step != OF_ALL and not (isinstance(steps, dict) and step in steps):
        raise Unknown(f"the pack {pack} has no step {step}")
    return Desk(pack, step, base, sheet(raw, None if step == OF_ALL else step, known))


def _given(kept: Preview) -> Mapping[str, object]:
    given = kept.body.get("given")
    return given if isinstance(given, dict) else {}


def _kept(app: App, draft: str) -> Json:
    """Give what a draft says besides its numbers: what was typed on the pages that follow is not lost."""
    if not draft:
        return {"applies_to": "new"}
    given = _given(preview.look(app, draft))
    return {name: value for name, value in given.items() if name not in ("base", "changes", "text")}


def _meanwhile(base: int) -> str:
    return (
        f"Revision {base} was approved since you began. What you typed is still in the fields;"
        " look at the present values beside it, then go on."
    )


def _page(request: Request, app: App, caller: Caller, desk: Desk, status: int = 200) -> Response:
    held = packs.find(app, desk.pack, str(desk.base))
    rule = held.pack.steps.get(desk.step)
    return page(
        request,
        "timings_step.html",
        status,
        as_of=app.clock.now(),
        desk=desk,
        pack=held.pack,
        rule=rule,
        units=UNITS,
        faults=desk.sheet.faults,
        override=held.pack.overrides.get(desk.step),
        in_force=app.packs[desk.pack].revision,
        pending=timings.others(packs.find(app, desk.pack), {desk.step}) if rule else [],
        rights=timings.rights_of(app, caller.person),
    )
