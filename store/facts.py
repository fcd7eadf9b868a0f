"""Facts already taken, so that what comes twice changes nothing."""

from datetime import datetime

from sqlmodel import Session, col, select

from models import FactSeenRow
from store.upsert import insert


def seen(s: Session, ref: str, digest: str) -> bool:
    """Tell whether the case has taken a fact of this digest, or of this idempotency key."""
    this = (col(FactSeenRow.case_ref) == ref, col(FactSeenRow.digest) == digest)
    return s.exec(select(FactSeenRow.at).where(*this)).first() is not None


def note(s: Session, ref: str, digest: str, at: datetime) -> bool:
    """Note a digest; False when it was there already."""
    statement = insert(s, FactSeenRow).values(case_ref=ref, digest=digest, at=at)
    fresh = statement.on_conflict_do_nothing().returning(col(FactSeenRow.digest))
    return s.exec(fresh).first() is not None
