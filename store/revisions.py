"""Revisions of packs: proposed, approved by another person, effective from an instant, or withdrawn.

What a pack's file held at first is revision 1; what is proposed first becomes 2. Rules (second person, ceilings,
rank) are the doors' business; the store keeps numbers unique, lets each revision be settled once, and forgets none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, or_, update
from sqlalchemy import select as columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models import CaseRow, RevisionRow
from policy.errors import Stale, Unknown
from policy.terms import CaseStatus
from store.cases import FRESH, NO_SYNC

PROPOSED, APPROVED, WITHDRAWN = "proposed", "approved", "withdrawn"
FILE, NUMBERS, PACK = "file", "numbers", "pack"  # how a revision came: with the file, as edited numbers, as a pack
NEW, LIVE = "new", "live_and_new"
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
    kind: str = NUMBERS
    withdrawn_reason: str | None = None
    settled_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Tell whether cases may follow it at an instant."""
        return self.status == APPROVED and self.effective_from <= at


def hold(s: Session, pack: str, number: int) -> None:
    """Have whoever else would withdraw a revision, or build on it, wait for this transaction (PostgreSQL)."""
    these = (col(RevisionRow.pack) == pack, col(RevisionRow.number) == number)
    s.exec(select(RevisionRow.number).where(*these).with_for_update()).first()


def next_number(s: Session, pack: str) -> int:
    """Give the number that the pack's next revision gets."""
    return (s.exec(select(func.max(RevisionRow.number)).where(col(RevisionRow.pack) == pack)).one() or 0) + 1


def put(s: Session, revision: Revision) -> None:
    """Write a revision; raise Stale when its number was taken meanwhile."""
    try:
        with s.begin_nested():
            s.exec(insert(RevisionRow).values(**vars(revision)))
    except IntegrityError:
        current = next_number(s, revision.pack) - 1
        raise Stale(f"another revision of {revision.pack} was proposed meanwhile", current=current) from None


def get(s: Session, pack: str, number: int) -> Revision:
    """Give one revision; raise Unknown when there is none."""
    found = find(s, pack, number)
    if found is None:
        raise Unknown(f"{pack} has no revision {number}")
    return found


def find(s: Session, pack: str, number: int) -> Revision | None:
    """Give one revision, None when there is none."""
    these = (col(RevisionRow.pack) == pack, col(RevisionRow.number) == number)
    row = s.exec(select(RevisionRow).where(*these), execution_options=FRESH).first()
    return None if row is None else Revision(**row.model_dump())


def history(s: Session, pack: str | None = None) -> list[Revision]:
    """Give the revisions of a pack, or of all, in the order of their numbers."""
    query = select(RevisionRow).order_by(col(RevisionRow.pack), col(RevisionRow.number))
    if pack is not None:
        query = query.where(col(RevisionRow.pack) == pack)
    return [Revision(**row.model_dump()) for row in s.exec(query, execution_options=FRESH)]


def effective(s: Session, pack: str, at: datetime) -> int | None:
    """Give the number of the revision in force at an instant: the highest; None where the store knows no revision."""
    these = (col(RevisionRow.effective_from) <= at, *_approved(pack))
    return s.exec(select(func.max(RevisionRow.number)).where(*these)).one()


def latest(s: Session, pack: str) -> int | None:
    """Give the number of the newest approved revision, in force or still to come: what the next edit builds on."""
    return s.exec(select(func.max(RevisionRow.number)).where(*_approved(pack))).one()


def _approved(pack: str) -> tuple[ColumnElement[bool], ...]:
    return col(RevisionRow.pack) == pack, col(RevisionRow.status) == APPROVED


def approve(s: Session, pack: str, number: int, by: str, at: datetime, effective_from: datetime) -> None:
    """Approve a proposed revision; raise Stale when it was settled meanwhile."""
    values = {"approved_by": by, "approved_at": at, "effective_from": effective_from}
    _settle(s, pack, number, (PROPOSED,), {"status": APPROVED, **values})


def withdraw(s: Session, pack: str, number: int, by: str, at: datetime, reason: str | None = None) -> None:
    """Withdraw a revision, proposed or in force; raise Stale when it was withdrawn meanwhile."""
    values = {"status": WITHDRAWN, "withdrawn_by": by, "withdrawn_at": at, "withdrawn_reason": reason}
    _settle(s, pack, number, (PROPOSED, APPROVED), {**values, "settled_at": None})


def _settle(s: Session, pack: str, number: int, before: Sequence[str], values: dict[str, object]) -> None:
    these = (col(RevisionRow.pack) == pack, col(RevisionRow.number) == number, col(RevisionRow.status).in_(before))
    if s.exec(update(RevisionRow).where(*these).values(**values), execution_options=NO_SYNC).rowcount != 1:
        standing = get(s, pack, number)
        raise Stale(f"revision {number} of {pack} is {standing.status} already", current=number)


def goes_to(pinned: int, known: Iterable[Revision], now: datetime) -> int | None:
    """Give the revision that a case pinned to `pinned` is to follow instead; None when it stays."""
    all_of = list(known)
    own = next((one for one in all_of if one.number == pinned), None)
    withdrawn = own is not None and not own.in_force(now)
    live = [one.number for one in all_of if one.in_force(now) and one.number > pinned and one.applies_to == LIVE]
    before = [one.number for one in all_of if one.in_force(now) and one.number < pinned]
    return max((*live, *(before if withdrawn else ())), default=None)


def followed(s: Session) -> dict[tuple[str, int], int]:
    """Count the cases that live and follow each revision, by pack and number."""
    query = columns(col(CaseRow.pack), col(CaseRow.revision), func.count()).where(_lives())
    found = s.connection().execute(query.group_by(col(CaseRow.pack), col(CaseRow.revision)))
    return {(pack, number): cases for pack, number, cases in found}


def _lives() -> ColumnElement[bool]:
    """Leave out what is closed and asks nobody for anything any more."""
    return or_(col(CaseRow.status) != CaseStatus.CLOSED.value, col(CaseRow.wake_at).is_not(None))


def followers(
    s: Session, pack: str, number: int, limit: int, *, after: datetime | None = None, without: Collection[str] = ()
) -> list[str]:
    """Name cases that live and follow a revision, the one with the soonest wake first.

    With `after` those are left out whose wake has come by then; `without` names others that are.
    """
    these = [col(CaseRow.pack) == pack, col(CaseRow.revision) == number, _lives()]
    these += [or_(col(CaseRow.wake_at).is_(None), col(CaseRow.wake_at) > after)] if after else []
    these += [col(CaseRow.ref).not_in(sorted(without))] if without else []
    order = (col(CaseRow.wake_at).is_(None), col(CaseRow.wake_at), col(CaseRow.ref))
    return list(s.exec(select(CaseRow.ref).where(*these).order_by(*order).limit(limit)))


def unsettled(s: Session, at: datetime) -> list[Revision]:
    """Give the revisions in force or withdrawn that some open case may still have to be brought to follow."""
    these = (col(RevisionRow.settled_at).is_(None), col(RevisionRow.effective_from) <= at)
    settled = (col(RevisionRow.status) != PROPOSED, col(RevisionRow.kind) != FILE)
    query = select(RevisionRow).where(*these, *settled).order_by(col(RevisionRow.pack), col(RevisionRow.number))
    return [Revision(**row.model_dump()) for row in s.exec(query, execution_options=FRESH)]


def settled(s: Session, pack: str, number: int, at: datetime, *, only: str | None = None) -> None:
    """Note that every open case follows what a revision's coming into force, or its withdrawal, asks for.

    With `only` it is noted while the revision has this status: one withdrawn meanwhile asks for something else.
    """
    these = [col(RevisionRow.pack) == pack, col(RevisionRow.number) == number]
    these += [col(RevisionRow.status) == only] if only else []
    s.exec(update(RevisionRow).where(*these).values(settled_at=at), execution_options=NO_SYNC)
