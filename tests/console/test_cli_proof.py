"""`vigil pack check` on the command line: how far was looked, what was found, and the case that shows it."""

import json
from pathlib import Path

import pytest

from console.cli.commands import run

PLANTED = Path(__file__).parents[1] / "policy" / "packs" / "a_neighbour_of_nobody.toml"


def test_a_fault_is_told_as_a_story(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bound, the fault in a sentence, and the night minute by minute; exit 1."""
    assert run(["pack", "check", str(PLANTED), "--home", str(tmp_path), "--states", "300"]) == 1
    said = capsys.readouterr().out
    for words in (
        "a_neighbour_of_nobody: sound",
        "states to depth",
        ", 1 fault\n",
        "searches came to their end",
        "goes to nobody: The Island has no neighbours.",
        "Wednesday 12 January 2028:",
        "10:30 Force Incident Manager force-incident-manager-early is alarmed: Alarm: nobody on duty",
        "no owner, force-incident-manager-early is responsible",
    ):
        assert words in said, said


def test_the_same_as_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` holds the bound, what it left out, and each story whole."""
    assert run(["pack", "check", str(PLANTED), "--home", str(tmp_path), "--states", "300", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    (proof,) = data["proofs"]
    assert data["sound"] == ["a_neighbour_of_nobody"]
    assert {"states", "depth", "seconds", "searches", "ended_by_the_bound", "unreached"} <= set(proof)
    (fault,) = proof["faults"]
    assert (fault["kind"], fault["step"]) == ("nobody", "notify_local_supervisor")
    assert any("rung 3" in line for line in fault["story"])


def test_a_pack_is_named_by_itself_and_may_be_read_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A shipped pack needs no file; without states nothing is searched."""
    assert run(["pack", "check", "staffordshire", "--home", str(tmp_path), "--states", "0"]) == 0
    assert capsys.readouterr().out == "staffordshire: sound\n"
