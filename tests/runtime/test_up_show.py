"""What `vigil up` says: the contract's line to programs; progress, faults and what to try to people."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from policy.errors import Fault, Invalid, Refused
from runtime.app import App, build, current, use
from runtime.settings import load
from runtime.up_show import Show, ready_line


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A process of a new home."""
    built = build(load({"home": tmp_path / "home", "port": 15001, "prefect_port": 15002, "token": "of-this-home"}))
    yield built
    built.close()


def shown(act: object) -> str:
    """What a person would see."""
    said = io.StringIO()
    assert callable(act)
    act(Show(as_json=False, out=Console(file=said, width=200, highlight=False)))
    return said.getvalue()


def test_the_ready_line_holds_what_the_contract_says(app: App) -> None:
    """Key by key, contract section 1."""
    line = ready_line(app)
    login = line.pop("login")
    assert line == {
        "ready": True,
        "console": "http://127.0.0.1:15001",
        "prefect": "http://127.0.0.1:15002",
        "prefect_api": "http://127.0.0.1:15002/api",
        "prefect_auth": None,
        "token": "of-this-home",
    }
    assert isinstance(login, dict)
    assert set(login) == {"user", "password"}


def test_with_json_stdout_holds_one_line_and_nothing_else(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    """Progress goes to stderr."""
    show = Show(as_json=True)
    show.beginning("home")
    show.progress("Prefect server", 7.5)
    show.ready(app, 9)
    out, err = capsys.readouterr()
    assert json.loads(out) == ready_line(app)
    assert out.count("\n") == 1
    assert "Prefect server ... ready in 7.5 s" in err


def test_a_person_gets_addresses_first_login_and_what_to_try(app: App) -> None:
    """All that is needed for the first minute stands on one page."""
    said = shown(lambda show: show.ready(app, 9))
    login = app.keys.first_login
    for words in ("http://127.0.0.1:15001/", "http://127.0.0.1:15002/runs", login.password, "vigil doctor", "Ctrl-C"):
        assert words in said
    assert "of-this-home" not in said, "the token gives everything away: it stays in its file"


def test_a_refusal_is_shown_with_its_remedy() -> None:
    """Square brackets in it are shown, not taken for markup."""
    fault = Fault("port", "port 8600 is taken", "give --port another port")
    said = shown(lambda show: show.refused(Invalid("could not start", [fault])))
    assert "port 8600 is taken" in said
    assert "-> give --port another port" in said
    assert "in use [by] 7" in shown(lambda show: show.refused(Refused("in use [by] 7", rule="r")))


def test_a_fault_of_ours_is_no_stack_trace(tmp_path: Path) -> None:
    """Its class and where to look; its text may quote somebody."""
    said = shown(lambda show: show.broke(ValueError("Anna Example"), tmp_path))
    assert "ValueError" in said
    assert "Anna" not in said
    assert f"{tmp_path}/logs/up.log" in said


def test_a_rehearsal_says_that_its_clock_is_one(tmp_path: Path) -> None:
    """Nobody may take a rehearsal for the real night."""
    flags = {"home": tmp_path / "night", "start": "2026-01-10T19:00:00Z", "speed": 60}
    built = build(load(flags))
    assert "2026-01-10" in shown(lambda show: show.ready(built, 9))
    assert "60 times as fast" in shown(lambda show: show.ready(built, 9))
    built.close()


def test_the_app_in_use_is_found_from_anywhere_and_only_while_it_is(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks run in threads of Prefect's and find the app of their process."""
    monkeypatch.setattr("runtime.app._apps", [])  # another test's worker may have one in use
    with use(app):
        assert current() is app
    with pytest.raises(Exception, match="no app is in use"):
        current()
