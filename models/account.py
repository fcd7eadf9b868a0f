"""Who may sign in, and which machines may speak."""

from datetime import datetime

from sqlmodel import Field

from models.columns import Table, UtcDateTime


class AccountRow(Table, table=True):
    """A person's way in; the password is kept only as its hash."""

    __tablename__ = "account"

    user: str = Field(primary_key=True)
    password_hash: str
    person: str
    role: str


class TokenRow(Table, table=True):
    """A machine's way in; the token is kept only as its SHA-256."""

    __tablename__ = "token"

    digest: str = Field(primary_key=True)
    name: str
    role: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
