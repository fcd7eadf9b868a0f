"""`vigil simulate`: a year that never was, for a person and for a program; bad input is refused with its remedy."""

import json
from pathlib import Path

import pytest

from console.cli.commands import run

FEW = ["--days", "3", "--processes", "1"]
Captured = pytest.CaptureFixture[str]


def test_a_person_sees_what_the_year_asks_of_whom(capsys: Captured) -> None:
    """Cases, rungs and breaches by step, messages by role, and those of the night, in the force's words."""
    assert run(["simulate", "--from", "2026-03-27", *FEW]) == 0
    out, _ = capsys.readouterr()
    assert "cases in 3 days of staffordshire" in out
    for title in ("Rungs climbed", "Deadlines missed", "Messages", "Messages from 23:00 to 07:00"):
        assert title in out
    assert "FIM tells the LOI and the sergeant" in out
    assert "Local Operations Inspector (LOI)" in out


def test_a_program_sees_the_same_as_data(capsys: Captured) -> None:
    """The same seed, the same answer to the byte; another seed another one; nothing but the document is written."""
    flags = ["simulate", "--profile", "derbyshire", "--json", *FEW]
    said = []
    for more in ([], ["--seed", "1"], ["--seed", "2"], ["--stress"]):
        assert run([*flags, *more]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        said.append(out)
    assert said[0] == said[1]
    bodies = [json.loads(out) for out in said]
    assert bodies[0]["cases"] < bodies[3]["cases"]
    assert bodies[0]["messages"] != bodies[2]["messages"]
    body = bodies[0]
    assert (body["pack"], body["profile"], body["days"], body["seed"]) == ("staffordshire", "derbyshire", 3, 1)
    assert body["messages"]["count"] == sum(role["count"] for role in body["messages"]["roles"].values())
    assert all(len(role["hours"]) == 24 for role in body["messages"]["roles"].values())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--pack", "atlantis"], ["--pack", "staffordshire"]),
        (["--profile", "atlantis"], ["--profile", "west_midlands"]),
        (["--days", "0"], ["--days", "from 1 to 3660"]),
        (["--days", "9999999"], ["--days", "from 1 to 3660"]),
        (["--from", "yesterday"], ["--from", "2026-01-01"]),
        (["--from", "0001-01-01"], ["--from", "2026-01-01"]),
    ],
)
def test_bad_input_is_refused_with_its_remedy(flags: list[str], said: list[str], capsys: Captured) -> None:
    """The flag, what is wrong, and what to write instead; nothing is simulated."""
    assert run(["simulate", *flags]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert all(word in err for word in said)


def test_every_fault_is_told_at_once(capsys: Captured) -> None:
    """A program gets them as the problem document."""
    assert run(["simulate", "--profile", "x", "--days", "-1", "--from", "x", "--json"]) == 1
    faults = json.loads(capsys.readouterr().err)["errors"]
    assert [fault["field"] for fault in faults] == ["--profile", "--days", "--from"]


@pytest.mark.parametrize("flags", [["--days", "many"], ["--processes", "0"], ["--seed", "x"]])
def test_what_is_no_number_is_a_matter_of_usage(flags: list[str]) -> None:
    """Exit 2, as everywhere."""
    assert run(["simulate", *flags]) == 2


def test_a_pack_of_a_home_can_be_simulated(tmp_path: Path, capsys: Captured) -> None:
    """What a force has not published yet, it can try."""
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "mine.toml").write_text('pack = "mine"\ninherits = "staffordshire"\n')
    assert run(["simulate", "--pack", "mine", "--home", str(tmp_path), "--json", *FEW]) == 0
    assert json.loads(capsys.readouterr().out)["pack"] == "mine"


def test_the_help_teaches(capsys: Captured) -> None:
    """What it does, what it does not, and lines to copy."""
    assert run(["simulate", "--help"]) == 0
    out, _ = capsys.readouterr()
    for word in ("vigil simulate --pack staffordshire --profile met --days 365", "nobody told", "--seed"):
        assert word in " ".join(out.split())
