"""Migrations end at the schema of the models; a store of another version is refused, not broken."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from models import metadata
from policy.errors import Refused
from store import meta
from store.engine import make_engine
from store.upgrade import VERSION_TABLE, alembic_config, open_store, schema_of, upgrade

# A column added later stands at the end of a table's text: tables are compared column by column, the rest as written.
SQLITE_SCHEMA = (
    "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'table' "
    "UNION SELECT m.name || '.' || c.name, c.type || c.[notnull] || coalesce(c.dflt_value, '') || c.pk "
    "FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name <> 'vigil_schema' "
    "UNION SELECT m.name || '>' || f.[from], f.[table] || f.[to] || f.on_delete "
    "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
)
POSTGRES_TRIGGERS = (
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
    "UNION SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'journal%'"
)


def _schema(connection: Connection) -> dict[str, str]:
    query = SQLITE_SCHEMA if connection.dialect.name == "sqlite" else POSTGRES_TRIGGERS
    return {str(row[0]): str(row[1]) for row in connection.execute(text(query))}


def test_migrations_end_at_the_schema_of_the_models(url: str) -> None:
    """Tables, columns, keys, indexes and triggers: a table changed without its migration is found here."""
    engine = make_engine(url)
    upgrade(engine)
    with engine.begin() as connection:
        migrated = _schema(connection)
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    other = engine if engine.dialect.name == "postgresql" else make_engine("sqlite://")
    with other.begin() as connection:
        metadata.create_all(connection)
        assert _schema(connection) == migrated
    engine.dispose()
    other.dispose()


def test_upgrading_again_changes_nothing(tmp_path: Path) -> None:
    """A second start finds what the first one left, also under a folder with odd signs in its name."""
    url = f"sqlite:///{tmp_path}/50%25 (new) home/vigil.db"
    first = open_store(url)
    with first() as s:
        meta.put(s, "kept", "yes")
    first.close()
    second = open_store(url)
    with second.reading() as s:
        assert meta.get(s, "kept") == "yes"
    second.close()


def test_a_newer_store_is_refused(url: str) -> None:
    """It says which schema the store has and what to do, and changes nothing."""
    engine = make_engine(url)
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE vigil_schema SET version_num = '9999'"))
    with pytest.raises(Refused, match=r"schema 9999.*start it with the version that made it") as refused:
        upgrade(engine)
    assert refused.value.rule == "store_version"
    with engine.begin() as connection:
        assert schema_of(connection) == "9999"
    engine.dispose()


def test_a_foreign_database_is_refused(url: str) -> None:
    """Tables of the same name that no migration of ours made are left alone."""
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE case_record (id INTEGER)"))
    with pytest.raises(Refused, match="a database of its own"):
        upgrade(engine)
    engine.dispose()


def test_a_refused_store_is_closed_again(tmp_path: Path) -> None:
    """Opening one that is refused leaves nothing open."""
    url = f"sqlite:///{tmp_path}/vigil.db"
    open_store(url).close()
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE vigil_schema SET version_num = 'x'"))
    engine.dispose()
    with pytest.raises(Refused):
        open_store(url)


def test_migrations_are_one_line() -> None:
    """There is one head, and each revision has a file whose number says its place."""
    engine = make_engine("sqlite://")
    with engine.begin() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
        numbers = [script.revision for script in scripts.walk_revisions()][::-1]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    engine.dispose()
