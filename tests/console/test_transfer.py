"""A case between two forces through the real application: the roster, the acts, who has it, and what the pages say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.console.hands import at_console
from tests.console.world import START, World, open_world, roster

STEP = "transfer_to_force"
THEIRS = "wm-fim,Wes Mid,,force_incident_manager,west_midlands,{on},{off},,http://127.0.0.1:9/w,\n"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[World]:
    """A force whose roster holds the control room of another one too."""
    on, off = START - timedelta(hours=4), START + timedelta(hours=8)
    people = roster() + THEIRS.format(on=on.isoformat(), off=off.isoformat())
    with open_world(tmp_path / "home", people=people) as world:
        yield world


def says(world: World, ref: str, by: str, kind: str, **evidence: object) -> httpx.Response:
    """Send a fact."""
    said = {"kind": kind, "by": by, "evidence": evidence}
    answer = world.web.post(f"/api/v1/cases/{ref}/facts", json=said, headers=world.machine)
    world.work(ref)
    return answer


def owner(world: World, ref: str, at: str = "") -> dict[str, object]:
    """Ask who had the case."""
    query = f"?at={at}" if at else ""
    found: dict[str, object] = world.web.get(f"/api/v1/cases/{ref}/owner{query}", headers=world.machine).json()
    return found


def test_a_force_that_is_not_known(two: World) -> None:
    """409 with the step, what is missing, and the forces that there are; so is accepting what was not offered."""
    ref = two.report()
    answer = says(two, ref, "fim-1", "transfer_offered", force="atlantis")
    assert (answer.status_code, answer.json()["rule"]) == (409, STEP)
    (lack,) = answer.json()["missing"]
    assert lack["what"] == "force"
    assert "west_midlands" in lack["why"]
    assert says(two, ref, "wm-fim", "transfer_accepted", person="wm-fim").status_code == 409
    assert says(two, ref, "fim-1", "transfer_bounced", reason="Not theirs").status_code == 409
    assert says(two, ref, "fim-1", "transfer_offered").status_code == 422


def test_accepted_and_sent_back(two: World) -> None:
    """The owner of any minute is one named person, also in the other force; a return rings on both sides."""
    ref = two.report()
    two.fact(ref, "accepted", "insp-a")
    two.forward(10)
    case = says(two, ref, "insp-a", "transfer_offered", force="West Midlands", reason="Seen in Walsall").json()
    assert (case["owner"], case["responsible"]) == ("insp-a", "insp-a")
    assert case["transfer"] == {
        "force": "west_midlands",
        "title": "West Midlands Police",
        "state": "offered",
        "offered_at": "2026-01-10T19:10:00Z",
        "bounces": 0,
    }
    two.forward(10)
    assert says(two, ref, "fim-1", "transfer_accepted", person="wm-fim", how="by e-mail").status_code == 409
    case = says(two, ref, "wm-fim", "transfer_accepted", person="wm-fim").json()
    assert (case["owner"], case["responsible"], case["off_duty"]) == ("wm-fim", "wm-fim", False)
    two.forward(15)
    case = says(two, ref, "wm-fim", "transfer_bounced", reason="Seen in Stoke").json()
    assert (case["owner"], case["responsible"]) == (None, "fim-1")
    assert (case["transfer"]["state"], case["transfer"]["bounces"]) == ("bounced", 1)
    seen = [owner(two, ref, f"2026-01-10T19:{minute:02}:00Z")["person"] for minute in (5, 15, 25, 34, 36)]
    assert seen == ["insp-a", "insp-a", "wm-fim", "wm-fim", "fim-1"]
    alarms = two.web.get("/api/v1/alarms", headers=two.machine).json()["alarms"]
    assert {alarm["to"] for alarm in alarms if alarm["key"] == "bounce"} == {"fim-1", "wm-fim"}


def test_a_person_of_another_force_is_on_no_list_of_ours(two: World) -> None:
    """The roster shows them; no gap is looked for there, and the pages of the case say what became of it."""
    ref = two.report()
    says(two, ref, "fim-1", "transfer_offered", force="west_midlands")
    steps = two.web.get(f"/api/v1/cases/{ref}/explain", headers=two.machine).json()["steps"]
    told = next(step["told"] for step in steps if step["key"] == STEP)
    assert "wm-fim" in told
    with at_console(two, "fim-1") as hand:
        assert "Transfer to another force" in hand.page(ref)
        says(two, ref, "wm-fim", "transfer_accepted", person="wm-fim")
        assert "Accepted by West Midlands Police" in hand.page(ref)
    other = two.report(2)
    with at_console(two, "wm-fim") as hand:
        assert hand.client.get(f"/cases/{ref}").status_code == 200
        assert hand.client.get(f"/cases/{other}").status_code == 403
