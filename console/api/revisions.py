"""Revisions of packs: proposed, previewed, approved by another person, withdrawn (contract section 8)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from console import revising
from console.access import Caller, known
from console.api import forms
from console.api.cases import KNOWN, Vigil
from console.bodies import RECORD_BYTES, as_json, read_body
from policy.terms import Route
from runtime import preview, readings_revisions

router = APIRouter(prefix="/api/v1/packs/{pack}", tags=["revisions"])
MOST_AT_ONCE = 2_000  # past cases that a preview by the API plays while its caller waits
REVISION: Final[dict[str, Any]] = {
    "base": 1,
    "changes": [{"step": "notify_local_supervisor", "field": "due", "risk": "medium", "value": "7m"}],
    "reason": "Ten minutes were too long on three nights in May",
    "effective_from": None,
    "applies_to": "live_and_new",
    "by": "adm-1",
}
BY: Final[dict[str, Any]] = {"by": "sup-1"}
WITHDRAWAL: Final[dict[str, Any]] = {"by": "sup-1", "reason": "It told people twice"}
Who = Annotated[Caller, Depends(known)]
Number = Annotated[int, Path(ge=1, le=10**9)]


async def _body(request: Request) -> Mapping[str, Any]:
    body = await read_body(request, RECORD_BYTES)
    raw = as_json(body) if body.strip() else {}
    return raw if isinstance(raw, dict) else {}


@router.get("/revisions", dependencies=KNOWN)
def show_history(pack: str, app: Vigil) -> JSONResponse:
    """List every revision of a pack, the newest first: who, when, why, and which is in force."""
    return JSONResponse(readings_revisions.history(app, pack))


@router.post("/revisions", status_code=201, openapi_extra=forms.body("application/json", REVISION))
async def propose(request: Request, pack: str, app: Vigil, caller: Who) -> JSONResponse:
    """Propose edited numbers (`changes`) or a whole pack (`text`, TOML); another person approves."""
    raw = await _body(request)
    by = revising.speaker(caller, raw)
    reply = await run_in_threadpool(revising.propose, app, pack, raw, by, Route.API)
    where = {"Location": f"/api/v1/packs/{pack}/revisions/{reply.body['revision']}"}
    return JSONResponse(reply.body, reply.status, where)


@router.post("/revisions/preview", openapi_extra=forms.body("application/json", REVISION))
@router.post("/preview", openapi_extra=forms.body("application/json", REVISION))
async def show_preview(
    request: Request,
    pack: str,
    app: Vigil,
    caller: Who,
    cases: Annotated[int, Query(ge=1, le=MOST_AT_ONCE, description="past cases to play")] = preview.AT_ONCE,
) -> JSONResponse:
    """Say what a revision would do to open cases, to past ones and to sense; nothing is stored, nobody is told."""
    raw = await _body(request)
    if caller.person is not None and raw.get("by"):
        revising.speaker(caller, raw)
    reply = await run_in_threadpool(revising.preview_of, app, pack, raw, cases)
    return JSONResponse(reply.body, reply.status)


@router.get("/revisions/{number}", dependencies=KNOWN)
def show_one(pack: str, number: Number, app: Vigil) -> JSONResponse:
    """Show one revision, with what differs from the one that it changes."""
    return JSONResponse(revising.one(app, pack, number).body)


@router.get("/revisions/{number}/export", dependencies=KNOWN)
def export(pack: str, number: Number, app: Vigil) -> Response:
    """Give the whole pack in one revision as TOML, to be edited and proposed back as `text`."""
    return Response(readings_revisions.exported(app, pack, number), media_type="text/plain; charset=utf-8")


@router.post("/revisions/{number}/approve", openapi_extra=forms.body("application/json", BY))
async def approve(request: Request, pack: str, number: Number, app: Vigil, caller: Who) -> JSONResponse:
    """Approve a revision; never by whoever proposed it, and only by a rank that answers for what it changes."""
    by = revising.speaker(caller, await _body(request))
    reply = await run_in_threadpool(revising.approve, app, pack, number, by, Route.API)
    return JSONResponse(reply.body, reply.status)


@router.post("/revisions/{number}/withdraw", openapi_extra=forms.body("application/json", WITHDRAWAL))
async def withdraw(request: Request, pack: str, number: Number, app: Vigil, caller: Who) -> JSONResponse:
    """Withdraw a revision: from now on no case begins under it, and open ones go to the one in force."""
    raw = await _body(request)
    by = revising.speaker(caller, raw)
    reply = await run_in_threadpool(revising.withdraw, app, pack, number, raw, by, Route.API)
    return JSONResponse(reply.body, reply.status)


@router.get("/diff", dependencies=KNOWN)
def show_diff(
    pack: str,
    app: Vigil,
    from_: Annotated[str | None, Query(alias="from", description="a revision; the one that `to` changes")] = None,
    to: Annotated[str | None, Query(description="a revision; the newest approved one")] = None,
) -> JSONResponse:
    """Say what differs between two revisions: each number before and after, all else in words."""
    return JSONResponse(revising.diff(app, pack, from_, to).body)
