"""The console's web application: API, pages, health and metrics around one app."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from console import kept_forms, problems
from console.access import Access
from console.api import acting, cases, docs, force, health, registers, revisions, roles
from console.guard import Guard
from console.pages import (
    alarms,
    answers,
    board,
    breaches,
    case,
    cover,
    inbox,
    oidc,
    permissions,
    reason,
    replays,
    responsible,
    role_card,
    shift,
    sign_in,
    timings,
    timings_change,
    timings_import,
    timings_revision,
    timings_step,
    visitor,
    what_if,
    why,
)
from console.templating import HERE, wants_page
from console.templating import refusal as refusal_page
from policy.errors import Fault, Forbidden, Unauthorised, VigilError
from policy.looking import NeedsReason
from runtime.app import App

DESCRIPTION = (
    "Vigil keeps watch over a police force's missing-person procedure. Reports and facts go in; cases, messages,"
    " journal and alarms come out. Every refusal is application/problem+json."
)


API = (
    cases.router,
    registers.router,
    force.router,
    revisions.router,
    roles.router,
    acting.router,
    docs.router,
    health.router,
)
PAGES = (
    answers.router,
    inbox.router,
    shift.router,
    case.router,
    reason.router,
    cover.router,
    permissions.router,
    role_card.router,
    why.router,
    responsible.router,
    board.router,
    alarms.router,
    breaches.router,
    timings_change.router,  # before the packs: `preview` is none
    timings_import.router,
    timings_revision.router,
    timings.router,
    timings_step.router,
    what_if.router,
    replays.router,
    sign_in.router,
    oidc.router,
)


def create(app: App) -> FastAPI:
    """Give the web application of one app; it opens no port and starts no thread."""
    web = FastAPI(
        title="Vigil",
        version="0.1.0",
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere; ours need none
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    web.state.vigil = app
    web.state.access = Access(app)
    web.state.access.ensure_first_login()
    web.state.oidc = oidc.service_of(app)
    for router in API:
        web.include_router(router)
    for router in PAGES:
        web.include_router(router, include_in_schema=False)
    web.mount("/static", StaticFiles(directory=HERE / "static"))
    web.add_exception_handler(visitor.SignInFirst, visitor.to_sign_in)
    web.add_exception_handler(VigilError, _on_refusal)
    web.add_exception_handler(HTTPException, _on_status)
    web.add_exception_handler(RequestValidationError, _on_faulty_query)
    web.add_middleware(Guard)
    return web


def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, VigilError)
    if isinstance(error, NeedsReason) and wants_page(request):
        return reason.ask(request, error.case)
    if isinstance(error, (Unauthorised, Forbidden)) and (kept := kept_forms.rescued(request)) is not None:
        return kept
    return answer(request, problems.problem_of(error))


def _on_status(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return answer(request, problems.of_status(error.status_code, error.detail, error.headers))


def _on_faulty_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(
            ".".join(str(part) for part in fault["loc"][1:]) or "body",
            str(fault["msg"])[:1].lower() + str(fault["msg"])[1:],
            "see /api/docs",
        )
        for fault in error.errors()
    ]
    return answer(request, problems.problem("invalid", 422, "the request has faults", faults))


def answer(request: Request, problem: problems.Problem) -> Response:
    """Give a refusal: to people a page, to machines its document."""
    if wants_page(request):
        page: HTMLResponse = refusal_page(request, problem)
        page.headers.update(problem.headers)
        return page
    return JSONResponse(problem.body, problem.status, dict(problem.headers), problems.MEDIA_TYPE)
