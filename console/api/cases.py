"""Reports and cases: taking them in, saying what happened, reading how they stand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from console import asking, brief
from console.access import Caller, known
from console.api import forms
from console.bodies import RECORD_BYTES, as_json, read_body
from console.looking import LOOKING, listed, may_see_looks
from console.reporting import refuse_unless_may_report
from policy.errors import Forbidden, Refused, TooLarge, Unauthorised, Unreadable
from policy.facts import read_fact
from policy.terms import Route
from runtime import doors, readings, readings_journal
from runtime.app import App

router = APIRouter(prefix="/api/v1", tags=["cases"])
KNOWN = [Depends(known)]
Text = Annotated[str | None, Query()]


def app_of(request: Request) -> App:
    """Give the app that serves the request."""
    app: App = request.app.state.vigil
    return app


Vigil = Annotated[App, Depends(app_of)]


@router.post("/reports", status_code=201, openapi_extra=forms.body("application/json", forms.REPORT))
async def take_report(request: Request, app: Vigil) -> JSONResponse:
    """Take a report in: 201 for a new case, 200 for a record that is there; the body is at the most 1 MiB.

    Whatever is refused rings `intake_refused` at the Force Incident Manager: also a wrong token.
    """
    try:
        caller = await run_in_threadpool(known, request)
        await run_in_threadpool(refuse_unless_may_report, app, caller)
        raw = as_json(await read_body(request, RECORD_BYTES))
    except (Unauthorised, Forbidden, Refused, Unreadable, TooLarge) as error:
        # A feed whose token was changed loses reports as surely as one that sends nonsense.
        await run_in_threadpool(doors.refuse_intake, app, type(error).__name__.lower(), Route.API)
        raise
    by = caller.person or "system"
    reply = await run_in_threadpool(asking.report, app, raw, route=Route.API, by=by)
    headers = {"Location": f"/api/v1/cases/{reply.body['case']}"}
    return JSONResponse(reply.body, reply.status, headers)


class CaseQuery(BaseModel):
    """Which cases are asked for; read as text, so that a wrong word is refused with the words that are right."""

    status: str | None = None
    area: str | None = None
    risk: str | None = None
    overdue: str | None = None
    owner: str | None = None
    q: str | None = Field(default=None, description="part of a reference, source id or serial")
    limit: str | None = None
    cursor: str | None = None


@router.get("/cases", dependencies=KNOWN)
def list_cases(app: Vigil, query: Annotated[CaseQuery, Query()]) -> JSONResponse:
    """List cases, the newest first; `next` is the cursor of the next page, null at the end."""
    reply = asking.cases(app, query.model_dump())
    return JSONResponse(reply.body, reply.status)


@router.get("/cases/{case}", dependencies=LOOKING)
def show_case(case: str, app: Vigil) -> JSONResponse:
    """Show a case: every step with its status, deadline, holder and basis; each change of risk in words."""
    return JSONResponse(asking.case(app, case).body)


@router.post("/cases/{case}/facts", openapi_extra=forms.body("application/json", forms.FACT))
async def take_fact(
    request: Request, case: str, app: Vigil, idempotency_key: Annotated[str | None, Header()] = None
) -> JSONResponse:
    """Say what happened. Acts that a rule forbids are refused (409); information from anybody known never is."""
    caller = await run_in_threadpool(known, request)
    raw = as_json(await read_body(request, RECORD_BYTES))
    if caller.person is not None and read_fact(raw).by != caller.person:
        raise Forbidden("a person speaks for themselves; only a system's token may speak for others")
    key = idempotency_key[:200] if idempotency_key else None
    reply = await run_in_threadpool(asking.fact, app, case, raw, route=Route.API, key=key)
    return JSONResponse(reply.body, reply.status)


@router.get("/cases/{case}/journal", dependencies=LOOKING)
def show_journal(
    case: str,
    app: Vigil,
    caller: Annotated[Caller, Depends(known)],
    after: Annotated[int, Query(ge=0, le=readings.LAST_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=readings.JOURNAL_PAGE)] = readings.JOURNAL_PAGE,
) -> JSONResponse:
    """Show the journal of a case above the sequence number `after`.

    Where a person asked that nobody be told where they are, only an admin reads it in full.
    """
    return JSONResponse(readings_journal.journal(app, case, after, limit, plain=caller.admin))


@router.get("/cases/{case}/explain", dependencies=LOOKING)
def explain_case(case: str, app: Vigil, step: Text = None, occurrence: Text = None) -> JSONResponse:
    """Say of every step why it is due now, and who was told or why nobody was; of one step where one is named."""
    return JSONResponse(asking.explained(app, case, step, occurrence).body)


@router.get("/cases/{case}/messages", dependencies=LOOKING)
def show_messages(case: str, app: Vigil) -> JSONResponse:
    """Show every message of a case: to whom, by which channel, and what came of it."""
    return JSONResponse(readings.messages(app, case))


@router.get("/cases/{case}/owner", dependencies=LOOKING)
def show_owner(case: str, app: Vigil, at: Text = None, step: Text = None) -> JSONResponse:
    """Say who answered for a case, or had one of its steps, at an instant; now when none is given."""
    reply = asking.owner(app, case, at, step)
    return JSONResponse(reply.body, reply.status)


@router.get("/cases/{case}/brief", dependencies=LOOKING)
def show_brief(case: str, app: Vigil) -> JSONResponse:
    """Give the brief of a handover: risk and why, plan, open actions, reporter, hazards, what is awaited."""
    return JSONResponse(brief.as_json(brief.brief_of(app, case)))


@router.get("/cases/{case}/responsible", dependencies=LOOKING)
def show_responsible(case: str, app: Vigil, at: Text = None) -> JSONResponse:
    """Say who answered for a case and who had each action that was open at an instant; and through whose hands."""
    return JSONResponse(asking.responsible(app, case, at).body)


@router.get("/cases/{case}/looks")
def show_looks(case: str, app: Vigil, caller: Annotated[Caller, Depends(known)]) -> JSONResponse:
    """Say who has looked at a case, when and why (DPA 2018 s.62): for inspectors and above, and the auditor."""
    if not may_see_looks(app, caller):
        raise Forbidden("who has looked at a case is for an inspector and above, and for the auditor")
    return JSONResponse(listed(app, case))
