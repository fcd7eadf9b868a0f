"""What homes that share one PostgreSQL store must have in common: their secrets, the clock, and the right time.

Links, webhooks and tokens of one home are then good at another, and deadlines fall at one instant on all of them. On
SQLite a store is one home's own, and there is nothing to agree on.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from policy.errors import Refused
from runtime.clock import Clock, RehearsalClock, begin_rehearsal, join_rehearsal, rehearsal_of
from runtime.keys import LINK_FILE, LOGIN_FILE, TOKEN_FILE, WEBHOOK_FILE, Keys
from runtime.settings import Settings
from store import audit, cases, meta
from store.engine import Sessions, is_postgres

CLOCK = "clock"
REAL = "real"
APART: Final = timedelta(seconds=5)  # a post is held for ten, a lease for sixty: each machine counts by its own clock


def agree(settings: Settings, keys: Keys, sessions: Sessions) -> None:
    """See that this home has the secrets and the clock of the store; the first home on a store decides them.

    Raises Refused, naming what to copy or to leave out. After a home that was lost comes one that renews the secrets.
    """
    if is_postgres(settings.store_url):
        login = f"{keys.first_login.user}:{keys.first_login.password}"
        _same(settings, keys, sessions, {LINK_FILE: "", TOKEN_FILE: keys.token, LOGIN_FILE: login})
        _same_clock(settings, sessions)


def agree_to_sign(settings: Settings, keys: Keys, sessions: Sessions) -> None:
    """See that this home signs its messages as the others on the store do; a command that sends none need not.

    Raises Refused as `agree` does.
    """
    if is_postgres(settings.store_url):
        _same(settings, keys, sessions, {WEBHOOK_FILE: keys.webhook_secret})


def agree_on_time(clock: Clock, sessions: Sessions) -> None:
    """See that this machine's clock and the database's show the same; a command that holds nothing need not.

    Raises Refused, naming the difference and the remedy: posts and leases of one machine would be over for another.
    """
    with sessions.reading() as s:
        ahead = ahead_of_database(clock, s)
    if abs(ahead) > APART:
        raise Refused(
            f"this machine's clock is {difference(ahead)} the database's, and what machines hold in it they hold by"
            " their clocks: set the clock that is wrong (`date -u` on both machines shows which; NTP keeps it right)"
            " and start again",
            rule="clocks_apart",
        )


def ahead_of_database(clock: Clock, s: Session) -> timedelta:
    """Give by how much at the least this machine's clock is ahead of the database's (behind it: negative).

    Whatever the answer took is no difference: an instant between the question and the answer may be right.
    """
    before = clock.wall()
    told = audit.database_clock(s)
    after = clock.wall()
    if told is None or before <= told <= after:
        return timedelta(0)
    return before - told if told < before else after - told


def difference(ahead: timedelta) -> str:
    """Say a difference in words."""
    return f"{abs(ahead).total_seconds():.1f} s {'ahead of' if ahead > timedelta(0) else 'behind'}"


def _same(settings: Settings, keys: Keys, sessions: Sessions, held: Mapping[str, str]) -> None:
    mine = {f"secret {file}": _digest(keys, file, secret) for file, secret in held.items()}
    with sessions() as s:
        for name, digest in mine.items():
            if settings.renew_secrets:
                meta.put(s, name, digest)
        other = [
            file
            for file, (name, digest) in zip(held, mine.items(), strict=True)
            if meta.keep(s, name, digest) != digest
        ]
    if LINK_FILE in other:
        other = [*other, WEBHOOK_FILE]  # all are another home's: said in one go
    if other:
        raise Refused(
            "another home began this database with other secrets, and its links, tokens or signatures would not hold"
            f" here: copy its {', '.join(other)} into {settings.home}{_BY_NAME.get(other[0], '')}; if it is lost,"
            " or its secrets were changed on purpose, start this one once with VIGIL_RENEW_SECRETS=true and copy its"
            " files to the others",
            rule="other_secrets",
        )


_BY_NAME = {WEBHOOK_FILE: ", or set the same VIGIL_WEBHOOK_SECRET"}


def _digest(keys: Keys, file: str, secret: str) -> str:
    """Give what tells secrets apart and nothing more; the link secret, which nobody chose, salts what somebody may."""
    return hmac.new(keys.link_secret.encode(), f"{file}:{secret}".encode(), hashlib.sha256).hexdigest()


def _same_clock(settings: Settings, sessions: Sessions) -> None:
    """Let the first home's clock be everybody's; a home that asks for the same rehearsal joins it where it is."""
    here = rehearsal_of(settings.home)
    with sessions.reading() as s:
        told = meta.get(s, CLOCK)
        real = cases.has_real(s)
    if told is None:
        if here is None and settings.rehearsal and not real:
            here = begin_rehearsal(settings.home, settings.start, settings.asked_speed)
        with sessions() as s:
            told = meta.keep(s, CLOCK, _text(here))
    if told == _text(here) and not (told == REAL and settings.rehearsal):
        return
    if told == REAL:
        raise Refused(
            "this database is on the real clock: leave out --start, --speed and --demo, or give the rehearsal a"
            " database and a --home of its own",
            rule="rehearsal_clock",
        )
    _join(settings, _clock_of(told), here)


def _join(settings: Settings, clock: RehearsalClock, here: RehearsalClock | None) -> None:
    start, speed = settings.start, settings.asked_speed
    same = start in {None, clock.start_at} and speed in {None, clock.speed}
    if here is None and settings.rehearsal and same:
        join_rehearsal(settings.home, clock)
        return
    began = f"--start {clock.start_at.isoformat()} --speed {clock.speed:g}"
    raise Refused(
        f"this database is a rehearsal's, and all homes on it run its clock: start with {began}, on a --home that has"
        " no clock of its own; for real cases give another database",
        rule="rehearsal_clock",
    )


def _text(clock: RehearsalClock | None) -> str:
    if clock is None:
        return REAL
    return json.dumps([clock.start_at.isoformat(), clock.speed, clock.origin_at.isoformat()])


def _clock_of(text: str) -> RehearsalClock:
    start_at, speed, origin_at = json.loads(text)
    return RehearsalClock(datetime.fromisoformat(start_at), speed, datetime.fromisoformat(origin_at))
