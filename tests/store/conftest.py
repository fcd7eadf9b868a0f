"""One suite, every database: SQLite in memory, SQLite in a file, and PostgreSQL where there is a server."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from store import cases
from store.cases import Stored
from store.engine import Sessions
from store.upgrade import open_store
from tests.store import postgres
from tests.store.samples import a_case, stored

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL server, started for this session if need be."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["memory", "file", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database that outlives its connections, except in memory."""
    if request.param == "memory":
        yield "sqlite://"
    elif request.param == "file":
        yield f"sqlite:///{tmp_path}/vigil.db"
    else:
        yield from _new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=["file", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database that several connections may use at once."""
    if request.param == "file":
        yield f"sqlite:///{tmp_path}/vigil.db"
    else:
        yield from _new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sessions(url: str) -> Iterator[Sessions]:
    """A store, brought to the schema by its migrations."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def shared(shared_url: str) -> Iterator[Sessions]:
    """A store for several threads or processes."""
    opened = open_store(shared_url)
    yield opened
    opened.close()


@pytest.fixture
def new_case() -> Callable[[Sessions], Stored]:
    """Write a case of its own reference into a store."""

    def write(sessions: Sessions) -> Stored:
        with sessions() as s:
            return cases.create(s, stored(a_case(f"MP-2026-{next(_numbers):06d}")))

    return write


def _new_database(server_url: str) -> Iterator[str]:
    name = f"vigil_{next(_numbers)}"
    server = make_url(server_url).set(drivername="postgresql+psycopg")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
