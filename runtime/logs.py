"""Logs that cannot tell who is missing: an allow-list of keys, and shapes that free text does not have.

Our events pass the list: ids, roles, times, counts; a key that is not on it is dropped, a value that is not
an id's shape is withheld. What libraries say goes through the same chain as its bare template, without its
arguments (uvicorn's and httpx's hold addresses with tokens), and an exception as its class and place.
One JSON line per event goes to HOME/logs/<part>.log; the terminal gets what a person should see.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import date, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog

ALLOWED = frozenset(
    # what happened, and where
    {"event", "level", "timestamp", "logger", "part", "pid", "error", "where", "code", "status_code"}
    # ids: references, keys, roster ids
    | {"case", "case_id", "step", "occurrence", "rung", "reminder", "rounds", "stage", "attempt_key"}
    | {"person", "role", "to_person", "by", "holder", "run_id", "run_number", "name", "state", "kind"}
    | {"type", "channel", "route", "alarm", "key", "rule", "pack", "revision", "area", "risk", "seq"}
    | {"status", "source", "source_id", "row", "field", "fact", "act", "reason", "flow_run_id"}
    | {"version", "task", "deployment", "pool", "queue", "setting", "file", "library", "template"}
    # times and counts
    | {"at", "due_at", "wake_at", "since_at", "until_at", "now", "late_s", "elapsed_s", "seconds"}
    | {"count", "number", "tries", "passes", "port", "signal", "exit_code", "limit", "speed", "total"}
)
WITHHELD = "(withheld)"
# An id, a key, a path, an instant, a snake_case word: no blanks, so no names and no sentences.
_SHAPE = re.compile(r"^[\w.:/+*\-]{0,160}$", re.ASCII)
_SECRETIVE = re.compile(r"\S*(?:://|@|[A-Za-z0-9_\-.]{28,})\S*|(['\"]).*?\1")
_PLAIN = (bool, int, float, datetime, date, timedelta, UUID, Path)
_LIBRARIES = {
    "uvicorn": logging.INFO,
    "uvicorn.access": logging.CRITICAL,  # its lines are addresses, some with tokens
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "apscheduler": logging.ERROR,  # warns whenever a look takes longer than the second until the next
    "sqlalchemy": logging.WARNING,  # below it prints statements with their values
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
}
_CARRIED = frozenset({"_record", "_from_structlog", "_reduced"})  # between processors, never printed
Event = MutableMapping[str, Any]


def allow_listed(_logger: Any, _method: str, event: Event) -> Event:
    """Keep the keys that are allowed and the values that have an id's shape; everything else goes."""
    return {
        key: value if key in _CARRIED else _harmless(value)
        for key, value in event.items()
        if key in ALLOWED or key in _CARRIED
    }


def _harmless(value: Any) -> Any:
    if value is None or isinstance(value, _PLAIN):
        return value if isinstance(value, (bool, int, float, type(None))) else str(value)
    if isinstance(value, str):
        return str(value) if _SHAPE.match(value) else WITHHELD
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_harmless(item) for item in value]
    return WITHHELD


def foreign(_logger: Any, _method: str, event: Event) -> Event:
    """Reduce what a library logs to its logger and its template, without arguments, addresses and quotes."""
    record: logging.LogRecord | None = event.get("_record")
    if record is None:
        return event
    lines = str(record.msg).splitlines() or [""]
    event["event"] = "library"
    event["library"] = record.name
    event["_reduced"] = _SECRETIVE.sub("…", lines[0])[:200]
    return event


def _said(_logger: Any, _method: str, event: Event) -> Event:
    """Put the template, already reduced, back behind the allow-list; it alone may hold blanks."""
    if "_reduced" in event:
        event["template"] = event.pop("_reduced")
    return event


def erred(_logger: Any, _method: str, event: Event) -> Event:
    """Tell an exception by class and place; its text may quote what it choked on."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["where"] = _place(error.__traceback__)
    return event


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    if not frames:
        return "unknown"
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"


_OURS: list[structlog.typing.Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.contextvars.merge_contextvars,
    erred,
]
_LAST: list[structlog.typing.Processor] = [
    allow_listed,
    _said,
    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
]


def configure(home: Path, part: str, *, terminal: int = logging.WARNING) -> None:
    """Send all that this process logs to HOME/logs/<part>.log, and from `terminal` upwards to stderr."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    file = RotatingFileHandler(folder / f"{part}.log", maxBytes=10_000_000, backupCount=5, encoding="utf-8", delay=True)
    file.setFormatter(_formatter(part, structlog.processors.JSONRenderer()))
    screen = logging.StreamHandler(sys.stderr)
    colours = sys.stderr.isatty()
    screen.setFormatter(_formatter(part, structlog.dev.ConsoleRenderer(colors=colours)))
    screen.setLevel(terminal)
    root = logging.getLogger()
    structlog.configure(
        processors=[_part(part), *_OURS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(file)
    root.addHandler(screen)
    root.setLevel(logging.INFO)
    quieten()


def _part(part: str) -> structlog.typing.Processor:
    """Name the part of the system in each event, from whichever thread it comes."""

    def bind(_logger: Any, _method: str, event: Event) -> Event:
        event.setdefault("part", part)
        return event

    return bind


def quieten() -> None:
    """Take the libraries' own ways to the terminal away, so that all of it goes through the chain."""
    for name, level in _LIBRARIES.items():
        logging.getLogger(name).setLevel(level)
    for name in [name for name in logging.root.manager.loggerDict if _is_library(name)]:
        logger = logging.getLogger(name)
        for handler in [h for h in logger.handlers if isinstance(h, logging.StreamHandler)]:
            logger.removeHandler(handler)
        logger.propagate = True


def _is_library(name: str) -> bool:
    return name.partition(".")[0] in ("uvicorn", "prefect", "apscheduler", "alembic", "sqlalchemy")


def _formatter(part: str, renderer: structlog.typing.Processor) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_part(part), foreign, *_OURS],
        processors=[*_LAST, renderer],
        use_get_message=False,  # the arguments are never looked at
        keep_exc_info=False,  # nor is a trace printed: its last line is the exception's text
    )
