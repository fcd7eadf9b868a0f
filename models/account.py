"""Who may sign in, who has, and which machines may speak."""

from datetime import datetime

from sqlalchemy import Index, false
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime, Words


class AccountRow(Table, table=True):
    """A person's way in; the password is kept only as its hash.

    `wrong` counts the wrong passwords since the last right one. `subject` is who they are at the force's own
    provider (issuer and subject); an account that has one may have no password.
    """

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_subject", "subject", unique=True),)

    user: str = Field(primary_key=True)
    password_hash: str
    person: str
    role: str
    wrong: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    break_glass: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    subject: str | None = None
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SignInRow(Table, table=True):
    """One session of one person; `digest` is the SHA-256 of what the cookie holds, which is never kept."""

    __tablename__ = "sign_in"

    digest: str = Field(primary_key=True)
    user: str
    person: str
    csrf: str
    how: str  # password, oidc or break_glass
    reason: str | None = Field(default=None, sa_type=Words)  # of one that broke the glass
    begun_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    until_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TokenRow(Table, table=True):
    """A machine's way in; the token is kept only as its SHA-256. Without `scopes` it may do what its role may."""

    __tablename__ = "token"

    digest: str = Field(primary_key=True)
    name: str
    role: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    scopes: list[str] | None = Field(default=None, sa_type=PlainJson)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_by: str | None = None
    person: str | None = None
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class LookedRow(Table, table=True):
    """One look of one person, or machine, at one case (DPA 2018 s.62); `reason` where it lay outside their own area."""

    __tablename__ = "looked"

    id: int | None = Field(default=None, primary_key=True)
    case_ref: str = Field(foreign_key="case_record.ref", ondelete="CASCADE", index=True)
    person: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=UtcDateTime)
    own: bool
    reason: str | None = Field(default=None, sa_type=Words)
    via: str  # console, api or cli
    sign_in: str | None = None  # the session's short name
