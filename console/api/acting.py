"""Acting up and temporary cover by the API, and the table of permissions."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from console import permissions_shown
from console.access import known
from console.api import forms
from console.api.cases import KNOWN, Vigil
from console.bodies import RECORD_BYTES, as_json, read_body
from policy.errors import Fault, Forbidden, Invalid
from policy.terms import Route
from runtime import door_acting

router = APIRouter(prefix="/api/v1", tags=["force"])
COVER = {
    "person": "sgt-s",
    "role": "duty_inspector",
    "rank": "inspector",
    "area": "stoke",
    "from": "2026-01-10T19:00:00Z",
    "to": "2026-01-11T07:00:00Z",
    "by": "insp-a",
    "reason": "Covers the night for the inspector, who is at court",
}


@router.get("/roster/acting", dependencies=KNOWN)
def get_acting(app: Vigil) -> JSONResponse:
    """List acting up and temporary cover that is not over."""
    return JSONResponse(door_acting.cover(app))


@router.post("/roster/acting", status_code=201, openapi_extra=forms.body("application/json", COVER))
async def grant_acting(request: Request, app: Vigil) -> JSONResponse:
    """Let a person act in a role and rank for a time: granted by an inspector or above of that rank, never by oneself.

    The rank follows the role unless it is given.
    """
    raw, by = await _said(request)
    return JSONResponse(await run_in_threadpool(door_acting.act_up, app, raw, by, Route.API), 201)


@router.post("/roster/acting/{number}/end", openapi_extra=forms.body("application/json", {"by": "insp-a"}))
async def end_acting(request: Request, number: int, app: Vigil) -> JSONResponse:
    """Let cover end now."""
    _, by = await _said(request)
    return JSONResponse(await run_in_threadpool(door_acting.end_acting, app, number, by, Route.API))


@router.get("/permissions", dependencies=KNOWN)
def get_permissions() -> JSONResponse:
    """Give the table of permissions: what each role may do, and what the words mean."""
    return JSONResponse(permissions_shown.as_json())


async def _said(request: Request) -> tuple[dict[str, object], str]:
    """Read a body and who says it: a person for themselves, a machine for whom it names."""
    caller = await run_in_threadpool(known, request)
    raw = as_json(await read_body(request, RECORD_BYTES) or b"{}")
    if not isinstance(raw, dict):
        raise Invalid("the body has faults", [Fault("body", "is not an object", 'send {"by": "insp-a", ...}')])
    by = str(raw.pop("by", None) or caller.person or "").strip()
    if not by:
        raise Invalid("the body has faults", [Fault("by", "is missing", "name the roster id of whoever says so")])
    if caller.person is not None and by != caller.person:
        raise Forbidden("a person speaks for themselves; only a system's token may speak for others")
    return raw, by
