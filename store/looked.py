"""Who has looked at which case, when and why (DPA 2018 s.62)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import LookedRow
from store.upsert import insert


@dataclass(frozen=True)
class Look:
    """One look; `reason` is free text and stays in the store. A machine's has no `sign_in`."""

    case: str
    person: str
    at: datetime
    own: bool
    via: str
    reason: str | None = None
    sign_in: str | None = None


def note(s: Session, look: Look) -> None:
    """Write a look down."""
    values = {name: value for name, value in vars(look).items() if name != "case"}
    s.exec(insert(s, LookedRow).values(case_ref=look.case, **values))


def seen(s: Session, case: str, person: str, *, sign_in: str | None = None, since: datetime | None = None) -> bool:
    """Tell whether this person's look in this session, or since an instant, is written down already."""
    query = select(LookedRow.id).where(col(LookedRow.case_ref) == case, col(LookedRow.person) == person)
    if sign_in is not None:
        query = query.where(col(LookedRow.sign_in) == sign_in)
    if since is not None:
        query = query.where(col(LookedRow.at) > since)
    return s.exec(query.limit(1)).first() is not None


def of_case(s: Session, case: str, limit: int = 1_000) -> list[Look]:
    """Give the looks at a case, the newest first."""
    query = select(LookedRow).where(col(LookedRow.case_ref) == case).order_by(col(LookedRow.id).desc()).limit(limit)
    return [Look(row.case_ref, row.person, row.at, row.own, row.via, row.reason, row.sign_in) for row in s.exec(query)]
