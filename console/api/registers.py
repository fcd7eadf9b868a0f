"""What is kept for whoever looks back: the register of breaches; and the lines of both logs as they come in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from console import asking, log_lines
from console.access import Caller, known
from console.api import forms
from console.api.cases import KNOWN, Vigil
from console.bodies import TABLE_BYTES, as_text, read_body
from policy.terms import Route

router = APIRouter(prefix="/api/v1", tags=["registers"])
LOG = (
    "case,serial,at,source,text,by\n"
    "MP-2026-000001,,2026-01-10T19:06:00Z,COMPACT,Tagged to the inspector,op-1\n"
    ",STORM-0456-100126,2026-01-10T19:07:00Z,STORM,Handed to insp-a by telephone,op-1\n"
)


@router.get("/breaches", dependencies=KNOWN)
def show_breaches(
    app: Vigil,
    case: Annotated[str | None, Query()] = None,
    from_: Annotated[str | None, Query(alias="from", description="an instant; deadlines from then on")] = None,
    to: Annotated[str | None, Query(description="an instant; deadlines before it")] = None,
    limit: Annotated[str | None, Query()] = None,
    cursor: Annotated[str | None, Query(description="`next` of the answer before")] = None,
) -> JSONResponse:
    """List the deadlines that passed without their act, the newest first; nothing removes a line."""
    query = {"case": case, "from": from_, "to": to, "limit": limit, "cursor": cursor}
    return JSONResponse(asking.breaches(app, query).body)


@router.post("/log", openapi_extra=forms.body("text/csv", LOG))
async def take_log(
    request: Request, app: Vigil, caller: Annotated[Caller, Depends(known)], case: str | None = None
) -> JSONResponse:
    """Take lines of the force's logs (CSV) into the timelines of their cases; each bad row is said by itself.

    Columns: `case` or `serial`, `at`, `source`, `text`, `by`. With `?case=` every row is about that case.
    """
    text = as_text(await read_body(request, TABLE_BYTES))
    taken = await run_in_threadpool(log_lines.take, app, text, log_lines.Sender(Route.API, caller.person, case))
    return JSONResponse(taken)
