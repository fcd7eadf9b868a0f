"""Facts already taken, so that what comes twice changes nothing."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import FactSeenRow
from store.cases import NO_SYNC
from store.upsert import insert


def seen(s: Session, ref: str, digest: str, since: datetime | None = None) -> bool:
    """Tell whether the case has taken a fact of this digest, or of this idempotency key; with `since`, not earlier."""
    this = (col(FactSeenRow.case_ref) == ref, col(FactSeenRow.digest) == digest)
    at = s.exec(select(FactSeenRow.at).where(*this)).first()
    return at is not None and (since is None or at >= since)


def note(s: Session, ref: str, digest: str, at: datetime) -> bool:
    """Note a digest as taken at `at`; False when it was there already."""
    this = (col(FactSeenRow.case_ref) == ref, col(FactSeenRow.digest) == digest)
    if s.exec(update(FactSeenRow).where(*this).values(at=at), execution_options=NO_SYNC).rowcount:
        return False
    statement = insert(s, FactSeenRow).values(case_ref=ref, digest=digest, at=at)
    fresh = statement.on_conflict_do_nothing().returning(col(FactSeenRow.digest))
    return s.exec(fresh).first() is not None
