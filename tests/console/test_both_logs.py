"""Both logs: the text to paste, the lines that come in, the timeline that merges them, and what is kept back."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from console.cli.commands import run
from console.pages import case as pages_case
from tests.console.hands import at_console, plain
from tests.console.test_case_forms import ADULT, INTERVIEW
from tests.console.world import NAME, PLACE, STORY, World

SERIAL = "do-log_notification_in_c_and_c-1-serial_entry"
GREEN = "In the house with the green door"
LINES = """case,serial,at,source,text,by
{ref},,2026-01-10T18:59:00Z,COMPACT,Tagged to the inspector,op-1
,STORM-1,2026-01-10T18:58:30Z,storm,Unit asked for,op-1
,STORM-9,2026-01-10T18:58:30Z,STORM,Of no case,op-1
{ref},,late,STORM,At no time,op-1
{ref},,2026-01-10T18:58:40Z,STORM,,op-1
{ref},,2030-01-10T18:58:40Z,STORM,Still to come,op-1
"""


def test_the_text_to_paste_says_who_was_told_when_and_how(world: World) -> None:
    """For each system by its name: roster ids, roles, times, channels; nothing of the missing person."""
    ref = world.report(1, person=ADULT)
    with at_console(world, "insp-a") as insp, at_console(world, "op-1") as operator:
        assert "To paste into STORM" not in operator.page(ref), "nobody has acknowledged: the entry is not due yet"
        world.forward(2)
        insp.did(ref, "do-notify_local_supervisor-1-acknowledged")
        page = operator.page(ref)
        assert "To paste into STORM" in page
        assert "To paste into COMPACT" in page
        text = page.partition('id="paste-1"')[2].partition("</textarea>")[0]
        for shown in (
            f"VIGIL {ref} (record CMP-1), medium risk, Stoke-on-Trent",
            "10/01/26 19:00 insp-a (LOI) told by webhook and inbox, received 10/01/26 19:00.",
            "sgt-s (Area sergeant) told",
            "10/01/26 19:02 insp-a (LOI) acknowledged.",
            "No owner has accepted the case yet.",
        ):
            assert shown in text
        assert not any(private in text for private in (NAME, PLACE, STORY, "1990", "Ann"))
        form = page.partition(f'id="{SERIAL}"')[2].partition("</form>")[0]
        assert 'name="f-recipient" aria-required="true" value="insp-a"' in form, (
            "the one who acknowledged stands there already"
        )
        assert "acknowledged." in form.partition('name="f-text"')[2], "and the entry as it was to be pasted"
        refused = operator.send(ref, SERIAL, text="Handed on")
        assert refused.status_code == 422
        assert f'href="#{SERIAL}-recipient"' in refused.text
        operator.did(ref, SERIAL, recipient="insp-a", text="Handed to insp-a at 19:02")
        assert "To paste into STORM" not in operator.page(ref)


def test_log_lines_come_in_row_by_row(world: World) -> None:
    """By case or by serial; each bad row is named with its field and stops no other; the same table again is one."""
    ref = world.report(1)
    for _ in range(2):
        answer = world.web.post("/api/v1/log", content=LINES.format(ref=ref), headers=world.machine)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["accepted"], [row["row"] for row in body["taken"]]) == (2, [2, 3])
        assert [(bad["row"], bad["field"]) for bad in body["refused"]] == [
            (4, "serial"),
            (5, "at"),
            (6, "text"),
            (7, "at"),
        ]
        assert all(bad["remedy"] for bad in body["refused"])
    assert world.web.post("/api/v1/log", content='a\n"b', headers=world.machine).status_code == 422
    assert world.web.post("/api/v1/log", content=LINES.format(ref=ref)).status_code == 401
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    lines = [e for e in entries if e["body"].get("fact") == "log_entry"]
    assert [(e["at"], e["by"], e["body"]["evidence"]["source"]) for e in lines] == [
        ("2026-01-10T18:59:00Z", "op-1", "COMPACT"),
        ("2026-01-10T18:58:30Z", "op-1", "storm"),
    ]


def test_the_timeline_merges_both_logs_in_the_order_of_what_happened(world: World) -> None:
    """Each line with its source, by when it was and not when it was written; a source alone when it is asked for."""
    ref = world.report(1)
    world.web.post("/api/v1/log", content=LINES.format(ref=ref), headers=world.machine)
    world.fact(ref, "note", "fim-1", evidence={"text": "Rang the school"})
    with at_console(world, "fim-1") as fim:
        page = plain(fim.page(ref).partition('id="timeline"')[2])
        places = [page.index(text) for text in ("Rang the school", "Tagged to the inspector", "Unit asked for")]
        assert places == sorted(places), "the newest first"
        for source in ("STORM (1)", "COMPACT (1)", "People (", "Messages (", "Vigil ("):
            assert source in page
        storm = plain(fim.client.get(f"/cases/{ref}?source=storm").text.partition('id="timeline"')[2])
        assert "Unit asked for" in storm
        assert "Tagged to the inspector" not in storm
        assert "op-1, api" in storm


def test_a_long_timeline_is_read_part_by_part(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest part first, a way to each earlier one; every line stands on one page and on one only."""
    monkeypatch.setattr(pages_case, "SHOWN", 10)
    ref = world.report(1)
    for number in range(25):
        world.clock.at += timedelta(minutes=1)
        world.fact(ref, "note", "fim-1", evidence={"text": f"Note {number:02}."})
    with at_console(world, "fim-1") as fim:
        path, seen = f"/cases/{ref}", list[str]()
        while path:
            page = fim.client.get(path).text
            seen += re.findall(r"Note \d\d\.", page.partition('id="timeline"')[2])
            found = re.search(r'href="(\?before=\d+)#timeline"', page)
            path = f"/cases/{ref}{found[1]}" if found else ""
    assert seen == [f"Note {number:02}." for number in reversed(range(25))]


def test_the_command_line_brings_lines_in(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vigil log` says what was taken and what was not; exit 1 when a row was refused."""
    ref = world.report(1)
    home = str(world.app.settings.home)
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("at,source,text\n2026-01-10T18:59:00Z,STORM,Unit asked for\n")
    bad.write_text(LINES.format(ref=ref))
    assert run(["log", str(good), "--case", ref, "--home", home]) == 0
    assert "1 lines taken" in capsys.readouterr().out
    assert run(["log", str(bad), "--home", home]) == 1
    shown = capsys.readouterr().out
    assert "row 4" in shown
    assert "no case has the serial 'STORM-9'" in shown
    assert run(["log", str(tmp_path / "none.csv"), "--home", home]) == 1


def test_where_an_adult_is_who_asks_for_silence_is_kept_back(world: World) -> None:
    """The page says so at the top and keeps the place back, also from the signer and the journal; an admin reads it."""
    ref = world.report(1, person=ADULT)
    with at_console(world, "sgt-s") as sgt:
        sgt.did(ref, "say-found_reported", where=GREEN)
        assert GREEN in sgt.page(ref)
        evidence = {"seen_by": "sgt-s", "where": GREEN, "wellbeing": "safe", "do_not_disclose": "yes"}
        sgt.did(ref, "do-verify_seen-1-verified_seen", **evidence)
        sgt.did(ref, "say-returned", at="18:59")
        world.work(ref)
        sgt.did(ref, "do-prevention_interview-1-interview_held", **{**INTERVIEW, "where_been": GREEN})
        page = sgt.page(ref)
        assert "DO NOT DISCLOSE where this person is" in page
        assert GREEN not in page, "also what was said before the person asked"
        assert "kept back: the person asked that nobody be told where they are" in page
        assert GREEN not in sgt.client.get(f"/api/v1/cases/{ref}/journal").text
    whole = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).text
    assert GREEN in whole
    assert GREEN not in world.web.get(f"/api/v1/cases/{ref}/messages", headers=world.machine).text
    case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert (case["do_not_disclose"], case["wellbeing"], case["linked"], case["late"]) == (True, "safe", [], None)
    assert GREEN not in str(case)
    assert not any(GREEN in str(envelope.payload) for envelope in world.received)
