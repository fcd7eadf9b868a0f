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
    """A person's way in: which roster id they are, and in which role the console lets them work.

    `wrong` counts the wrong passwords since the last right one; `subject` is who they are at the force's provider.
    """

    user: str
    password_hash: str
    person: str
    role: str
    wrong: int = 0
    locked_until: datetime | None = None
    break_glass: bool = False
    disabled_at: datetime | None = None
    subject: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True)
class Token:
    """A machine's way in; `digest` is the SHA-256 of the token, which is shown once and never kept.

    One without `scopes` is older than they are; one with a `person` speaks for that person alone.
    """

    digest: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    created_by: str | None = None
    person: str | None = None
    last_used_at: datetime | None = None


def put(s: Session, account: Account) -> None:
    """Write an account in the place of the one of the same user."""
    values = vars(account)
    statement = insert(s, AccountRow).values(**values)
    s.exec(statement.on_conflict_do_update(index_elements=["user"], set_=values))


def add(s: Session, account: Account) -> bool:
    """Write a new account; False when the user has one."""
    fresh = insert(s, AccountRow).values(**vars(account)).on_conflict_do_nothing(index_elements=["user"])
    return s.exec(fresh.returning(col(AccountRow.user))).first() is not None


def get(s: Session, user: str) -> Account | None:
    """Give a user's account, None when there is none."""
    row = s.exec(select(AccountRow).where(col(AccountRow.user) == user)).first()
    return None if row is None else _account(row)


def of_subject(s: Session, subject: str) -> Account | None:
    """Give the account of somebody known by the force's provider, None when there is none."""
    row = s.exec(select(AccountRow).where(col(AccountRow.subject) == subject)).first()
    return None if row is None else _account(row)


def of_person(s: Session, person: str) -> list[Account]:
    """Give the accounts of a person that are not disabled."""
    theirs = (col(AccountRow.person) == person, col(AccountRow.disabled_at).is_(None))
    return [_account(row) for row in s.exec(select(AccountRow).where(*theirs))]


def users(s: Session) -> list[str]:
    """Give the names of all users, sorted."""
    return list(s.exec(select(AccountRow.user).order_by(col(AccountRow.user))))


def every(s: Session) -> list[Account]:
    """Give all accounts, by their users' names."""
    return [_account(row) for row in s.exec(select(AccountRow).order_by(col(AccountRow.user)))]


def count_wrong(s: Session, user: str) -> int:
    """Count a wrong password of a user who has an account; give how many there were since the last right one."""
    mine = col(AccountRow.user) == user
    s.exec(update(AccountRow).where(mine).values(wrong=col(AccountRow.wrong) + 1), execution_options=NO_SYNC)
    return s.exec(select(AccountRow.wrong).where(mine)).one()


def change(s: Session, user: str, **values: object) -> bool:
    """Change columns of an account; False when the user has none."""
    statement = update(AccountRow).where(col(AccountRow.user) == user).values(**values)
    return s.exec(statement, execution_options=NO_SYNC).rowcount == 1


def put_token(s: Session, token: Token) -> None:
    """Write a token; one of the same digest is put in its place."""
    values = {**vars(token), "scopes": None if token.scopes is None else list(token.scopes)}
    statement = insert(s, TokenRow).values(**values)
    s.exec(statement.on_conflict_do_update(index_elements=["digest"], set_=values))


def token(s: Session, digest: str) -> Token | None:
    """Give the token of this digest, None when there is none or when it was revoked; it may have expired."""
    valid = (col(TokenRow.digest) == digest, col(TokenRow.revoked_at).is_(None))
    row = s.exec(select(TokenRow).where(*valid)).first()
    return None if row is None else _token(row)


def tokens(s: Session) -> list[Token]:
    """Give every token, revoked ones too, the oldest first."""
    return [_token(row) for row in s.exec(select(TokenRow).order_by(col(TokenRow.created_at), col(TokenRow.digest)))]


def revoke_tokens(s: Session, name: str, at: datetime) -> int:
    """Let the tokens of this name speak no more; give their number."""
    these = (col(TokenRow.name) == name, col(TokenRow.revoked_at).is_(None))
    statement = update(TokenRow).where(*these).values(revoked_at=at)
    return s.exec(statement, execution_options=NO_SYNC).rowcount


def token_used(s: Session, digest: str, at: datetime) -> None:
    """Write down when a token spoke last."""
    statement = update(TokenRow).where(col(TokenRow.digest) == digest).values(last_used_at=at)
    s.exec(statement, execution_options=NO_SYNC)


def _account(row: AccountRow) -> Account:
    return Account(
        user=row.user,
        password_hash=row.password_hash,
        person=row.person,
        role=row.role,
        wrong=row.wrong,
        locked_until=row.locked_until,
        break_glass=row.break_glass,
        disabled_at=row.disabled_at,
        subject=row.subject,
        created_at=row.created_at,
    )


def _token(row: TokenRow) -> Token:
    return Token(
        digest=row.digest,
        name=row.name,
        role=row.role,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        scopes=None if row.scopes is None else tuple(row.scopes),
        expires_at=row.expires_at,
        created_by=row.created_by,
        person=row.person,
        last_used_at=row.last_used_at,
    )
