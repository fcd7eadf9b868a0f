"""Prefect's server as Vigil starts it: one process, and on SQLite one writer at a time.

SQLite lets one transaction write. Prefect's server begins many at once, each reads before it writes,
and whoever comes second gets "database is locked" at once, whatever the time-out: of 25 reports at the
same moment some are then refused with 503. Here transactions take turns instead, first come first served.
"""

import argparse
import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from prefect.server.api.server import create_app
from prefect.server.database.configurations import SQLITE_BEGIN_MODE, AioSqliteConfiguration
from prefect.server.database.dependencies import MODELS_DEPENDENCIES
from prefect.settings import get_current_settings
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.engine_database import end_without

PATIENCE_S: Final = 10.0  # after this a transaction goes without its turn, as Prefect's own would
KEEPALIVE_S: Final = 75  # connections of worker and timer outlive a lull
GRACE_S: Final = 5

_HAS_TURN: ContextVar[bool] = ContextVar("vigil-has-turn", default=False)


class OneWriter(AioSqliteConfiguration):
    """Prefect's SQLite, with transactions that take turns within this process."""

    _turn: asyncio.Lock | None = None

    @asynccontextmanager
    async def begin_transaction(
        self, session: AsyncSession, with_for_update: bool = False
    ) -> AsyncGenerator[AsyncSessionTransaction]:
        """Begin when no other transaction is under way; one inside another goes at once.

        Waiting for the outer one would be for ever, so the inner one runs as Prefect would run it. With
        its turn a transaction takes SQLite's write lock as it begins: the services that write without a
        transaction then wait for it, instead of making its snapshot too old to write.
        """
        if _HAS_TURN.get() or not await self._wait_for_turn():
            async with super().begin_transaction(session, with_for_update) as transaction:
                yield transaction
            return
        token = _HAS_TURN.set(True)
        try:
            async with super().begin_transaction(session, with_for_update=True) as transaction:
                await session.connection()  # BEGIN IMMEDIATE now, and for this session alone
                mode = SQLITE_BEGIN_MODE.set("DEFERRED")
                try:
                    yield transaction
                finally:
                    SQLITE_BEGIN_MODE.reset(mode)
        finally:
            _HAS_TURN.reset(token)
            if self._turn is not None:
                self._turn.release()

    async def _wait_for_turn(self) -> bool:
        self._turn = self._turn or asyncio.Lock()
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._turn.acquire()
        except TimeoutError:
            return False


def take_turns() -> bool:
    """Have this process's transactions take turns if its database is SQLite; tells whether it is."""
    url = get_current_settings().server.database.connection_url
    stated = url.get_secret_value() if url else ""
    if not stated.startswith("sqlite"):
        return False
    MODELS_DEPENDENCIES["database_config"] = OneWriter(connection_url=stated)
    return True


def inside_only(pages: ASGIApp) -> ASGIApp:
    """Have browsers refuse whatever Prefect's pages would fetch from elsewhere.

    V2 asks sr-client-cfg.amplitude.com for orders before it looks at whether analytics are switched off.
    The addresses of its pages and the names of its runs are nobody's business outside of the force.
    """
    api = urlsplit(get_current_settings().server.ui.api_url or get_current_settings().api.url or "")
    socket = api._replace(scheme="wss" if api.scheme == "https" else "ws")
    own = f"'self' {api.scheme}://{api.netloc} {socket.scheme}://{api.netloc} data: blob:"
    policy = f"connect-src {own}; img-src 'self' data: blob:; font-src 'self' data:; form-action 'self'"

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("content-security-policy", policy)
            await send(message)

        await pages(scope, receive, with_policy)

    return answer


def main() -> None:
    """Serve Prefect's API and pages until SIGTERM: `python -m runtime.engine_server --port N`."""
    parser = argparse.ArgumentParser(prog="python -m runtime.engine_server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    args = parser.parse_args()
    take_turns()
    stop = threading.Event()
    if url := get_current_settings().server.database.connection_url:
        end_without(url.get_secret_value(), stop)
    uvicorn.run(
        inside_only(create_app(final=True)),
        host=args.host,
        port=args.port,
        log_level="warning",
        timeout_keep_alive=KEEPALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    stop.set()


if __name__ == "__main__":
    main()
