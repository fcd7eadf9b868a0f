"""What the guide says of the roads is true: the examples come in without a fault, every setting is explained."""

import json
import re
import runpy
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.source import Watch
from runtime.source_read import HttpReader, Reader, SqlReader
from runtime.source_setting import SourceSetting
from tests.runtime.intake_world import Intake, open_intake
from tests.support.house import ROOT

EXAMPLES = ROOT / "examples"
GUIDE = (ROOT / "docs" / "connecting.md").read_text(encoding="utf-8")


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force with an empty folder."""
    with open_intake(tmp_path) as opened:
        yield opened


def settings() -> dict[str, SourceSetting]:
    """The sources of the example."""
    said = tomllib.loads((EXAMPLES / "sources" / "vigil.toml").read_text(encoding="utf-8"))["sources"]
    return {name: SourceSetting.model_validate(one) for name, one in said.items()}


def test_the_example_files_are_taken_without_a_defect(intake: Intake) -> None:
    """Table and list; made-up cases all of them."""
    folder = intake.folder()
    for path in sorted((EXAMPLES / "intake").iterdir()):
        intake.drop(path.name, path.read_bytes())
    folder.look()
    intake.wait(2)
    assert folder.look() == 2
    for name, opened in (("night.csv", 2), ("record.json", 1)):
        said = intake.report("done", name)
        assert (said["opened"], said["refused"]) == (opened, 0)
        assert [o["defects"] for o in said["outcomes"]] == [[]] * opened
    assert all(stored.case.example for stored in intake.cases())


def test_the_example_database_and_list_are_read(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of the guide makes the one, a server of files gives the other."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["make_database.py", "force.db"])
    script = str(EXAMPLES / "sources" / "make_database.py")
    runpy.run_path(script, run_name="__main__")
    runpy.run_path(script, run_name="__main__")
    document = json.loads((EXAMPLES / "sources" / "list.json").read_text(encoding="utf-8"))
    served = httpx.MockTransport(lambda _: httpx.Response(200, json=document))
    sources = settings()
    readers: dict[str, Reader] = {
        "compact-example": SqlReader(sources["compact-example"]),
        "list-example": HttpReader(sources["list-example"], served),
    }
    for name, reader in readers.items():
        watch: Watch = intake.source(reader, name, **sources[name].model_dump(exclude_unset=True))
        assert watch.turn()
    # The tests' clock stands before the instants that the line writes: those are in the future, and said so.
    defects = {d["field"] for c in intake.cases() for d in c.defects if isinstance(d, dict)}
    assert sorted(intake.ids()) == ["EX-0200", "EX-0201", "EX-0301"]
    assert defects <= {"recorded_at"}
    assert all(stored.case.example for stored in intake.cases())


def test_the_guides_sources_are_the_examples() -> None:
    """Each block of the guide can be written into vigil.toml as it stands."""
    told: dict[str, SourceSetting] = {}
    for text in re.findall(r"^```toml\n(.*?)^```", GUIDE, re.M | re.S):
        for name, said in tomllib.loads(text).get("sources", {}).items():
            told[name] = SourceSetting.model_validate(said)
    assert told.keys() == settings().keys()
    for name, setting in settings().items():
        assert told[name] == setting


def test_every_setting_of_a_source_is_explained_with_its_default() -> None:
    """In the table of the guide."""
    for name, field in SourceSetting.model_fields.items():
        (line,) = [line for line in GUIDE.splitlines() if line.startswith("| ") and f"`{name}`" in line.split("|")[1]]
        if isinstance(field.default, str):
            assert f"`{field.default}`" in line
