"""Signing in at the force's own service by OpenID Connect: the authorisation code flow with PKCE, every check of it.

1. `begin` sends the browser away with a state, a nonce and a challenge; what they are to fit stays in a signed cookie.
2. The service sends it back with a code. `finish` takes it from the browser that began alone, minutes later at most.
3. The code is exchanged for an ID token, whose signature, issuer, audience, times and nonce must all be right.
Nothing of the service is kept but who it says the person is.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from itsdangerous import BadData, URLSafeSerializer
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from console.oidc_service import ANSWER_S, NoSignInError, Service, silent
from runtime.app import App

BACK = "/sign-in/oidc/back"
PATIENCE = timedelta(minutes=15)  # for a password, a second factor, and a look for the telephone that gives it
SKEW_S = 60  # by which our clock and theirs may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_THEIRS: Mapping[str, tuple[str, int]] = {  # what the service may answer instead of a code
    "access_denied": ("Your force's sign-in service did not let you in, or you stopped on the way.", 403),
    "login_required": ("Your force's sign-in service asks you to sign in there first.", 403),
    "interaction_required": ("Your force's sign-in service asks something of you first.", 403),
    "consent_required": ("Your force's sign-in service asks for your consent first.", 403),
    "temporarily_unavailable": ("Your force's sign-in service is busy at this moment.", 503),
    "server_error": ("Your force's sign-in service had a fault at this moment.", 503),
}
_MISFIT = "Vigil and your force's sign-in service do not agree on their settings."
_UNPROVEN = "What your force's sign-in service said of you could not be proved."


@dataclass(frozen=True)
class Identity:
    """Who the service says somebody is: `subject` is theirs for ever, `person` is what a claim says today."""

    subject: str
    person: str
    groups: frozenset[str]


class SignInService:
    """The way in by the force's own accounts; made only where the settings name an issuer."""

    def __init__(self, app: App, service: Service) -> None:
        """Work for the console of `app`."""
        self._settings = app.settings
        self._clock = app.clock
        self._service = service
        self._signer = URLSafeSerializer(app.keys.link_secret, salt="vigil.oidc.1")

    def begin(self, following: str) -> tuple[str, str]:
        """Give where to send the browser, and the cookie that must come back with it."""
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        address, _ = self._oauth(None).create_authorization_url(
            self._service.needed("authorization_endpoint"),
            state=kept["state"],
            nonce=kept["nonce"],
            code_verifier=kept["verifier"],
        )
        until = (self._clock.wall() + PATIENCE).timestamp()
        return str(address), str(self._signer.dumps({**kept, "next": following, "until": until}))

    def finish(self, cookie: str, said: Mapping[str, str]) -> tuple[Identity, str]:
        """Give who signed in and the page they wanted; raise NoSignInError for whatever is not as it should be."""
        kept = self._kept(cookie)
        if not hmac.compare_digest(kept["state"].encode(), said.get("state", "").encode()):
            raise NoSignInError("This sign-in was not begun here, or a newer one has taken its place.", "state")
        if said.get("iss", self._service.issuer) != self._service.issuer:  # RFC 9207: another service's answer
            raise NoSignInError(_UNPROVEN, "iss_of_answer")
        if "error" in said:
            words, status = _THEIRS.get(said["error"], (_MISFIT, 403))
            raise NoSignInError(words, said["error"] if said["error"] in _THEIRS else "their_error", status)
        token = self._exchanged(said.get("code", ""), kept["verifier"])
        claims = self._checked(token, kept["nonce"])
        return self._identity(claims, token), kept["next"]

    def way_out(self) -> str | None:
        """Give where the session at the service itself is ended, None when it has no such place."""
        address = self._service.address("end_session_endpoint")
        back = {"client_id": self._settings.oidc_client_id or "", "post_logout_redirect_uri": self._ours("/sign-in")}
        return None if address is None else f"{address}{'&' if '?' in address else '?'}{urlencode(back)}"

    def _ours(self, path: str) -> str:
        return self._settings.console_address + path

    def _kept(self, cookie: str) -> dict[str, str]:
        try:
            kept = self._signer.loads(cookie)
        except BadData:
            raise NoSignInError("This sign-in was not begun in this browser.", "cookie") from None
        if float(kept["until"]) <= self._clock.wall().timestamp():
            raise NoSignInError("This sign-in took too long.", "too_late")
        return {name: str(value) for name, value in kept.items()}

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=ANSWER_S)

    def _oauth(self, http: httpx.Client | None) -> Any:
        """Give Authlib's client around ours: its own for httpx would have another httpx than Prefect knows."""
        return OAuth2Client(
            http,
            client_id=self._settings.oidc_client_id,
            client_secret=self._settings.oidc_client_secret,
            scope=self._settings.oidc_scope,
            redirect_uri=self._ours(BACK),
            code_challenge_method="S256",
        )

    def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        """Exchange the code for tokens; a code is good once, and the service is who knows."""
        address, how = self._service.needed("token_endpoint"), self._credentials()
        try:
            with self._client() as http:
                token = self._oauth(http).fetch_token(address, code=code, code_verifier=verifier, **how)
        except OAuth2Error as error:
            words = "This sign-in was used already, or took too long." if error.error == "invalid_grant" else _MISFIT
            raise NoSignInError(words, "code_refused" if error.error == "invalid_grant" else "client_refused") from None
        except (httpx.HTTPError, ValueError) as error:
            raise silent(type(error).__name__) from None
        return dict(token)

    def _credentials(self) -> dict[str, Any]:
        """Say who we are at the token endpoint, in the way that the service takes (RFC 6749 section 2.3.1)."""
        name, secret = self._settings.oidc_client_id or "", self._settings.oidc_client_secret
        ways = self._service.says("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret is None:
            return {"auth": httpx.USE_CLIENT_DEFAULT, "client_id": name}
        if "client_secret_basic" in ways:
            return {"auth": (quote_plus(name), quote_plus(secret))}
        return {"auth": httpx.USE_CLIENT_DEFAULT, "client_id": name, "client_secret": secret}

    def _checked(self, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Give the claims of the ID token once everything about it is right."""
        must = {"essential": True}
        options = {
            "iss": {**must, "value": self._service.issuer},
            "aud": {**must, "value": self._settings.oidc_client_id},
            "sub": must,  # and not blank
        }
        params = {"nonce": nonce, "client_id": self._settings.oidc_client_id, "access_token": token.get("access_token")}
        try:
            read = self._read(str(token.get("id_token", "")))
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(now=int(self._clock.wall().timestamp()), leeway=SKEW_S)
        except (JoseError, ValueError, TypeError) as error:
            raise NoSignInError(_UNPROVEN, getattr(error, "claim", "") or type(error).__name__) from None
        return dict(claims)

    def _read(self, text: str) -> jwt.Token:
        """Read a signed token; a key that we do not know yet may be new, so the keys are asked for once more."""
        theirs = self._service.says("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(
            algorithms=[name for name in ALGORITHMS if name in theirs] or ["RS256"], strict_check_header=False
        )
        try:
            return jwt.decode(text, self._service.keys(), registry=registry)
        except InvalidKeyIdError:
            return jwt.decode(text, self._service.keys(anew=True), registry=registry)

    def _identity(self, claims: Mapping[str, Any], token: Mapping[str, Any]) -> Identity:
        wanted = self._settings.oidc_person_claim
        if wanted not in claims:
            claims = {**self._more(token, str(claims["sub"])), **claims}
        person = claims.get(wanted)
        if not isinstance(person, str) or not person.strip():
            raise NoSignInError(f"Your force account says no {wanted}, by which Vigil knows people.", "person_claim")
        said = claims.get(self._settings.oidc_role_claim or "", ())
        groups = [said] if isinstance(said, str) else said if isinstance(said, (list, tuple)) else ()
        subject = f"{self._service.issuer}|{claims['sub']}"
        return Identity(subject, person.strip(), frozenset(str(group) for group in groups))

    def _more(self, token: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
        """Give what the service tells at its userinfo address, where the ID token does not tell it."""
        address = self._service.address("userinfo_endpoint")
        if address is None:
            return {}
        bearer = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        try:
            with self._client() as http:
                told = http.get(address, headers=bearer).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise silent(type(error).__name__) from None
        if not isinstance(told, dict) or told.get("sub") != subject:  # of somebody else: never mixed
            raise NoSignInError(_UNPROVEN, "sub_of_userinfo")
        return told
