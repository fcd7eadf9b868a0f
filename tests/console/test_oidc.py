"""Signing in with the force's own account: what is taken, and everything that is refused."""

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from joserfc import jwt
from joserfc.jwk import OctKey

from console.access import COOKIE
from console.pages.oidc import FLOW
from tests.console.tiny_provider import CLIENT, SECRET, Force, is_in, key_named, open_force, refused

FAR = 61  # seconds; our clock and theirs may differ by sixty


@pytest.fixture
def force(tmp_path: Path) -> Iterator[Force]:
    """A force whose people sign in at the provider."""
    with open_force(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def lied_to(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Force]:
    """The same for many tests in which nobody gets in, so that nothing is left of them."""
    with open_force(tmp_path_factory.mktemp("lied-to") / "home") as opened:
        yield opened


def test_a_person_on_the_roster_is_in(force: Force) -> None:
    """There with PKCE, state and nonce, back to the page they wanted; the session says how they came."""
    with force.browser() as browser:
        request = parse_qs(urlsplit(force.begin(browser, "/inbox")).query)
        assert request["redirect_uri"] == ["http://127.0.0.1:8600/sign-in/oidc/back"]
        assert request["scope"] == ["openid profile"]
        assert all(len(request[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))
        answer = force.signs_in(browser, "/inbox")
        assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")
        assert FLOW not in browser.cookies
        assert "Sign out insp-a" in browser.get("/inbox").text


NEVER: dict[str, Any] = {
    "for another": {"aud": "another"},
    "for another, asked for by us": {"aud": "another", "azp": CLIENT},
    "for several, not said for whom": {"aud": [CLIENT, "another"]},
    "asked for by another": {"aud": [CLIENT, "another"], "azp": "another"},
    "of another issuer": {"iss": "https://login.elsewhere.example"},
    "of another sign-in": {"nonce": "another"},
    "of no sign-in": {"nonce": None},
    "without a subject": {"sub": None},
    "of a blank subject": {"sub": ""},
    "without an end": {"exp": None},
    "of an access token that is not beside it": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", NEVER)
def test_a_token_is_refused(lied_to: Force, lie: str) -> None:
    """Whatever an ID token must say, and does not."""
    with lied_to.browser() as browser:
        assert "could not be proved" in refused(lied_to, lied_to.signs_in(browser, **NEVER[lie]), browser)


@pytest.mark.parametrize(("past", "taken"), [(FAR, False), (FAR - 2, True)])
def test_an_old_token_is_refused_but_clocks_may_differ(force: Force, past: int, taken: bool) -> None:
    """A token that ended more than a minute ago, or begins more than a minute from now."""
    at = int(force.world.clock.at.timestamp())
    lies: list[dict[str, Any]] = [{"exp": at - past}, {"iat": at + past}, {"nbf": at + past}]
    for lie in lies:
        with force.browser() as browser:
            answer = force.signs_in(browser, **lie)
            assert is_in(browser) is taken, (lie, answer.text)


def unsigned(claims: dict[str, Any], _force: Force) -> str:
    """With the algorithm `none`."""
    parts = (urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, claims))
    return ".".join(parts) + "."


def by_the_secret(claims: dict[str, Any], _force: Force) -> str:
    """Signed with the secret that the service and we share."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def by_a_strange_key(claims: dict[str, Any], _force: Force) -> str:
    """Signed with a key that the service does not know."""
    key = key_named("strange")
    return jwt.encode({"alg": "ES256", "kid": "strange"}, claims, key)


def by_a_key_of_the_same_name(claims: dict[str, Any], force: Force) -> str:
    """Signed with a key that only has the name of theirs."""
    kid = str(force.provider.key.kid)
    return jwt.encode({"alg": "ES256", "kid": kid}, claims, key_named(kid))


def changed_afterwards(claims: dict[str, Any], force: Force) -> str:
    """Their signature under other words."""
    key = force.provider.key
    head, _, signature = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key).split(".")
    return f"{head}.{jwt.encode({'alg': 'ES256'}, {**claims, 'sub': 'u-2'}, key).split('.')[1]}.{signature}"


def no_token(_claims: dict[str, Any], _force: Force) -> str:
    """Not a token at all."""
    return "no token"


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")  # tokens made badly on purpose
@pytest.mark.parametrize(
    "made", [unsigned, by_the_secret, by_a_strange_key, by_a_key_of_the_same_name, changed_afterwards, no_token]
)
def test_what_the_service_did_not_sign_is_refused(lied_to: Force, made: Any) -> None:
    """No algorithm, a secret in the place of a key, a key that is not theirs, a token that was changed."""
    provider = lied_to.provider
    with lied_to.browser() as browser:
        said = provider.agree(lied_to.begin(browser))
        provider.lies = {}
        provider.signed = made(provider.claims(provider.codes["code-1"]["nonce"]), lied_to)
        answer = browser.get("/sign-in/oidc/back", params=said)
        provider.signed = None
        assert "could not be proved" in refused(lied_to, answer, browser)


def test_keys_that_change_are_followed(force: Force) -> None:
    """A token signed with a new key is taken; the old key counts no longer."""
    with force.browser() as browser:
        force.signs_in(browser)
        assert is_in(browser)
    old = force.provider.key
    force.provider.key = key_named("second")
    force.later(seconds=10)
    with force.browser() as browser:
        force.signs_in(browser)
        assert is_in(browser)
    with force.browser() as browser:
        said = force.provider.agree(force.begin(browser))
        claims = force.provider.claims(force.provider.codes["code-1"]["nonce"])
        force.provider.signed = jwt.encode({"alg": "ES256", "kid": old.kid}, claims, old)
        refused(force, browser.get("/sign-in/oidc/back", params=said), browser)


def test_an_answer_is_taken_from_the_browser_that_began_and_once(force: Force) -> None:
    """Another browser, another state, a second time, and a second time with the cookie brought back."""
    with force.browser() as browser, force.browser() as another:
        said = force.provider.agree(force.begin(browser))
        assert "not begun in this browser" in refused(force, another.get("/sign-in/oidc/back", params=said), another)
        force.begin(another)
        assert "not begun here" in refused(force, another.get("/sign-in/oidc/back", params=said), another)
        cookie = browser.cookies[FLOW]
        browser.get("/sign-in/oidc/back", params=said)
        assert is_in(browser)
        again = another.get("/sign-in/oidc/back", params=said, headers={"cookie": f"{FLOW}={cookie}"})
        assert "used already" in refused(force, again, another)


def test_a_sign_in_that_takes_too_long_is_begun_again(force: Force) -> None:
    """After a quarter of an hour the answer is not taken any more."""
    with force.browser() as browser:
        said = force.provider.agree(force.begin(browser))
        force.later(minutes=15)
        assert "took too long" in refused(force, browser.get("/sign-in/oidc/back", params=said), browser)


def test_an_answer_in_the_name_of_another_service_is_refused(force: Force) -> None:
    """RFC 9207: `iss` of the answer is our service's, or there is none."""
    with force.browser() as browser:
        said = force.provider.agree(force.begin(browser)) | {"iss": "https://login.elsewhere.example"}
        refused(force, browser.get("/sign-in/oidc/back", params=said), browser)
        assert "/token" not in force.provider.asked


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "did not let you in"),
        ("temporarily_unavailable", 503, "busy"),
        ("invalid_scope", 403, "do not agree on their settings"),
    ],
)
def test_what_the_service_says_instead_is_told_in_plain_words(
    force: Force, error: str, status: int, words: str
) -> None:
    """Its own description is not shown and not logged: it may hold anything."""
    with force.browser() as browser, structlog.testing.capture_logs() as logs:
        state = force.provider.agree(force.begin(browser))["state"]
        said = {"error": error, "error_description": "Ann Archer", "state": state}
        answer = browser.get("/sign-in/oidc/back", params=said)
        assert words in refused(force, answer, browser, status)
    assert [entry["event"] for entry in logs] == ["oidc_refused"]
    assert "Ann Archer" not in str(logs)


def test_a_service_that_refuses_us_is_a_fault_of_settings(force: Force) -> None:
    """A wrong secret: whoever signs in hears that the settings do not agree, and no secret."""
    force.provider.secret = "another"
    with force.browser() as browser:
        assert "do not agree on their settings" in refused(force, force.signs_in(browser), browser)


def test_a_code_that_another_began_is_worth_nothing(force: Force) -> None:
    """PKCE: a code that was caught on its way is refused for want of the verifier."""
    with force.browser() as browser:
        said = force.provider.agree(force.begin(browser))
        force.provider.codes["code-1"]["code_challenge"] = "another"
        assert "used already" in refused(force, browser.get("/sign-in/oidc/back", params=said), browser)


def test_a_service_that_takes_the_secret_in_the_form_gets_it_there(force: Force) -> None:
    """`client_secret_post` alone."""
    force.provider.about["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    with force.browser() as browser:
        force.signs_in(browser)
        assert is_in(browser)


def test_a_service_that_is_down_stops_nobody(force: Force) -> None:
    """The page says so and names the other ways; it is not asked by everybody in turn, and asked again soon."""
    about, force.provider.about = force.provider.about, {}
    with force.browser() as browser:
        for _ in range(3):
            said = refused(force, browser.get("/sign-in/oidc"), browser, 503)
            assert "break glass" in said
        assert len(force.provider.asked) == 1
        assert "Vigil account" in browser.get("/sign-in").text
        force.provider.about = about
        force.later(seconds=10)
        force.signs_in(browser)
        assert is_in(browser)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("issuer", "https://login.elsewhere.example", "issuer_is_another"),
        ("jwks_uri", "http://login.force.example/keys", "jwks_uri_not_https"),
        ("token_endpoint", "http://login.force.example/token", "token_endpoint_not_https"),
        ("authorization_endpoint", "http://login.force.example/go", "authorization_endpoint_not_https"),
        ("authorization_endpoint", None, "authorization_endpoint_missing"),
    ],
)
def test_a_service_that_would_be_spoken_to_in_the_open_is_not_used(
    force: Force, name: str, value: str | None, reason: str
) -> None:
    """Another issuer than the one that was set, an address without TLS, or none."""
    force.provider.about[name] = value
    with force.browser() as browser, structlog.testing.capture_logs() as logs:
        answer = browser.get("/sign-in/oidc")
        if answer.status_code == 303:
            answer = browser.get("/sign-in/oidc/back", params=force.provider.agree(answer.headers["location"]))
        refused(force, answer, browser, 503)
    assert logs[-1]["reason"] == reason


def test_under_https_no_other_host_can_begin_for_us(force: Force) -> None:
    """The cookies of the way and of the session are our host's alone, not for scripts, and not for plain http."""
    tls = {"x-forwarded-proto": "https"}
    with force.browser() as browser:
        begun = browser.get("/sign-in/oidc", headers=tls)
        way = begun.headers["set-cookie"]
        assert re.match(rf"__Host-{FLOW}=\S+; HttpOnly; Max-Age=900; Path=/; SameSite=lax; Secure$", way)
        said = force.provider.agree(begun.headers["location"])
        cookie = {"cookie": way.partition(";")[0]}
        back = browser.get("/sign-in/oidc/back", params=said, headers=tls | cookie)
        session, gone = back.headers.get_list("set-cookie")
        assert re.match(rf"__Host-{COOKIE}=\S+; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure$", session)
        assert gone.startswith(f'__Host-{FLOW}=""; ')


def test_the_way_on_leads_nowhere_else(force: Force) -> None:
    """An address of elsewhere becomes the list of cases."""
    with force.browser() as browser:
        assert force.signs_in(browser, "//elsewhere.example/").headers["location"] == "/"
