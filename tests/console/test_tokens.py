"""Machines at the API: each token does what its scopes say, until it runs out or is revoked."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from fastapi.testclient import TestClient
from limits import RateLimitItemPerMinute

from console.access import Access
from console.problems import MEDIA_TYPE
from console.scopes import API, WRITES, scope_of
from console.server import create
from policy.signing_in import Scope
from policy.terms import Role
from runtime import doors
from runtime.door_sign_in import digest_of
from store import accounts
from store.accounts import Token
from tests.console.world import World, record

OPEN = {("GET", f"{API}/clock")}  # tells nothing but the time


def routes(world: World) -> Iterator[tuple[str, str]]:
    """Every operation of the API."""
    for path, operations in world.web.get("/api/openapi.json").json()["paths"].items():
        if path.startswith(API):
            yield from ((method.upper(), path) for method in operations)


def ask(world: World, method: str, path: str, token: str) -> httpx.Response:
    """Ask with a token; the body is good for nothing."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    content = b"{}" if method in {"POST", "PUT"} else None
    return world.web.request(method, re.sub(r"\{\w+\}", "1", path), headers=headers, content=content)


def token(world: World, *scopes: Scope, name: str = "feed", person: str | None = None) -> str:
    """Make a token for a day."""
    return doors.make_token(world.app, name, scopes, timedelta(days=1), person)


def test_every_route_asks_for_its_scope(world: World) -> None:
    """Without it 403 that names it, with it alone no such refusal; without a token 401, but for the clock."""
    alone = {scope: token(world, scope, name=f"only-{scope}") for scope in Scope}
    others = {scope: token(world, *(set(Scope) - {scope}), name=f"not-{scope}") for scope in Scope}
    asked = set()
    for method, path in routes(world):
        if (method, path) in OPEN:
            assert ask(world, method, path, "").status_code == 200
            continue
        scope = scope_of(method, path)
        asked.add(scope)
        assert ask(world, method, path, "").status_code == 401, (method, path)
        lacking = ask(world, method, path, others[scope])
        assert lacking.status_code == 403, (method, path)
        assert lacking.json()["type"] == "/problems/forbidden"
        assert f"lacks the scope {scope};" in lacking.json()["detail"]
        assert "lacks the scope" not in ask(world, method, path, alone[scope]).text, (method, path)
    assert {Scope.READ, Scope.REPORT, Scope.FACT, Scope.ROSTER, Scope.ALARMS} <= asked


def test_what_changes_something_is_never_only_read() -> None:
    """Whatever its parameters are called; what stands in no line of the table takes an admin's scope."""
    assert {scope_of(method, f"{API}{path}") for method, path in WRITES} == set(Scope) - {Scope.READ, Scope.ADMIN}
    assert scope_of("POST", f"{API}/cases/{{ref}}/facts") is Scope.FACT
    assert scope_of("GET", f"{API}/cases/{{case}}/facts") is Scope.READ
    assert scope_of("DELETE", f"{API}/cases/{{case}}/facts") is Scope.ADMIN
    assert scope_of("POST", f"{API}/cases") is Scope.ADMIN


def test_a_token_does_its_work(world: World) -> None:
    """A feed reports and reads nothing; another reads and reports nothing."""
    feed, board = token(world, Scope.REPORT, name="feed"), token(world, Scope.READ, name="board")
    headers = {"Authorization": f"Bearer {feed}"}
    assert world.web.post(f"{API}/reports", json=record(), headers=headers).status_code == 201
    assert world.web.get(f"{API}/cases", headers=headers).status_code == 403
    assert ask(world, "GET", f"{API}/board", board).status_code == 200
    refused = world.web.post(f"{API}/reports", json=record(2), headers={"Authorization": f"Bearer {board}"})
    assert refused.status_code == 403
    assert [alarm["key"] for alarm in _alarms(world)] == ["intake_refused"]


def test_the_home_s_own_token_has_every_scope(world: World) -> None:
    """As before."""
    for method, path in routes(world):
        assert "lacks the scope" not in ask(world, method, path, world.app.keys.token).text


def test_a_token_runs_out(world: World) -> None:
    """To the minute, and says so to whoever holds it."""
    feed = token(world, Scope.READ)
    world.clock.at += timedelta(days=1) - timedelta(minutes=1)
    assert ask(world, "GET", f"{API}/board", feed).status_code == 200
    world.clock.at += timedelta(minutes=1)
    refused = ask(world, "GET", f"{API}/board", feed)
    assert refused.status_code == 401
    assert "ran out at 2026-01-11 19:00 UTC" in refused.json()["detail"]


def test_a_token_that_is_revoked_speaks_no_more(world: World) -> None:
    """At once; its name is free for the next."""
    feed = token(world, Scope.READ)
    assert ask(world, "GET", f"{API}/board", feed).status_code == 200
    assert doors.revoke_token(world.app, "feed") == 1
    assert ask(world, "GET", f"{API}/board", feed).status_code == 401
    assert ask(world, "GET", f"{API}/board", token(world, Scope.READ)).status_code == 200


def test_a_token_is_kept_as_its_digest_with_its_last_use(world: World) -> None:
    """Never the token; the last use is written once a minute at the most."""
    feed, began = token(world, Scope.READ), world.clock.at
    for seconds, written in ((0, 0), (59, 0), (1, 60), (30, 60)):
        world.clock.at += timedelta(seconds=seconds)
        ask(world, "GET", f"{API}/board", feed)
        with world.app.sessions.reading() as s:
            assert [one.last_used_at for one in accounts.tokens(s)] == [began + timedelta(seconds=written)]
    with world.app.sessions.reading() as s:
        (kept,) = accounts.tokens(s)
    assert kept.digest == digest_of(feed)
    assert feed not in repr(kept)


def test_a_token_of_a_person_speaks_for_them_alone(world: World) -> None:
    """Without a page's token, which only sessions have; by somebody else: 403."""
    ref = world.report()
    mine = {"Authorization": f"Bearer {token(world, Scope.FACT, person='insp-a')}"}
    fact = {"kind": "note", "by": "insp-a", "evidence": {"text": "x"}}
    assert world.web.post(f"{API}/cases/{ref}/facts", json=fact, headers=mine).status_code == 200
    assert world.web.post(f"{API}/cases/{ref}/facts", json={**fact, "by": "sgt-s"}, headers=mine).status_code == 403


@pytest.mark.parametrize(("role", "full"), [(Role.POLICY_ADMIN, True), (Role.SYSTEM, False)])
def test_a_token_from_before_there_were_scopes_does_what_it_did(world: World, role: Role, full: bool) -> None:
    """All but what is for an admin, unless its role was one."""
    with world.app.sessions() as s:
        accounts.put_token(s, Token(digest_of("old"), "old", role, world.clock.at))
    refused = {path for method, path in routes(world) if "lacks the scope" in ask(world, method, path, "old").text}
    assert ask(world, "GET", f"{API}/board", "old").status_code == 200
    assert full <= (not refused)


def test_a_token_that_asks_too_often_waits(world: World) -> None:
    """429 as a document with Retry-After, for that token alone."""
    web = create(world.app)
    web.state.access = Access(world.app, calls=RateLimitItemPerMinute(3))
    client, mine, other = TestClient(web), token(world, Scope.READ), token(world, Scope.READ, name="other")
    answers = [client.get(f"{API}/board", headers={"Authorization": f"Bearer {mine}"}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].json()["type"], answers[3].headers["content-type"]) == ("/problems/busy", MEDIA_TYPE)
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    assert client.get(f"{API}/board", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def _alarms(world: World) -> list[dict[str, object]]:
    found: list[dict[str, object]] = world.web.get(f"{API}/alarms", headers=world.machine).json()["alarms"]
    return found
