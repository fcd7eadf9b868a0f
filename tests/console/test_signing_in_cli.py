"""`vigil user` and `vigil token` on a home: what they make lets in, and a password is never an argument."""

import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from console.cli.commands import run
from policy.signing_in import Scope
from tests.console.doorway import PASSWORD, browser, enter, signed_in
from tests.console.world import World

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def vigil(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command on the home of the world; what follows `stdin=` is piped in."""

    def typed(*words: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run([*words, "--home", str(world.app.settings.home)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def add(vigil: Typed, user: str = "ann", password: str = PASSWORD, *more: str) -> tuple[int, str, str]:
    """Add an inspector."""
    flags = ("--person", "insp-a", "--role", "duty_inspector", "--password-stdin")
    return vigil("user", "add", user, *flags, *more, stdin=f"{password}\n")


def test_who_was_added_signs_in(world: World, vigil: Typed) -> None:
    """Add, list, a new password, disable, unlock: each holds at the next sign-in."""
    assert add(vigil)[0] == 0
    with browser(world) as client:
        assert enter(client, "ann").status_code == 303
        assert signed_in(client)
        code, out, _ = vigil("user", "password", "ann", "--password-stdin", "--json", stdin="another long word\n")
        assert (code, json.loads(out)) == (0, {"user": "ann", "sessions_ended": 1})
        assert enter(client, "ann").status_code == 401
        assert enter(client, "ann", "another long word").status_code == 303
        assert vigil("user", "disable", "ann")[0] == 0
        assert enter(client, "ann", "another long word").status_code == 401
        listed = {one["user"]: one for one in json.loads(vigil("user", "list", "--json")[1])["users"]}
        assert listed["ann"]["disabled_at"] is not None
        assert "password" not in json.dumps(listed)
        assert vigil("user", "unlock", "ann")[0] == 0
        assert enter(client, "ann", "another long word").status_code == 303
        sessions = json.loads(vigil("user", "sessions", "ann", "--json")[1])["sessions"]
        assert [one["lasts"] for one in sessions].count(True) <= 1


@pytest.mark.parametrize(
    ("user", "password", "field"),
    [("ann", "eleven char", "password"), ("ann", "x" * 1025, "password"), ("a b", PASSWORD, "user")],
)
def test_what_cannot_be_taken_is_said_with_its_remedy(vigil: Typed, user: str, password: str, field: str) -> None:
    """Field, fault and remedy; nothing is made."""
    code, _, err = add(vigil, user, password, "--json")
    (fault,) = json.loads(err)["errors"]
    assert (code, fault["field"]) == (1, field)
    assert fault["message"]
    assert fault["remedy"]
    assert [one["user"] for one in json.loads(vigil("user", "list", "--json")[1])["users"]] == ["admin"]


def test_a_name_is_given_once_and_a_stranger_is_pointed_out(vigil: Typed) -> None:
    """A second account of a name is refused; a person who is on no roster is taken, with a note."""
    assert add(vigil) == (0, "ann may sign in as insp-a (duty_inspector)\n", "")
    assert add(vigil)[0] == 1
    code, _, err = vigil(
        *("user", "add", "bob", "--person", "insp-z", "--role", "auditor", "--password-stdin"), stdin=f"{PASSWORD}\n"
    )
    assert code == 0
    assert "insp-z is not on the roster" in err


def test_a_password_is_never_an_argument(vigil: Typed) -> None:
    """Where nobody can be asked, it is piped in or not given at all."""
    code, _, err = vigil("user", "add", "ann", "--person", "insp-a", "--role", "auditor", "--json")
    assert (code, json.loads(err)["errors"][0]["field"]) == (1, "password")
    assert vigil("user", "add", "ann", "--person", "insp-a", "--role", "auditor", "--password", PASSWORD)[0] == 2
    assert vigil("user", "add", "ann", "--person", "insp-a", "--role", "king")[0] == 2
    assert vigil("user", "disable", "nobody")[0] == 1


def test_a_token_is_printed_once_and_speaks(world: World, vigil: Typed) -> None:
    """On stdout, alone; listed without it; revoked, it speaks no more."""
    code, out, err = vigil("token", "create", "--name", "feed", "--scope", "read", "--scope", "fact")
    assert (code, "only time" in err) == (0, True)
    headers = {"Authorization": f"Bearer {out.strip()}"}
    assert world.web.get("/api/v1/board", headers=headers).status_code == 200
    listed = vigil("token", "list", "--json")[1]
    assert out.strip() not in listed
    (one,) = json.loads(listed)["tokens"]
    assert (one["name"], one["scopes"]) == ("feed", [Scope.READ, Scope.FACT])
    assert vigil("token", "create", "--name", "feed", "--scope", "read")[0] == 1
    assert vigil("token", "create", "--name", "x", "--scope", "everything")[0] == 2
    assert vigil("token", "create", "--name", "x", "--scope", "read", "--expires", "soon")[0] == 1
    assert vigil("token", "revoke", "feed")[0] == 0
    assert world.web.get("/api/v1/board", headers=headers).status_code == 401
    assert vigil("token", "revoke", "feed")[0] == 1


def test_a_token_lasts_as_long_as_was_said(world: World, vigil: Typed) -> None:
    """Ninety days unless told otherwise; of real time."""
    body = json.loads(vigil("token", "create", "--name", "feed", "--scope", "read", "--json")[1])
    headers = {"Authorization": f"Bearer {body['token']}"}
    (one,) = json.loads(vigil("token", "list", "--json")[1])["tokens"]
    assert world.web.get("/api/v1/board", headers=headers).status_code == 200
    from datetime import datetime

    world.clock.at = datetime.fromisoformat(one["expires_at"])
    assert world.web.get("/api/v1/board", headers=headers).status_code == 401
    world.clock.at -= timedelta(seconds=1)
    assert world.web.get("/api/v1/board", headers=headers).status_code == 200
