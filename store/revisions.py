"""Revisions of packs: proposed, approved by another person, effective from an instant, or withdrawn.

What a pack file holds is revision 1; the first that is proposed becomes 2. Rules (second person, ceilings, rank)
are the doors' business; the store keeps numbers unique and lets each revision be settled once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models import RevisionRow
from policy.errors import Stale, Unknown
from store.cases import FRESH, NO_SYNC

PROPOSED, APPROVED, WITHDRAWN = "proposed", "approved", "withdrawn"
FIRST = 1


@dataclass(frozen=True)
class Revision:
    """One numbered revision; `text` is the whole pack as it reads with it, `base` the number that it changes."""

    pack: str
    number: int
    base: int
    changes: Sequence[object]
    text: str
    reason: str
    applies_to: str
    effective_from: datetime
    proposed_by: str
    proposed_at: datetime
    status: str = PROPOSED
    approved_by: str | None = None
    approved_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    override: Mapping[str, object] | None = None


def next_number(s: Session, pack: str) -> int:
    """Give the number that the pack's next revision gets."""
    latest = s.exec(select(func.max(RevisionRow.number)).where(col(RevisionRow.pack) == pack)).one()
    return (latest or FIRST) + 1


def propose(s: Session, revision: Revision) -> None:
    """Write a proposed revision; raise Stale when its number was taken meanwhile."""
    try:
        with s.begin_nested():
            s.exec(insert(RevisionRow).values(**vars(revision)))
    except IntegrityError:
        current = next_number(s, revision.pack) - 1
        raise Stale(f"another revision of {revision.pack} was proposed meanwhile", current=current) from None


def get(s: Session, pack: str, number: int) -> Revision:
    """Give one revision; raise Unknown when there is none."""
    these = (col(RevisionRow.pack) == pack, col(RevisionRow.number) == number)
    row = s.exec(select(RevisionRow).where(*these), execution_options=FRESH).first()
    if row is None:
        raise Unknown(f"{pack} has no revision {number}")
    return Revision(**row.model_dump())


def history(s: Session, pack: str | None = None) -> list[Revision]:
    """Give the revisions of a pack, or of all, in the order of their numbers."""
    query = select(RevisionRow).order_by(col(RevisionRow.pack), col(RevisionRow.number))
    if pack is not None:
        query = query.where(col(RevisionRow.pack) == pack)
    return [Revision(**row.model_dump()) for row in s.exec(query, execution_options=FRESH)]


def effective(s: Session, pack: str, at: datetime) -> Revision | None:
    """Give the approved revision in force at an instant: the highest number; None while the file's own stands."""
    these = (
        col(RevisionRow.pack) == pack,
        col(RevisionRow.status) == APPROVED,
        col(RevisionRow.effective_from) <= at,
    )
    query = select(RevisionRow).where(*these).order_by(col(RevisionRow.number).desc())
    row = s.exec(query, execution_options=FRESH).first()
    return None if row is None else Revision(**row.model_dump())


def approve(s: Session, pack: str, number: int, by: str, at: datetime) -> None:
    """Approve a proposed revision; raise Stale when it was settled meanwhile."""
    _settle(s, pack, number, {"status": APPROVED, "approved_by": by, "approved_at": at})


def withdraw(s: Session, pack: str, number: int, by: str, at: datetime) -> None:
    """Withdraw a proposed revision; raise Stale when it was settled meanwhile."""
    _settle(s, pack, number, {"status": WITHDRAWN, "withdrawn_by": by, "withdrawn_at": at})


def _settle(s: Session, pack: str, number: int, values: dict[str, object]) -> None:
    open_still = (
        col(RevisionRow.pack) == pack,
        col(RevisionRow.number) == number,
        col(RevisionRow.status) == PROPOSED,
    )
    statement = update(RevisionRow).where(*open_still).values(**values)
    if s.exec(statement, execution_options=NO_SYNC).rowcount != 1:
        standing = get(s, pack, number)
        raise Stale(f"revision {number} of {pack} is {standing.status} already", current=number)
