"""Who has signed in: each session by the digest of its cookie, which itself is never kept."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import SignInRow
from store.cases import NO_SYNC

SHORT = 16  # signs of a digest that name a session; also the beginning of its CSRF token


@dataclass(frozen=True)
class SignIn:
    """One session of one person; all times are real ones."""

    digest: str
    user: str
    person: str
    csrf: str
    how: str
    begun_at: datetime
    seen_at: datetime
    until_at: datetime
    reason: str | None = None
    ended_at: datetime | None = None

    @property
    def short(self) -> str:
        """Give the name by which registers and logs know the session."""
        return self.digest[:SHORT]


def put(s: Session, sign_in: SignIn) -> None:
    """Write a session that begins."""
    s.add(SignInRow(**vars(sign_in)))


def get(s: Session, digest: str) -> SignIn | None:
    """Give the session of this digest, ended or not."""
    row = s.exec(select(SignInRow).where(col(SignInRow.digest) == digest)).first()
    return None if row is None else _sign_in(row)


def of_csrf(s: Session, csrf: str) -> SignIn | None:
    """Give the session, ended or not, whose forms carry this token."""
    short = csrf[:SHORT]
    near = (col(SignInRow.digest) >= short, col(SignInRow.digest) < short + "g")  # "g" follows every hex digit
    rows = s.exec(select(SignInRow).where(*near)).all() if len(short) == SHORT else []
    fitting = [row for row in rows if hmac.compare_digest(row.csrf.encode(), csrf.encode())]
    return _sign_in(fitting[0]) if fitting else None


def of_user(s: Session, user: str) -> list[SignIn]:
    """Give a user's sessions, the newest first."""
    newest = col(SignInRow.begun_at).desc()
    return [_sign_in(row) for row in s.exec(select(SignInRow).where(col(SignInRow.user) == user).order_by(newest))]


def seen(s: Session, digest: str, at: datetime) -> None:
    """Write down that a session is in use."""
    statement = update(SignInRow).where(col(SignInRow.digest) == digest).values(seen_at=at)
    s.exec(statement, execution_options=NO_SYNC)


def end(s: Session, digest: str, at: datetime) -> bool:
    """End a session; False when there is none or it has ended before."""
    these = (col(SignInRow.digest) == digest, col(SignInRow.ended_at).is_(None))
    return s.exec(update(SignInRow).where(*these).values(ended_at=at), execution_options=NO_SYNC).rowcount == 1


def end_all(s: Session, user: str, at: datetime) -> int:
    """End every session of a user; give their number."""
    these = (col(SignInRow.user) == user, col(SignInRow.ended_at).is_(None))
    return s.exec(update(SignInRow).where(*these).values(ended_at=at), execution_options=NO_SYNC).rowcount


def _sign_in(row: SignInRow) -> SignIn:
    return SignIn(
        digest=row.digest,
        user=row.user,
        person=row.person,
        csrf=row.csrf,
        how=row.how,
        begun_at=row.begun_at,
        seen_at=row.seen_at,
        until_at=row.until_at,
        reason=row.reason,
        ended_at=row.ended_at,
    )
