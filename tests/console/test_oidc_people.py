"""Whose account somebody has who comes by the force's own service, what they may do, and how they leave."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from policy.errors import Unknown
from policy.terms import Role, Route
from runtime import doors
from store import accounts, sign_ins
from store.accounts import Account
from tests.console.hands import field_of
from tests.console.tiny_provider import Force, is_in, open_force, refused, text_of
from tests.console.world import World

ROLES = 'oidc_role_claim = "groups"\n[oidc_roles]\n"vigil-policy" = "policy_admin"\n"vigil-audit" = "auditor"\n'


@pytest.fixture
def force(tmp_path: Path) -> Iterator[Force]:
    """A force whose people sign in at the provider."""
    with open_force(tmp_path / "home") as opened:
        yield opened


def account_of(force: Force, user: str) -> Account:
    """Give an account that must be there."""
    with force.world.app.sessions.reading() as s:
        found = accounts.get(s, user)
    assert found is not None
    return found


def have(force: Force, account: Account) -> None:
    """Give somebody an account before they come."""
    with force.world.app.sessions() as s:
        accounts.put(s, account)


def comes(force: Force, browser: httpx.Client, sub: str, person: str) -> httpx.Response:
    """Sign in as whom the service calls `sub`, whose claim says `person`."""
    return force.signs_in(browser, sub=sub, preferred_username=person)


def test_the_first_sign_in_makes_an_account_for_somebody_on_the_roster(force: Force) -> None:
    """Bound to issuer and subject, without a password, with no role beyond their duties; journalled by ids."""
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        assert is_in(browser)
    made = account_of(force, "insp-a")
    assert (made.person, made.role, made.password_hash) == ("insp-a", "", "")
    assert made.subject == f"{force.provider.address}|u-1"
    with force.world.app.sessions.reading() as s:
        assert [sign_in.how for sign_in in sign_ins.of_user(s, "insp-a")] == ["oidc"]
    with force.browser() as browser:
        for password in ("", "insp-a"):
            form = {"csrf": field_of(browser.get("/sign-in").text, "csrf"), "user": "insp-a", "password": password}
            assert browser.post("/sign-in", data=form).status_code == 401


def test_somebody_unknown_is_refused_and_told_who_may_help(force: Force) -> None:
    """Neither on the roster nor with an account: no account is made."""
    with force.browser() as browser:
        said = refused(force, comes(force, browser, "u-9", "somebody"), browser)
        assert "not on the force's roster" in said
        assert "whoever keeps the force's roster, or an administrator of Vigil" in said
    with force.world.app.sessions.reading() as s:
        assert accounts.get(s, "somebody") is None


def test_a_claim_that_changes_takes_over_nobody(force: Force) -> None:
    """Who is known by a subject stays that person; whom another subject is bound to cannot be claimed."""
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        comes(force, browser, "u-1", "sup-1")
        assert "Sign out insp-a" in browser.get("/inbox").text
    with force.browser() as browser:
        said = refused(force, comes(force, browser, "u-2", "insp-a"), browser)
        assert "another force account is known here as insp-a" in said.lower()
    with force.browser() as browser:
        comes(force, browser, "u-3", "sup-1")
        assert "Sign out sup-1" in browser.get("/inbox").text


def test_a_new_force_account_takes_the_place_of_one_that_was_unbound(force: Force) -> None:
    """Whose force account was made anew: an administrator unbinds the old one, which ends its sessions."""
    with force.browser() as old, force.browser() as new:
        comes(force, old, "u-1", "insp-a")
        assert doors.unbind_account(force.world.app, "insp-a", Route.CLI) == 1
        assert not is_in(old)
        comes(force, new, "u-2", "insp-a")
        assert is_in(new)
    assert account_of(force, "insp-a").subject == f"{force.provider.address}|u-2"
    with pytest.raises(Unknown, match="no force account is bound"):
        doors.unbind_account(force.world.app, "admin", Route.CLI)


def test_an_account_that_an_administrator_made_is_bound_once(force: Force) -> None:
    """Somebody who is on no roster, such as an auditor, by the roster id of their account; their role stays."""
    have(force, Account("audit", "no hash", "aud-1", Role.AUDITOR))
    with force.browser() as browser:
        comes(force, browser, "u-5", "aud-1")
        assert "Sign out audit" in browser.get("/inbox").text
    bound = account_of(force, "audit")
    assert (bound.role, bound.subject) == (Role.AUDITOR, f"{force.provider.address}|u-5")


def test_sealed_and_first_accounts_are_never_reached_by_a_claim(force: Force) -> None:
    """Nobody becomes the home's administrator, or breaks the glass, by being called so elsewhere."""
    have(force, Account("glass", "no hash", "glass", Role.POLICY_ADMIN, break_glass=True))
    for sub, person in (("u-6", "admin"), ("u-7", "glass")):
        with force.browser() as browser:
            assert "not on the force's roster" in refused(force, comes(force, browser, sub, person), browser)


def test_the_name_of_an_account_that_is_anothers_is_not_taken(force: Force) -> None:
    """A user name that happens to be a roster id: the newcomer gets another one."""
    have(force, Account("insp-a", "no hash", "somebody", Role.AUDITOR))
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        assert is_in(browser)
    assert account_of(force, "insp-a").subject is None
    assert account_of(force, "insp-a.1").person == "insp-a"


def test_an_account_that_is_switched_off_stays_off(force: Force) -> None:
    """The force's service may let them in; Vigil does not."""
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        with force.world.app.sessions() as s:
            accounts.change(s, "insp-a", disabled_at=force.world.clock.at)
        assert not is_in(browser)
    with force.browser() as browser:
        assert "switched off" in refused(force, comes(force, browser, "u-1", "insp-a"), browser)


def test_roles_follow_the_claim(tmp_path: Path) -> None:
    """Policy admin and auditor by a claim, as one value or several; gone when the claim no longer says so."""
    with open_force(tmp_path / "home", ROLES) as force:
        said: list[tuple[object, str]] = [
            (["staff", "vigil-policy"], Role.POLICY_ADMIN),
            ("vigil-audit", Role.AUDITOR),
            (["vigil-audit", "vigil-policy"], Role.POLICY_ADMIN),
            ({"odd": 1}, ""),
            (None, ""),
        ]
        for groups, role in said:
            with force.browser() as browser:
                force.signs_in(browser, groups=groups)
                assert is_in(browser)
            assert account_of(force, "insp-a").role == role, groups


def test_who_they_are_may_stand_at_userinfo(force: Force) -> None:
    """Where the ID token does not say it; another's userinfo, or none, is refused."""
    force.provider.userinfo = {"sub": "u-1", "preferred_username": "insp-a"}
    with force.browser() as browser:
        force.signs_in(browser, preferred_username=None)
        assert is_in(browser)
    force.provider.userinfo["sub"] = "u-2"
    with force.browser() as browser:
        refused(force, force.signs_in(browser, preferred_username=None), browser)
    force.provider.userinfo = {"sub": "u-1"}
    with force.browser() as browser:
        said = refused(force, force.signs_in(browser, preferred_username=None), browser)
        assert "says no preferred_username" in said


def test_signing_out_signs_out_of_the_service_too(force: Force) -> None:
    """On a machine that many use the next person must not come in as this one; the page leads on by itself."""
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        form = {"csrf": field_of(browser.get("/inbox").text, "csrf")}
        answer = browser.post("/sign-out", data=form)
        there = f"{force.provider.address}/logout?client_id=vigil&post_logout_redirect_uri="
        assert answer.headers["refresh"].startswith(f"0; url={there}")
        assert "signed out of Vigil" in text_of(answer)
        assert not is_in(browser)


def test_signing_out_is_local_where_the_service_is_silent(force: Force) -> None:
    """Whoever leaves while the service is down has left Vigil all the same."""
    with force.browser() as browser:
        comes(force, browser, "u-1", "insp-a")
        form = {"csrf": field_of(browser.get("/inbox").text, "csrf")}
        force.provider.about.clear()
        force.later(minutes=59)
        browser.get("/inbox")
        force.later(minutes=2)
        answer = browser.post("/sign-out", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert not is_in(browser)


def test_the_force_account_comes_first(force: Force) -> None:
    """With a service its button stands first, and the password below."""
    with force.browser() as browser:
        shown = browser.get("/sign-in", params={"next": "/inbox"}).text
        assert shown.index("/sign-in/oidc?next=/inbox") < shown.index("<details>") < shown.index('name="password"')


def test_without_a_service_there_is_no_such_way(world: World) -> None:
    """Nothing of it is on the page, and its address says where to sign in."""
    assert "/sign-in/oidc" not in world.web.get("/sign-in").text
    assert world.web.get("/sign-in/oidc").status_code == 404


def test_tokens_and_claims_are_kept_nowhere(force: Force, tmp_path: Path) -> None:
    """Neither the store nor a log holds a token, or more of the claims than ids."""
    with force.browser() as browser:
        force.signs_in(browser, name="Ann Archer of the claims", email="ann@force.example")
        assert is_in(browser)
    kept = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    assert b"u-1" in kept
    for never in (b"eyJ", b"at-1", b"of the claims", b"ann@force"):
        assert never not in kept, json.dumps(never.decode())
