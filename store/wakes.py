"""When a case must be looked at next, and who is looking: wakes, runs and leases. None of them moves its version."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, or_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from models import CaseRow
from policy.terms import CaseStatus, Risk
from store.cases import NO_SYNC, change

_AT_ONCE = 500  # people in one IN (...)


@dataclass(frozen=True)
class DueCase:
    """A case that is looked at: its wake has come, or its run may be astray; its timers run as `risk`."""

    ref: str
    risk: Risk
    wake_at: datetime | None
    run_id: str | None
    run_number: int
    version: int


def set_wake(s: Session, ref: str, wake_at: datetime | None) -> None:
    """Set when somebody must look at the case next; None is never."""
    change(s, ref, {"wake_at": wake_at})


def wake_all_of(s: Session, people: Iterable[str], now: datetime) -> int:
    """Have every open case looked at now that one of these people owns or is offered; give the number of those woken.

    One whose wake has passed is not woken again: how late it is counts from there.
    """
    those = sorted(people)
    woken = 0
    for start in range(0, len(those), _AT_ONCE):
        some = those[start : start + _AT_ONCE]
        theirs = or_(col(CaseRow.owner_person).in_(some), col(CaseRow.offered_to).in_(some))
        live = col(CaseRow.status) != CaseStatus.CLOSED.value
        asleep = or_(col(CaseRow.wake_at).is_(None), col(CaseRow.wake_at) > now)
        statement = update(CaseRow).where(theirs, live, asleep).values(wake_at=now)
        woken += s.exec(statement, execution_options=NO_SYNC).rowcount
    return woken


def set_run(s: Session, ref: str, run_id: str | None, run_number: int) -> None:
    """Note the flow run that carries the case, and its number; passes are counted from 0 again."""
    change(s, ref, {"run_id": run_id, "run_number": run_number, "passes": 0})


def count_pass(s: Session, ref: str) -> int:
    """Count one more pass of the run that carries the case, and give their number; its page is up to date then."""
    anew = {"passes": col(CaseRow.passes) + 1, "refresh_at": None}
    statement = update(CaseRow).where(col(CaseRow.ref) == ref).values(**anew)
    return int(s.exec(statement.returning(col(CaseRow.passes)), execution_options=NO_SYNC).scalar_one())


def behind(s: Session, ref: str, wall: datetime) -> None:
    """Note that the case's page in Prefect is behind what the case has become, and nobody is to be told of it now."""
    change(s, ref, {"refresh_at": wall})


def to_refresh(s: Session, wall: datetime, limit: int) -> list[str]:
    """Name cases whose page is behind and whom nobody holds, the one with the soonest wake first."""
    these = (col(CaseRow.refresh_at).is_not(None), _free(wall))
    order = (col(CaseRow.wake_at).is_(None), col(CaseRow.wake_at), col(CaseRow.ref))
    return list(s.exec(select(CaseRow.ref).where(*these).order_by(*order).limit(limit)))


def due(s: Session, now: datetime, wall: datetime, limit: int = 100) -> list[DueCase]:
    """Give the cases whose wake has come by `now` and whom nobody holds: the highest risk first, then the oldest.

    `wall` is real time, for leases; `now` is procedure time.
    """
    due_by_now = (col(CaseRow.wake_at) <= now, _free(wall))
    order = (col(CaseRow.urgency).desc(), col(CaseRow.wake_at), col(CaseRow.ref))
    return _looked_at(s, columns(*_CARRIED).where(*due_by_now).order_by(*order).limit(limit))


def carried(
    s: Session, wall: datetime, after: DueCase | None = None, limit: int = 100, *, only: Collection[str] | None = None
) -> list[DueCase]:
    """Give cases that must have a run and whom nobody holds, the highest risk first, from below the case `after`.

    Those are the ones that are not closed, or that somebody must look at yet; `only` leaves out all others.
    """
    lives = [status.value for status in CaseStatus if status is not CaseStatus.CLOSED]
    wanted = [or_(col(CaseRow.status).in_(lives), col(CaseRow.wake_at).is_not(None)), _free(wall)]
    if after is not None:
        urgency, ref = col(CaseRow.urgency), col(CaseRow.ref)
        wanted.append(or_(urgency < after.risk.weight, and_(urgency == after.risk.weight, ref > after.ref)))
    if only is not None:
        wanted.append(col(CaseRow.ref).in_(only))
    order = (col(CaseRow.urgency).desc(), col(CaseRow.ref))
    return _looked_at(s, columns(*_CARRIED).where(*wanted).order_by(*order).limit(limit))


_CARRIED = (
    col(CaseRow.ref),
    col(CaseRow.urgency),
    col(CaseRow.wake_at),
    col(CaseRow.run_id),
    col(CaseRow.run_number),
    col(CaseRow.version),
)


def _looked_at(s: Session, query: Select[str, int, datetime | None, str | None, int, int]) -> list[DueCase]:
    levels = list(Risk)
    return [
        DueCase(ref, levels[urgency], wake_at, run_id, run_number, version)
        for ref, urgency, wake_at, run_id, run_number, version in s.connection().execute(query)
    ]


def next_wake(s: Session, wall: datetime) -> datetime | None:
    """Give the earliest wake of a case that nobody holds, None when none is to come."""
    return s.exec(select(func.min(CaseRow.wake_at)).where(_free(wall))).one()


def take_lease(s: Session, ref: str, holder: str, wall: datetime, seconds: float = 60) -> bool:
    """Take the case, or hold it longer, until `seconds` of real time from `wall`; False when another has it."""
    until = wall + timedelta(seconds=seconds)
    mine_or_free = or_(col(CaseRow.lease_holder) == holder, _free(wall))
    return change(s, ref, {"lease_holder": holder, "lease_until": until}, mine_or_free)


def free_lease(s: Session, ref: str, holder: str) -> bool:
    """Give the case back; False, and nothing changed, when it is no longer this holder's."""
    return change(s, ref, _NOBODY, col(CaseRow.lease_holder) == holder)


def free_leases_of(s: Session, prefix: str) -> int:
    """Take every lease from the holders whose name begins so (a process that died), and give their number."""
    dead = col(CaseRow.lease_holder).startswith(prefix, autoescape=True)
    statement = update(CaseRow).where(dead).values(**_NOBODY)
    return s.exec(statement, execution_options=NO_SYNC).rowcount


def leased(s: Session, wall: datetime) -> list[str]:
    """Name the holders of the leases that run at `wall`."""
    return [name for name in s.exec(select(CaseRow.lease_holder).where(col(CaseRow.lease_until) > wall)) if name]


def held(s: Session, refs: Collection[str], wall: datetime) -> set[str]:
    """Name those of these cases that somebody holds at `wall`."""
    theirs = (col(CaseRow.ref).in_(sorted(refs)), col(CaseRow.lease_until) > wall)
    return set(s.exec(select(CaseRow.ref).where(*theirs)))


def holders(s: Session) -> list[str]:
    """Name everybody who holds a case."""
    holder = col(CaseRow.lease_holder)
    return [name for name in s.exec(select(holder).where(holder.is_not(None)).distinct()) if name]


_NOBODY: dict[str, object] = {"lease_holder": None, "lease_until": None}


def _free(wall: datetime) -> ColumnElement[bool]:
    return or_(col(CaseRow.lease_until).is_(None), col(CaseRow.lease_until) <= wall)
