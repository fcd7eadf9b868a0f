"""Counting what is asked of a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from store.engine import Sessions


@contextmanager
def counted(sessions: Sessions) -> Iterator[list[str]]:
    """Write down every statement while the block runs: on PostgreSQL each is a journey to the server and back."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(sessions.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(sessions.engine, "before_cursor_execute", note)
