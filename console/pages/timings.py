"""Timings: the packs and what waits for a second person, a pack's steps with their numbers, and its history."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from console import packs, revising, timings
from console.api.cases import Vigil
from console.pages.visitor import reader
from console.templating import page
from runtime import readings_revisions

router = APIRouter(prefix="/timings")


@router.get("")
def show(request: Request, app: Vigil) -> Response:
    """Show which pack is in force in which revision, and what waits for approval."""
    caller = reader(request)
    return page(
        request,
        "timings.html",
        as_of=app.clock.now(),
        packs=timings.packs(app),
        waits=timings.waits(app),
        rights=timings.rights_of(app, caller.person),
    )


@router.get("/{pack}")
def show_pack(request: Request, pack: str, app: Vigil) -> Response:
    """Show the steps of a pack in the procedure's order, each with its numbers."""
    caller = reader(request)
    held = packs.find(app, pack)
    return page(
        request,
        "timings_pack.html",
        as_of=app.clock.now(),
        held=held,
        pack=held.pack,
        latest=timings.standing(app, pack),
        stages=list(timings.stages(held)),
        rights=timings.rights_of(app, caller.person),
    )


@router.get("/{pack}/history")
def show_history(request: Request, pack: str, app: Vigil) -> Response:
    """Show every revision of a pack: what, who, when and why."""
    reader(request)
    known = readings_revisions.history(app, pack)
    return page(request, "timings_history.html", as_of=app.clock.now(), pack=app.packs[pack], known=known)


@router.get("/{pack}/export")
def export(request: Request, pack: str, app: Vigil, revision: str = "") -> Response:
    """Give the whole pack as a file, to be edited and proposed back."""
    reader(request)
    number = revising.number_of("revision", revision)
    text = readings_revisions.exported(app, pack, number)
    named = {"Content-Disposition": f'attachment; filename="{pack}{f"-{number}" if number else ""}.toml"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=named)


@router.get("/{pack}/diff")
def show_diff(
    request: Request, pack: str, app: Vigil, from_: Annotated[str, Query(alias="from")] = "", to: str = ""
) -> Response:
    """Show what differs between two revisions, in words."""
    reader(request)
    app.shelf.must_have(pack)
    lines = revising.diff(app, pack, from_, to).body
    held = packs.find(app, pack)
    shown = {"lines": timings.diff_lines(held.pack, lines), "others": lines["others"]}
    return page(request, "timings_diff.html", as_of=app.clock.now(), pack=held.pack, diff=lines, shown=shown)
