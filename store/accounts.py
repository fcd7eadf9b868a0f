"""Who may sign in and which machines may speak; passwords and tokens are kept only as hashes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import AccountRow, TokenRow
from store.cases import NO_SYNC
from store.upsert import insert


@dataclass(frozen=True)
class Account:
    """A person's way in: which roster id they are, and in which role the console lets them work."""

    user: str
    password_hash: str
    person: str
    role: str


@dataclass(frozen=True)
class Token:
    """A machine's way in; `digest` is the SHA-256 of the token, which is shown once and never kept."""

    digest: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None


def put(s: Session, account: Account) -> None:
    """Write an account in the place of the one of the same user."""
    values = vars(account)
    statement = insert(s, AccountRow).values(**values)
    s.exec(statement.on_conflict_do_update(index_elements=["user"], set_=values))


def get(s: Session, user: str) -> Account | None:
    """Give a user's account, None when there is none."""
    row = s.exec(select(AccountRow).where(col(AccountRow.user) == user)).first()
    return None if row is None else Account(row.user, row.password_hash, row.person, row.role)


def users(s: Session) -> list[str]:
    """Give the names of all users, sorted."""
    return list(s.exec(select(AccountRow.user).order_by(col(AccountRow.user))))


def put_token(s: Session, token: Token) -> None:
    """Write a token; one of the same digest is put in its place."""
    values = vars(token)
    statement = insert(s, TokenRow).values(**values)
    s.exec(statement.on_conflict_do_update(index_elements=["digest"], set_=values))


def token(s: Session, digest: str) -> Token | None:
    """Give the token of this digest, None when there is none or when it was revoked."""
    valid = (col(TokenRow.digest) == digest, col(TokenRow.revoked_at).is_(None))
    row = s.exec(select(TokenRow).where(*valid)).first()
    return None if row is None else Token(row.digest, row.name, row.role, row.created_at)


def revoke_tokens(s: Session, name: str, at: datetime) -> int:
    """Let the tokens of this name speak no more; give their number."""
    these = (col(TokenRow.name) == name, col(TokenRow.revoked_at).is_(None))
    statement = update(TokenRow).where(*these).values(revoked_at=at)
    return s.exec(statement, execution_options=NO_SYNC).rowcount
