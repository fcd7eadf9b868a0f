"""Looking at a case: outside the own area with a reason, every first look kept, nothing of it in the log (DPA s.62)."""

from datetime import timedelta

import httpx

from console.access import COOKIE, Access
from console.cli.commands import run
from policy.terms import Role
from store import accounts, journal, looked
from store.accounts import Account
from tests.console.hands import Hand, at_console, plain
from tests.console.world import World

WHY = "My patrol found a coat that may be hers"


def sign_in(world: World, person: str, role: Role) -> httpx.Client:
    """Sign a person in on an account of a role."""
    account = Account(person, "no password", person, role)
    with world.app.sessions() as s:
        accounts.put(s, account)
    cookies = {COOKIE: Access(world.app).begin(account)}
    return httpx.Client(base_url=world.address, trust_env=False, timeout=20, cookies=cookies)


def looks(world: World, ref: str) -> list[tuple[str, bool, str | None]]:
    """Who has looked at a case by a session, the first first."""
    with world.app.sessions.reading() as s:
        return [(one.person, one.own, one.reason) for one in reversed(looked.of_case(s, ref)) if one.sign_in]


def lines(world: World, ref: str) -> list[tuple[str, object, object]]:
    """What the journal says of looks."""
    with world.app.sessions.reading() as s:
        found = journal.read(s, ref, 0, 1_000)
    return [(line.by, line.body["own"], line.body["reason"]) for line in found if line.kind == "looked_at"]


def answer(hand: Hand, ref: str, **fields: str) -> httpx.Response:
    """Answer the question."""
    return hand.client.post(f"/cases/{ref}/reason", data={"csrf": hand.csrf, **fields})


def test_outside_the_own_area_one_question_comes_first(world: World) -> None:
    """Nothing of the case is shown before the reason; a blank one comes back with what was typed; then the page asked
    for."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp:
        asked = insp.client.get(f"/cases/{ref}?source=vigil")
        assert asked.status_code == 403
        assert "This case is outside your area: say why you need to see it" in asked.text
        assert "Steps" not in plain(asked.text)
        assert asked.text.count('type="radio"') == 6
        empty = answer(insp, ref, reason="", other="", next=f"/cases/{ref}?source=vigil")
        assert (empty.status_code, "There is a problem" in empty.text) == (422, True)
        assert 'href="#reason-asked_to_help"' in empty.text
        blank = answer(insp, ref, reason="other", other="  ", next=f"/cases/{ref}")
        assert 'href="#other"' in blank.text
        long = answer(insp, ref, reason="other", other=WHY * 20, next=f"/cases/{ref}")
        assert (long.status_code, WHY * 20 in plain(long.text)) == (422, True), "what was typed stays"
        assert looks(world, ref) == []
        told = answer(insp, ref, reason="other", other=WHY, next=f"/cases/{ref}?source=vigil")
        assert (told.status_code, told.headers["location"]) == (303, f"/cases/{ref}?source=vigil")
        for path in (f"/cases/{ref}", f"/cases/{ref}/why", f"/api/v1/cases/{ref}", f"/api/v1/cases/{ref}/journal"):
            assert insp.client.get(path).status_code == 200, path
    assert looks(world, ref) == lines(world, ref) == [("insp-n", False, WHY)], "once per sign-in and case"
    with at_console(world, "insp-n") as again:
        assert again.client.get(f"/cases/{ref}").status_code == 403, "a new sign-in is asked anew"


def test_a_form_of_another_page_gives_no_reason(world: World) -> None:
    """Without the session's own token nothing is taken."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp:
        assert insp.client.post(f"/cases/{ref}/reason", data={"reason": "linked"}).status_code == 403
        assert answer(insp, ref, reason="linked", next="//elsewhere.example").headers["location"] == f"/cases/{ref}"


def test_the_api_asks_for_a_header(world: World) -> None:
    """403 forbidden with the remedy; a reason too long is a fault; the same for every way of reading a case."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp:
        for path in ("", "/journal", "/messages", "/owner", "/explain"):
            refused = insp.client.get(f"/api/v1/cases/{ref}{path}")
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden"), path
            assert "send header X-Reason" in refused.json()["errors"][0]["remedy"]
        long = insp.client.get(f"/api/v1/cases/{ref}", headers={"X-Reason": "x" * 501})
        assert (long.status_code, long.json()["errors"][0]["field"]) == (422, "reason")
        assert insp.client.get(f"/api/v1/cases/{ref}", headers={"X-Reason": WHY}).status_code == 200
        assert insp.client.get(f"/api/v1/cases/{ref}/owner").status_code == 200, "said once"
        assert insp.client.get("/api/v1/cases/MP-2026-999999").status_code == 404
    assert looks(world, ref) == [("insp-n", False, WHY)]


def test_whose_own_it_is(world: World) -> None:
    """On duty for the area, in the control room, told, superintendent and above: without a word, and written down."""
    ref = world.report(1)
    own = {"insp-a": "on duty for the area", "fim-1": "the control room", "sup-1": "a superintendent", "sgt-s": "told"}
    for person, why in own.items():
        with at_console(world, person) as hand:
            assert hand.client.get(f"/cases/{ref}").status_code == 200, why
            assert hand.client.get(f"/cases/{ref}").status_code == 200
    assert looks(world, ref) == [(person, True, None) for person in own]
    far = world.report(2, area="lichfield", person={"name": "Another", "date_of_birth": "1990-05-01"})
    with at_console(world, "insp-a") as insp:
        assert insp.client.get(f"/cases/{far}").status_code == 403
        world.fact(far, "delegated", "fim-1", evidence={"to": "insp-a", "reason": "nobody is nearer"})
        assert insp.client.get(f"/cases/{far}").status_code == 200, "offered"


def test_an_admin_says_why_and_an_auditor_need_not(world: World) -> None:
    """Looking after the system is no reason by itself; whoever reads all is written down all the same."""
    ref = world.report(1)
    with sign_in(world, "admin-1", Role.POLICY_ADMIN) as admin, sign_in(world, "aud-1", Role.AUDITOR) as auditor:
        assert admin.get(f"/cases/{ref}").status_code == 403
        assert admin.get(f"/api/v1/cases/{ref}").status_code == 403
        assert auditor.get(f"/cases/{ref}").status_code == 200
        assert "Who has looked at this case" in auditor.get(f"/cases/{ref}").text
        assert auditor.get(f"/api/v1/cases/{ref}/looks").status_code == 200
    assert looks(world, ref) == [("aud-1", True, None)]


def test_who_has_looked_is_for_inspectors_and_above(world: World) -> None:
    """On the case's page, by the API and by the command line; a sergeant is told for whom it is."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp, at_console(world, "sgt-s") as sgt:
        assert "Who has looked" not in sgt.page(ref)
        assert sgt.client.get(f"/api/v1/cases/{ref}/looks").status_code == 403
        answer(insp, ref, reason="other", other=WHY, next=f"/cases/{ref}")
        page = plain(insp.page(ref)).partition("Who has looked at this case")[2]
        assert f"Outside their area: {WHY}" in page
        assert "Own area, or told of it" in page
        told = insp.client.get(f"/api/v1/cases/{ref}/looks").json()["looks"]
        assert [(one["person"], one["own"]) for one in told] == [("insp-n", False), ("sgt-s", True)]


def test_a_machine_is_one_line_an_hour(world: World) -> None:
    """By the name of its token, without a line in the journal; the command line too."""
    ref = world.report(1)
    for _ in range(3):
        assert world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).status_code == 200
    world.clock.at += timedelta(minutes=61)
    assert world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).status_code == 200
    with world.app.sessions.reading() as s:
        assert [(one.person, one.via) for one in looked.of_case(s, ref)] == [("machine", "api")] * 2
    assert lines(world, ref) == []
    assert run(["case", "show", ref, "--home", str(world.app.settings.home)]) == 0
    with world.app.sessions.reading() as s:
        assert looked.of_case(s, ref)[0].via == "cli"


def test_what_is_told_is_taken_from_whoever_may_not_look(world: World) -> None:
    """Information needs no reason; the page that follows asks for it."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp:
        heard = insp.send(ref, "say-new_information", summary="A coat by the canal", source="patrol")
        assert heard.status_code == 303
        assert insp.client.get(heard.headers["location"].partition("#")[0]).status_code == 403


def test_the_reason_stays_in_the_store(world: World) -> None:
    """No log of the home holds it."""
    ref = world.report(1)
    with at_console(world, "insp-n") as insp:
        answer(insp, ref, reason="other", other=WHY, next=f"/cases/{ref}")
    for file in world.app.settings.home.rglob("*.log"):
        assert WHY not in file.read_text(encoding="utf-8"), file
