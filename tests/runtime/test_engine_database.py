"""A server of Prefect's whose database was taken from it is told from one whose database does not answer."""

from pathlib import Path

from sqlalchemy import create_engine, text

from runtime.engine_database import is_there


def test_a_database_that_was_lost_and_one_that_does_not_answer(tmp_path: Path) -> None:
    """Only tables that are gone are a loss: then the server ends, is started again and makes them anew."""
    file = tmp_path / "prefect.db"
    url = f"sqlite+aiosqlite:///{file}"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE flow_run (id TEXT)"))
    engine.dispose()
    assert is_there(url) is True
    file.unlink()
    assert is_there(url) is False
    assert is_there(f"sqlite+aiosqlite:///{tmp_path}/nowhere/prefect.db") is None
