"""What the home knows of itself: named values, counters, and the heartbeats of its parts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import CounterRow, MetaRow, PartRow
from store.upsert import insert


@dataclass(frozen=True)
class Beat:
    """A part's last sign of life, in wall time."""

    name: str
    pid: int
    beat_at: datetime


def get(s: Session, key: str) -> str | None:
    """Give a named value, None when it was never put."""
    return s.exec(select(MetaRow.value).where(col(MetaRow.key) == key)).first()


def put(s: Session, key: str, value: str) -> None:
    """Put a named value in the place of the one before."""
    statement = insert(s, MetaRow).values(key=key, value=value)
    s.exec(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def next_number(s: Session, name: str) -> int:
    """Give the next number of a series, 1 first; two transactions never get the same."""
    statement = insert(s, CounterRow).values(name=name, value=1)
    counted = statement.on_conflict_do_update(index_elements=["name"], set_={"value": col(CounterRow.value) + 1})
    return int(s.exec(counted.returning(col(CounterRow.value))).scalar_one())


def beat(s: Session, name: str, pid: int, wall: datetime) -> None:
    """Note that the part `name` is alive at `wall`."""
    statement = insert(s, PartRow).values(name=name, pid=pid, beat_at=wall)
    s.exec(statement.on_conflict_do_update(index_elements=["name"], set_={"pid": pid, "beat_at": wall}))


def beats(s: Session) -> dict[str, Beat]:
    """Give each part's last heartbeat, by name."""
    return {row.name: Beat(row.name, row.pid, row.beat_at) for row in s.exec(select(PartRow))}
