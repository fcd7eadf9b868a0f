"""NOTIFY and LISTEN: PostgreSQL carries a word to whoever listens on the same database, on whatever machine."""

from collections.abc import Iterable

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url

from store.engine import KEEP_IN_TOUCH

CHANNEL = "vigil"

Line = psycopg.Connection[tuple[object, ...]]


def connect(url: str) -> Line:
    """Open a line of its own to the database; what is said on it is said at once. Raises ConnectionError."""
    where = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    # Nothing is prepared: a pooler between us and the server may change the server under our hands.
    try:
        return psycopg.connect(make_conninfo(where, **KEEP_IN_TOUCH), autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise ConnectionError(type(error).__name__) from None


def say(line: Line, words: Iterable[str]) -> None:
    """Say the words to everybody who listens. Raises ConnectionError when the line is dead."""
    try:
        line.execute("SELECT pg_notify(%s, word) FROM unnest(%s::text[]) AS word", (CHANNEL, sorted(words)))
    except psycopg.Error as error:
        raise ConnectionError(type(error).__name__) from None


def listen(line: Line) -> None:
    """Hear on this line what is said from now on. Raises ConnectionError when the line is dead."""
    try:
        line.execute(f"LISTEN {CHANNEL}")
    except psycopg.Error as error:
        raise ConnectionError(type(error).__name__) from None


def heard(line: Line, seconds: float) -> list[str]:
    """Wait until something is said, at the most so long, and give it. Raises ConnectionError when the line is dead."""
    try:
        return [notice.payload for notice in line.notifies(timeout=seconds, stop_after=1)]
    except psycopg.Error as error:
        raise ConnectionError(type(error).__name__) from None
