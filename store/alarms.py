"""Alarms: each rings once until it is cleared."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from models import AlarmRow
from models.columns import storable
from policy.intents import Alarm
from policy.terms import AlarmKey
from store.cases import FRESH, NO_SYNC
from store.upsert import insert


@dataclass(frozen=True)
class Rung:
    """An alarm that has rung: for whom, about which case (None: the home), and whether it still stands."""

    key: AlarmKey
    to: str | None
    case: str | None
    detail: str
    at: datetime
    cleared_at: datetime | None


def ring(s: Session, alarm: Alarm, to: str | None, case: str | None, at: datetime) -> bool:
    """Ring an alarm; False, and nothing written, when the same key, case and detail still stands."""
    values = {"key": str(alarm.key), "to_person": to, "case_ref": case or "", "detail": alarm.detail, "at": at}
    statement = insert(s, AlarmRow).values(**values)
    new = statement.on_conflict_do_nothing(
        index_elements=["key", "case_ref", "detail"], index_where=text("cleared_at IS NULL")
    )
    return s.exec(new.returning(col(AlarmRow.id))).first() is not None


def clear(s: Session, key: AlarmKey, case: str | None, at: datetime, detail: str | None = None) -> int:
    """Clear what stands under this key for this case, of every detail or of one; give the number cleared."""
    these = [
        col(AlarmRow.key) == str(key),
        col(AlarmRow.case_ref) == (case or ""),
        col(AlarmRow.cleared_at).is_(None),
    ]
    if detail is not None:
        these.append(col(AlarmRow.detail) == storable(detail))
    statement = update(AlarmRow).where(*these).values(cleared_at=at)
    return s.exec(statement, execution_options=NO_SYNC).rowcount


def listing(s: Session, *, standing: bool = False, case: str | None = None, limit: int = 500) -> list[Rung]:
    """Give the alarms, the latest first; only those not cleared when `standing`, only one case's when given."""
    query = select(AlarmRow)
    if standing:
        query = query.where(col(AlarmRow.cleared_at).is_(None))
    if case is not None:
        query = query.where(col(AlarmRow.case_ref) == case)
    rows = s.exec(query.order_by(col(AlarmRow.id).desc()).limit(limit), execution_options=FRESH)
    return [
        Rung(AlarmKey(row.key), row.to_person, row.case_ref or None, row.detail, row.at, row.cleared_at) for row in rows
    ]
