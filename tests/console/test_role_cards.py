"""The card of each role: shown with each task, on a phone, by API and terminal; its first opening is written down."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from console.cli.commands import run
from console.pages.answers import personal_link
from policy.terms import Role
from tests.console.everybody import Force, everybody
from tests.console.test_pages import sign_in
from tests.console.world import World

CARD = "/packs/staffordshire/roles/duty_inspector"
API = "/api/v1/packs/staffordshire/roles"


def readers(world: World, role: str = "duty_inspector") -> tuple[list[str], list[str]]:
    """Give who of those on duty in a role has opened its card, and who has not."""
    roles = world.web.get(API, headers=world.machine).json()["roles"]
    (one,) = [found for found in roles if found["role"] == role]
    return one["opened"], one["not_opened"]


def first_opened(page: str) -> str:
    """Give the time at which a card says that its reader opened it first."""
    found = re.search(r"You first opened this card <time[^>]*>([^<]+)</time>", page)
    assert found is not None
    return found[1]


def test_the_card_says_what_the_role_does_and_when(world: World) -> None:
    """Its own words, its own steps with their times, and what climbs to it; in the force's words, and no script."""
    with sign_in(world) as client:
        page = client.get(CARD).text
    for words in (
        "Local Operations Inspector (LOI)", "You must", "You may", "You must not", "Whom you call", "Area sergeant:",
        "FIM tells the LOI and the sergeant", "15 minutes", "What comes to you when nobody else has it",
    ):  # fmt: skip
        assert words in page, words
    assert "<script" not in page


def test_the_api_gives_the_card_as_data(world: World) -> None:
    """A machine reads it, and is not taken for somebody who has read theirs."""
    body = world.web.get(f"{API}/response_sergeant", headers=world.machine).json()
    assert (body["title"], body["rank"]) == ("Area sergeant", "sergeant")
    steps = {step["key"]: step for step in body["steps"]}
    assert steps["deploy_and_attend"]["part"] == steps["notify_local_supervisor"]["part"] == "yours"
    assert steps["deploy_and_attend"]["due"]["high"] == "15m"
    assert "very_low" not in steps["deploy_and_attend"]["risks"]
    assert readers(world, "response_sergeant") == ([], ["sgt-s"])
    chief = world.web.get(f"{API}/duty_chief_inspector", headers=world.machine).json()
    notice = next(step for step in chief["steps"] if step["key"] == "notify_local_supervisor")
    assert (notice["part"], notice["rungs"]) == ("climbs", [3])


@pytest.mark.parametrize("address", [f"{API}/loi", "/api/v1/packs/stafordshire/roles/duty_inspector"])
def test_a_role_or_pack_that_there_is_not(world: World, address: str) -> None:
    """404, and the answer names those that there are."""
    answer = world.web.get(address, headers=world.machine)
    assert answer.status_code == 404
    assert "duty_inspector" in answer.json()["detail"] or "staffordshire" in answer.json()["detail"]


def test_whoever_is_told_comes_to_their_card_by_their_link(world: World) -> None:
    """The acknowledgement leads to it, and so does the task on the case's page; the first time is written down once."""
    world.report()
    answer = world.web.get(world.link("insp-a")).text
    found = re.search(rf'href="({CARD}\?t=[^"]+)"', answer)
    assert found is not None
    assert readers(world) == ([], ["insp-a", "insp-n"])
    assert first_opened(world.web.get(found[1]).text) == "19:00"
    world.forward(7)
    assert first_opened(world.web.get(found[1]).text) == "19:00"
    assert readers(world) == (["insp-a"], ["insp-n"])
    token = urlsplit(personal_link(world.app, "insp-a")).query
    case = world.web.get(f"/cases/{world.cases[0]}?{token}").text
    assert f'href="{CARD}?t=' in case


def test_a_stranger_sees_no_card(world: World) -> None:
    """Nobody signed in, nobody by link: the sign-in page, and back."""
    answer = world.web.get(CARD)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={CARD}")
    assert world.web.get("/packs/staffordshire/roles").status_code == 303
    assert world.web.get(API).status_code == 401


def test_a_supervisor_sees_who_has_not_opened_theirs(tmp_path: Path) -> None:
    """A sergeant by roster id, a constable how many; never a name."""
    with everybody(tmp_path) as force:
        page = shown(force, Role.RESPONSE_SERGEANT)
        assert "Not opened yet" in page
        assert "insp-a" in page
        assert "Ann Archer" not in page
        page = shown(force, Role.RESPONSE_OFFICER)
        assert "Not opened yet" not in page
        assert "insp-a" not in page
        address = "/packs/staffordshire_transfers/roles"
        assert force.ask("response_officer", "GET", address).status_code == 403
        assert force.ask("response_sergeant", "GET", address).status_code == 200
        assert force.ask("response_officer", "GET", f"{address}/response_officer").status_code == 200
        roles = force.ask("response_sergeant", "GET", address).json()["roles"]
        opened = {one["role"]: one["opened"] for one in roles}
        assert opened["response_officer"] == ["p-response_officer"]


def shown(force: Force, role: Role) -> str:
    """Give the page of all roles as somebody sees it."""
    cookies, _ = force.signed[role]
    sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return force.world.web.get("/packs/staffordshire_transfers/roles", headers=sent).text


def test_the_terminal_shows_the_card(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, and with --json exactly what the API answers; a role that there is not ends with 1."""
    home = ["--home", str(world.app.settings.home)]
    assert run(["pack", "card", "staffordshire", "force_incident_manager", *home]) == 0
    out = capsys.readouterr().out
    for words in ("Force Incident Manager", "Must not", "Log the", "when nobody else has it: "):
        assert words.replace("Log the", "STORM entry") in out
    assert run(["pack", "card", "staffordshire", "duty_inspector", "--json", *home]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body == world.web.get(f"{API}/duty_inspector", headers=world.machine).json()
    assert run(["pack", "card", "staffordshire", "loi", *home]) == 1
    assert "loi" in capsys.readouterr().err
