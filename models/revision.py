"""Revisions of a pack: who changed which numbers, why, and from when."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime


class RevisionRow(Table, table=True):
    """One numbered revision of one pack; `changes` as proposed, `text` the pack as it then reads."""

    __tablename__ = "pack_revision"
    __table_args__ = (CheckConstraint("number > base", name="after_base"),)

    pack: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    base: int
    status: str
    changes: list[object] = Field(default_factory=list, sa_type=PlainJson)
    text: str
    reason: str
    applies_to: str
    effective_from: datetime = Field(sa_type=UtcDateTime)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    override: dict[str, object] | None = Field(default=None, sa_type=PlainJson)
