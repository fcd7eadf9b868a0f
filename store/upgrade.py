"""Bringing a store to the schema of this version of Vigil, without losing a case."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from policy.errors import Fault, Invalid, Refused
from store.engine import Sessions, make_engine, reason

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "vigil_schema"  # not Alembic's own name: Prefect uses that, should both share a database
_LOCK = 0x76_69_67_69_6D  # the advisory lock under which PostgreSQL's upgraders come in turn


def open_store(url: str) -> Sessions:
    """Open the store at `url`, brought to this version's schema.

    Raises Refused when it is of another version, Invalid when there is no such database or it does not answer.
    """
    try:
        engine = make_engine(url)
    except (ArgumentError, ImportError):
        raise _not_opened("is no address of SQLite or PostgreSQL", "write postgresql://user@host/name") from None
    try:
        upgrade(engine)
    except DBAPIError as error:
        engine.dispose()
        said = f"the database does not answer, or is not one: {reason(error)}"
        remedy = "see that it runs and that its file is whole, or correct --database-url; without it, SQLite is used"
        raise _not_opened(said, remedy) from None
    except BaseException:
        engine.dispose()
        raise
    return Sessions(engine)


def _not_opened(said: str, remedy: str) -> Invalid:
    return Invalid("the store cannot be opened", [Fault("database_url", said, remedy)])


def upgrade(engine: Engine) -> None:
    """Bring the store to this version's schema in one transaction; several processes may try at once.

    Raises Refused, and changes nothing, when the store was made by a newer version, or is not Vigil's.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config = alembic_config(connection)
        known = ScriptDirectory.from_config(config)
        present = schema_of(connection)
        if present == known.get_current_head():
            return
        _refuse_what_we_do_not_know(connection, present, known)
        command.upgrade(config, "head")


def schema_of(connection: Connection) -> str | None:
    """Give the schema's revision that a store is at, None when it has none yet."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def alembic_config(connection: Connection) -> Config:
    """Give Alembic's settings for one connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes |= {"connection": connection, "version_table": VERSION_TABLE}
    return config


def _refuse_what_we_do_not_know(connection: Connection, present: str | None, known: ScriptDirectory) -> None:
    ours = {script.revision for script in known.walk_revisions()}
    if present is not None and present not in ours:
        raise Refused(
            f"the store is at schema {present}; this version of Vigil knows none after "
            f"{known.get_current_head()}: start it with the version that made it, or a later one",
            rule="store_version",
        )
    if present is None and inspect(connection).has_table("case_record"):
        raise Refused(
            "the database holds a table case_record that no migration of Vigil made: give Vigil a database of its own",
            rule="store_version",
        )
