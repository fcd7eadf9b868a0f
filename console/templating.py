"""Pages are made on the server, escaped by default, and need no script."""

import json
from functools import cache, partial
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import words
from console.problems import Problem
from runtime import readings_alarms
from runtime.clock import RehearsalClock

HERE = Path(__file__).parent
_LINK_TITLES = {
    403: "This link does not work for you",
    404: "This link leads nowhere any more",
    409: "This answer cannot be taken",
    410: "This link is over",
    422: "Something is missing",
}


@cache
def environment() -> Environment:
    """Give the templates; a name that a page lacks is an error, never a blank."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"local": words.local, "words": words.words, "risk_words": words.risk_words, "age": words.age}
    made.filters |= {"typed_time": words.typed_time, "said": words.said, "span": words.value_words}
    made.filters["pretty"] = partial(json.dumps, indent=2)
    return made


def page(request: Request, name: str, status: int = 200, **shown: object) -> HTMLResponse:
    """Give a page; who reads it, what rings and whether this is a rehearsal stand in its frame."""
    app, reader = request.app.state.vigil, getattr(request.state, "reader", None)
    frame: dict[str, object] = {
        "reader": reader,
        "ringing": readings_alarms.standing(app) if reader else 0,
        "rehearsal": isinstance(app.clock, RehearsalClock),
        "home_pack": app.settings.pack,
        "as_of": None,
    }
    return HTMLResponse(environment().get_template(name).render({**frame, **shown}), status_code=status)


def wants_page(request: Request) -> bool:
    """Tell whether a refusal should be a page: outside the API, unless JSON is what was asked for."""
    path = request.url.path
    if path.startswith(("/api/", "/metrics", "/healthz", "/readyz", "/static/")):
        return False
    accepts = request.headers.get("accept", "*/*")
    return "text/html" in accepts or "json" not in accepts


def refusal(request: Request, problem: Problem) -> HTMLResponse:
    """Explain a refusal in plain words, with a way on."""
    shown = {name: problem.body.get(name) for name in ("title", "errors", "missing", "who_may", "rule")}
    if request.url.path.startswith("/a/"):
        shown["title"] = _LINK_TITLES.get(problem.status, shown["title"])
    detail = problem.detail
    if detail.partition(" ")[0].isalpha():  # a roster id keeps its small letters
        detail = detail[:1].upper() + detail[1:]
    shown["detail"] = detail if detail.endswith(".") else f"{detail}."
    shown["calm"] = request.method == "POST" or problem.status in (403, 410)
    ways = [("/sign-in", "Sign in")] if problem.status == 401 else [("/inbox", "Open your inbox")]
    if problem.status == 404 and request.url.path.startswith("/cases/"):
        ways.insert(0, ("/", "All cases"))
    return page(request, "problem.html", problem.status, ways=ways, **shown)
