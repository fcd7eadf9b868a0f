"""Alarms: each rings once until it is cleared."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, text, update
from sqlmodel import Session, col, func, select

from models import AlarmRow
from models.columns import storable
from policy.errors import Unknown
from policy.intents import Alarm
from policy.terms import AlarmKey
from store.cases import FRESH, NO_SYNC
from store.upsert import insert


@dataclass(frozen=True)
class Rung:
    """An alarm that has rung: for whom (None: nobody was there), about which case (None: the home), until when."""

    id: int
    key: AlarmKey
    to: str | None
    case: str | None
    detail: str
    at: datetime
    cleared_at: datetime | None


def ring(s: Session, alarm: Alarm, to: str | None, case: str | None, at: datetime) -> bool:
    """Ring an alarm; False, and nothing written, when the same key, case and detail still stands and was heard."""
    values = {"key": str(alarm.key), "to_person": to, "case_ref": case or "", "detail": alarm.detail, "at": at}
    statement = insert(s, AlarmRow).values(**values)
    new = statement.on_conflict_do_nothing(
        index_elements=["key", "case_ref", "detail"], index_where=text("cleared_at IS NULL")
    )
    if s.exec(new.returning(col(AlarmRow.id))).first() is not None:
        return True
    standing = _standing(alarm.key, case, alarm.detail)
    return to is not None and _hand_to(s, to, *standing)


def heard(s: Session, number: int, to: str) -> bool:
    """Note who hears a standing alarm that nobody heard when it rang; False when somebody has heard it by now."""
    return _hand_to(s, to, col(AlarmRow.id) == number, col(AlarmRow.cleared_at).is_(None))


def _hand_to(s: Session, to: str, *these: ColumnElement[bool]) -> bool:
    statement = update(AlarmRow).where(*these, col(AlarmRow.to_person).is_(None)).values(to_person=to)
    return s.exec(statement, execution_options=NO_SYNC).rowcount > 0


def clear(s: Session, key: AlarmKey, case: str | None, at: datetime, detail: str | None = None) -> int:
    """Clear what stands under this key for this case, of every detail or of one; give the number cleared."""
    statement = update(AlarmRow).where(*_standing(key, case, detail)).values(cleared_at=at)
    return s.exec(statement, execution_options=NO_SYNC).rowcount


def clear_one(s: Session, number: int, at: datetime) -> bool:
    """Clear one alarm by its number; False when it does not stand."""
    this = (col(AlarmRow.id) == number, col(AlarmRow.cleared_at).is_(None))
    return s.exec(update(AlarmRow).where(*this).values(cleared_at=at), execution_options=NO_SYNC).rowcount == 1


def get(s: Session, number: int) -> Rung:
    """Give one alarm by its number; raise Unknown when there is none."""
    row = s.exec(select(AlarmRow).where(col(AlarmRow.id) == number), execution_options=FRESH).first()
    if row is None:
        raise Unknown(f"there is no alarm {number}")
    return _rung(row)


def listing(s: Session, *, standing: bool = False, case: str | None = None, limit: int = 500) -> list[Rung]:
    """Give the alarms, the latest first; only those not cleared when `standing`, only one case's when given."""
    query = select(AlarmRow)
    if standing:
        query = query.where(col(AlarmRow.cleared_at).is_(None))
    if case is not None:
        query = query.where(col(AlarmRow.case_ref) == case)
    rows = s.exec(query.order_by(col(AlarmRow.id).desc()).limit(limit), execution_options=FRESH)
    return [_rung(row) for row in rows]


def standing(s: Session) -> int:
    """Count the alarms that stand."""
    return int(s.exec(select(func.count()).select_from(AlarmRow).where(col(AlarmRow.cleared_at).is_(None))).one())


def _standing(key: AlarmKey, case: str | None, detail: str | None) -> list[ColumnElement[bool]]:
    these = [
        col(AlarmRow.key) == str(key),
        col(AlarmRow.case_ref) == (case or ""),
        col(AlarmRow.cleared_at).is_(None),
    ]
    return these if detail is None else [*these, col(AlarmRow.detail) == storable(detail)]


def _rung(row: AlarmRow) -> Rung:
    assert row.id is not None
    key, case = AlarmKey(row.key), row.case_ref or None
    return Rung(row.id, key, row.to_person, case, row.detail, row.at, row.cleared_at)
