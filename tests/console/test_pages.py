"""Inbox, list, case page and signing in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from console.pages.sign_in import way_on
from console.passwords import hash_password, password_fits
from tests.console.world import NAME, PLACE, World


def csrf_of(page: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@contextmanager
def sign_in(world: World) -> Iterator[httpx.Client]:
    """A client that is signed in with the home's first login."""
    with httpx.Client(base_url=world.address, trust_env=False, timeout=20) as client:
        login = world.app.keys.first_login
        token = csrf_of(client.get("/sign-in").text)
        answer = client.post("/sign-in", data={"csrf": token, "user": login.user, "password": login.password})
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        yield client


def test_a_password_is_kept_as_its_hash() -> None:
    """Two hashes of one password differ; only the password fits."""
    one, two = hash_password("correct horse"), hash_password("correct horse")
    assert one != two
    assert "horse" not in one
    assert password_fits("correct horse", one)
    assert not password_fits("wrong horse", one)
    assert not password_fits("correct horse", None)
    assert not password_fits("correct horse", "scrypt$x")


def test_wrong_passwords_are_refused_and_slowed(world: World) -> None:
    """401 each, the same words for a wrong name; after five a pause, also for the right one."""
    with httpx.Client(base_url=world.address, trust_env=False, timeout=20) as client:
        token = csrf_of(client.get("/sign-in").text)
        form = {"csrf": token, "user": world.app.keys.first_login.user, "password": "wrong"}
        for _ in range(5):
            assert client.post("/sign-in", data=form).status_code == 401
        waiting = client.post("/sign-in", data=form)
        assert (waiting.status_code, "retry-after" in waiting.headers) == (429, True)
        assert client.post("/sign-in", data={**form, "csrf": "x.1.y"}).status_code == 403


@pytest.mark.parametrize("address", ["//evil", "https://evil", "/\\evil", "evil", "javascript:x", "/a\r\nb"])
def test_signing_in_never_leads_elsewhere(address: str) -> None:
    """Whatever leads off this site becomes the list of cases."""
    assert way_on(address) == "/"
    assert way_on("/cases/MP-2026-000001") == "/cases/MP-2026-000001"


def test_pages_ask_who_you_are(world: World) -> None:
    """Nobody unknown reads a page; they are led to the sign-in page."""
    ref = world.report()
    for path in ("/", f"/cases/{ref}", "/inbox"):
        answer = world.web.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


def test_the_list_shows_what_is_overdue_first(world: World) -> None:
    """A low case that is overdue stands above a high one that is not."""
    late = world.report(1, risk="low")
    world.forward(30)
    now = "2026-01-10T19:30:00Z"
    fresh = world.report(2, risk="high", area="newcastle", reported_at=now, recorded_at=now)
    with sign_in(world) as client:
        page = client.get("/").text
    assert page.index(late) < page.index(fresh)
    assert "overdue" in page


def test_the_case_page_tells_the_story(world: World) -> None:
    """Who answers, each step, everybody told, the journal in words."""
    ref = world.report(1, area="atlantis")
    world.fact(ref, "note", "fim-1", evidence={"text": "<b>bold</b>"})
    with sign_in(world) as client:
        asked = client.get(f"/cases/{ref}").text  # the first login looks after the system, and says why it looks
        why = {"csrf": csrf_of(asked), "reason": "system"}
        assert client.post(f"/cases/{ref}/reason", data=why).status_code == 303
        page = client.get(f"/cases/{ref}").text
        assert client.get("/cases/MP-2026-999999").status_code == 404
    for shown in ("Responsible", "fim-1", "Faults of the record", "area", "Timeline", "Told fim-1", "webhook received"):
        assert shown in page
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold" in page
    assert NAME not in page
    assert PLACE not in page


def test_the_inbox_of_a_personal_link_takes_answers(world: World) -> None:
    """The page behind a link leads to the person's inbox, where the answer goes by route `inbox`."""
    ref = world.report()
    page = world.web.get(world.link("insp-a")).text
    found = re.search(r'href="(/inbox\?t=[^"]+)"', page)
    assert found is not None
    inbox = world.web.get(found[1]).text
    assert ref in inbox
    assert "case waits for you" in inbox
    form = {
        "t": found[1].partition("=")[2],
        "key": _value(inbox, "key"),
        "decision": "acknowledge",
    }
    answer = world.web.post("/inbox", data=form)
    assert answer.status_code == 200
    assert "You acknowledged at 19:00" in answer.text
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    assert [e["route"] for e in entries if e["kind"] == "fact"] == ["inbox"]
    other = world.app.links.make("inbox/sgt-s", "insp-a", world.clock.at.replace(hour=23))
    assert world.web.get(f"/inbox?t={other}").status_code == 403
    stolen = world.link("sgt-s").removeprefix("/a/")
    assert world.web.get(f"/inbox?t={stolen}").status_code == 403


def test_the_force_incident_manager_sees_what_is_overdue(world: World) -> None:
    """At a+d the Force Incident Manager's inbox shows the step, though nobody was told by a rung yet."""
    ref = world.report()
    link = world.web.get(world.link("fim-1", "task")).text
    found = re.search(r'href="(/inbox\?t=[^"]+)"', link)
    assert found is not None
    world.forward(9)
    assert "Overdue in the force" not in world.web.get(found[1]).text
    world.forward(1)
    inbox = world.web.get(found[1]).text
    assert "Overdue in the force" in inbox
    assert inbox.count(ref) >= 2
    theirs = re.search(r'href="(/inbox\?t=[^"]+)"', world.web.get(world.link("insp-a")).text)
    assert theirs is not None
    assert "Overdue in the force" not in world.web.get(theirs[1]).text


def test_a_session_that_changes_something_carries_its_token(world: World) -> None:
    """A cookie alone also comes from other sites: 403 without the page's token."""
    ref = world.report()
    with sign_in(world) as client:
        said = {"kind": "note", "by": "admin", "evidence": {"text": "x"}}
        assert client.post(f"/api/v1/cases/{ref}/facts", json=said).status_code == 403
        token = {"X-CSRF-Token": csrf_of(client.get("/").text)}
        assert client.post(f"/api/v1/cases/{ref}/facts", json=said, headers=token).status_code == 200
        other = {**said, "by": "insp-a"}
        assert client.post(f"/api/v1/cases/{ref}/facts", json=other, headers=token).status_code == 403
        assert client.post("/inbox", data={"key": "x", "decision": "accept"}).status_code == 403
        assert client.post("/sign-out", data={}).status_code == 403
        assert client.post("/sign-out", data={"csrf": token["X-CSRF-Token"]}).status_code == 303
        client.cookies.clear()
        assert client.get("/").status_code == 303


def test_what_nobody_foresaw_is_busy_without_a_trace(world: World) -> None:
    """503 with Retry-After; no trace, no value."""
    world.app.sessions.close()
    object.__setattr__(world.app, "shelf", None)
    answer = world.web.get("/api/v1/packs", headers=world.machine)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/busy")
    assert answer.headers["retry-after"] == "1"
    assert "Traceback" not in answer.text


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found is not None
    return found[1]
