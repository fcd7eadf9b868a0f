"""The doors of accounts and tokens: who may sign in and which machines may speak; each change is journalled."""

import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from policy.errors import Busy, Fault, Invalid, Transient, Unauthorised, Unknown
from policy.intents import Entry
from policy.signing_in import Scope
from policy.terms import Role, Route
from runtime.app import App
from runtime.door_sign_in import SEEN_EACH, digest_of
from store import accounts, journal, roster, sign_ins
from store.accounts import Account, Token

_NAME = re.compile(r"^[\w.@-]{1,64}$", re.ASCII)
_MARK = "vigil_"  # so that a token that was left lying about is known for one


def add_account(app: App, account: Account, route: Route) -> bool:
    """Write a new account; tell whether its person is on the roster. Raises Invalid."""
    _refuse_name("user", account.user)
    with app.sessions() as s:
        if not accounts.add(s, replace(account, created_at=app.clock.wall())):
            raise _not_made("user", f"{account.user!r} has an account", "take another name, or: vigil user password")
        said = {"user": account.user, "person": account.person, "role": account.role}
        _note(app, s, "account_added", route, {**said, "break_glass": account.break_glass})
        return roster.snapshot(s, app.clock.now()).rank_of(account.person) is not None


def change_password(app: App, user: str, password_hash: str, route: Route) -> int:
    """Put a new password, which also unlocks; every session of the user ends. Give how many; raises Unknown."""
    new = {"password_hash": password_hash, "wrong": 0, "locked_until": None}
    return _change(app, user, "password_changed", route, new, ends=True)


def disable_account(app: App, user: str, route: Route) -> int:
    """Let a user sign in no more, at once: every session ends. Give how many; raises Unknown."""
    return _change(app, user, "account_disabled", route, {"disabled_at": app.clock.wall()}, ends=True)


def unlock_account(app: App, user: str, route: Route) -> None:
    """Let a user whose name is locked try again, and one who was disabled sign in; raises Unknown."""
    _change(app, user, "account_unlocked", route, {"wrong": 0, "locked_until": None, "disabled_at": None})


def make_token(app: App, name: str, scopes: Collection[Scope], lasts: timedelta, person: str | None) -> str:
    """Make a token for a machine and give it, this once; raises Invalid."""
    _refuse_name("name", name)
    if not scopes:
        raise _not_made("scope", "none is given", "give one or more of: " + ", ".join(Scope))
    wall, token = app.clock.wall(), f"{_MARK}{secrets.token_urlsafe(32)}"
    fresh = Token(
        digest_of(token),
        name,
        Role.SYSTEM,
        wall,
        scopes=tuple(scope for scope in Scope if scope in scopes),
        expires_at=wall + lasts,
        created_by=Route.CLI,
        person=person,
    )
    with app.sessions() as s:
        if any(made.name == name and made.revoked_at is None for made in accounts.tokens(s)):
            raise _not_made("name", f"{name!r} has a token", "take another name, or: vigil token revoke")
        accounts.put_token(s, fresh)
        said: dict[str, object] = {"name": name, "scopes": list(fresh.scopes or ()), "person": person}
        _note(app, s, "token_made", Route.CLI, {**said, "until": (wall + lasts).isoformat()})
    return token


def revoke_token(app: App, name: str) -> int:
    """Let the tokens of a name speak no more, at once; raises Unknown when there is none that does."""
    with app.sessions() as s:
        revoked = accounts.revoke_tokens(s, name, app.clock.wall())
        if revoked:
            _note(app, s, "token_revoked", Route.CLI, {"name": name})
    if not revoked:
        raise Unknown(f"no token that may speak is called {name!r}; look with: vigil token list")
    return revoked


def token_of(app: App, token: str) -> Token | None:
    """Give what is known of a token that may speak, None when it is not ours; raises Unauthorised when it ran out."""
    wall, digest = app.clock.wall(), digest_of(token)
    with app.sessions.reading() as s:
        found = accounts.token(s, digest)
    if found is None:
        return None
    if found.expires_at is not None and found.expires_at <= wall:
        ran_out = f"{found.expires_at:%Y-%m-%d %H:%M} UTC"
        raise Unauthorised(f"this token ran out at {ran_out}; an admin makes a new one: vigil token create")
    if found.last_used_at is None or found.last_used_at + SEEN_EACH <= wall:
        with suppress(Busy, Transient), app.sessions() as s:  # who reads is never refused because nobody can write
            accounts.token_used(s, digest, wall)
    return found


def _change(app: App, user: str, kind: str, route: Route, values: dict[str, object], *, ends: bool = False) -> int:
    with app.sessions() as s:
        if not accounts.change(s, user, **values):
            raise Unknown(f"no account is called {user!r}; look with: vigil user list")
        ended = sign_ins.end_all(s, user, app.clock.wall()) if ends else 0
        _note(app, s, kind, route, {"user": user})
    return ended


def _note(app: App, s: Session, kind: str, route: Route, body: dict[str, object]) -> None:
    now = app.clock.now()
    journal.append(s, [Entry(kind, now, body)], case=None, route=route, written_at=now)


def _refuse_name(field: str, name: str) -> None:
    if not _NAME.match(name):
        raise _not_made(field, f"{name[:80]!r} is no name", "take up to 64 letters, digits, dots, hyphens or @")


def _not_made(field: str, message: str, remedy: str) -> Invalid:
    return Invalid("nothing was made", [Fault(field, message, remedy)])
