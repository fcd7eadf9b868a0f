"""One file with a name that nobody foresaw never keeps the records behind it out of sight."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.terms import AlarmKey
from tests.runtime.intake_world import Intake, open_intake, record


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force and its home."""
    with open_intake(tmp_path) as opened:
        yield opened


def looked(intake: Intake) -> list[str]:
    """Let the folder be looked at until all that is still has been taken; give the source ids."""
    folder = intake.folder()
    for _ in range(3):
        folder.look()
        intake.wait(3)
    return intake.ids()


@pytest.mark.parametrize(
    "name",
    [
        "n" * 250 + ".json",
        "\u00e9" * 120 + ".json",
        os.fsdecode(b"Zo\xeb.json"),  # a name in Windows-1252, as an old system writes it
        "night\nwith a break.json",
    ],
)
def test_an_odd_name_stops_no_other_file(intake: Intake, name: str) -> None:
    """Both are taken and put away, each with its report."""
    intake.drop(name, json.dumps(record(1)))
    intake.drop("z-the-next.json", json.dumps(record(2)))
    assert sorted(looked(intake)) == ["CMP-0001", "CMP-0002"]
    assert not list((intake.home / "intake" / "taking").iterdir())
    reports = list((intake.home / "intake" / "done").glob("*.report.json"))
    assert [json.loads(path.read_text(encoding="utf-8"))["opened"] for path in reports] == [1, 1]


def test_a_file_that_cannot_be_put_away_stops_no_other_and_rings_once(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full for one report is not full for the next record, and nobody is rung at every look."""
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if path.name == "a-bad.json" and target.parent.name == "refused":
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", full)
    intake.drop("a-bad.json", "{")
    intake.drop("z-the-next.json", json.dumps(record(2)))
    assert looked(intake) == ["CMP-0002"]
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1
