"""The doctor: what is wrong is said with its remedy, and looking changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from policy.terms import AlarmKey, Route
from runtime.app import build
from runtime.doctor import Check, examine
from runtime.door_alarm import ring
from runtime.door_intake import report
from runtime.door_roster import put_roster, read_roster
from runtime.example import load as load_example
from runtime.settings import Settings, load
from store import meta
from tests.runtime.test_up_home import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a home that has been started once."""
    chosen = load({"home": tmp_path / "home", "port": free_port(), "prefect_port": free_port()})
    build(chosen).close()
    return chosen


def look(settings: Settings) -> dict[str, Check]:
    """What the doctor finds, by name."""
    return {check.name: check for check in examine(settings)}


def on_duty(settings: Settings, *, webhook: str = "http://127.0.0.1:9/") -> None:
    """Put everybody who is needed on duty for two days."""
    app = build(settings)
    now = app.clock.now()
    period = f"{(now - timedelta(hours=1)).isoformat()},{(now + timedelta(days=2)).isoformat()}"
    roles = sorted({role for role, _ in app.packs[settings.pack].needed()})
    rows = [f"p-{number},{role},*,{period},{webhook}" for number, role in enumerate(roles)]
    text = "\n".join(["person,role,area,from,to,webhook", *rows])
    assert put_roster(app, read_roster(app, text), partial=False, route=Route.CLI)
    app.close()


def test_a_sound_home_has_nothing_wrong(settings: Settings) -> None:
    """A doctor that always finds something is not listened to."""
    on_duty(settings)
    wrong = [check for check in examine(settings) if not check.ok]
    assert wrong == []


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """A mistyped --home is told as such and leaves nothing behind."""
    found = look(load({"home": tmp_path / "none"}))
    assert not found["home"].ok
    assert "vigil up --home" in found["home"].remedy
    assert not (tmp_path / "none").exists()


def test_an_empty_roster_and_gaps_are_named(settings: Settings) -> None:
    """A role that nobody holds in the next 24 hours is a fault before it is needed."""
    found = look(settings)["roster"]
    assert not found.ok
    assert "nobody is on duty" in found.detail
    on_duty(settings)
    assert look(settings)["roster"].ok


def test_somebody_who_cannot_be_pushed_to_is_named(settings: Settings) -> None:
    """An inbox alone is a list that somebody must refresh."""
    on_duty(settings, webhook="")
    found = look(settings)["addresses"]
    assert not found.ok
    assert "p-0" in found.detail


def test_a_secret_that_others_can_read_is_a_fault(settings: Settings) -> None:
    """Mode 600 and nothing wider, with the command that puts it right."""
    (settings.home / "admin-token").chmod(0o644)
    found = look(settings)["secret admin-token"]
    assert not found.ok
    assert "chmod 600" in found.remedy


def test_a_clock_that_went_back_is_noticed(settings: Settings) -> None:
    """Heartbeats from the future mean that the machine's clock was wrong, or is."""
    app = build(settings)
    with app.sessions() as s:
        meta.beat(s, "timer", "m/1", app.clock.wall() + timedelta(hours=1))
    app.close()
    assert not look(settings)["clock"].ok


def test_a_pack_that_cannot_be_read_is_named(settings: Settings) -> None:
    """A home's own pack is read before a case needs it."""
    (settings.home / "packs").mkdir()
    (settings.home / "packs" / "ours.toml").write_text("this is no pack")
    assert not look(settings)["packs"].ok


def test_a_store_that_was_never_made_is_a_fault_and_stays_so(tmp_path: Path) -> None:
    """The doctor migrates nothing; the second look finds what the first found."""
    settings = load({"home": tmp_path})
    assert not look(settings)["store"].ok
    assert not look(settings)["store"].ok
    assert Check("x", ok=True, detail="y").as_dict() == {"name": "x", "ok": True, "detail": "y", "remedy": ""}


def test_a_stopped_vigil_is_a_fault_while_a_case_is_open(settings: Settings) -> None:
    """Nobody is told until it runs; with no case open, or only examples, nothing is wrong."""
    assert look(settings)["parts"].detail == "Vigil does not run; no case is open"
    app = build(settings)
    report(app, {"source": "x", "source_id": "1", "person": {"age": 14}, "example": True}, route=Route.CLI)
    assert look(settings)["parts"].ok
    report(app, {"source": "x", "source_id": "2", "person": {"age": 14}}, route=Route.CLI)
    app.close()
    found = look(settings)["parts"]
    assert (found.ok, found.detail) == (False, "Vigil does not run; 1 case is open and nobody is told")
    assert found.remedy == f"vigil up --home {settings.home}"


def test_the_examples_people_need_no_address(settings: Settings) -> None:
    """A note in a home that holds only examples; somebody real who is missing makes it a fault."""
    app = build(settings)
    load_example(app)
    found = look(settings)["addresses"]
    assert found.ok
    assert found.detail.startswith("a note: ")
    report(app, {"source": "x", "source_id": "1", "person": {"age": 14}}, route=Route.CLI)
    app.close()
    assert not look(settings)["addresses"].ok


def test_standing_alarms_are_found_at_their_page(settings: Settings) -> None:
    """The address itself, to be opened."""
    app = build(settings)
    ring(app, AlarmKey.INTAKE_REFUSED, "a record")
    app.close()
    assert look(settings)["alarms"].remedy == f"see {settings.console_address}/alarms"


@pytest.mark.postgres
def test_a_database_that_does_not_answer_is_a_finding(tmp_path: Path) -> None:
    """Not a trace: the doctor is asked when something is wrong."""
    home = tmp_path / "home"
    build(load({"home": home})).close()
    store = look(load({"home": home, "database_url": "postgresql://vigil:secret@127.0.0.1:1/none"}))["store"]
    assert not store.ok
    assert "does not answer" in store.detail
    assert "secret" not in f"{store.detail} {store.remedy}"
