"""Which cases may be about the same person; only digests are kept (`runtime/people.py` makes them)."""

import json
from datetime import datetime

from sqlmodel import Session, col, select

from models import CaseRow
from policy.terms import CaseStatus
from store import cases, meta

MOST = 5  # a person with more open reports than this is a feed that repeats itself


def claim(s: Session, by_ref: str | None, by_name: str | None) -> frozenset[str]:
    """Note that a record of this person comes in, and give the keys under which other cases of theirs may stand.

    Whoever takes in another record of the same person at this moment waits for this transaction, and then finds it.
    """
    for key in sorted(key for key in (by_ref, by_name) if key):
        meta.next_number(s, f"person/{key}")  # locks the key's row until the end of the transaction
    if by_name is None:
        return frozenset({by_ref} if by_ref else ())
    references: list[str] = json.loads(meta.get(s, f"person/{by_name}") or "[]")
    if by_ref is None:
        return frozenset({by_name, *references})
    if by_ref not in references:
        meta.put(s, f"person/{by_name}", json.dumps([*references, by_ref]))
    return frozenset({by_ref, by_name})


def open_cases(s: Session, keys: frozenset[str], *, example: bool) -> list[str]:
    """Give the cases under these keys that are not closed, at the most the latest few, in the order of references."""
    if not keys:
        return []
    query = select(CaseRow.ref).where(col(CaseRow.person_key).in_(sorted(keys)))
    query = query.where(col(CaseRow.status) != CaseStatus.CLOSED.value, col(CaseRow.example) == example)
    return sorted(s.exec(query.order_by(col(CaseRow.created_at).desc(), col(CaseRow.ref).desc()).limit(MOST)))


def earlier_cases(s: Session, keys: frozenset[str], *, example: bool, until: datetime) -> list[str]:
    """Give the cases under these keys that had begun by `until`: the latest few, the newest first."""
    if not keys:
        return []
    query = select(CaseRow.ref).where(col(CaseRow.person_key).in_(sorted(keys)), col(CaseRow.created_at) <= until)
    query = query.where(col(CaseRow.example) == example)
    return list(s.exec(query.order_by(col(CaseRow.created_at).desc(), col(CaseRow.ref).desc()).limit(MOST)))


def set_key(s: Session, ref: str, key: str | None) -> None:
    """Put another key on a case, whose record has been corrected; the version does not move."""
    cases.change(s, ref, {"person_key": key})
