"""Facts already taken: what came twice changes nothing."""

from datetime import datetime

from sqlmodel import Field

from models.columns import Table, UtcDateTime, Words


class FactSeenRow(Table, table=True):
    """The digest, or the sender's own idempotency key, of a fact that a case has taken."""

    __tablename__ = "fact_seen"

    case_ref: str = Field(primary_key=True, foreign_key="case_record.ref", ondelete="CASCADE")
    digest: str = Field(primary_key=True, sa_type=Words)
    at: datetime = Field(sa_type=UtcDateTime)
