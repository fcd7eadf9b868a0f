"""People and their duty, as the last roster gave them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.columns import Table, UtcDateTime, Words


class PersonRow(Table, table=True):
    """A person ever on a roster; `current` is false once a roster leaves them out."""

    __tablename__ = "person"

    id: str = Field(primary_key=True)
    name: str
    rank: str
    current: bool = True


class DutyRow(Table, table=True):
    """One row of the roster: a period of duty, and how the person is reached in it (personal data)."""

    __tablename__ = "duty"
    __table_args__ = (Index("ix_duty_to_at_from_at", "to_at", "from_at"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="person.id")
    role: str
    rank: str
    area: str
    from_at: datetime = Field(sa_type=UtcDateTime)
    to_at: datetime = Field(sa_type=UtcDateTime)
    email: str | None = None
    webhook: str | None = None
    phone: str | None = None
    sms: str | None = None


class ActingRow(Table, table=True):
    """A period in which somebody acts in a role or rank that the roster does not give them: who granted it, and why."""

    __tablename__ = "acting"

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="person.id")
    role: str
    rank: str
    area: str
    from_at: datetime = Field(sa_type=UtcDateTime)
    to_at: datetime = Field(sa_type=UtcDateTime)
    granted_by: str
    reason: str = Field(sa_type=Words)
    granted_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = None
