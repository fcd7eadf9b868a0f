"""Reports over HTTP: taken whatever is wrong with the rest, refused only with a reason that helps."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from policy.terms import AlarmKey
from tests.console.world import STEP, World, record

PROBLEM = "application/problem+json"


def test_a_report_opens_a_case(world: World) -> None:
    """201 with the case, its address, its defects and its steps."""
    answer = world.web.post("/api/v1/reports", json=record(), headers=world.machine)
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"case", "url", "flow_run_id", "defects", "steps"}
    assert body["case"] == "MP-2026-000001"
    assert body["url"].endswith("/cases/MP-2026-000001")
    assert body["defects"] == []
    notify = next(step for step in body["steps"] if step["key"] == STEP)
    assert (notify["status"], notify["due_at"], notify["holder"]) == ("open", "2026-01-10T19:10:00Z", "insp-a")


def test_the_same_record_again_is_the_same_case(world: World) -> None:
    """200, unchanged when nothing changed, and changed when something did."""
    world.report()
    again = world.web.post("/api/v1/reports", json=record(), headers=world.machine)
    assert (again.status_code, again.json()["unchanged"]) == (200, True)
    changed = world.web.post("/api/v1/reports", json=record(circumstances="Seen"), headers=world.machine)
    assert (changed.status_code, changed.json()["unchanged"]) == (200, False)
    assert changed.json()["case"] == again.json()["case"]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"{", 400, "unreadable"),
        (b"\xff\xfe", 400, "unreadable"),
        (b"", 400, "unreadable"),
        (b"[" * 100_000, 400, "unreadable"),
        (b'{"source": NaN}', 400, "unreadable"),
        (b'{"x": "' + b"a" * 1_100_000 + b'"}', 413, "too-large"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"source": "a", "source_id": "b"}', 422, "invalid"),
        (b'{"source": "a", "person": {"name": "x"}}', 422, "invalid"),
    ],
)
def test_what_cannot_be_a_case_is_refused_and_rings(world: World, body: bytes, status: int, slug: str) -> None:
    """The refusal is a problem document, and the Force Incident Manager hears of it."""
    answer = world.web.post("/api/v1/reports", content=body, headers=world.machine)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert {"title", "detail", "errors"} <= set(problem)
    if slug == "invalid":
        assert all({"field", "message", "remedy"} == set(fault) for fault in problem["errors"])
        assert problem["errors"]
    rung = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
    assert [(alarm["key"], alarm["to"]) for alarm in rung] == [(AlarmKey.INTAKE_REFUSED, "fim-1")]
    why = "a record by api: " if slug == "invalid" else "by api: "
    assert rung[0]["detail"].startswith(why)
    assert rung[0]["detail"].endswith(", at 19:00:00")


def test_a_report_with_a_wrong_token_is_refused_and_rings(world: World) -> None:
    """A feed whose token was changed loses reports as surely as one that sends nonsense."""
    answer = world.web.post("/api/v1/reports", json=record(), headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorised")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    rung = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
    assert [alarm["key"] for alarm in rung] == ["intake_refused"]


def test_a_body_that_breaks_off_rings(world: World) -> None:
    """The sender is gone and hears nothing; the Force Incident Manager does."""
    port = urlsplit(world.address).port
    assert port is not None
    head = f"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.app.keys.token}\r\n"
    with socket.create_connection(("127.0.0.1", port), 5) as sender:
        sender.sendall(f"{head}Content-Length: 500\r\n\r\n".encode() + b'{"source": "compact"')
    rung: list[object] = []
    for _ in range(50):
        rung = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
        if rung:
            break
    assert rung


@pytest.mark.parametrize(
    "fields",
    [
        {"area": "atlantis"},
        {"risk": "enormous"},
        {"reported_at": "yesterday"},
        {"recorded_at": "2031-01-01T00:00:00Z"},
        {"person": {"name": "X", "date_of_birth": "1066-10-14"}},
        {"person": "a boy of about ten"},
        {"reporter": "his mother"},
        {"flags": 7},
        {"unheard_of": {"deep": [1, 2]}},
        {"circumstances": "half a letter \ud83d and a NUL \u0000"},
        {"circumstances": 1e999},
    ],
)
def test_a_record_that_names_a_person_is_never_refused(world: World, fields: dict[str, object]) -> None:
    """Whatever is wrong with the rest, the case is opened and can be read."""
    body = json.dumps(record() | fields).replace("Infinity", "1e999")
    answer = world.web.post("/api/v1/reports", content=body, headers=world.machine)
    assert answer.status_code == 201, answer.text
    ref = answer.json()["case"]
    assert world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).status_code == 200
