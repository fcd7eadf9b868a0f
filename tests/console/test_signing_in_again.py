"""A session that ran out loses nothing: what was typed comes through the sign-in, and its sender sends it then."""

import re
from html import unescape

import httpx
import pytest

from policy.signing_in import IDLE
from store import sign_ins
from tests.console.doorway import PASSWORD, account, browser, enter, signed_in
from tests.console.hands import field_of, plain
from tests.console.world import World

TYPED = "She said \"I'll be at Nan's\" & left\nby the <back> door"


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes to this address."""
    form = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    assert form, page
    return {name: unescape(text) for name, text in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)}


def typed_too_late(world: World, client: httpx.Client, ref: str) -> httpx.Response:
    """Sign in, fill a form in, and send it when the session is over."""
    enter(client, "ann")
    csrf = field_of(client.get(f"/cases/{ref}").text, "csrf")
    world.clock.at += IDLE
    form = {"form": "say-note", "csrf": csrf, "once": "k1", "button": "done", "f-text": TYPED}
    return client.post(f"/cases/{ref}", data=form)


def notes(world: World, ref: str) -> list[object]:
    """The notes of a case, as its journal has them."""
    answer = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine)
    facts = [entry["body"] for entry in answer.json()["entries"] if entry["kind"] == "fact"]
    return [body["evidence"]["text"] for body in facts if body["fact"] == "note"]


def token_of_before(world: World) -> str:
    """The token of ann's session that is over."""
    with world.app.sessions.reading() as s:
        return sign_ins.of_user(s, "ann")[0].csrf


@pytest.fixture
def ref(world: World) -> str:
    """A case, and somebody with an account."""
    account(world, "ann")
    account(world, "bob", "sgt-s")
    return world.report()


def test_what_was_typed_is_sent_after_the_sign_in(world: World, ref: str) -> None:
    """The sign-in page carries it, past a wrong password too; then it is shown, and one button sends it, once."""
    with browser(world) as client:
        page = typed_too_late(world, client, ref)
        assert page.status_code == 401
        assert "What you typed is kept" in page.text
        wrong = client.post("/sign-in", data={**hidden(page.text, "/sign-in"), "user": "ann", "password": "x"})
        assert wrong.status_code == 401
        shown = client.post("/sign-in", data={**hidden(wrong.text, "/sign-in"), "user": "ann", "password": PASSWORD})
        assert shown.status_code == 200
        assert "Nothing is sent yet" in shown.text
        assert plain(TYPED.replace("<back>", "")) in plain(unescape(shown.text).replace("<back>", ""))
        assert "<back>" not in shown.text
        assert notes(world, ref) == []
        again = hidden(shown.text, f"/cases/{ref}")
        assert again["csrf"] == field_of(client.get(f"/cases/{ref}").text, "csrf")
        for _ in range(2):
            assert client.post(f"/cases/{ref}", data=again).status_code == 303
    assert [str(text).replace("\r\n", "\n") for text in notes(world, ref)] == [TYPED]


def test_somebody_else_who_signs_in_gets_nothing_of_it(world: World, ref: str) -> None:
    """At a shared machine the next one sees no word of what the one before had typed."""
    with browser(world) as client:
        page = typed_too_late(world, client, ref)
        answer = client.post("/sign-in", data={**hidden(page.text, "/sign-in"), "user": "bob", "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{ref}")
        assert signed_in(client)
        refused = client.post("/sign-in/go-on", data=hidden(page.text, "/sign-in/go-on"))
        assert refused.status_code == 401
        assert "Nan" not in refused.text


def test_a_sign_in_in_another_window_is_enough(world: World, ref: str) -> None:
    """The form of the window before is shown again, also when it is simply sent once more."""
    with browser(world) as client:
        page = typed_too_late(world, client, ref)
        on = hidden(page.text, "/sign-in/go-on")
        assert client.post("/sign-in/go-on", data=on).status_code == 401
        old = {"form": "say-note", "csrf": token_of_before(world), "button": "done", "f-text": TYPED}
        enter(client, "ann")
        shown = client.post("/sign-in/go-on", data=on)
        assert "Nothing is sent yet" in shown.text
        sent_again = client.post(f"/cases/{ref}", data=old)
        assert "Nothing is sent yet" in sent_again.text
        assert notes(world, ref) == []
        assert client.post(f"/cases/{ref}", data=hidden(sent_again.text, f"/cases/{ref}")).status_code == 303


def test_only_a_form_of_ours_is_kept(world: World, ref: str) -> None:
    """What another site sends to a page of ours has no session's token: it is refused and not carried anywhere."""
    with browser(world) as client:
        foreign = client.post(f"/cases/{ref}", data={"form": "say-note", "csrf": "f" * 40, "f-text": "evil"})
        assert foreign.status_code == 401
        assert "evil" not in foreign.text
        enter(client, "ann")
        assert client.post(f"/cases/{ref}", data={"form": "say-note", "csrf": "x", "f-text": "evil"}).status_code == 403
        csrf = field_of(client.get("/sign-in").text, "csrf")
        forged = {"csrf": csrf, "user": "ann", "password": PASSWORD, "kept": "WyIvYWxhcm1zIix7fSwiYW5uIl0.x"}
        assert client.post("/sign-in", data=forged).status_code == 303
    assert notes(world, ref) == []
