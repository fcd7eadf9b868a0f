"""Reading a source: a database by SQL or a list over HTTP. Nothing is ever written to it.

A source that does not answer raises SourceFailed with a code, never with its text, which may hold personal data.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import httpx
from sqlalchemy import (
    URL,
    ColumnClause,
    Engine,
    bindparam,
    create_engine,
    event,
    literal_column,
    make_url,
    or_,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from policy.errors import Transient, Unreadable
from runtime.clock import Stopwatch
from runtime.documents import as_json
from runtime.source_rows import Mark, Row
from runtime.source_setting import SourceSetting

MOST_BYTES = 32 * 2**20  # of one page
MOST_PAGES = 500
MOST_TIMES = 6  # a whole list may take so many times the time-out of one answer
LISTS = ("records", "items", "results", "data", "reports")  # where a list usually is in its document


class SourceFailed(Transient):
    """The source did not answer, or not with rows; `code` says how, in a word that may be logged."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the source did not answer: {code}")
        self.code = code


class Reader(Protocol):
    """What gives the rows of one source."""

    def rows(self, mark: Mark | None, *, recent: bool = False) -> Iterator[Row]:
        """Give the rows at or above the mark, in its order where the source keeps one; all without a mark.

        `recent` asks for the last 48 hours where the setting knows how. Raises SourceFailed.
        """


def reader_of(setting: SourceSetting, home: Path) -> Reader:
    """Give the reader for a source; an SQLite file with a relative path is looked for in the home."""
    return HttpReader(setting) if setting.is_http else SqlReader(setting, home)


def file_of(setting: SourceSetting, home: Path) -> Path | None:
    """Give the file of a source that is an SQLite file named by its path, else None."""
    url = None if setting.is_http else make_url(setting.url)
    if url is None or url.get_backend_name() != "sqlite" or not url.database:
        return None
    if url.database == ":memory:" or url.database.startswith("file:"):
        return None
    return home / url.database


class SqlReader:
    """Reads a database; each turn opens a connection, reads in one transaction, and rolls it back."""

    def __init__(self, setting: SourceSetting, home: Path = Path()) -> None:
        self._setting = setting
        self._home = home

    def rows(self, mark: Mark | None, *, recent: bool = False) -> Iterator[Row]:
        """Give the rows of the query."""
        query = (self._setting.recent if recent else None) or self._setting.query or ""
        rows = text(f"({query.strip().rstrip(';')}) vigil_rows")
        asked = select(text("*")).select_from(rows)
        if self._setting.mark and not recent:
            column: ColumnClause[Any] = literal_column(self._setting.mark)
            asked = asked.order_by(column)
            if mark is not None:
                asked = asked.where(or_(column >= bindparam("mark", mark), column.is_(None)))
        engine = _engine(self._setting, file_of(self._setting, self._home))
        try:
            with engine.connect() as connection:
                for row in connection.execution_options(yield_per=500).execute(asked).mappings():
                    yield {str(name): value for name, value in row.items()}
        except SQLAlchemyError as error:
            raise SourceFailed(_code(error)) from None
        finally:
            engine.dispose()


def _engine(setting: SourceSetting, file: Path | None) -> Engine:
    """Open a source's database so that it cannot be written to, and does not hold us for ever."""
    url, timeout_s = make_url(setting.url), setting.seconds("timeout")
    try:
        if url.get_backend_name() == "sqlite":
            engine = create_engine(
                _read_only(url, file), poolclass=NullPool, hide_parameters=True, connect_args={"timeout": timeout_s}
            )
            event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))
            return engine
        if url.get_backend_name() == "postgresql":
            limits = f"-c statement_timeout={timeout_s * 1000:.0f} -c default_transaction_read_only=on"
            where = url if "+" in url.drivername else url.set(drivername="postgresql+psycopg")
            given = {"connect_timeout": max(2, int(timeout_s)), "options": limits}
            return create_engine(where, poolclass=NullPool, hide_parameters=True, connect_args=given)
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    except (SQLAlchemyError, ImportError) as error:
        raise SourceFailed(_code(error)) from None


def _read_only(url: URL, file: Path | None) -> URL:
    """Open the file as it is: SQLite would make one that is not there, and an empty source looks like a quiet night."""
    if file is None:
        return url
    return url.set(database=f"file:{file}", query={"mode": "ro", "uri": "true"})


def _code(error: Exception) -> str:
    original = getattr(error, "orig", None)
    return str(getattr(original, "sqlstate", None) or type(original or error).__name__)


class HttpReader:
    """Reads a list over HTTP, page by page by `next` or the Link header, never on to another server."""

    def __init__(self, setting: SourceSetting, transport: httpx.BaseTransport | None = None) -> None:
        self._setting = setting
        self._transport = transport

    def rows(self, mark: Mark | None, *, recent: bool = False) -> Iterator[Row]:
        """Give the records of the list."""
        url = (self._setting.recent if recent else None) or self._setting.url
        params = {self._setting.since: _text(mark)} if self._setting.since and mark is not None and not recent else None
        watch, timeout_s = Stopwatch(), self._setting.seconds("timeout")
        seen: set[str] = set()
        with httpx.Client(timeout=timeout_s, headers=self._headers(), transport=self._transport) as client:
            following: str | None = str(httpx.URL(url, params=params) if params else url)
            while following is not None:
                if following in seen or len(seen) == MOST_PAGES:
                    raise SourceFailed("pages_without_end")
                seen.add(following)
                document, linked = _fetch(client, following, watch, timeout_s * MOST_TIMES)
                yield from _list_of(document, self._setting.records)
                following = _next(document, linked, following)

    def _headers(self) -> dict[str, str]:
        try:
            token = self._setting.token()
        except OSError:
            raise SourceFailed("token_file_unreadable") from None
        if token == "":
            raise SourceFailed("token_missing")
        return {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}


def _fetch(client: httpx.Client, url: str, watch: Stopwatch, limit_s: float) -> tuple[object, str | None]:
    """Get one page whole, within the time that is left for all of them."""
    held, size = [], 0
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise SourceFailed(f"http_{answer.status_code}")
            for chunk in answer.iter_bytes():
                held.append(chunk)
                size += len(chunk)
                if size > MOST_BYTES:
                    raise SourceFailed("too_large")
                if watch.over(limit_s):  # a server that drips never runs into a time-out of its own
                    raise SourceFailed("too_slow")
            return as_json(b"".join(held)), answer.links.get("next", {}).get("url")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceFailed(type(error).__name__) from None
    except Unreadable:
        raise SourceFailed("no_json") from None


def _list_of(document: object, path: str | None) -> list[Row]:
    """Find the list in a document: where the setting says, else where lists usually are."""
    found = document
    if path is not None:
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    elif isinstance(document, Mapping):
        found = next((document[name] for name in LISTS if isinstance(document.get(name), list)), None)
    if not isinstance(found, list):
        raise SourceFailed("no_list")
    return [row if isinstance(row, Mapping) else {"given": row} for row in found]


def _next(document: object, linked: str | None, url: str) -> str | None:
    """Find where the list goes on; another server would be given our token, so it is refused."""
    following = linked or (document.get("next") if isinstance(document, Mapping) else None)
    if not isinstance(following, str) or not following:
        return None
    whole = urljoin(url, following)
    with suppress(ValueError):
        if urlsplit(whole)[:2] == urlsplit(url)[:2]:
            return whole
    raise SourceFailed("next_elsewhere")


def _text(mark: Mark) -> str:
    return mark.isoformat() if isinstance(mark, datetime | date) else str(mark)
