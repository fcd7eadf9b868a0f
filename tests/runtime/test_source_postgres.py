"""A source in PostgreSQL: marks and instants of its own types, names in its own case, and nothing written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.runtime.intake_world import Intake, open_intake
from tests.store import postgres

pytestmark = pytest.mark.postgres

TABLE = """
DROP TABLE IF EXISTS missing;
CREATE TABLE missing
 (NUMBER text, Changed_At timestamptz, made timestamp, full_name text, aliases text[], height numeric);
INSERT INTO missing VALUES
 ('1', '2026-01-10 18:30:00.123456+00', '2026-01-10 18:30:00', 'First Person', '{One}', 180),
 ('2', NULL, '2026-01-10 18:31:00', 'Second Person', NULL, 1.75);
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a database with two rows."""
    with postgres.server() as server:
        engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            connection.execute(text(TABLE))
        yield server
        engine.dispose()


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force without a source."""
    with open_intake(tmp_path) as opened:
        yield opened


def test_rows_are_read_by_a_mark_of_the_databases_own_type(intake: Intake, url: str) -> None:
    """Also those without a mark, at every turn; each comes in once."""
    ours = {"number": "source_id", "full_name": "person.name", "aliases": "person.aliases", "made": "recorded_at"}
    columns = {**ours, "height": ""}
    watch = intake.source(url=url, query="SELECT * FROM missing;", map=columns, mark="Changed_At", zone="UTC")
    assert watch.turn()
    assert watch.turn()
    assert sorted(intake.ids()) == ["1", "2"]
    first = next(case for case in intake.cases() if case.source_id == "1")
    assert first.record["person"] == {"name": "First Person", "aliases": ["One"]}
    assert first.record["recorded_at"] == "2026-01-10T18:30:00+00:00"
    assert [d["field"] for d in first.defects if isinstance(d, dict)] == ["area"]
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO missing SELECT '3', changed_at, made, 'Third', NULL, 1 FROM missing"))
    engine.dispose()
    assert watch.turn()
    assert sorted(intake.ids()) == ["1", "2", "3"]
    assert watch.count_starts() == []


def test_nothing_can_be_written(intake: Intake, url: str) -> None:
    """A query that writes is no answer."""
    writes = "WITH gone AS (DELETE FROM missing RETURNING *) SELECT * FROM gone"
    assert intake.source(url=url, query=writes).turn() is False
    assert intake.source(url=url, query="SELECT nextval('x')", name="other").turn() is False
