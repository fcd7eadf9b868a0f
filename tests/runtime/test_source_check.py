"""What the doctor says of a source: enough to connect one without reading the code, and nothing of who is missing."""

from pathlib import Path

from runtime.clock import WallClock
from runtime.settings import Settings
from runtime.source_check import Found, look
from runtime.source_setting import SourceSetting
from tests.runtime.intake_world import QUERY, Database, row


def said(home: Path, **setting: object) -> Found:
    """What is said of one source."""
    source = SourceSetting.model_validate({"query": QUERY, **setting})
    (found,) = look(Settings(home=home, sources={"compact": source}), WallClock())
    return found


def test_a_sound_source_names_what_a_report_does_not_know(tmp_path: Path) -> None:
    """A spelling mistake in a column's name shows here first."""
    database = Database(tmp_path / "force.db")
    database.put(row(1, resk="high"))
    assert said(tmp_path, url=database.url, mark="changed_at") == (
        "source compact",
        True,
        "answers; columns that a report does not know: resk",
        "",
    )


def test_what_is_wrong_is_said_with_its_remedy(tmp_path: Path) -> None:
    """A server that is not there, rows that cannot be a case, a mark that no row has."""
    database = Database(tmp_path / "force.db")
    database.put({"source_id": "1", "who": "Zebedee Quillfeather"})
    checks = [
        said(tmp_path, url=f"sqlite:///{tmp_path}/absent.db"),
        said(tmp_path, url=database.url),
        said(
            tmp_path,
            url=database.url,
            map={"who": "person.name"},
            query="SELECT *, NULL AS stamp FROM missing",
            mark="stamp",
        ),
    ]
    assert [found[1] for found in checks] == [False, False, False]
    assert "does not answer (OperationalError)" in checks[0][2]
    assert checks[1][2] == "answers; of 1 rows 1 cannot be a case: person holds no trace of a person"
    assert "map" in checks[1][3]
    assert checks[2][2] == "answers; no row has a stamp"
    assert "Quillfeather" not in str(checks)


def test_an_empty_source_is_a_quiet_night(tmp_path: Path) -> None:
    """It answers."""
    database = Database(tmp_path / "force.db")
    database.put()
    assert said(tmp_path, url=database.url)[1:3] == (True, "answers; it holds no row now")


def test_a_relative_file_is_looked_for_in_the_home(tmp_path: Path) -> None:
    """Wherever Vigil was started; where it is not there, the place that was looked at is named."""
    absent = said(tmp_path, url="sqlite:///force.db")
    assert f"there is no file {tmp_path / 'force.db'}" in absent[3]
    database = Database(tmp_path / "force.db")
    database.put(row(1))
    assert said(tmp_path, url="sqlite:///force.db", mark="changed_at")[1:3] == (True, "answers")
    assert "query and mark" in said(tmp_path, url="sqlite:///force.db", query="SELECT * FROM nowhere")[3]
    assert "token" in said(tmp_path, url="http://127.0.0.1:1/", query=None)[3]
    assert "password" in said(tmp_path, url="postgresql://r:p@127.0.0.1:1/x")[3]
