"""A provider in this process that keeps the rules of OpenID Connect, and breaks the one that a test names."""

import json
import re
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from console.access import COOKIE
from console.pages.oidc import FLOW
from tests.console.world import START, World, open_world

CLIENT, SECRET = "vigil", "s3cret+with/odd=signs"
SETTINGS = f'oidc_client_id = "{CLIENT}"\noidc_client_secret = "{SECRET}"\n'


def key_named(kid: str) -> ECKey:
    """Make a key of this name."""
    return ECKey.generate_key("P-256", {"kid": kid})


@dataclass
class TinyProvider:
    """What it knows, and what it was asked; `lies` takes the place of claims, a None leaves one out."""

    address: str
    key: ECKey = field(default_factory=lambda: key_named("first"))
    about: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    now: datetime = START
    secret: str = SECRET
    signed: str | None = None  # an ID token in the place of a proper one

    def __post_init__(self) -> None:
        """Say where everything is."""
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo", "end_session": "logout"}
        self.about |= {f"{name}_endpoint": f"{self.address}/{path}" for name, path in ends.items()}
        self.about |= {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        self.about["id_token_signing_alg_values_supported"] = ["RS256", "ES256", "HS256", "none"]

    def agree(self, request: str, code: str = "code-1") -> dict[str, str]:
        """Let a person sign in at this request for authorisation; give what the browser takes back."""
        asked = dict(parse_qsl(urlsplit(request).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def claims(self, nonce: str) -> dict[str, Any]:
        """Give the claims of a token for somebody."""
        at = int(self.now.timestamp())
        told = {"iss": self.address, "aud": CLIENT, "sub": "u-1", "nonce": nonce, "preferred_username": "insp-a"}
        return {k: v for k, v in {**told, "iat": at, "exp": at + 300, **self.lies}.items() if v is not None}

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Give status and document for one request."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self.about
        if path == "/keys":
            return 200, KeySet([self.key]).as_dict(private=False)
        if path == "/userinfo" and self.userinfo is not None and authorization == "Bearer at-1":
            return 200, self.userinfo
        if path == "/token":
            return self._token(form, authorization)
        return 404, {}

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        basic = authorization.partition(" ")[2]
        known = [unquote_plus(part) for part in b64decode(basic).decode().split(":")]
        if [CLIENT, self.secret] not in (known, [form.get("client_id"), form.get("client_secret")]):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form["code"], None)
        verified = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if asked is None or verified != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "Ann Archer"}
        proper = jwt.encode({"alg": "ES256", "kid": self.key.kid}, self.claims(asked["nonce"]), self.key)
        return 200, {"access_token": "at-1", "token_type": "Bearer", "id_token": self.signed or proper}


@contextmanager
def tiny_provider() -> Iterator[TinyProvider]:
    """Serve one while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, document = provider.answer(self.path, form, self.headers.get("authorization", ""))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = TinyProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join(5)


@dataclass
class Force:
    """A force whose people sign in at the provider."""

    world: World
    provider: TinyProvider

    def browser(self) -> httpx.Client:
        """Give a browser that has never been here."""
        return httpx.Client(base_url=self.world.address, trust_env=False, timeout=20)

    def begin(self, browser: httpx.Client, following: str = "/") -> str:
        """Press the button; give the request for authorisation."""
        answer = browser.get("/sign-in/oidc", params={"next": following})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def signs_in(self, browser: httpx.Client, following: str = "/", **lies: Any) -> httpx.Response:
        """Go there and back; give what Vigil answers."""
        self.provider.lies, self.provider.now = lies, self.world.clock.at
        said = self.provider.agree(self.begin(browser, following))
        return browser.get("/sign-in/oidc/back", params=said)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.world.clock.at += timedelta(**span)


@contextmanager
def open_force(home: Path, more: str = "") -> Iterator[Force]:
    """Open a force on a fresh home, its sign-in service running."""
    home.mkdir(parents=True)
    with tiny_provider() as provider:
        (home / "vigil.toml").write_text(f'oidc_issuer = "{provider.address}"\n{SETTINGS}{more}')
        with open_world(home) as world:
            yield Force(world, provider)


def is_in(browser: httpx.Client) -> bool:
    """Whether a browser is signed in."""
    return browser.get("/", follow_redirects=False).status_code == 200


def text_of(answer: httpx.Response) -> str:
    """What a page says."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def refused(force: Force, answer: httpx.Response, browser: httpx.Client, status: int = 403) -> str:
    """Check that nobody was signed in, and that the page says so in plain words; give them."""
    assert answer.status_code == status, answer.text
    assert not is_in(browser)
    assert COOKIE not in browser.cookies
    assert FLOW not in browser.cookies
    said = text_of(answer)
    assert "You are not signed in" in said
    assert not re.search(r"eyJ|code-1|at-1|Error|Ann Archer", said)
    return said
