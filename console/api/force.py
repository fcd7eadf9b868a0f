"""What belongs to the force and not to a case: roster, clock, alarms, packs."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from console import duty, packs
from console.access import Caller, known
from console.api import forms
from console.api.cases import KNOWN, Vigil
from console.bodies import RECORD_BYTES, TABLE_BYTES, as_flag, as_json, as_text, read_body
from policy.alarms import read_seen_to
from policy.errors import Forbidden
from policy.terms import Route
from runtime import doors, readings, readings_alarms
from runtime.door_forms import refuse_withdrawn

router = APIRouter(prefix="/api/v1", tags=["force"])


@router.put("/roster", openapi_extra=forms.body("text/csv", forms.ROSTER))
async def put_roster(request: Request, app: Vigil, partial: Annotated[str | None, Query()] = None) -> JSONResponse:
    """Put a roster in the place of the one before; a refused row changes nothing unless `partial=true`."""
    caller = await run_in_threadpool(known, request)
    if caller.person is not None and caller.user != "admin":
        raise Forbidden("the roster is put by a system's token or an administrator")
    text = as_text(await read_body(request, TABLE_BYTES))
    some = as_flag("partial", partial)
    by = caller.person or "system"
    reply = await run_in_threadpool(duty.put, app, text, partial=some, route=Route.API, by=by)
    return JSONResponse(reply.body, reply.status)


@router.get("/roster", dependencies=KNOWN)
def get_roster(app: Vigil) -> Response:
    """Give the duties around now; without names and addresses, which are nobody's business here."""
    return JSONResponse(duty.now(app))


@router.get("/clock")
def get_clock(app: Vigil) -> JSONResponse:
    """Say what time it is in the procedure, and how fast it passes."""
    return JSONResponse(readings.clock(app))


@router.get("/board", dependencies=KNOWN)
def get_board(app: Vigil) -> JSONResponse:
    """Give the cases that are not closed as rows: what each awaits, by when, and what happens then."""
    return JSONResponse(readings.board(app))


@router.get("/alarms", dependencies=KNOWN)
def get_alarms(app: Vigil) -> JSONResponse:
    """Give every alarm, the newest first."""
    return JSONResponse(readings_alarms.as_json(app))


@router.post("/alarms/{alarm}/clear", openapi_extra=forms.body("application/json", forms.SEEN_TO))
async def clear_alarm(request: Request, alarm: int, app: Vigil) -> JSONResponse:
    """Clear an alarm that somebody on duty has seen to; one whose cause stands is refused (409)."""
    caller = await run_in_threadpool(known, request)
    by, reason = read_seen_to(as_json(await read_body(request, RECORD_BYTES)))
    if caller.person is not None and by != caller.person:
        raise Forbidden("a person speaks for themselves; only a system's token may speak for others")
    clear = partial(doors.clear_alarm, app, alarm, by, route=Route.API, reason=reason)
    return JSONResponse(readings_alarms.one(await run_in_threadpool(clear)))


@router.get("/packs", dependencies=KNOWN)
def get_packs(app: Vigil) -> JSONResponse:
    """List the packs."""
    return JSONResponse(packs.listing(app))


@router.get("/packs/{pack}", dependencies=KNOWN)
def get_pack(pack: str, app: Vigil, revision: Annotated[str | None, Query()] = None) -> JSONResponse:
    """Show a pack: every step with its times per risk, its ladder and its basis; in force now, or in a revision."""
    return JSONResponse(packs.view(packs.find(app, pack, revision)))


@router.get("/packs/{pack}/steps/{step}")
def get_step(
    pack: str,
    step: str,
    app: Vigil,
    caller: Annotated[Caller, Depends(known)],
    revision: Annotated[str | None, Query()] = None,
) -> JSONResponse:
    """Show one step of a pack, with its form as JSON Schema; one that was withdrawn is not shown any more (409)."""
    held = packs.find(app, pack, revision)
    if revision:
        refuse_withdrawn(app, pack, held.pack.revision, step=step, by=caller.person or caller.user)
    return JSONResponse(packs.step_view(held, step))
