"""The addresses of databases: however PostgreSQL's is written, and what Prefect needs of its own."""

from typing import TYPE_CHECKING, Final

from policy.errors import Fault, Invalid

if TYPE_CHECKING:
    from sqlalchemy import URL

    from store.engine import Sessions

REMEDY: Final = "correct {}: write postgresql://user:password@host/{}, or leave it out and SQLite is used"
FLAG: Final = "--prefect-database-url"
_EXTENSION = (
    "SELECT (SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'),"
    " (SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'),"
    " has_database_privilege(current_database(), 'CREATE')"
)


def is_address(url: str) -> bool:
    """Tell whether an address is one of SQLite or PostgreSQL, by whichever driver."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return _kind(make_url(url)) in {"sqlite", "postgresql"}
    except (ArgumentError, ValueError):
        return False


def for_prefect(url: str) -> str:
    """Give an address as Prefect takes it: with the drivers that its server has, and `sslmode` by their name for it."""
    from sqlalchemy import make_url

    where = make_url(url)
    if _kind(where) == "sqlite":
        return where.set(drivername="sqlite+aiosqlite").render_as_string(hide_password=False)
    return _renamed(where, "postgresql+asyncpg", "sslmode", "ssl").render_as_string(hide_password=False)


def prefects(url: str) -> "Sessions":
    """Give a way to ask Prefect's database, whose address may be written as Prefect takes it."""
    from sqlalchemy import make_url

    from store.engine import Sessions, make_engine

    return Sessions(make_engine(_renamed(make_url(url), _kind(make_url(url)), "ssl", "sslmode")))


def check_prefects(url: str | None) -> None:
    """See that Prefect's PostgreSQL answers and has, or can have, the extension that Prefect's server needs.

    Raises Invalid with the remedy: Prefect itself would end with a trace, five times over.
    """
    from sqlalchemy import make_url, text
    from sqlalchemy.exc import DBAPIError

    from store.engine import reason

    if not url or _kind(make_url(url)) != "postgresql":
        return
    engine = prefects(url).engine
    try:
        with engine.connect() as connection:
            made, available, may_make = connection.execute(text(_EXTENSION)).one()
    except DBAPIError as error:
        raise _not_usable(f"the database does not answer: {reason(error)}", REMEDY.format(FLAG, "prefect")) from None
    finally:
        engine.dispose()
    if not made and not available:
        remedy = "install the server's contributed extensions (Debian: apt-get install postgresql has them)"
        raise _not_usable("its server lacks the extension pg_trgm, which Prefect needs", remedy)
    if not made and not may_make:
        remedy = "let an administrator run in that database: CREATE EXTENSION pg_trgm"
        raise _not_usable("it lacks the extension pg_trgm, and its user may not make it", remedy)


def _not_usable(said: str, remedy: str) -> Invalid:
    return Invalid("could not start", [Fault("prefect_database_url", said, remedy)])


def _kind(url: "URL") -> str:
    name = url.drivername.split("+")[0]
    return "postgresql" if name == "postgres" else name


def _renamed(url: "URL", driver: str, before: str, after: str) -> "URL":
    query = {after if name == before else name: value for name, value in url.query.items()}
    return url.set(drivername=driver, query=query)
