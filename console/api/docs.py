"""The API's documentation: OpenAPI for machines, a plain page for people, and what each refusal means."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from console.problems import TITLES
from console.templating import page
from policy.errors import Unknown

router = APIRouter(include_in_schema=False)


@router.get("/api/docs")
def show_docs(request: Request) -> Response:
    """Show the API as a page, or as OpenAPI when JSON is asked for."""
    spec = request.app.openapi()
    accepts = request.headers.get("accept", "*/*")
    if "json" in accepts and "text/html" not in accepts:
        return JSONResponse(spec)
    return page(request, "docs.html", spec=spec)


@router.get("/problems/{slug}")
def show_problem(request: Request, slug: str) -> Response:
    """Say what a kind of refusal means."""
    if slug not in TITLES:
        raise Unknown(f"there is no kind of refusal called {slug}")
    title, meaning = TITLES[slug]
    return page(request, "problem_slug.html", slug=slug, title=title, meaning=meaning)
