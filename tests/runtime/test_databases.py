"""Addresses of databases: taken however they are written, and refused with the flag and the remedy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from policy.errors import Invalid
from runtime.databases import check_prefects, for_prefect, is_address, prefects
from runtime.prefect_env import prefect_env
from runtime.settings import load
from store.upgrade import open_store
from tests.store import postgres

NOBODY = "postgresql://vigil:secret@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of a server of this file's own."""
    with postgres.server() as url:
        yield url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_prefect_gets_its_own_driver(scheme: str, tmp_path: Path) -> None:
    """The same address as Vigil's does for both, password and all."""
    env = prefect_env(tmp_path, "http://127.0.0.1:1/api", f"{scheme}://u:p%40ss@host:5433/prefect?sslmode=require")
    taken = "postgresql+asyncpg://u:p%40ss@host:5433/prefect?ssl=require"
    assert env["PREFECT_API_DATABASE_CONNECTION_URL"] == taken
    assert for_prefect("sqlite:////tmp/p.db") == "sqlite+aiosqlite:////tmp/p.db"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "secret", "postgresql://u:secret@h:port/d", "redis://secret"])
@pytest.mark.parametrize("name", ["database_url", "prefect_database_url"])
def test_what_is_no_address_is_refused_and_not_repeated(name: str, url: str, tmp_path: Path) -> None:
    """It names the flag and how an address is written; a password never comes back on the screen."""
    assert not is_address(url)
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path, name: url})
    (fault,) = refused.value.faults
    assert fault.field == name
    assert "is no address of SQLite or PostgreSQL" in fault.message
    assert f"--{name.replace('_', '-')}" in fault.remedy
    assert "postgresql://" in fault.remedy
    assert "secret" not in f"{fault.message} {fault.remedy}"


@pytest.mark.postgres
def test_a_database_that_does_not_answer_is_named_with_its_flag() -> None:
    """Nobody there, no such database, a wrong user: said before anything is started."""
    for refuse, flag in ((open_store, "--database-url"), (check_prefects, "--prefect-database-url")):
        with pytest.raises(Invalid) as refused:
            refuse(NOBODY)
        (fault,) = refused.value.faults
        assert f"--{fault.field.replace('_', '-')}" == flag
        assert flag in fault.remedy
        assert "Connection refused" in fault.message
        assert "secret" not in fault.message


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_named(server: str) -> None:
    """The server's own words say what is wrong."""
    with pytest.raises(Invalid) as refused:
        check_prefects(make_url(server).set(database="nowhere").render_as_string(hide_password=False))
    assert 'database "nowhere" does not exist' in refused.value.faults[0].message


@pytest.mark.postgres
def test_prefects_database_can_be_waited_for(server: str) -> None:
    """By the address that Prefect is given, whose driver is not ours."""
    for url, there in ((server, True), (NOBODY, False)):
        database = prefects(for_prefect(url))
        assert database.answers() is there
        database.close()


@pytest.mark.postgres
def test_prefects_extension_is_looked_for(server: str) -> None:
    """A user who may not make it is told who may; one who may, or has it, starts. SQLite needs none."""
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE ROLE guest LOGIN"))
        connection.execute(text("CREATE DATABASE prefects"))
    guest = make_url(server).set(username="guest", database="prefects").render_as_string()
    with pytest.raises(Invalid) as refused:
        check_prefects(guest)
    assert "pg_trgm" in refused.value.faults[0].message
    assert "CREATE EXTENSION pg_trgm" in refused.value.faults[0].remedy
    with admin.connect() as connection:
        connection.execute(text("GRANT CREATE ON DATABASE prefects TO guest"))
    admin.dispose()
    check_prefects(guest)
    check_prefects(f"{guest}?ssl=prefer")
    check_prefects("sqlite:////nowhere/prefect.db")
    check_prefects(None)
