"""Messages and the attempts made to send them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime, Words


class MessageRow(Table, table=True):
    """One message to one person on one channel; its key names the attempt, so that nothing is told twice.

    `id` keeps the order in which messages were put. `not_before` is procedure time, `claimed_until` wall.
    A message about the home itself (the engine is dead, a report was refused) has no case.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_case_ref_state_not_before", "case_ref", "state", "not_before"),
        Index("ix_message_person_channel_id", "person", "channel", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    attempt_key: str = Field(unique=True)
    case_ref: str | None = Field(default=None, foreign_key="case_record.ref", ondelete="CASCADE")
    stage: str
    title: str
    person: str
    role: str
    label: str
    channel: str
    address: str
    type: str
    step: str
    occurrence: int
    rung: int
    reminder: int
    asks: list[object] = Field(default_factory=list, sa_type=PlainJson)
    due_at: datetime = Field(sa_type=UtcDateTime)
    queued_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime)
    state: str
    tries: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    by: str = "engine"
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    detail: str | None = Field(default=None, sa_type=Words)


class AttemptRow(Table, table=True):
    """One try to send one message and what came of it; two `received` under one key mean told twice."""

    __tablename__ = "attempt"

    id: int | None = Field(default=None, primary_key=True)
    attempt_key: str = Field(foreign_key="message.attempt_key", ondelete="CASCADE", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    outcome: str
    status_code: int | None = None
    detail: str | None = Field(default=None, sa_type=Words)
