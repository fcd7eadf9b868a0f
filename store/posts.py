"""Posts that one process holds at a time, so that of several timers or watchdogs one acts and the others stand by."""

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from models import PostRow
from store.cases import NO_SYNC
from store.upsert import insert


def hold(s: Session, name: str, holder: str, wall: datetime, seconds: float) -> bool:
    """Take a post, or hold it longer, until `seconds` of real time from `wall`; False when another holds it."""
    values = {"holder": holder, "until_at": wall + timedelta(seconds=seconds)}
    statement = insert(s, PostRow).values(name=name, **values)
    mine_or_free = or_(col(PostRow.holder) == holder, col(PostRow.until_at) <= wall)
    taken = statement.on_conflict_do_update(index_elements=["name"], set_=values, where=mine_or_free)
    return s.exec(taken.returning(col(PostRow.name))).first() is not None


def leave(s: Session, holder: str) -> int:
    """Leave every post that a process holds, so that another takes it at once; give how many they were."""
    return s.exec(delete(PostRow).where(col(PostRow.holder) == holder), execution_options=NO_SYNC).rowcount


def holders(s: Session) -> list[str]:
    """Name everybody who holds a post, or held one and did not leave it."""
    return list(s.exec(select(PostRow.holder).distinct()))


def holder_of(s: Session, name: str, wall: datetime) -> str | None:
    """Give who holds a post at `wall`, None when nobody does."""
    held = (col(PostRow.name) == name, col(PostRow.until_at) > wall)
    return s.exec(select(PostRow.holder).where(*held)).first()
