"""`vigil pack preview ... export`: a timing changed by the command line, on the store and over HTTP."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from console.cli.commands import run
from policy.terms import Role
from store import accounts, journal, revisions
from store.accounts import Account
from tests.console.world import STEP, World, roster

Captured = pytest.CaptureFixture[str]
PACK = "staffordshire"
SEVEN = ["--set", f"{STEP}.due.medium=7m"]
WHY = ["--reason", "Ten minutes were too long in May"]


@pytest.fixture
def home(world: World) -> list[str]:
    """The world's home, with somebody who may draft, and duties that last until the command line's own clock."""
    longer = re.sub(r"(?<=,)2026-01-11T[^,]+", "2036-01-01T00:00:00Z", roster())
    assert world.web.put("/api/v1/roster", content=longer, headers=world.machine).status_code == 200
    with world.app.sessions() as s:
        accounts.put(s, Account("adm-1", "-", "adm-1", Role.POLICY_ADMIN))
    return ["--home", str(world.app.settings.home)]


@pytest.fixture
def server(world: World, home: list[str]) -> list[str]:
    """The same force over HTTP."""
    return ["--url", world.address, "--token", world.app.keys.token]


def typed(capsys: Captured, *words: str, code: int = 0) -> tuple[str, str]:
    """Type a command that ends so, and give what it printed."""
    ended = run(["pack", *words])
    out = capsys.readouterr()
    assert ended == code, out.err
    return out.out, out.err


def asked(capsys: Captured, *words: str) -> Any:
    """Type a command as a program does."""
    return json.loads(typed(capsys, *words, "--json")[0])


def test_a_timing_is_changed_from_preview_to_withdrawal(world: World, home: list[str], capsys: Captured) -> None:
    """What each step says names the next one; the journal has each, by the command line."""
    out, err = typed(capsys, "preview", PACK, *SEVEN, "--cases", "3", *home)
    assert "revision 1 stands" in err
    for said in ("Open deadlines that would move", "Rungs climbed", "impossible, contradictory or silly"):
        assert said in out
    out, err = typed(capsys, "propose", PACK, *SEVEN, *WHY, "--by", "adm-1", *home)
    assert "Revision 2 of staffordshire is proposed" in out
    assert "vigil pack approve staffordshire 2" in out
    out, _ = typed(capsys, "approve", PACK, "2", "--by", "sup-1", *home)
    assert "approved by sup-1" in out
    out, _ = typed(capsys, "diff", PACK, *home)
    assert f"{STEP}.due.medium: 10m -> 7m" in out
    out, _ = typed(capsys, "history", PACK, *home)
    assert "the file as it came" in out
    assert WHY[1] in out
    out, _ = typed(capsys, "withdraw", PACK, "2", "--by", "sup-1", "--reason", "It told people twice", *home)
    assert "is withdrawn by sup-1" in out
    with world.app.sessions.reading() as s:
        lines = [line for line in journal.read(s, limit=500) if line.by in ("adm-1", "sup-1")]
    assert [line.kind for line in lines] == ["revision_proposed", "revision_approved", "revision_withdrawn"]
    assert {line.route for line in lines} == {"cli"}


def test_a_live_deadline_that_would_move_is_shown(world: World, server: list[str], capsys: Captured) -> None:
    """Case, step, from when to when; one that is for cases to come moves nothing, and says so."""
    ref = world.report()
    found = asked(capsys, "preview", PACK, *SEVEN, "--cases", "1", *server)["live"]
    assert [(m["case"], m["from"], m["to"]) for m in found] == [(ref, "2026-01-10T19:10:00Z", "2026-01-10T19:07:00Z")]
    out, _ = typed(capsys, "preview", PACK, *SEVEN, "--cases", "1", *server)
    assert ref in out
    assert "19:10 on 10 Jan" in out
    out, _ = typed(capsys, "preview", PACK, *SEVEN, "--cases", "1", "--applies-to", "new", *server)
    assert "it is for cases to come" in out
    with world.app.sessions.reading() as s:
        assert len(revisions.history(s, PACK)) == 1


def test_both_ways_print_what_the_api_answers(
    world: World, home: list[str], server: list[str], capsys: Captured, tmp_path: Path
) -> None:
    """Over HTTP as on the store: the same documents, and a refusal with the same words."""
    made = asked(capsys, "propose", PACK, *SEVEN, *WHY, "--by", "adm-1", *server)
    (newest, _) = world.web.get(f"/api/v1/packs/{PACK}/revisions", headers=world.machine).json()["revisions"]
    assert made == newest
    assert asked(capsys, "history", PACK, *server) == asked(capsys, "history", PACK, *home)
    assert asked(capsys, "approve", PACK, "2", "--by", "sup-1", *server)["status"] == "approved"
    assert asked(capsys, "diff", PACK, "1", "2", *server) == asked(capsys, "diff", PACK, "1", "2", *home)
    assert typed(capsys, "export", PACK, *server) == typed(capsys, "export", PACK, *home)
    assert asked(capsys, "preview", PACK, "--set", f"{STEP}.due.medium=8m", "--cases", "1", *server)["live"] == []
    assert asked(capsys, "withdraw", PACK, "2", "--by", "sup-1", "--reason", "Trial over", *server)["withdrawn_by"]
    for way in (server, home):
        _, err = typed(capsys, "approve", PACK, "2", "--by", "sup-1", *way, code=1)
        assert "rule: settled" in err
        _, err = typed(capsys, "export", PACK, "99", *way, code=1)
        assert "staffordshire has no revision 99" in err
    _, err = typed(capsys, "export", PACK, "-o", str(tmp_path), *home, code=1)
    assert "name a file that this user may write" in err


def test_a_whole_pack_goes_out_is_edited_and_comes_back(
    world: World, home: list[str], capsys: Captured, tmp_path: Path
) -> None:
    """Exported, edited, previewed and proposed; unedited it changes nothing and is refused."""
    file = tmp_path / "edited.toml"
    _, err = typed(capsys, "export", PACK, "-o", str(file), *home)
    assert f"--file {file}" in err
    _, err = typed(capsys, "propose", PACK, "--file", str(file), *WHY, "--by", "adm-1", *home, code=1)
    assert "give a value that differs" in err
    text = file.read_text()
    assert text.count('title = "FIM tells the LOI and the sergeant"') == 1
    file.write_text(text.replace("FIM tells the LOI and the sergeant", "FIM tells the LOI, the sergeant and me"))
    typed(capsys, "preview", PACK, "--file", str(file), "--cases", "1", *home)
    out, _ = typed(capsys, "propose", PACK, "--file", str(file), *WHY, "--by", "adm-1", *home)
    assert "Revision 2" in out
    out, _ = typed(capsys, "diff", PACK, "1", "2", *home)
    assert "FIM tells the LOI and the sergeant -> FIM tells the LOI, the sergeant and me" in out
    _, err = typed(capsys, "approve", PACK, "2", "--by", "sup-1", *home, code=1)
    assert "assistant chief constable" in err


def test_a_ceiling_needs_a_named_override(world: World, home: list[str], capsys: Captured) -> None:
    """Refused with the rule and who may; taken with a superintendent's name and reason."""
    longer = ["propose", PACK, "--set", "ukmpu_notification.due=96h", *WHY, "--by", "adm-1"]
    _, err = typed(capsys, *longer, *home, code=1)
    assert "rule: ceiling" in err
    assert "who may: superintendent or above, by name" in err
    _, err = typed(capsys, *longer, "--override-by", "sup-1", *home, code=1)
    assert "override.reason" in err
    body = asked(capsys, *longer, "--override-by", "sup-1", "--override-reason", "Agreed with the UKMPU", *home)
    assert body["override"]["by"] == "sup-1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", f"{STEP}.due.medium=0m"], ["changes.0.value", "'0m'"]),
        (["--set", f"{STEP}.due.medium=7"], ["changes.0.value", "7m"]),
        (["--set", "notify_lokal.due=7m"], ["changes.0.step", "did you mean"]),
        (["--set", f"{STEP}.deu=7m"], ["changes.0.field", "did you mean due?"]),
        (["--set", f"{STEP}.due.middle=7m"], ["changes.0.risk", "use one of"]),
        (["--set", "warn_at=many"], ["changes.0.value", "whole numbers from 1 to 99"]),
        ([*SEVEN, "--from", "2025-01-01T00:00:00Z"], ["effective_from", "lies in the past"]),
        ([*SEVEN, "--from", "tomorrow"], ["effective_from", "2026-02-01T08:00:00Z"]),
        ([*SEVEN, "--applies-to", "some"], ["applies_to", "live_and_new"]),
        ([*SEVEN, "--base", "9"], ["revision 1 of staffordshire stands"]),
        (["--file", "/nowhere/pack.toml"], ["there is no such file"]),
    ],
)
def test_what_is_wrong_is_said_with_field_and_remedy(
    home: list[str], capsys: Captured, words: list[str], said: list[str]
) -> None:
    """Exit 1; nothing is proposed."""
    out, err = typed(capsys, "propose", PACK, *words, *WHY, "--by", "adm-1", *home, code=1)
    assert out == ""
    for word in said:
        assert word in err, err
    assert len(asked(capsys, "history", PACK, *home)["revisions"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["preview", PACK],
        ["preview", PACK, *SEVEN, "--file", "x.toml"],
        ["preview", PACK, "--set", "7m"],
        ["preview", PACK, "--set", f"{STEP}=7m"],
        ["preview", PACK, "--set", f"{STEP}.due.medium"],
        ["propose", PACK, *SEVEN, "--by", "adm-1"],
        ["propose", PACK, *SEVEN, *WHY],
        ["approve", PACK, "two", "--by", "sup-1"],
        ["withdraw", PACK, "2", "--by", "sup-1"],
    ],
)
def test_what_cannot_be_meant_ends_with_2(home: list[str], capsys: Captured, words: list[str]) -> None:
    """Usage: nothing is asked of the store."""
    _, err = typed(capsys, *words, *home, code=2)
    assert err


def test_numbers_of_the_pack_as_a_whole_name_no_step(home: list[str], capsys: Captured) -> None:
    """`inactive.within` by level, warnings as a list."""
    words = ["--set", "inactive.within.high=20d", "--set", "warn_at=60 90"]
    made = asked(capsys, "propose", PACK, *words, *WHY, "--by", "adm-1", *home)
    assert [(c["step"], c["field"], c["risk"], c["value"]) for c in made["changes"]] == [
        (None, "inactive.within", "high", "20d"),
        (None, "warn_at", None, "60 90"),
    ]


@pytest.mark.parametrize("name", ["preview", "propose", "approve", "withdraw", "diff", "history", "export"])
def test_help_teaches_by_an_example(name: str, capsys: Captured) -> None:
    """Each shows a call that can be typed."""
    out, _ = typed(capsys, name, "--help")
    assert f"vigil pack {name} {PACK}" in " ".join(out.replace("│", " ").split())
