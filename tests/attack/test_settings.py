"""Settings that cannot be meant: said at the start, in one sentence, with what to do; never a stack trace."""

import json
from pathlib import Path

import pytest

from console.cli.commands import run
from policy.errors import Invalid
from runtime.clock import CLOCK_FILE, rehearsal_of
from runtime.settings import load
from store.upgrade import open_store


@pytest.mark.parametrize("flag", ["--speed", "--port"])
def test_a_nought_is_refused_and_not_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str) -> None:
    """`--speed 0` started on the wall clock, as though nothing had been asked."""
    assert run(["up", "--home", str(tmp_path / "h"), "--json", flag, "0"]) == 1
    assert flag[2:] in capsys.readouterr().err


@pytest.mark.parametrize("url", ["banana", "http://mail.example", "smtp://", "smtp://mail.example:99999"])
def test_a_mail_server_that_is_none(tmp_path: Path, url: str) -> None:
    """Otherwise everybody reached by e-mail alone would be told nothing, and no one would know."""
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path, "smtp_url": url})
    assert [fault.field for fault in refused.value.faults] == ["smtp_url"]


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    """The fault names the home."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path / "file"})
    assert [fault.field for fault in refused.value.faults] == ["home"]


@pytest.mark.parametrize("speed", [-1, 0, 61, "fast"])
def test_a_rehearsal_clock_that_cannot_run(tmp_path: Path, speed: object) -> None:
    """Time never runs backwards."""
    kept = {"start_at": "2026-01-10T19:00:00+00:00", "speed": speed, "origin_at": "2026-01-10T19:00:00+00:00"}
    (tmp_path / CLOCK_FILE).write_text(json.dumps(kept))
    with pytest.raises(Invalid):
        rehearsal_of(tmp_path)


@pytest.mark.parametrize("url", ["mysql://x", "banana", "postgresql://127.0.0.1:1/x", "file"])
def test_a_database_that_cannot_be_opened(tmp_path: Path, url: str) -> None:
    """Not a database, not there, not ours: the setting is named, the address with its password is not."""
    (tmp_path / "file").write_text("this is no database " * 100)
    with pytest.raises(Invalid) as refused:
        open_store(f"sqlite:///{tmp_path}/file" if url == "file" else url)
    assert [fault.field for fault in refused.value.faults] == ["database_url"]
