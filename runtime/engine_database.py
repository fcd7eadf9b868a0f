"""Whether Prefect's database is still there: a server whose tables were taken from it answers 500 for ever.

When it ends instead, it is started again, makes its tables anew, and the timer gives each open case a fresh run.
"""

import os
import signal
import threading
from typing import Final

import structlog
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from runtime.clock import beats
from runtime.databases import prefects

LOOK_S: Final = 10.0
TABLE: Final = "flow_run"

log = structlog.get_logger()


def end_without(url: str, stop: threading.Event) -> threading.Thread:
    """Look after the database from a thread, and have this process end when it was there and is lost."""
    watch = threading.Thread(target=_watch, args=(url, stop), name="database", daemon=True)
    watch.start()
    return watch


def _watch(url: str, stop: threading.Event) -> None:
    was_there = False
    for _ in beats(stop, LOOK_S):
        there = is_there(url)
        if was_there and there is False:
            log.error("prefect_database_lost")
            os.kill(os.getpid(), signal.SIGTERM)
            return
        was_there = was_there or there is True


def is_there(url: str) -> bool | None:
    """Tell whether the database has Prefect's tables; None when it does not answer, which is an outage and no loss.

    A connection of its own, each time: those of the server may still hold a file that was deleted.
    """
    named = make_url(url)
    sqlite = named.drivername.startswith("sqlite")
    engine = create_engine(named.set(drivername="sqlite") if sqlite else prefects(url).engine.url, poolclass=NullPool)
    try:
        return inspect(engine).has_table(TABLE)
    except (SQLAlchemyError, OSError):
        return None
    finally:
        engine.dispose()
