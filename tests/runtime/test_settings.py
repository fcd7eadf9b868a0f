"""Settings: flag before environment before file before default, and faults that say what to do."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.errors import Invalid
from runtime.keys import open_keys
from runtime.settings import Settings, load


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("VIGIL_")]:
        monkeypatch.delenv(name)


def home_saying(tmp_path: Path, text: str) -> Path:
    """A home whose vigil.toml says this."""
    (tmp_path / "vigil.toml").write_text(text)
    return tmp_path


def faults(tmp_path: Path, **flags: object) -> dict[str, str]:
    """The faults of these flags on this home: field to message and remedy."""
    with pytest.raises(Invalid) as refused:
        load({"home": tmp_path, **flags})
    return {fault.field: f"{fault.message}; {fault.remedy}" for fault in refused.value.faults}


def test_what_nobody_sets_has_the_contracts_default(tmp_path: Path) -> None:
    """Ports, host, pack and addresses as contract section 1 says."""
    settings = load({"home": tmp_path})
    assert (settings.port, settings.prefect_port, settings.host) == (8600, 4200, "127.0.0.1")
    assert settings.pack == "staffordshire"
    assert settings.prefect_api == "http://127.0.0.1:4200/api"
    assert settings.console_address == "http://127.0.0.1:8600"
    assert settings.store_url == f"sqlite:///{tmp_path}/vigil.db"
    assert not settings.rehearsal
    assert load().home == Path.cwd() / "var"


def test_a_flag_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is nearest to the person who types wins."""
    home = home_saying(tmp_path, 'port = 1001\nprefect_port = 2001\nhost = "h1"')
    monkeypatch.setenv("VIGIL_HOME", str(home))
    monkeypatch.setenv("VIGIL_PORT", "1002")
    monkeypatch.setenv("VIGIL_PREFECT_PORT", "2002")
    settings = load({"port": 1003, "host": None})
    assert (settings.port, settings.prefect_port, settings.host) == (1003, 2002, "h1")
    assert settings.home == home


def test_an_area_may_follow_its_own_pack(tmp_path: Path) -> None:
    """One home may watch over areas with different procedures."""
    home = home_saying(tmp_path, '[areas.derby]\npack = "derbyshire_mpt"')
    settings = load({"home": home})
    assert settings.pack_of("derby") == "derbyshire_mpt"
    assert settings.pack_of("stoke") == settings.pack_of(None) == "staffordshire"


def test_an_unknown_key_in_the_file_names_the_nearest(tmp_path: Path) -> None:
    """A typing error in vigil.toml is never silently ignored."""
    said = faults(home_saying(tmp_path, "prot = 1\nprefekt_port = 2"))
    assert "did you mean port?" in said[f"{tmp_path}/vigil.toml: prot"]
    assert "did you mean prefect_port?" in said[f"{tmp_path}/vigil.toml: prefekt_port"]


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    """The line is named, as TOML's own reader gives it."""
    assert "line 2" in faults(home_saying(tmp_path, "port = 1\nhost = 2 3"))[f"{tmp_path}/vigil.toml"]


@pytest.mark.parametrize(
    ("flags", "field", "says"),
    [
        ({"port": 0}, "port", "1 to 65535"),
        ({"port": 70000}, "port", "1 to 65535"),
        ({"port": "many"}, "port", "given: 'many'"),
        ({"speed": 61}, "speed", "up to 60"),
        ({"speed": 0}, "speed", "above 0"),
        ({"start": "2026-01-10T19:00:00"}, "start", "with its offset"),
        ({"start": "tonight"}, "start", "with its offset"),
        ({"colour": "blue"}, "flag: colour", "no such setting"),
        ({"areas": {"stoke": {"pakc": "x"}}}, "areas.stoke.pakc", 'pack = "<name>"'),
    ],
)
def test_a_fault_names_the_setting_what_is_wrong_and_the_remedy(
    tmp_path: Path, flags: dict[str, object], field: str, says: str
) -> None:
    """Nobody has to read code to mend a setting."""
    assert says in faults(tmp_path, **flags)[field]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Two faults cost one try, not two."""
    assert set(faults(tmp_path, port=0, speed=99)) == {"port", "speed"}


def test_an_environment_that_should_be_json_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of several values is JSON in the environment."""
    monkeypatch.setenv("VIGIL_AREAS", "stoke")
    assert "JSON" in faults(tmp_path)["areas"]


def test_a_start_is_kept_in_utc_and_a_demo_runs_at_sixty(tmp_path: Path) -> None:
    """An instant with any offset is the same instant."""
    settings = load({"home": tmp_path, "start": "2026-07-10T20:00:00+01:00"})
    assert settings.start == datetime(2026, 7, 10, 19, tzinfo=UTC)
    assert settings.rehearsal
    demo = load({"home": tmp_path, "demo": True})
    assert demo.rehearsal
    assert demo.asked_speed == 60


def test_a_child_process_gets_the_same_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was a flag of `up` is the environment of its parts."""
    flags = {"port": 1003, "areas": {"stoke": {"pack": "x"}}, "demo": True, "json": True}
    parent = load({"home": tmp_path, "start": "2026-01-10T19:00:00Z", "token": "secret", **flags})
    for name, value in parent.as_env().items():
        monkeypatch.setenv(name, value)
    child = load()
    assert parent.json_line
    assert child == parent.model_copy(update={"json_line": False})


def test_json_is_a_setting_like_any_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By flag, by file, by environment."""
    assert load({"home": home_saying(tmp_path, "json = true")}).json_line
    monkeypatch.setenv("VIGIL_JSON", "false")
    assert not load({"home": tmp_path}).json_line


def test_a_host_of_every_address_is_shown_as_one_that_can_be_opened(tmp_path: Path) -> None:
    """0.0.0.0 is for listening, not for a browser."""
    assert load({"home": tmp_path, "host": "0.0.0.0"}).console_address == "http://127.0.0.1:8600"
    elsewhere = load({"home": tmp_path, "prefect_api_url": "http://prefect:4200/api"})
    assert elsewhere.prefect_address == "http://prefect:4200"


def test_secrets_do_not_stand_in_the_settings_text(tmp_path: Path) -> None:
    """Neither a repr nor a refusal shows a token or a database's password."""
    settings = load({"home": tmp_path, "token": "top-secret", "database_url": "postgresql://u:pw@h/d"})
    assert "top-secret" not in repr(settings)
    assert "pw" not in repr(settings)
    assert "top-secret" not in str(faults(tmp_path, token="top-secret", port=0))


def test_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    """Mode 600 from the first byte; a second start finds the same."""
    settings = load({"home": tmp_path})
    keys = open_keys(settings)
    again = open_keys(settings)
    assert (keys.token, keys.webhook_secret) == (again.token, again.webhook_secret)
    assert keys.first_login == again.first_login
    assert json.loads((tmp_path / "first-login").read_text())["user"] == "admin"
    for name in ("admin-token", "webhook-secret", "link-secret", "first-login"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert keys.webhook_secret.startswith("whsec_")
    assert len(list(tmp_path.iterdir())) == 4, "nothing is left over"


def test_a_given_token_is_that_of_a_new_home_and_stays(tmp_path: Path) -> None:
    """VIGIL_TOKEN names a new home's token; an old home keeps its own."""
    assert open_keys(load({"home": tmp_path, "token": "of-this-home"})).token == "of-this-home"
    assert open_keys(load({"home": tmp_path})).token == "of-this-home"
    assert open_keys(load({"home": tmp_path, "token": "another"})).token == "of-this-home"


def test_a_given_webhook_secret_is_used_and_not_written(tmp_path: Path) -> None:
    """Who manages the secret elsewhere does not want a copy in the home."""
    settings = load({"home": tmp_path, "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    assert open_keys(settings).webhook_secret == settings.webhook_secret
    assert not (tmp_path / "webhook-secret").exists()


@pytest.mark.parametrize("secret", ["whsec_", "whsec_***", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_a_webhook_secret_of_another_form_is_refused_without_being_shown(tmp_path: Path, secret: str) -> None:
    """A secret that cannot sign is found at start, not at the first message."""
    settings = load({"home": tmp_path, "webhook_secret": secret})
    with pytest.raises(Invalid, match="is not whsec_ followed by base64"):
        open_keys(settings)


def test_settings_are_frozen(tmp_path: Path) -> None:
    """Nobody changes a setting behind another's back."""
    settings: Settings = load({"home": tmp_path})
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]  # the point
