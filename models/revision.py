"""Revisions of a pack: who changed which numbers, why, and from when; and what a change would do, worked out before."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime, Words


class RevisionRow(Table, table=True):
    """One numbered revision of one pack; `changes` as proposed, `text` the whole pack as it then reads.

    `kind` says how it came: with the pack's file, as edited numbers, or as a whole pack. `settled_at` is when the
    last open case was brought to follow what its coming into force, or its withdrawal, asks for.
    """

    __tablename__ = "pack_revision"
    __table_args__ = (CheckConstraint("number > base", name="after_base"),)

    pack: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    base: int
    kind: str = Field(default="numbers", sa_column_kwargs={"server_default": "numbers"})
    status: str
    changes: list[object] = Field(default_factory=list, sa_type=PlainJson)
    text: str
    reason: str = Field(sa_type=Words)
    applies_to: str
    effective_from: datetime = Field(sa_type=UtcDateTime)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str | None = Field(default=None, sa_type=Words)
    override: dict[str, object] | None = Field(default=None, sa_type=PlainJson)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PreviewRow(Table, table=True):
    """What a change would do to past cases, while and after it is worked out; nothing acts on it."""

    __tablename__ = "preview"

    id: str = Field(primary_key=True)
    pack: str
    base: int
    changes: list[object] = Field(default_factory=list, sa_type=PlainJson)
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    state: str  # running, done or failed
    share: float = 0.0  # of the work that is done, 0 to 1
    body: dict[str, object] | None = Field(default=None, sa_type=PlainJson)
