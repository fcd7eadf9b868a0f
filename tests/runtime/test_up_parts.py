"""What the parts are started with: this home's settings, this home's Prefect, and nobody else's."""

from pathlib import Path

import pytest

from runtime.keys import prefect_auth
from runtime.settings import Settings, load
from runtime.up_parts import environment, parts_of


def names(settings: Settings) -> list[str]:
    """The parts' names, in the order of their start."""
    return [part.name for part in parts_of(settings)]


def test_prefect_is_started_first_and_stopped_last(tmp_path: Path) -> None:
    """It takes longest to start, and the others need it to the end."""
    assert names(load({"home": tmp_path})) == ["prefect", "console", "timer", "watchdog", "worker"]


def test_with_a_prefect_that_is_there_none_is_started(tmp_path: Path) -> None:
    """All other parts speak to the one that was named."""
    settings = load({"home": tmp_path, "prefect_api_url": "http://prefect:4200/api"})
    assert names(settings) == ["console", "timer", "watchdog", "worker"]
    assert environment(settings)["PREFECT_API_URL"] == "http://prefect:4200/api"


def test_all_parts_together_may_take_less_than_twenty_seconds_to_stop(tmp_path: Path) -> None:
    """The contract's limit, should every part need all of its grace."""
    assert sum(part.grace_s for part in parts_of(load({"home": tmp_path}))) < 20


def test_no_setting_of_another_vigil_or_prefect_reaches_a_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own Prefect profile must not send a child's case elsewhere."""
    monkeypatch.setenv("PREFECT_API_URL", "http://elsewhere/api")
    monkeypatch.setenv("PREFECT_API_KEY", "secret")
    monkeypatch.setenv("VIGIL_TEST_REQUIRE", "browser")
    for part in parts_of(load({"home": tmp_path, "port": 15001, "prefect_port": 15002})):
        assert part.env["PREFECT_API_URL"] == "http://127.0.0.1:15002/api"
        assert "PREFECT_API_KEY" not in part.env
        assert "VIGIL_TEST_REQUIRE" not in part.env
        assert part.name == "prefect" or part.env["VIGIL_PORT"] == "15001"


def test_prefects_process_knows_none_of_our_secrets(tmp_path: Path) -> None:
    """Prefect never learns what it does not need."""
    settings = load({"home": tmp_path, "token": "of-the-api", "webhook_secret": "whsec_c2VjcmV0"})
    prefect, *ours = parts_of(settings)
    assert "of-the-api" not in str(prefect.env)
    assert all(part.env["VIGIL_TOKEN"] == "of-the-api" for part in ours)
    assert "of-the-api" not in repr(ours)


def test_a_prefect_that_others_can_reach_asks_for_a_password(tmp_path: Path) -> None:
    """Prefect has no users of its own; on loopback it needs none."""
    assert prefect_auth(load({"home": tmp_path})) is None
    open_to_all = load({"home": tmp_path, "host": "0.0.0.0"})
    auth = prefect_auth(open_to_all)
    assert auth is not None
    assert auth.startswith("admin:")
    assert prefect_auth(open_to_all) == auth, "the same at each start"
    assert environment(open_to_all)["PREFECT_SERVER_API_AUTH_STRING"] == auth
    assert prefect_auth(load({"home": tmp_path, "prefect_auth": "a:b"})) == "a:b"
