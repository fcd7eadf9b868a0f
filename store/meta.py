"""What the home knows of itself: named values, counters, and the heartbeats of its parts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from models import CounterRow, MetaRow, PartRow
from store.upsert import insert

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """A part's last sign of life, in wall time; `process` is its machine and number, `<machine>/<pid>`."""

    name: str
    process: str
    beat_at: datetime


def get(s: Session, key: str) -> str | None:
    """Give a named value, None when it was never put."""
    return s.exec(select(MetaRow.value).where(col(MetaRow.key) == key)).first()


def put(s: Session, key: str, value: str) -> None:
    """Put a named value in the place of the one before."""
    statement = insert(s, MetaRow).values(key=key, value=value)
    s.exec(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def keep(s: Session, key: str, value: str) -> str:
    """Put a named value unless there is one, and give the one that stands: of two at once the first one's."""
    s.exec(insert(s, MetaRow).values(key=key, value=value).on_conflict_do_nothing(index_elements=["key"]))
    return s.exec(select(MetaRow.value).where(col(MetaRow.key) == key)).one()


def next_number(s: Session, name: str) -> int:
    """Give the next number of a series, 1 first; two transactions never get the same."""
    statement = insert(s, CounterRow).values(name=name, value=1)
    counted = statement.on_conflict_do_update(index_elements=["name"], set_={"value": col(CounterRow.value) + 1})
    return int(s.exec(counted.returning(col(CounterRow.value))).scalar_one())


def beat(s: Session, name: str, process: str, wall: datetime) -> None:
    """Note that the part `name` is alive at `wall` in a process; those silent for a day are forgotten."""
    statement = insert(s, PartRow).values(name=name, process=process, beat_at=wall)
    s.exec(statement.on_conflict_do_update(index_elements=["name", "process"], set_={"beat_at": wall}))
    s.exec(delete(PartRow).where(col(PartRow.beat_at) < wall - FORGOTTEN_AFTER))


def beats(s: Session) -> dict[str, Beat]:
    """Give each part's last heartbeat, by name: of several processes of a part the liveliest."""
    rows = s.exec(select(PartRow).order_by(col(PartRow.beat_at)))
    return {row.name: Beat(row.name, row.process, row.beat_at) for row in rows}


def every_beat(s: Session) -> list[Beat]:
    """Give the last heartbeat of each process of each part, the latest first."""
    rows = s.exec(select(PartRow).order_by(col(PartRow.beat_at).desc(), col(PartRow.name), col(PartRow.process)))
    return [Beat(row.name, row.process, row.beat_at) for row in rows]


def gone(s: Session, process: str) -> int:
    """Forget the heartbeats of a process that has ended, and give how many parts it was."""
    return s.exec(delete(PartRow).where(col(PartRow.process) == process)).rowcount
