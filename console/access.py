"""Who is asking: a machine by its token, a person by the cookie of a session."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import structlog
from fastapi import Request
from limits import RateLimitItem

from console.passwords import hash_password, needs_new_hash, password_fits
from console.rates import CALLS_OF_TOKEN, SIGN_INS_OF_ADDRESS, SIGN_INS_OF_NAME, Rates
from console.scopes import needed
from policy.errors import Busy, Forbidden, Unauthorised
from policy.signing_in import SESSION, How, Scope, locked_for
from policy.terms import Role, Route
from runtime import doors
from runtime.app import App
from runtime.door_sign_in import digest_of
from store import accounts
from store.accounts import Account, Token

__all__ = ["COOKIE", "MACHINE", "SESSION", "Access", "Caller", "access_of", "cookie_of", "csrf_fits", "known"]

COOKIE = "vigil_session"
FORM = timedelta(hours=1)  # how long a sign-in page may lie open
MACHINE = "machine"
EVERYTHING = frozenset(Scope)
_LOCKED = (
    "Too many wrong passwords. Wait {minutes} minutes and try again, or an admin can unlock the name: vigil user unlock"
)
_STRANGERS = 10_000  # names without an account whose tries are remembered

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who asks; `person` is None for a machine, which may speak for others. An admin reads what others do not.

    A token is bounded by its `scopes`, a person by what their `role` and rank may do.
    """

    user: str
    person: str | None
    csrf: str = ""
    admin: bool = False
    how: How = How.TOKEN
    role: Role | None = None
    scopes: frozenset[Scope] = EVERYTHING
    sign_in: str = ""  # the session's short name


class Access:
    """Knows the callers of one app."""

    def __init__(self, app: App, calls: RateLimitItem = CALLS_OF_TOKEN) -> None:
        """Work with the secrets of `app`'s home; `calls` bounds how often one token may ask."""
        self._app = app
        self._calls = calls
        self._rates = Rates(app.clock.wall)
        self._form_key = hashlib.sha256(b"vigil.csrf.1" + app.keys.link_secret.encode()).digest()
        self._strangers: dict[str, tuple[int, datetime]] = {}

    def caller(self, request: Request) -> Caller | None:
        """Give who asks, None when nobody says so; raise Unauthorised for a token that is not ours."""
        header = request.headers.get("authorization")
        return self.reader(request) if header is None else self._machine(header)

    def reader(self, request: Request) -> Caller | None:
        """Give the person of the session, None when there is none or it has ended."""
        secret = request.cookies.get(cookie_of(request))
        return self.person_of(secret) if secret else None

    def person_of(self, secret: str) -> Caller | None:
        """Give the person of a session by what its cookie holds, None when it has ended."""
        held = doors.session_of(self._app, secret)
        if held is None:
            return None
        account, sign_in = held.account, held.sign_in
        role = _role(account.role)
        return Caller(
            account.user,
            account.person,
            sign_in.csrf,
            admin=role is Role.POLICY_ADMIN,
            how=How(sign_in.how),
            role=role,
            sign_in=sign_in.short,
        )

    def begin(self, account: Account, how: How = How.PASSWORD, reason: str | None = None) -> str:
        """Begin a session and give what its cookie holds; a session of its own each time."""
        return doors.begin_session(self._app, account, how, reason)

    def sign_in(self, user: str, password: str, address: str) -> Account | None:
        """Give the account when the password fits; raise Busy while the name is locked, or asked for too often.

        A name without an account is counted, locked and answered as one that has one.
        """
        self._rates.count(SIGN_INS_OF_ADDRESS, address)
        self._rates.count(SIGN_INS_OF_NAME, user)
        account = self.account(user)
        if account is not None and account.disabled_at is not None:
            account = None
        self._refuse_locked(account.locked_until if account else self._strangers.get(user, (0, None))[1])
        if not password_fits(password, account.password_hash if account else None):
            if account is not None:
                doors.wrong_password(self._app, user)
            else:
                self._wrong_stranger(user)
            return None
        if account is not None:
            fresh = hash_password(password) if needs_new_hash(account.password_hash) else None
            doors.right_password(self._app, account, fresh)
        return account

    def account(self, user: str) -> Account | None:
        """Give a user's account, None when there is none."""
        with self._app.sessions.reading() as s:
            return accounts.get(s, user)

    def ensure_first_login(self) -> None:
        """Make the home's first account when nobody can sign in yet; its password stands in HOME/first-login."""
        with self._app.sessions.reading() as s:
            if accounts.users(s):
                return
        login = self._app.keys.first_login
        first = Account(login.user, hash_password(login.password), login.user, Role.POLICY_ADMIN)
        doors.add_account(self._app, first, Route.SYSTEM)

    def form_token(self, said: str = "") -> str:
        """Give what a form must carry where there is no session yet: it stands for the page itself, and for `said`."""
        until = int((self._app.clock.wall() + FORM).timestamp())
        nonce = f"{secrets.token_urlsafe(9)}.{until}"
        return f"{nonce}.{self._proof(nonce, said)}"

    def form_token_fits(self, token: str, said: str = "") -> bool:
        """Tell whether such a form came from a page of ours, not long ago."""
        nonce, _, proof = token.rpartition(".")
        until = nonce.rpartition(".")[2]
        if not hmac.compare_digest(proof.encode(), self._proof(nonce, said).encode()):
            return False
        return until.isdigit() and int(until) > self._app.clock.wall().timestamp()

    def _proof(self, nonce: str, said: str) -> str:
        made = hmac.digest(self._form_key, f"{nonce}\n{said}".encode(), "sha256")
        return urlsafe_b64encode(made).decode("ascii")

    def _refuse_locked(self, until: datetime | None) -> None:
        left = until - self._app.clock.wall() if until else timedelta(0)
        if left > timedelta(0):
            detail = _LOCKED.format(minutes=ceil(left / timedelta(minutes=1)))
            raise Busy(detail, retry_after_s=ceil(left.total_seconds()))

    def _wrong_stranger(self, user: str) -> None:
        """Count a wrong password of a name without an account; it is not logged, for it may be a password itself."""
        if len(self._strangers) > _STRANGERS:  # somebody tries names: forget rather than grow
            self._strangers.clear()
        wrong = self._strangers.get(user, (0, None))[0] + 1
        self._strangers[user] = (wrong, self._app.clock.wall() + locked_for(wrong))
        log.warning("sign_in_refused", count=wrong)

    def _machine(self, header: str) -> Caller:
        scheme, _, token = header.partition(" ")
        token = token.strip()
        if scheme.lower() == "bearer":
            ours = hmac.compare_digest(digest_of(token), digest_of(self._app.keys.token))
            made = None if ours else doors.token_of(self._app, token)
            if ours or made is not None:
                self._rates.count(self._calls, digest_of(token))
            if ours:
                return Caller(MACHINE, None, admin=True)
            if made is not None:
                return _speaker(made)
        raise Unauthorised("this token is not one of ours; the home keeps its own in the file admin-token")


def access_of(request: Request) -> Access:
    """Give the access of the app that serves the request."""
    access: Access = request.app.state.access
    return access


def cookie_of(request: Request) -> str:
    """Give the name of the session's cookie; under https no other host, and no path of ours, can set it."""
    return f"__Host-{COOKIE}" if request.url.scheme == "https" else COOKIE


def known(request: Request) -> Caller:
    """Let machines and signed-in people in (the API); raise Unauthorised for others, Forbidden beyond a token's scopes.

    What a session changes by the API must carry the page's token: a cookie alone also comes from other sites.
    """
    caller = access_of(request).caller(request)
    if caller is None:
        raise Unauthorised("send Authorization: Bearer and the token, or sign in")
    scope = needed(request)
    if caller.how is How.TOKEN:
        if scope not in caller.scopes:
            raise Forbidden(f"this token lacks the scope {scope}; an admin makes one that has it: vigil token create")
        return caller
    changes = request.method not in {"GET", "HEAD", "OPTIONS"}
    if changes and not csrf_fits(caller, request.headers.get("x-csrf-token", "")):
        raise Forbidden("a session that changes something must send the header X-CSRF-Token")
    return caller


def csrf_fits(caller: Caller, token: str) -> bool:
    """Tell whether a form belongs to the session that sends it."""
    return bool(caller.csrf) and hmac.compare_digest(caller.csrf.encode(), token.encode())


def _speaker(token: Token) -> Caller:
    """Give who speaks by a token that was made; one from before there were scopes does what its role did."""
    admin = token.role == Role.POLICY_ADMIN if token.scopes is None else Scope.ADMIN in token.scopes
    if token.scopes is None:
        scopes = EVERYTHING if admin else EVERYTHING - {Scope.ADMIN, Scope.PACKS}
    else:
        scopes = frozenset(scope for scope in Scope if scope in token.scopes)
    return Caller(token.name, token.person, admin=admin, role=Role.SYSTEM, scopes=scopes)


def _role(name: str) -> Role | None:
    return Role(name) if name in set(Role) else None
