"""Alarms that have rung."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from models.columns import Table, UtcDateTime, Words


class AlarmRow(Table, table=True):
    """One alarm; the same key, case and detail stands once until cleared. No case is the empty reference."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index(
            "uq_alarm_standing",
            "key",
            "case_ref",
            "detail",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    to_person: str | None = None
    case_ref: str = ""
    detail: str = Field(sa_type=Words)
    at: datetime = Field(sa_type=UtcDateTime)
    cleared_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
