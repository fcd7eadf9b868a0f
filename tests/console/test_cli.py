"""The command line: the same documents as the API, on the store or over HTTP; exit 0, 1 or 2."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.cli.commands import run
from console.cli.way import Local
from runtime.example import FOLDER as EXAMPLES
from runtime.example import LOADED
from store import meta
from tests.console.world import STEP, World, record, roster

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(world: World) -> str:
    """The world's home, for --home."""
    return str(world.app.settings.home)


def said(capsys: Captured) -> tuple[str, str]:
    """What was printed since."""
    out = capsys.readouterr()
    return out.out, out.err


def whole_journal(world: World, ref: str) -> list[dict[str, Any]]:
    """Every line of a case's journal, page by page."""
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = world.web.get(f"/api/v1/cases/{ref}/journal?after={after}", headers=world.machine).json()
        found, after = found + page["entries"], page["next"]
    return found


def test_report_and_case_on_the_store(world: World, home: str, tmp_path: Path, capsys: Captured) -> None:
    """A report by the command line is a case that the API shows."""
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record(area="atlantis")))
    assert run(["report", str(file), "--home", home, "--json"]) == 0
    body = json.loads(said(capsys)[0])
    assert set(body) == {"case", "url", "flow_run_id", "defects", "steps"}
    assert run(["case", "show", body["case"], "--home", home, "--json"]) == 0
    shown = json.loads(said(capsys)[0])
    assert shown == world.web.get(f"/api/v1/cases/{body['case']}", headers=world.machine).json() | {
        "responsible": shown["responsible"],  # the command line's clock is the real one
    }
    assert run(["case", "list", "--status", "open", "--home", home]) == 0
    assert body["case"] in said(capsys)[0]


def test_both_ways_print_what_the_api_answers(world: World, capsys: Captured) -> None:
    """Over HTTP: exactly the API's document; a refusal on stderr and exit 1."""
    ref = world.report()
    remote = ["--url", world.address, "--token", world.app.keys.token, "--json"]
    assert run(["case", "show", ref, *remote]) == 0
    assert json.loads(said(capsys)[0]) == world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert run(["fact", ref, "acknowledged", "--by", "insp-a", "--step", STEP, *remote]) == 0
    said(capsys)
    assert run(["fact", ref, "acknowledged", "--by", "sgt-s", *remote]) == 1
    out, err = said(capsys)
    assert out == ""
    assert json.loads(err)["type"] == "/problems/refused"
    assert run(["case", "show", "MP-2026-999999", "--url", world.address, "--token", "wrong"]) == 1
    assert "not one of ours" in said(capsys)[1]


def test_a_table_is_taken_row_by_row(world: World, home: str, tmp_path: Path, capsys: Captured) -> None:
    """Dotted names nest; a bad row is reported and stops no other; exit 1 when any was refused."""
    table = tmp_path / "night.csv"
    table.write_text(
        "source,source_id,area,risk,person.name,person.date_of_birth,flags\n"
        "compact,1,stoke,high,A,2012-05-01,child_in_care;no_phone\n"
        "compact,,stoke,high,B,2012-05-01,\n"
        "compact,3,stoke,odd,C,,\n"
    )
    assert run(["report", "--csv", str(table), "--home", home, "--json"]) == 1
    rows = [json.loads(line) for line in said(capsys)[0].splitlines()]
    assert [row["row"] for row in rows] == [2, 3, 4]
    assert rows[1]["type"] == "/problems/invalid"
    assert rows[1]["errors"][0]["field"] == "source_id"
    assert rows[2]["defects"][0]["field"] == "risk"
    assert run(["report", "--csv", str(table), "--home", home]) == 1
    assert "unchanged" in said(capsys)[0]


def test_evidence_is_read_as_it_is_meant(world: World, home: str, capsys: Captured) -> None:
    """-e gives text, yes and no, lists; what is not NAME=VALUE is a usage error."""
    ref = world.report()
    words = ["fact", ref, "note", "--by", "insp-a", "-e", "text=a=b", "-e", "urgent=true", "--home", home, "--json"]
    assert run(words) == 0
    said(capsys)
    entries = whole_journal(world, ref)  # the command line has the real time: months of reviews fall due at once
    body = next(entry["body"] for entry in entries if entry["kind"] == "fact")
    assert body["evidence"] == {"text": "a=b", "urgent": True}
    assert next(entry["route"] for entry in entries if entry["kind"] == "fact") == "cli"
    assert run(["fact", ref, "note", "--by", "insp-a", "-e", "text", "--home", home]) == 2
    assert run(["fact", ref]) == 2
    assert run(["nonsense"]) == 2
    assert run(["case", "list", "--home", home, "--url", "http://127.0.0.1:1"]) == 2


def test_packs_rosters_and_the_doctor(world: World, home: str, tmp_path: Path, capsys: Captured) -> None:
    """Packs are listed, shown and checked; a roster is imported; the doctor names what is wrong."""
    assert run(["pack", "list", "--home", home]) == 0
    assert "staffordshire" in said(capsys)[0]
    assert run(["pack", "show", "staffordshire", "--home", home]) == 0
    assert run(["pack", "check", "--home", home, "--states", "0"]) == 0
    bad = tmp_path / "bad.toml"
    bad.write_text('pack = "bad"\ntitle = "Bad"\n[steps.x]\ntitle = "An odd step"\nstage = "nowhere"\n')
    said(capsys)
    assert run(["pack", "check", str(bad), "--home", home, "--json"]) == 1
    faults = json.loads(said(capsys)[1])["errors"]
    assert all({"field", "message", "remedy"} == set(fault) for fault in faults)
    file = tmp_path / "duty.csv"
    file.write_text(roster())
    assert run(["roster", "import", str(file), "--home", home]) == 0
    assert "8 rows taken" in said(capsys)[0]
    assert run(["doctor", "--home", home, "--json"]) == 1
    checks = {check["name"]: check["ok"] for check in json.loads(said(capsys)[0])["checks"]}
    assert checks["journal"]
    assert checks["packs"]
    assert not all(checks.values())


def test_what_cannot_be_found_is_said(tmp_path: Path, capsys: Captured) -> None:
    """A home that is not there, a file that is not there, a server that is not there: exit 1 and a remedy."""
    assert run(["case", "list", "--home", str(tmp_path / "nowhere")]) == 1
    assert "vigil up" in said(capsys)[1]
    assert run(["case", "list", "--url", "http://127.0.0.1:1", "--json"]) == 1
    assert json.loads(said(capsys)[1])["type"] == "/problems/busy"


@pytest.mark.parametrize("words", [[], ["report"], ["fact"], ["case", "list"], ["pack", "check"], ["up"], ["doctor"]])
def test_help_teaches(words: list[str], capsys: Captured) -> None:
    """Every command's help shows how it is typed."""
    assert run([*words, "--help"]) == 0
    assert "vigil " in said(capsys)[0]


@pytest.mark.parametrize(("text", "flags"), [("{broken", []), ('"a\nb,"c', ["--csv"])])
def test_what_cannot_be_read_rings_by_this_road_too(
    world: World, home: str, tmp_path: Path, capsys: Captured, text: str, flags: list[str]
) -> None:
    """On the store and over HTTP: exit 1, the remedy, and the Force Incident Manager hears."""
    file = tmp_path / "record"
    file.write_text(text)
    ways = (["--home", home], ["--url", world.address, "--token", world.app.keys.token])
    for number, way in enumerate(ways, 1):
        assert run(["report", str(file), *flags, *way]) == 1
        assert "cannot be read" in said(capsys)[1]
        refused = [alarm["key"] for alarm in world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]]
        assert refused == ["intake_refused"] * number


def test_a_list_of_records_is_taken_one_by_one(world: World, home: str, tmp_path: Path, capsys: Captured) -> None:
    """A refused one stops no other."""
    file = tmp_path / "records.json"
    file.write_text(json.dumps([record(1), {"source": "x"}, record(2)]))
    assert run(["report", str(file), "--home", home, "--json"]) == 1
    rows = [json.loads(line) for line in said(capsys)[0].splitlines()]
    assert [row.get("case") for row in rows] == ["MP-2026-000001", None, "MP-2026-000002"]


def test_a_report_while_vigil_is_stopped_says_that_nobody_is_told(
    world: World, home: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No dead link and no line of a log; while it runs, the link."""
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record()))
    assert run(["report", str(file), "--home", home]) == 0
    out, err = said(capsys)
    assert "http" not in out
    assert "is written down, but Vigil is not running on this home" in err
    assert f"vigil up --home {home}" in err
    assert "engine_not_reached" not in err
    monkeypatch.setattr("runtime.up_home.in_use", lambda _: True)
    assert run(["report", str(file), "--home", home]) == 0
    out, err = said(capsys)
    assert "/cases/MP-2026-000001" in out
    assert err == ""


def test_a_real_record_in_an_examples_home_is_said_loudly(world: World, home: str, capsys: Captured) -> None:
    """Its officers are made up; once said, for from then on it is no example any more."""
    with world.app.sessions() as s:
        meta.put(s, LOADED, "then")
    for number, warned in ((1, True), (2, False)):
        Local(world.app).report(record(number))
        assert ("made up" in said(capsys)[1]) is warned


@pytest.mark.parametrize("words", [["report"], ["roster", "import"], ["log"]])
def test_a_file_that_is_not_there_is_said_so(words: list[str], home: str, tmp_path: Path, capsys: Captured) -> None:
    """Nobody is told to send it in UTF-8."""
    assert run([*words, str(tmp_path / "none.csv"), "--home", home]) == 1
    err = said(capsys)[1]
    assert "there is no such file" in err
    assert "UTF-8" not in err
    assert run([*words, str(tmp_path), "--home", home]) == 1
    assert "is a directory" in said(capsys)[1]


def test_the_examples_roster_and_log_can_be_typed_in(home: str, tmp_path: Path, capsys: Captured) -> None:
    """As the help names them: instants counted from now, and lines for a case by its serial."""
    assert run(["roster", "import", str(EXAMPLES / "roster.csv"), "--home", home]) == 0
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record(serial="STORM-EX-0101")))
    assert run(["report", str(file), "--home", home]) == 0
    said(capsys)
    assert run(["log", str(EXAMPLES / "log.csv"), "--home", home]) == 0
    assert "3 lines taken" in said(capsys)[0]
    assert run(["fact", "--help"]) == 0
    assert "transfer_bounced" in said(capsys)[0]


def test_packs_of_the_usual_home_are_checked(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --home, as `pack show` does."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path))
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "ours.toml").write_text('inherits = "staffordshire"\n[steps.revue]\ntitle = "x"\n')
    assert run(["pack", "check"]) == 1
    assert "no step `revue` in staffordshire" in said(capsys)[1]
