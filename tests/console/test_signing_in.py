"""Signing in over HTTP: sessions begin with a cookie of their own and end for good; wrong passwords lock a name."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest

from console.access import COOKIE
from policy.signing_in import IDLE, SESSION
from policy.terms import Route
from runtime import doors
from runtime.door_sign_in import digest_of
from store import accounts, journal, sign_ins
from store.journal import Lines
from tests.console.doorway import PASSWORD, account, browser, enter, signed_in
from tests.console.hands import field_of, plain
from tests.console.world import World

Ending = Callable[[World, httpx.Client], object]


def test_a_session_is_known_by_its_digest_alone(world: World) -> None:
    """The cookie is HttpOnly and Lax; the store has its digest, the person and when, never the secret."""
    account(world, "ann")
    with browser(world) as client:
        cookie = enter(client, "ann").headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "Secure" not in cookie
        secret = client.cookies[COOKIE]
        with world.app.sessions.reading() as s:
            (kept,) = sign_ins.of_user(s, "ann")
        assert kept.digest == digest_of(secret)
        assert secret not in repr(kept)
        assert (kept.person, kept.how, kept.until_at) == ("insp-a", "password", world.clock.at + SESSION)


def test_under_https_the_cookie_and_the_address_are_bound_to_it(world: World) -> None:
    """Behind a proxy that speaks https: Secure, a name no other host can set, and no way back to http."""
    account(world, "ann")
    with browser(world) as client:
        client.headers["X-Forwarded-Proto"] = "https"
        answer = enter(client, "ann")
        assert answer.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "Domain" not in answer.headers["set-cookie"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in world.web.get("/sign-in").headers


def test_a_cookie_brought_along_is_never_taken_over(world: World) -> None:
    """What was planted before a sign-in opens nothing after it; a session brought along is replaced, and over."""
    account(world, "ann")
    planted = "planted-by-somebody-else"
    for brought in (planted, None):
        with browser(world) as client, browser(world) as thief:
            client.headers["Cookie"] = f"{COOKIE}={brought or _secret(enter(thief, 'ann'))}"
            fresh = _secret(enter(client, "ann"))
            assert fresh not in client.headers["Cookie"]
            thief.cookies.clear()
            thief.headers["Cookie"] = client.headers["Cookie"]
            assert not signed_in(thief)
            thief.headers["Cookie"] = f"{COOKIE}={fresh}"
            assert signed_in(thief)


def _sign_out(_world: World, client: httpx.Client) -> object:
    return client.post("/sign-out", data={"csrf": field_of(client.get("/breaches").text, "csrf")})


def _disabled(world: World, _client: httpx.Client) -> object:
    return doors.disable_account(world.app, "ann", Route.CLI)


def _new_password(world: World, _client: httpx.Client) -> object:
    return doors.change_password(world.app, "ann", "another hash", Route.CLI)


@pytest.mark.parametrize("ending", [_sign_out, _disabled, _new_password])
def test_a_session_that_is_ended_is_over_everywhere(world: World, ending: Ending) -> None:
    """Signed out, disabled, a new password: the same cookie opens nothing any more, in pages and API."""
    account(world, "ann")
    with browser(world) as client:
        enter(client, "ann")
        secret = client.cookies[COOKIE]
        assert signed_in(client)
        ending(world, client)
        client.cookies.set(COOKIE, secret)
        assert not signed_in(client)
        refused = client.get("/api/v1/cases")
        assert (refused.status_code, refused.json()["type"]) == (401, "/problems/unauthorised")


def test_a_session_ends_when_nobody_uses_it(world: World) -> None:
    """59 minutes without a click are no end, an hour is; each use begins the hour anew."""
    account(world, "ann")
    with browser(world) as client:
        enter(client, "ann")
        for _ in range(3):
            world.clock.at += IDLE - timedelta(minutes=1)
            assert signed_in(client)
        world.clock.at += IDLE
        assert not signed_in(client)
        world.clock.at -= IDLE
        assert signed_in(client), "it was the time alone"


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    """A shift and its handover."""
    account(world, "ann")
    with browser(world) as client:
        enter(client, "ann")
        for _ in range(23):
            world.clock.at += timedelta(minutes=30)
            assert signed_in(client)
        world.clock.at += timedelta(minutes=29)
        assert signed_in(client)
        world.clock.at += timedelta(minutes=1)
        assert not signed_in(client)


def test_a_form_bears_the_token_of_its_own_session(world: World) -> None:
    """Missing, wrong, and that of somebody else: 403 for a page and for the API, and nothing is written."""
    account(world, "ann")
    account(world, "bob", "sgt-s")
    ref = world.report()
    with browser(world) as ann, browser(world) as bob:
        enter(ann, "ann")
        enter(bob, "bob")
        mine, theirs = (field_of(client.get("/breaches").text, "csrf") for client in (ann, bob))
        fact = {"kind": "note", "by": "insp-a", "evidence": {"text": "x"}}
        for token in (None, "", "wrong", theirs):
            form = {"form": "say-note", "f-text": "x"} | ({} if token is None else {"csrf": token})
            headers = {} if token is None else {"X-CSRF-Token": token}
            assert ann.post(f"/cases/{ref}", data=form).status_code == 403, token
            assert ann.post(f"/api/v1/cases/{ref}/facts", json=fact, headers=headers).status_code == 403, token
        assert "note" not in [entry["kind"] for entry in _journal(world, ref)]
        ok = ann.post(f"/api/v1/cases/{ref}/facts", json=fact, headers={"X-CSRF-Token": mine})
        assert ok.status_code == 200


def test_a_sign_in_comes_from_our_own_page(world: World) -> None:
    """A form without the page's token, or sent by another site, begins no session."""
    account(world, "ann")
    with browser(world) as client:
        assert client.post("/sign-in", data={"user": "ann", "password": PASSWORD}).status_code == 403
        client.headers["Sec-Fetch-Site"] = "cross-site"
        assert enter(client, "ann").status_code == 403
        world.clock.at += timedelta(hours=1)
        assert COOKIE not in client.cookies


def test_five_wrong_passwords_lock_a_name_for_longer_each_time(world: World) -> None:
    """15 minutes, then 30; said plainly; a restart forgets nothing; the right password after it forgets them all."""
    account(world, "ann")
    with browser(world) as client:
        for _ in range(5):
            assert enter(client, "ann", "wrong").status_code == 401
        locked = enter(client, "ann")
        assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
        assert "Wait 15 minutes and try again, or an admin can unlock the name: vigil user unlock" in plain(locked.text)
        assert 'value="ann"' in locked.text
        with world.app.sessions.reading() as s:
            kept = accounts.get(s, "ann")
        assert kept is not None
        assert (kept.wrong, kept.locked_until) == (5, world.clock.at + timedelta(minutes=15))
        world.clock.at += timedelta(minutes=15)
        assert enter(client, "ann", "wrong").status_code == 401
        assert enter(client, "ann").headers["retry-after"] == "1800"
        world.clock.at += timedelta(minutes=30)
        assert enter(client, "ann").status_code == 303
    with world.app.sessions.reading() as s:
        kept = accounts.get(s, "ann")
    assert kept is not None
    assert (kept.wrong, kept.locked_until) == (0, None)
    with world.app.sessions.reading() as s:
        lines = journal.of_kinds(s, Lines({"account_locked"}), limit=9)
    assert [line.body["wrong"] for line in lines] == [6, 5]


def test_an_admin_unlocks_a_name(world: World) -> None:
    """At once, with the right password."""
    account(world, "ann")
    with browser(world) as client:
        for _ in range(5):
            enter(client, "ann", "wrong")
        assert enter(client, "ann").status_code == 429
        doors.unlock_account(world.app, "ann", Route.CLI)
        assert enter(client, "ann").status_code == 303


def test_a_name_that_has_no_account_answers_like_one_that_has(world: World) -> None:
    """The same words and numbers for both, wrong and locked; also for one that is disabled."""
    account(world, "ann")
    account(world, "gone")
    doors.disable_account(world.app, "gone", Route.CLI)
    told = []
    for user in ("ann", "nobody", "gone"):
        with browser(world) as client:
            answers = [enter(client, user, "wrong") for _ in range(6)]
            told.append([(a.status_code, a.headers.get("retry-after"), _words(a)) for a in answers])
    assert [status for status, *_ in told[0]] == [401] * 5 + [429]
    assert all(one == other for one, other in pairwise(told))


def test_one_address_tries_so_often_and_no_more(world: World) -> None:
    """20 sign-ins a minute from one address, whatever the names: then 429 with how long to wait."""
    with browser(world) as client:
        csrf = field_of(client.get("/sign-in").text, "csrf")
        answers = [
            client.post("/sign-in", data={"csrf": csrf, "user": f"user-{n}", "password": "x"}) for n in range(21)
        ]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60


def test_a_password_of_an_older_home_opens_once_and_is_hashed_anew(world: World) -> None:
    """scrypt opens, argon2 is kept from then on, and the session goes on."""
    made = account(world, "ann")
    with world.app.sessions() as s:
        accounts.change(s, "ann", password_hash=_scrypt(PASSWORD))
    with browser(world) as client:
        assert enter(client, "ann", "wrong").status_code == 401
        assert enter(client, "ann").status_code == 303
        with world.app.sessions.reading() as s:
            kept = accounts.get(s, "ann")
        assert kept is not None
        assert kept.password_hash.startswith("$argon2id$")
        assert kept.password_hash != made.password_hash
        assert signed_in(client)
        assert enter(client, "ann").status_code == 303


def _journal(world: World, ref: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()[
        "entries"
    ]
    return found


def _secret(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition("=")[2].partition(";")[0]


def _words(answer: httpx.Response) -> str:
    return plain(answer.text.partition('role="alert"')[2].partition("</div>")[0])


def _scrypt(password: str) -> str:
    """Hash as the version before did."""
    salt = b"0123456789abcdef"
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26)
    return "$".join(("scrypt", "32768", "8", "1", *(base64.b64encode(raw).decode() for raw in (salt, digest))))
