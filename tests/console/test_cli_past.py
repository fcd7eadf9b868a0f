"""`vigil case replay` and `vigil audit replay`: the same, what differs, or why a case cannot be told again."""

import json
from dataclasses import replace

import pytest

from console.cli.commands import run
from policy.terms import Risk
from store import cases, meta, roster_past
from tests.console.world import STEP, World

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def home(world: World) -> str:
    """The world's home, for --home."""
    return str(world.app.settings.home)


def _tamper(world: World, ref: str) -> None:
    with world.app.sessions() as s:
        stored = cases.load(s, ref)
        cases.save(s, stored, replace(stored.case, risk=Risk.LOW), wake_at=stored.wake_at)


def test_a_case_is_told_again(world: World, home: str, capsys: Captured) -> None:
    """The same: exit 0 and a word; as data every number; a case that is not there is refused."""
    ref = world.report()
    world.fact(ref, "acknowledged", "insp-a", step=STEP)
    assert run(["case", "replay", ref, "--home", home]) == 0
    assert f"{ref}: the same" in capsys.readouterr().out
    assert run(["case", "replay", ref, "--home", home, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body == {"case": ref, "same": True, "decisions": body["decisions"], "differs": [], "not_replayable": None}
    assert body["decisions"] > 1
    assert run(["case", "replay", "MP-2026-999999", "--home", home]) == 1
    assert "there is no case" in capsys.readouterr().err


def test_what_differs_is_listed(world: World, home: str, capsys: Captured) -> None:
    """Exit 1, the case, the line and the words; the others are the same."""
    ref, other = world.report(), world.report(2)
    _tamper(world, ref)
    assert run(["audit", "replay", "--home", home]) == 1
    out = capsys.readouterr().out
    assert f"{ref} differs" in out
    assert "the store has another case" in out
    assert other not in out
    assert "1 the same, 1 differ, 0 cannot be told again" in out
    assert run(["case", "replay", ref, "--home", home]) == 1


def test_what_cannot_be_told_again_is_listed_with_its_reason(world: World, home: str, capsys: Captured) -> None:
    """That is no lie and no failure: exit 0, and the reason in words."""
    ref = world.report()
    with world.app.sessions() as s:
        meta.put(s, roster_past.KEPT, "")
    assert run(["audit", "replay", "--all", "--home", home, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert (body["same"], body["differs"], body["not_replayable"]) == (0, 0, 1)
    assert body["cases"][0]["case"] == ref
    assert "was not kept" in body["cases"][0]["not_replayable"]
    assert run(["case", "replay", ref, "--home", home]) == 0
    assert "cannot be told again" in capsys.readouterr().out
