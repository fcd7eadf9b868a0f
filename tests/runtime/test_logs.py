"""Logs: ids, roles, times and counts get through; names, texts, addresses and values do not."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from policy.terms import Role
from runtime import logs


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Any]:
    """Configure the chain, give a function that reads the lines, put everything back."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers = []
    logs.configure(tmp_path, "timer")

    def lines() -> list[dict[str, Any]]:
        text = (tmp_path / "logs" / "timer.log").read_text()
        return [json.loads(line) for line in text.splitlines()]

    yield lines
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = before, level
    structlog.reset_defaults()


def test_ids_roles_and_counts_get_through(written: Any) -> None:
    """What the field needs in a log is there, with part, level and instant."""
    structlog.get_logger().info("step_opened", case="MP-2026-000001", role=Role.DUTY_INSPECTOR, count=3, late_s=1.5)
    (line,) = written()
    assert line["event"] == "step_opened"
    assert line["part"] == "timer"
    assert line["level"] == "info"
    assert (line["case"], line["role"], line["count"]) == ("MP-2026-000001", "duty_inspector", 3)
    assert line["timestamp"].endswith("Z")


def test_a_key_that_is_not_on_the_list_is_dropped(written: Any) -> None:
    """A key that nobody thought of cannot leak."""
    structlog.get_logger().warning("report_taken", case="MP-2026-000001", full_name="Anna Example")
    assert "Anna" not in json.dumps(written())


@pytest.mark.parametrize(
    "value", ["Anna Example", "12 High Street", "07700 900123", {"name": "Anna"}, object(), b"Anna"]
)
def test_a_value_without_an_ids_shape_is_withheld(written: Any, value: object) -> None:
    """An allowed key used for a name or a text shows nothing of it."""
    structlog.get_logger().info("report_taken", case=value, person=[value])
    (line,) = written()
    assert line["case"] == "(withheld)"
    assert line["person"] == ["(withheld)"]


def test_a_sentence_is_no_event(written: Any) -> None:
    """Events are words with underscores; anything else may be somebody's."""
    structlog.get_logger().info("Anna Example came back")
    assert written()[0]["event"] == "(withheld)"


def test_what_a_library_says_loses_its_arguments_and_addresses(written: Any) -> None:
    """Templates get through; arguments, addresses, quotes and further lines do not."""
    logging.getLogger("somelib").warning("HTTP %s to %s", "GET", "http://h/a/eyJ0b2tlbg")
    logging.getLogger("somelib").warning("went to http://h/a/eyJ0b2tlbg, mail anna@example.org now")
    logging.getLogger("somelib").warning("no person 'Anna Example' here\nAnna Example")
    text = json.dumps(written())
    assert "eyJ0b2tlbg" not in text
    assert "Anna" not in text
    assert "anna" not in text
    assert [line["template"] for line in written()] == [
        "HTTP %s to %s",
        "went to … mail … now",
        "no person … here",
    ]
    assert written()[0]["library"] == "somelib"


def test_access_lines_and_requests_are_not_logged_at_all(written: Any) -> None:
    """Paths hold the tokens of links."""
    logging.getLogger("uvicorn.access").info('%s - "%s"', "1.2.3.4", "POST /a/token")
    logging.getLogger("httpx").info("HTTP Request: %s", "http://h/")
    structlog.get_logger().info("only_this")
    assert [line["event"] for line in written()] == ["only_this"]


def test_an_exception_is_its_class_and_place_never_its_text(written: Any) -> None:
    """An exception's text quotes what it choked on."""
    try:
        int("Anna Example")
    except ValueError:
        structlog.get_logger().exception("look_failed", case="MP-2026-000001")
        logging.getLogger("somelib").exception("it broke")
    for line in written():
        assert line["error"] == "ValueError"
        assert line["where"].startswith("test_logs.py:")
    assert "Anna" not in json.dumps(written())


def test_the_terminal_gets_what_a_person_should_see(written: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings reach the terminal, everything reaches the file."""
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("prefect_down", seconds=3)
    # The handler was made before capsys: look at what it would say instead.
    screen = logging.getLogger().handlers[1]
    assert screen.level == logging.WARNING
    assert [line["event"] for line in written()] == ["quiet", "prefect_down"]


def test_a_library_that_brings_its_own_terminal_is_quietened(written: Any) -> None:
    """Nothing gets past the chain by a handler of its own."""
    noisy = logging.getLogger("prefect.noisy")
    noisy.addHandler(logging.StreamHandler())
    noisy.propagate = False
    logs.quieten()
    noisy.warning("hello")
    assert noisy.handlers == []
    assert written()[-1]["library"] == "prefect.noisy"


def test_log_files_are_turned_over_by_size(written: Any) -> None:
    """Logs cannot fill the disk that the store lives on."""
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.handlers.RotatingFileHandler)
    assert handler.maxBytes == 10_000_000
    assert handler.backupCount == 5
