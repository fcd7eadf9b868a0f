"""The doors of signing in: a session begins, is used and ends; wrong passwords are counted, and lock a name."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from policy.errors import Busy, Transient
from policy.intents import Entry
from policy.signing_in import BREAK_GLASS, SESSION, How, is_over, locked_for
from policy.terms import AlarmKey, Route
from runtime.app import App
from runtime.door_alarm import ring
from store import accounts, journal, sign_ins
from store.accounts import Account
from store.sign_ins import SHORT, SignIn

SEEN_EACH = timedelta(minutes=1)  # how exactly the last use of a session or token is written down

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Known:
    """A session that lasts, and the account as it stands now."""

    sign_in: SignIn
    account: Account


def digest_of(secret: str) -> str:
    """Give that by which the store knows a cookie or a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin_session(app: App, account: Account, how: How, reason: str | None = None) -> str:
    """Begin a session and give its secret, for the cookie alone. One that breaks the glass rings first."""
    wall, secret = app.clock.wall(), secrets.token_urlsafe(32)
    sign_in = SignIn(
        digest=digest_of(secret),
        user=account.user,
        person=account.person,
        csrf=f"{digest_of(secret)[:SHORT]}.{secrets.token_urlsafe(24)}",
        how=how,
        begun_at=wall,
        seen_at=wall,
        until_at=wall + (BREAK_GLASS if how is How.BREAK_GLASS else SESSION),
        reason=reason,
    )
    if how is How.BREAK_GLASS:
        body = {"user": account.user, "sign_in": sign_in.short, "reason": reason}
        said = Entry("break_glass", app.clock.now(), body, account.person)
        detail = f"{account.user} is in by the sealed account, session {sign_in.short}"
        ring(app, AlarmKey.BREAK_GLASS, detail, route=Route.CONSOLE, said=[said])
    with app.sessions() as s:
        sign_ins.put(s, sign_in)
    log.info("signed_in", by=account.user, kind=str(how), key=sign_in.short)
    return secret


def session_of(app: App, secret: str) -> Known | None:
    """Give the session of a cookie's secret while it lasts: not ended, not over, its account not disabled."""
    wall, digest = app.clock.wall(), digest_of(secret)
    with app.sessions.reading() as s:
        sign_in = sign_ins.get(s, digest)
        account = accounts.get(s, sign_in.user) if sign_in else None
    if sign_in is None or account is None or account.disabled_at is not None:
        return None
    if sign_in.ended_at is not None or is_over(sign_in.seen_at, sign_in.until_at, wall):
        return None
    if sign_in.seen_at + SEEN_EACH <= wall:
        with suppress(Busy, Transient), app.sessions() as s:  # who reads is never refused because nobody can write
            sign_ins.seen(s, digest, wall)
    return Known(sign_in, account)


def end_session(app: App, secret: str) -> None:
    """End the session of a cookie's secret, if there is one."""
    with app.sessions() as s:
        ended = sign_ins.end(s, digest_of(secret), app.clock.wall())
    if ended:
        log.info("signed_out", key=digest_of(secret)[:SHORT])


def wrong_password(app: App, user: str) -> datetime | None:
    """Count a wrong password of somebody who has an account; give until when that locks it, None while it does not."""
    wall, now = app.clock.wall(), app.clock.now()
    with app.sessions() as s:
        wrong = accounts.count_wrong(s, user)
        until = wall + locked_for(wrong) if locked_for(wrong) else None
        if until is not None:
            accounts.change(s, user, locked_until=until)
            said = Entry("account_locked", now, {"user": user, "wrong": wrong, "until": until.isoformat()})
            journal.append(s, [said], case=None, route=Route.CONSOLE, written_at=now)
    log.warning("sign_in_refused", by=user, count=wrong, until_at=until)
    return until


def right_password(app: App, account: Account, fresh_hash: str | None) -> None:
    """Forget the wrong passwords before a right one; keep its hash as it is made now."""
    changed: dict[str, object] = {"wrong": 0, "locked_until": None} if account.wrong or account.locked_until else {}
    if fresh_hash is not None:
        changed["password_hash"] = fresh_hash
    if changed:
        with app.sessions() as s:
            accounts.change(s, account.user, **changed)
