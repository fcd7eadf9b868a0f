"""Signing in: how somebody came in, how long that lasts, what a machine's token may do, when a name is locked."""

from datetime import datetime, timedelta
from enum import StrEnum

from policy.errors import Fault, Invalid

SESSION = timedelta(hours=12)  # a shift and its handover
IDLE = timedelta(minutes=60)  # a session that nobody uses is over
BREAK_GLASS = timedelta(minutes=60)
TRIES = 5  # wrong passwords in a row before a name is locked
LOCKED = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=4)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1024  # letters; a longer one is no password but an attack


class How(StrEnum):
    """How a caller is known."""

    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    OIDC = "oidc"  # at the force's own provider (OpenID Connect)
    BREAK_GLASS = "break_glass"  # by the sealed account, which rings an alarm
    TOKEN = "token"  # noqa: S105 - a word, not a secret


class Scope(StrEnum):
    """What a token may do at the API; the closed list."""

    READ = "read"
    REPORT = "report"
    FACT = "fact"
    ROSTER = "roster"
    PACKS = "packs"
    ALARMS = "alarms"
    ADMIN = "admin"


def locked_for(wrong: int) -> timedelta:
    """Give how long a name is locked after its nth wrong password in a row: twice as long each time, up to a bound."""
    if wrong < TRIES:
        return timedelta(0)
    doubled: int = 2 ** min(wrong - TRIES, 10)
    return min(LOCKED * doubled, LONGEST_LOCK)


def is_over(seen_at: datetime, until_at: datetime, wall: datetime) -> bool:
    """Tell whether a session has ended by its time, or because nobody used it."""
    return until_at <= wall or seen_at + IDLE <= wall


def refuse_weak(password: str) -> None:
    """Refuse a password that is too short to withstand guessing, or longer than any password is."""
    if len(password) < SHORTEST_PASSWORD:
        message = f"has {len(password)} letters; it takes {SHORTEST_PASSWORD} or more"
        raise Invalid("the password was not taken", [Fault("password", message, "take three words that do not belong")])
    if len(password) > LONGEST_PASSWORD:
        message = f"is longer than {LONGEST_PASSWORD} letters"
        raise Invalid("the password was not taken", [Fault("password", message, "take a shorter one")])
