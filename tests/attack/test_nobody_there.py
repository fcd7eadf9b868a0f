"""Nobody of those who answer for a case is on duty: somebody is named all the same, and hears the alarms."""

import socket
from urllib.parse import urlsplit

import pytest

from console import bodies
from policy.terms import AlarmKey
from tests.console.world import World, roster
from tests.policy.night import Night, on
from tests.policy.night import roster as people

HEADER = "person,name,rank,role,area,from,to,email,webhook,phone\n"


def _only(world: World, *who: str) -> None:
    rows = [row for row in roster().splitlines()[1:] if row.split(",")[0] in who]
    world.web.put("/api/v1/roster", content=HEADER + "\n".join(rows), headers=world.machine)


def _responsible(world: World, ref: str) -> object:
    return world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()["responsible"]


def test_the_highest_rank_there_is_responsible(world: World) -> None:
    """`responsible` is always one named person (contract section 6)."""
    _only(world, "ch-1", "insp-n")
    assert _responsible(world, world.report()) == "insp-n"


def test_after_everybody_has_gone_the_last_manager_is_named(world: World) -> None:
    """The roster has run out: the FIM whose duty ended last is named, and whoever reads it knows whom to ring."""
    ref = world.report()
    world.forward(9 * 60)
    assert _responsible(world, ref) == "fim-1"


def test_alarms_reach_whoever_is_there() -> None:
    """A call handler alone in the control room hears that nobody was told."""
    night = Night(people(on("ch-1", "call_handler"))).report()
    assert {alarm.to for alarm in night.alarms if alarm.key is AlarmKey.NOBODY_ON_DUTY} == {"ch-1"}
    assert [tell.person for tell in night.tells]


def test_a_report_that_stops_half_way_is_refused_and_rings(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender's line went dead without a word: the Force Incident Manager hears of it within the minute."""
    monkeypatch.setattr(bodies, "_PATIENCE_S", 0.2)
    host, port = urlsplit(world.address).hostname, urlsplit(world.address).port
    with socket.create_connection((host or "", port or 0), timeout=10) as line:
        head = f"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: {world.machine['Authorization']}\r\n"
        line.sendall(f'{head}Content-Length: 500\r\n\r\n{{"source":'.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 400")
    alarms = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
    assert [(alarm["key"], alarm["to"]) for alarm in alarms] == [("intake_refused", "fim-1")]


def test_a_number_of_thousands_of_digits_is_a_defect(world: World) -> None:
    """A record that names a person is never refused for a fault in the rest."""
    body = '{"source": "a", "source_id": "b", "area": "stoke", "person": {"name": "x", "age": ' + "9" * 5000 + "}}"
    answer = world.web.post("/api/v1/reports", content=body, headers=world.machine)
    assert answer.status_code == 201
    assert [defect["field"] for defect in answer.json()["defects"]] == ["person.age"]
