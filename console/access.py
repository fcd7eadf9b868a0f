"""Who is asking: a machine by its token, a person by the signed cookie of a session."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request
from itsdangerous import BadData, URLSafeSerializer

from console.passwords import hash_password, password_fits
from policy.errors import Busy, Forbidden, Unauthorised
from policy.terms import Role
from runtime.app import App
from store import accounts
from store.accounts import Account

COOKIE = "vigil_session"
SESSION = timedelta(hours=12)  # a shift and its handover
FORM = timedelta(hours=1)  # how long a sign-in page may lie open
MACHINE = "machine"
_TRIES, _PAUSE = 5, timedelta(seconds=30)  # wrong passwords for one user before a pause


@dataclass(frozen=True)
class Caller:
    """Who asks; `person` is None for a machine, which may speak for others. An admin reads what others do not."""

    user: str
    person: str | None
    csrf: str = ""
    admin: bool = False


class Access:
    """Knows the callers of one app."""

    def __init__(self, app: App) -> None:
        """Work with the secrets of `app`'s home."""
        self._app = app
        self._signer = URLSafeSerializer(app.keys.link_secret, salt="vigil.session.1")
        self._csrf_key = hashlib.sha256(b"vigil.csrf.1" + app.keys.link_secret.encode()).digest()
        self._wrong: dict[str, tuple[int, float]] = {}

    def caller(self, request: Request) -> Caller | None:
        """Give who asks, None when nobody says so; raise Unauthorised for a token that is not ours."""
        header = request.headers.get("authorization")
        if header is not None:
            return self._machine(header)
        return self.reader(request)

    def reader(self, request: Request) -> Caller | None:
        """Give the person of the session, None when there is none or it has ended."""
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            return None
        try:
            kept = self._signer.loads(cookie)
            user, mark, nonce, until = kept["u"], kept["m"], kept["n"], float(kept["e"])
        except (BadData, KeyError, TypeError, ValueError):
            return None
        if until <= self._app.clock.wall().timestamp():
            return None
        account = self._account(str(user))
        if account is None or not hmac.compare_digest(str(mark), _mark(account)):
            return None
        admin = account.role == Role.POLICY_ADMIN
        return Caller(account.user, account.person, self.csrf_of(str(nonce)), admin)

    def begin(self, account: Account) -> str:
        """Give the cookie of a new session; it ends with the time, or when the password is changed."""
        until = (self._app.clock.wall() + SESSION).timestamp()
        kept = {"u": account.user, "m": _mark(account), "n": secrets.token_urlsafe(16), "e": until}
        return str(self._signer.dumps(kept))

    def sign_in(self, user: str, password: str) -> Account | None:
        """Give the account when the password fits; raise Busy after several wrong ones."""
        wall = self._app.clock.wall().timestamp()
        count, until = self._wrong.get(user, (0, 0.0))
        if count >= _TRIES and wall < until:
            raise Busy("too many wrong passwords; wait a moment", retry_after_s=int(until - wall) + 1)
        account = self._account(user)
        if not password_fits(password, account.password_hash if account else None):
            if len(self._wrong) > 10_000:  # somebody tries names: forget rather than grow
                self._wrong.clear()
            self._wrong[user] = (count + 1, wall + _PAUSE.total_seconds())
            return None
        self._wrong.pop(user, None)
        return account

    def ensure_first_login(self) -> None:
        """Make the home's first account when nobody can sign in yet; its password stands in HOME/first-login."""
        with self._app.sessions.reading() as s:
            if accounts.users(s):
                return
        login = self._app.keys.first_login
        first = Account(login.user, hash_password(login.password), login.user, Role.POLICY_ADMIN)
        with self._app.sessions() as s:
            accounts.put(s, first)

    def csrf_of(self, nonce: str) -> str:
        """Give what a form of this session must carry."""
        return urlsafe_b64encode(hmac.digest(self._csrf_key, nonce.encode(), "sha256")).decode("ascii")

    def form_token(self) -> str:
        """Give what the sign-in form must carry: there is no session yet, so it stands for the page itself."""
        until = int((self._app.clock.wall() + FORM).timestamp())
        nonce = f"{secrets.token_urlsafe(9)}.{until}"
        return f"{nonce}.{self.csrf_of(nonce)}"

    def form_token_fits(self, token: str) -> bool:
        """Tell whether a sign-in form came from a page of ours, not long ago."""
        nonce, _, digest = token.rpartition(".")
        until = nonce.rpartition(".")[2]
        if not hmac.compare_digest(digest.encode(), self.csrf_of(nonce).encode()):
            return False
        return until.isdigit() and int(until) > self._app.clock.wall().timestamp()

    def _machine(self, header: str) -> Caller:
        scheme, _, token = header.partition(" ")
        given = hashlib.sha256(token.strip().encode()).digest()
        ours = hashlib.sha256(self._app.keys.token.encode()).digest()
        if scheme.lower() == "bearer":
            if hmac.compare_digest(given, ours):
                return Caller(MACHINE, None, admin=True)
            if (role := self._token_role(given.hex())) is not None:
                return Caller(MACHINE, None, admin=role == Role.POLICY_ADMIN)
        raise Unauthorised("this token is not one of ours; the home keeps its own in the file admin-token")

    def _token_role(self, digest: str) -> str | None:
        with self._app.sessions.reading() as s:
            token = accounts.token(s, digest)
        return None if token is None else token.role

    def _account(self, user: str) -> Account | None:
        with self._app.sessions.reading() as s:
            return accounts.get(s, user)


def access_of(request: Request) -> Access:
    """Give the access of the app that serves the request."""
    access: Access = request.app.state.access
    return access


def known(request: Request) -> Caller:
    """Let machines and signed-in people in (the API); raise Unauthorised for others.

    What a session changes by the API must carry the page's token: a cookie alone also comes from other sites.
    """
    caller = access_of(request).caller(request)
    if caller is None:
        raise Unauthorised("send Authorization: Bearer and the token, or sign in")
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if changes and caller.person is not None and not csrf_fits(caller, request.headers.get("x-csrf-token", "")):
        raise Forbidden("a session that changes something must send the header X-CSRF-Token")
    return caller


def csrf_fits(caller: Caller, token: str) -> bool:
    """Tell whether a form belongs to the session that sends it."""
    return bool(caller.csrf) and hmac.compare_digest(caller.csrf.encode(), token.encode())


def _mark(account: Account) -> str:
    """Give what changes with the password and tells nothing of it."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]
