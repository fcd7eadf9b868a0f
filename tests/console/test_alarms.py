"""Alarms by page and API: what stands first, who hears it since when, and who has seen to it."""

import pytest

from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.console.test_pages import csrf_of, sign_in
from tests.console.world import World


def refuse_a_report(world: World) -> None:
    """Send what cannot be a case."""
    world.web.post("/api/v1/reports", content=b"{", headers=world.machine)


def alarms_of(world: World) -> list[dict[str, object]]:
    """Ask the API."""
    found: list[dict[str, object]] = world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]
    return found


def clear(world: World, number: object, body: object) -> tuple[int, dict[str, object]]:
    """Clear by API."""
    answer = world.web.post(f"/api/v1/alarms/{number}/clear", json=body, headers=world.machine)
    return answer.status_code, answer.json()


def test_the_api_lists_and_clears(world: World) -> None:
    """The contract's keys are there; whoever is on duty clears what a person clears, and again changes nothing."""
    refuse_a_report(world)
    (rung,) = alarms_of(world)
    assert {"key", "to", "case", "at", "cleared_at"} <= set(rung)
    assert (rung["key"], rung["to"], rung["case"], rung["cleared_at"]) == ("intake_refused", "fim-1", None, None)
    world.clock.at = world.clock.at.replace(minute=5)
    status, cleared = clear(world, rung["id"], {"by": "fim-1", "reason": "entered by hand"})
    assert (status, cleared["cleared_at"]) == (200, "2026-01-10T19:05:00Z")
    world.clock.at = world.clock.at.replace(minute=6)
    assert clear(world, rung["id"], {"by": "insp-a"}) == (200, cleared)
    assert alarms_of(world) == [cleared]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({}, 422, "invalid"),
        ({"by": 7}, 422, "invalid"),
        ({"by": "fim-1", "reason": "x" * 501}, 422, "invalid"),
        ([], 422, "invalid"),
        ({"by": "stranger"}, 409, "refused"),
    ],
)
def test_the_api_says_what_is_wrong(world: World, body: object, status: int, slug: str) -> None:
    """Each refusal is a problem document, and the alarm stands."""
    refuse_a_report(world)
    (rung,) = alarms_of(world)
    answered, problem = clear(world, rung["id"], body)
    assert (answered, problem["type"]) == (status, f"/problems/{slug}")
    assert alarms_of(world)[0]["cleared_at"] is None


def test_no_such_alarm(world: World) -> None:
    """404, in words."""
    assert clear(world, 4711, {"by": "fim-1"})[0] == 404


def test_the_page_shows_what_stands_and_clears_it(world: World) -> None:
    """Heard by whom, since when; the form clears in the name of whoever is signed in."""
    refuse_a_report(world)
    with sign_in(world) as client:
        login = world.app.keys.first_login
        page = client.get("/alarms").text
        assert "<strong>1</strong> stands" in page
        assert "Intake refused" in page
        assert '<td data-name="Heard by">fim-1</td>' in page
        (rung,) = alarms_of(world)
        form = {"csrf": csrf_of(page), "alarm": str(rung["id"]), "reason": "entered by hand"}
        refused = client.post("/alarms", data=form)
        assert refused.status_code == 409, "the admin of the home is on nobody's roster"
        with world.app.sessions() as s:
            account = accounts.get(s, login.user)
            assert account is not None
            accounts.put(s, Account(login.user, account.password_hash, "fim-1", Role.FORCE_INCIDENT_MANAGER))
        after = client.post("/alarms", data=form)
        assert after.status_code == 200
        assert "Cleared: intake refused." in after.text
        assert "None stands." in after.text
        assert client.post("/alarms", data={**form, "csrf": "x"}).status_code == 403
        assert client.post("/alarms", data={**form, "alarm": "x"}).status_code == 422


def test_nobody_who_is_not_signed_in_sees_alarms(world: World) -> None:
    """The page leads to the sign-in; a form from outside is refused."""
    assert world.web.get("/alarms").headers["location"] == "/sign-in?next=/alarms"
    assert world.web.post("/alarms", data={"alarm": "1"}).status_code == 401
