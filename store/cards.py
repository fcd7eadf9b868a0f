"""Who has opened the card of which role, and when for the first time (S2 recommendation 1: nobody knew their role)."""

from datetime import datetime

from sqlmodel import Session, col, select

from models import CardOpenedRow
from store.upsert import insert


def open_first(s: Session, person: str, pack: str, role: str, at: datetime) -> None:
    """Write down that a person has opened a card; the first time stays."""
    values = {"person": person, "pack": pack, "role": role, "opened_at": at}
    s.exec(insert(s, CardOpenedRow).values(**values).on_conflict_do_nothing())


def opened_at(s: Session, person: str, pack: str, role: str) -> datetime | None:
    """Give when a person first opened a card, None when never."""
    row = s.get(CardOpenedRow, (person, pack, role))
    return row.opened_at if row else None


def opened(s: Session, pack: str) -> frozenset[tuple[str, str]]:
    """Give every person and role whose card of this pack that person has opened."""
    query = select(CardOpenedRow.person, CardOpenedRow.role).where(col(CardOpenedRow.pack) == pack)
    return frozenset((person, role) for person, role in s.exec(query))
