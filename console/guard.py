"""What stands around every request: headers that protect, and an answer for what nobody foresaw."""

import json
from collections.abc import Mapping

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.problems import MEDIA_TYPE, busy

_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # a link's token must not travel to another site
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# Made of nothing that can break: whatever went wrong may have been the templates.
_PAGE = """<!doctype html><html lang="en-GB"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Try again - Vigil</title>
<link rel="stylesheet" href="/static/vigil.css"><main class="narrow"><h1>Try again in a moment</h1>
<p>Vigil could not do this just now. Nothing was half-written. If what you wanted to say cannot wait,
ring the control room.</p></main></html>"""

log = structlog.get_logger(__name__)


class Guard:
    """Adds the headers to every answer, and turns what nobody foresaw into `busy` (503), never a trace."""

    def __init__(self, inner: ASGIApp) -> None:
        """Stand around `inner`."""
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _protect(MutableHeaders(scope=message), scope["path"], https=scope.get("scheme") == "https")
            await send(message)

        try:
            await self.inner(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - the last net: the caller gets an answer whatever broke
            # The text of a foreign error may hold a value of a record: only its type is logged.
            log.error("request_failed", error=type(error).__name__, where=_innermost(error))
            if not begun:
                await _answer_busy(guarded, page=not scope["path"].startswith(("/api/", "/metrics", "/readyz")))


def _protect(headers: MutableHeaders, path: str, *, https: bool) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if not path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")


def _innermost(error: BaseException) -> str:
    """Name the file and line where it broke: ours to mend, and never a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


async def _answer_busy(send: Send, *, page: bool) -> None:
    problem = busy()
    body = _PAGE.encode() if page else json.dumps(problem.body).encode()
    kind = "text/html; charset=utf-8" if page else MEDIA_TYPE
    headers = {"content-type": kind, "content-length": str(len(body)), **problem.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
