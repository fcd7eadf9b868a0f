"""Prints of long texts, by which a text that was copied from another case is known; never the text itself (F3)."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from models import TextPrintRow
from store.upsert import insert


def elsewhere(s: Session, ref: str, prints: Collection[str]) -> list[str]:
    """Give the other cases on which any of these texts stands, in the order of their references."""
    query = select(TextPrintRow.case_ref).where(col(TextPrintRow.print).in_(prints), col(TextPrintRow.case_ref) != ref)
    return sorted(set(s.exec(query)))


def keep(s: Session, ref: str, step: str, prints: Collection[str], at: datetime) -> None:
    """Keep the prints of a case's texts; one that it has already stays as it is."""
    for one in prints:
        row = insert(s, TextPrintRow).values(print=one, case_ref=ref, step=step, at=at)
        s.exec(row.on_conflict_do_nothing())
