"""What the watchdog asks of the store: whether anything could be forgotten."""

from datetime import UTC, datetime

from sqlalchemy import exists, text
from sqlmodel import Session, col, func, or_, select

from models import CaseRow, MessageRow, StepRow
from policy.case import LIVE
from policy.terms import MessageState


def cases_without_wake(s: Session, limit: int = 10) -> list[str]:
    """Name cases of which somebody is asked something and which nobody would ever look at again."""
    live = col(StepRow.status).in_([str(status) for status in LIVE])
    asked = exists().where(col(StepRow.case_ref) == col(CaseRow.ref), live)
    return list(s.exec(select(CaseRow.ref).where(col(CaseRow.wake_at).is_(None), asked).limit(limit)))


def oldest_queued(s: Session, wall: datetime) -> datetime | None:
    """Give the procedure time since which the oldest message waits that nobody is sending, None when none does."""
    free = or_(col(MessageRow.claimed_until).is_(None), col(MessageRow.claimed_until) <= wall)
    query = select(func.min(MessageRow.not_before)).where(col(MessageRow.state) == MessageState.QUEUED.value, free)
    return s.exec(query).one()


def database_clock(s: Session) -> datetime | None:
    """Give the instant that the database's own machine shows; None on SQLite, whose machine is this one."""
    connection = s.connection()
    if connection.dialect.name != "postgresql":
        return None
    told: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return told.astimezone(UTC)
