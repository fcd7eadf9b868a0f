"""A fifth force takes one file: what docs/new-force.md shows is checked, started, told of a case, and rehearsed."""

import json
import re
from pathlib import Path

import pytest

from console.cli.commands import run as vigil
from console.pages.answers import personal_link
from runtime.rehearse import run as rehearse
from tests.console.world import World, open_world
from tests.support.house import ROOT

PAGE = (ROOT / "docs" / "new-force.md").read_text(encoding="utf-8")
NIGHT = "# var/rehearsals/"  # how the one block of TOML begins that is no part of the pack


def blocks(language: str) -> list[str]:
    """Give the page's blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


def write_down(home: Path) -> Path:
    """Write the pack of the page into a home, and the night beside it; give the night's file."""
    pack = "\n".join(text for text in blocks("toml") if not text.startswith(NIGHT))
    (night,) = [text for text in blocks("toml") if text.startswith(NIGHT)]
    for folder in ("packs", "rehearsals"):
        (home / folder).mkdir(parents=True)
    (home / "packs" / "ridgeshire.toml").write_text(pack, encoding="utf-8")
    (home / "vigil.toml").write_text('pack = "ridgeshire"\n', encoding="utf-8")
    file = home / "rehearsals" / night.splitlines()[0].removeprefix(NIGHT)
    file.write_text(night, encoding="utf-8")
    return file


def walker(world: World) -> str:
    """Report somebody missing on the moor."""
    person = {"name": "Ann Example", "date_of_birth": "1985-05-01"}
    return world.report(area="moor", risk="medium", person=person)


def test_the_page_is_one_sound_pack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vigil pack check` finds no fault, and knows the file by its name."""
    write_down(tmp_path)
    file = str(tmp_path / "packs" / "ridgeshire.toml")
    assert vigil(["pack", "check", file, "--home", str(tmp_path), "--states", "600"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("ridgeshire: sound\nridgeshire: checked ")
    assert "no faults" in said


def test_the_check_refuses_what_no_force_may_leave_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the page says: words that are sound one by one, and a step of which nobody hears when it stays undone."""
    write_down(tmp_path)
    file = tmp_path / "packs" / "ridgeshire.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"default"', '"none"'), encoding="utf-8")
    assert vigil(["pack", "check", str(file), "--home", str(tmp_path)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "steps.mountain_rescue_asked" in said
    assert "has no ladder" in said


def test_its_night_is_rehearsed_from_the_page(tmp_path: Path) -> None:
    """Every expectation of the page's night is kept, in the force's own words; with another number one breaks."""
    file = write_down(tmp_path)
    out: list[str] = []
    assert rehearse([file], out=out.append, err=out.append) == 0, "".join(out)
    story = " ".join("".join(out).split())
    assert "ADI adi-moor" in story
    assert "mountain rescue" in story
    pack = tmp_path / "packs" / "ridgeshire.toml"
    pack.write_text(pack.read_text(encoding="utf-8").replace('medium = "8m"', 'medium = "9m"'), encoding="utf-8")
    assert rehearse([file], out=out.append, err=out.append) == 1


def test_a_rehearsal_names_a_pack_file_that_is_not_there(tmp_path: Path) -> None:
    """The fault names the field, the file and what to write; so does a file that takes a shipped pack's name."""
    file = write_down(tmp_path)
    night = file.read_text(encoding="utf-8")
    for name, says in (("../packs/ridgshire.toml", "there is no pack file"), ("staffordshire.toml", "already")):
        file.write_text(night.replace("../packs/ridgeshire.toml", name), encoding="utf-8")
        err: list[str] = []
        assert rehearse([file], json=True, out=err.append, err=err.append) == 2
        (fault,) = json.loads("".join(err))["errors"]
        assert fault["field"].endswith("pack")
        assert says in fault["message"]


def test_a_case_is_told_in_the_new_forces_words(tmp_path: Path) -> None:
    """One file and a roster: the inspector and the sergeant of the area are told, by its titles and its times."""
    write_down(tmp_path / "home")
    (people,) = blocks("csv")
    with open_world(tmp_path / "home", people=people) as world:
        ref = walker(world)
        sent = world.web.get(f"/api/v1/cases/{ref}/messages", headers=world.machine).json()["messages"]
        told = {one["to"] for one in sent}
        assert {"adi-moor", "sgt-moor"} <= told
        assert not {"adi-valley", "sgt-valley"} & told
        case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
        (notice,) = [step for step in case["steps"] if step["key"] == "notify_local_supervisor"]
        assert notice["title"] == "The ADI and the shift sergeant are told"
        assert notice["due_at"] == "2026-01-10T19:08:00Z"
        inbox = world.web.get(personal_link(world.app, "adi-moor")).text
        for words in ("Area Duty Inspector (ADI)", "The Moor", "Ask mountain rescue whether they can search"):
            assert words in inbox
        card = world.web.get("/api/v1/packs/ridgeshire/roles/duty_inspector", headers=world.machine).json()
        assert card["must"][2].endswith("until the next ADI has accepted.")
        assert card["may"], "the lists that the page leaves out stay"
        assert "mountain_rescue_asked" in [step["key"] for step in card["steps"]]


def test_the_whole_roster_of_the_page_leaves_no_gap_at_once(tmp_path: Path) -> None:
    """Each role that some step of the pack needs is on duty in each area from now on."""
    write_down(tmp_path / "home")
    (people,) = blocks("csv")
    with open_world(tmp_path / "home", people=people) as world:
        answer = world.web.put("/api/v1/roster", content=people, headers=world.machine).json()
        now = world.clock.now().isoformat().replace("+00:00", "Z")
        assert [gap for gap in answer["gaps"] if gap["from"] <= now] == []
