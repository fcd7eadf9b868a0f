"""The databases of a measurement: SQLite in a fresh home, a PostgreSQL server of its own, or those that are named."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

from tests.store.postgres import server


@dataclass(frozen=True)
class Bases:
    """Where Vigil and Prefect keep what they know; None is SQLite in the home."""

    vigil: str | None = None
    prefect: str | None = None

    @property
    def kind(self) -> str:
        """Name the kind of database, as the table heads its column."""
        return "PostgreSQL" if (self.vigil or "").startswith("postgres") else "SQLite"

    def flags(self) -> list[str]:
        """Give the flags of `vigil up` that name them."""
        named = (("--database-url", self.vigil), ("--prefect-database-url", self.prefect))
        return [part for flag, url in named if url for part in (flag, url)]


def ask_for_bases(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose the databases."""
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own (fsync is on)")
    parser.add_argument("--database-url", help="our store; SQLite in a fresh home when left out")
    parser.add_argument("--prefect-database-url", help="Prefect's store; SQLite in the same home when left out")


@contextmanager
def bases(given: argparse.Namespace) -> Iterator[Bases]:
    """Give the databases that were asked for; what had to be made for it is gone afterwards."""
    named = Bases(given.database_url, given.prefect_database_url)
    if not given.postgres or (named.vigil and named.prefect):
        yield named
        return
    with server(durable=True) as address, _made(address, "vigil") as ours, _made(address, "prefect") as theirs:
        yield Bases(named.vigil or ours, named.prefect or asynchronous(theirs))


@contextmanager
def another(beside: Bases) -> Iterator[str | None]:
    """Give a fresh database of the same kind for another Prefect; None for SQLite, which lives in its own home."""
    if not beside.prefect or not beside.prefect.startswith("postgres"):
        yield None
        return
    with _made(beside.prefect, "stock") as url:
        yield asynchronous(url)


def asynchronous(url: str) -> str:
    """Give an address as Prefect's server takes it."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


@contextmanager
def _made(address: str, name: str) -> Iterator[str]:
    """Make a database on the server of an address, and drop it in the end."""
    where = make_url(address).set(drivername="postgresql+psycopg")
    fresh = f"bench_{name}_{uuid4().hex[:8]}"
    _run(where.render_as_string(hide_password=False), f'CREATE DATABASE "{fresh}"')
    try:
        yield where.set(database=fresh).render_as_string(hide_password=False)
    finally:
        _run(where.render_as_string(hide_password=False), f'DROP DATABASE IF EXISTS "{fresh}" WITH (FORCE)')


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
