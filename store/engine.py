"""Engines and transactions: how the store is opened, and how each piece of work is one transaction."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Final

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy import create_engine as create_sqlalchemy_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlmodel import Session

from policy.errors import Busy, Transient

WAIT_S = 10  # for a lock or a connection; longer than any transaction of ours
POOL_SIZE, OVERFLOW = 8, 24  # threads of one process: console 40, worker and timer a handful
# A machine that vanished without a word is noticed within half a minute, not after the kernel's two hours.
KEEP_IN_TOUCH: Final[Mapping[str, int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
# A process stopped in the middle of a write must not keep its locks: the server ends its session, and others write.
OPTIONS: Final = f"-c lock_timeout={WAIT_S}s -c idle_in_transaction_session_timeout={WAIT_S}s -c timezone=UTC"
_READING = "vigil_reading"
_POSTGRES_BUSY = frozenset({"40001", "40P01", "55P03"})  # serialisation, deadlock, lock time-out


def make_engine(url: str | URL) -> Engine:
    """Open the database at `url`: SQLite (file or memory) or PostgreSQL.

    On SQLite every writing transaction takes the write lock when it begins, so none fails half-way for
    want of it; the log is synced at each commit, so what was committed survives a power cut. Errors never
    carry the values of a statement: they may be personal data.
    """
    where = _normal(make_url(url))
    if where.get_backend_name() == "sqlite":
        return _sqlite(where)
    return create_sqlalchemy_engine(
        where,
        pool_size=POOL_SIZE,
        max_overflow=OVERFLOW,
        pool_timeout=WAIT_S,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={**KEEP_IN_TOUCH, "options": OPTIONS},
    )


class Sessions:
    """Opens transactions: `with sessions() as s:` writes, `with sessions.reading() as s:` only reads.

    Each commits when its block ends and rolls back when it raises. Any thread may open one, but not one
    inside another: only what reads may, and then reads within the one that is open. Raises Busy when somebody
    else held the store for too long, Transient when it does not answer.
    """

    def __init__(self, engine: Engine) -> None:
        """Open sessions on `engine`."""
        self.engine = engine
        reading: dict[str, object] = {_READING: True}
        if engine.dialect.name == "postgresql":  # one snapshot for all that a reader asks
            reading |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = engine.execution_options(**reading)
        # SQLite's own waiting polls, and is unfair; the writers of one process queue here instead.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._mine = threading.local()  # the session that this thread has open

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """Give a session in a transaction that may write."""
        with self._my_turn(), _transaction(self.engine) as session, self._open(session):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session in a transaction that sees one state of the store and writes nothing."""
        outer: Session | None = getattr(self._mine, "session", None)
        if outer is not None:
            yield outer
            return
        with _transaction(self._reader) as session, self._open(session):
            yield session

    @contextmanager
    def _open(self, session: Session) -> Iterator[None]:
        self._mine.session = session
        try:
            yield
        finally:
            self._mine.session = None

    def answers(self) -> bool:
        """Tell whether the database answers at this moment."""
        try:
            with self.reading():
                return True
        except (Busy, Transient):
            return False

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=WAIT_S):
            raise Busy("the store is busy")
        try:
            yield
        finally:
            self._turn.release()


@contextmanager
def _transaction(engine: Engine) -> Iterator[Session]:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            session.connection()  # begin now: a writer waits for its lock before it reads, not after
            yield session
    except PoolTimeoutError:
        raise Busy("the store has no connection free") from None
    except DBAPIError as error:
        raise _explained(error) from error


def _explained(error: DBAPIError) -> Exception:
    """Give the error that tells a caller what to do next; faults of our own stay what they are."""
    code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", ""))
    if code in _POSTGRES_BUSY or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy("the store is busy")
    lost = error.connection_invalidated or code[:2] in {"08", "57", "53"}
    if lost or code.startswith(("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return Transient(f"the store does not answer ({code or type(error).__name__})")
    if not code and type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return Transient(f"the store does not answer ({type(error).__name__})")
    return error


def reason(error: DBAPIError) -> str:
    """Give in a line why a database could not be opened; it names server, database and user, never a password."""
    said = str(error.orig).strip().partition("\n")[0]
    return said.rpartition(" failed: ")[2] or type(error.orig).__name__


def is_postgres(url: str | URL) -> bool:
    """Tell whether an address names PostgreSQL, in whichever of the usual ways it is written."""
    return make_url(url).drivername.split("+")[0] in {"postgres", "postgresql"}


def _normal(url: URL) -> URL:
    """Take every usual way to write an address, and our drivers."""
    return url.set(drivername="postgresql+psycopg" if is_postgres(url) else url.drivername.split("+")[0])


def _is_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _sqlite(url: URL) -> Engine:
    memory = _is_memory(url)
    if not memory:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_sqlalchemy_engine(
        url,
        poolclass=QueuePool,
        # A database in memory lives in its one connection, which threads take in turns.
        pool_size=1 if memory else POOL_SIZE,
        max_overflow=0 if memory else OVERFLOW,
        pool_timeout=WAIT_S,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: SqliteConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3 starts no transaction of its own: _begin does
    for pragma in (
        f"busy_timeout = {WAIT_S * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",  # NORMAL may lose the last commits in a power cut, and a promise with them
        "foreign_keys = ON",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
