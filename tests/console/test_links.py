"""The page behind a link: reading changes nothing, one answer each, every refusal explained."""

from datetime import timedelta

import pytest

from tests.console.world import NAME, PLACE, STEP, STORY, World


def version(world: World, ref: str) -> int:
    """The case's version, which any change moves."""
    return int(world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()["version"])


def test_reading_a_link_changes_nothing(world: World) -> None:
    """Mail scanners fetch links: GET and HEAD leave case, journal and messages as they were."""
    ref = world.report()
    link = world.link("insp-a")
    before = version(world, ref), world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()
    for _ in range(3):
        assert world.web.get(link).status_code == 200
        assert world.web.head(link).status_code == 200
    assert before == (
        version(world, ref),
        world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json(),
    )


def test_the_page_says_what_is_asked_and_nothing_of_the_person(world: World) -> None:
    """Reference, risk in words, age band, area, asks, times, the force's definition; no name, place or story."""
    ref = world.report(1, tagged_to="insp-a")
    page = world.web.get(world.link("insp-a")).text
    for shown in (ref, "Medium risk", "Aged 13 to 15", "Stoke-on-Trent", "Acknowledge", "Accept", "19:10", "19:30"):
        assert shown in page
    assert "Delivery and read receipts do not count" in page
    assert "<script" not in page
    for hidden in (NAME, NAME.split()[1], PLACE, STORY, "2012", "STORM-1", "CMP-1"):
        assert hidden not in page


def test_acknowledging_by_link_stops_reminders_and_is_said_back(world: World) -> None:
    """The answer goes by route `link`; the same again is 200 with the time; reminders stop."""
    ref = world.report()
    link = world.link("insp-a")
    world.forward(4)
    answer = world.web.post(link, data={"decision": "acknowledge"})
    assert answer.status_code == 200
    assert "You acknowledged at 19:04" in answer.text
    world.clock.at += timedelta(minutes=2)
    again = world.web.post(link, data={"decision": "acknowledge"})
    assert again.status_code == 200
    assert "You acknowledged at 19:04" in again.text
    case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert next(step["status"] for step in case["steps"] if step["key"] == STEP) == "done"
    assert case["owner"] is None
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    said = [entry for entry in entries if entry["kind"] == "fact"]
    assert [(entry["by"], entry["route"]) for entry in said] == [("insp-a", "link")]
    told = len([e for e in world.received if e.payload["to"]["person"] == "insp-a"])
    world.forward(8)
    assert len([e for e in world.received if e.payload["to"]["person"] == "insp-a"]) == told


def test_who_acknowledged_may_accept_by_the_same_link(world: World) -> None:
    """Accepting carries the answer on; it makes the owner."""
    ref = world.report()
    link = world.link("insp-a")
    assert world.web.post(link, data={"decision": "acknowledge"}).status_code == 200
    answer = world.web.post(link, data={"decision": "accept"})
    assert answer.status_code == 200
    assert "You accepted at 19:00" in answer.text
    assert world.web.post(link, data={"decision": "accept"}).status_code == 200
    assert world.web.post(link, data={"decision": "acknowledge"}).status_code == 200
    case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert case["owner"] == "insp-a"


def test_another_answer_afterwards_is_410_and_explained(world: World) -> None:
    """A used link says what was answered, when, and what to do; nothing changes."""
    ref = world.report()
    link = world.link("insp-a")
    world.web.post(link, data={"decision": "acknowledge"})
    before = version(world, ref)
    answer = world.web.post(link, data={"decision": "decline", "reason": "too late"})
    assert answer.status_code == 410
    assert "You acknowledged at 19:00" in answer.text
    other = world.web.post(world.link("sgt-s"), data={"decision": "acknowledge"})
    assert other.status_code == 410
    assert "insp-a" in other.text
    assert version(world, ref) == before


def test_declining_needs_a_reason_and_tells_the_next(world: World) -> None:
    """422 without; with a reason the next rung is told at once, and saying it twice tells nobody again."""
    ref = world.report()
    link = world.link("insp-a")
    missing = world.web.post(link, data={"decision": "decline"})
    assert missing.status_code == 422
    assert "reason" in missing.text
    for reason in ("Off sick", "Still off sick"):
        answer = world.web.post(link, data={"decision": "decline", "reason": reason})
        assert answer.status_code == 200
        assert "You declined at 19:00" in answer.text
        world.work(ref)
    escalated = [e for e in world.received if e.payload["type"] == "escalate"]
    assert [e.payload["to"]["person"] for e in escalated] == ["fim-1"]
    assert "Off sick" not in "".join(str(e.payload) for e in world.received)


def test_expired_forged_and_foreign_links(world: World) -> None:
    """410 expired, 403 forged or another's; each in plain words, as a page and as a document."""
    world.report()
    link = world.link("insp-a")
    forged = world.web.post(link[:-2] + "xx", data={"decision": "acknowledge"})
    assert forged.status_code == 403
    assert "not one of ours" in forged.text
    key = world.app.links.read(link.removeprefix("/a/")).attempt_key
    foreign = world.app.links.make(key, "insp-n", world.clock.at + timedelta(hours=1))
    answer = world.web.post(f"/a/{foreign}", data={"decision": "acknowledge"})
    assert answer.status_code == 403
    assert "somebody else" in answer.text
    expired = world.app.links.make(key, "insp-a", world.clock.at - timedelta(seconds=1))
    for answer in (world.web.get(f"/a/{expired}"), world.web.post(f"/a/{expired}", data={"decision": "accept"})):
        assert answer.status_code == 410
        assert "ended" in answer.text
    document = world.web.get(f"/a/{expired}", headers={"Accept": "application/json"})
    assert document.json()["type"] == "/problems/used-link"


@pytest.mark.parametrize("form", [{}, {"decision": "maybe"}, {"decision": ""}])
def test_an_answer_that_is_none_is_refused(world: World, form: dict[str, str]) -> None:
    """422 with the words that are answers."""
    world.report()
    answer = world.web.post(world.link("insp-a"), data=form)
    assert answer.status_code == 422
    assert "acknowledge, accept or decline" in answer.text
