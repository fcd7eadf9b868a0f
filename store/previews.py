"""Previews of a change: what was asked, how far the work on it is, and what came of it; kept for a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from models import PreviewRow
from policy.errors import Unknown
from store.cases import FRESH, NO_SYNC
from store.upsert import insert

DRAFT, RUNNING, DONE, FAILED = "draft", "running", "done", "failed"


@dataclass(frozen=True)
class Preview:
    """One preview; `body` holds what was `given`, and once it is worked out `history` and `lint`."""

    id: str
    pack: str
    base: int
    changes: Sequence[object]
    made_by: str
    made_at: datetime
    state: str
    share: float
    body: Mapping[str, object]


def put(s: Session, preview: Preview) -> None:
    """Write a preview down; one of the same id stays as it is."""
    statement = insert(s, PreviewRow).values(**vars(preview))
    s.exec(statement.on_conflict_do_nothing(index_elements=["id"]))


def get(s: Session, key: str) -> Preview:
    """Give a preview; raise Unknown when it is not there any more."""
    found = find(s, key)
    if found is None:
        raise Unknown("this preview is not here any more: previews are kept for a day; make the change again")
    return found


def find(s: Session, key: str) -> Preview | None:
    """Give a preview, None when there is none."""
    row = s.exec(select(PreviewRow).where(col(PreviewRow.id) == key), execution_options=FRESH).first()
    return None if row is None else _preview(row)


def done_before(s: Session, pack: str, base: int, changes: Sequence[object]) -> Preview | None:
    """Give a preview of the same change that is worked out already."""
    these = (col(PreviewRow.pack) == pack, col(PreviewRow.base) == base, col(PreviewRow.state) == DONE)
    rows = s.exec(select(PreviewRow).where(*these).order_by(col(PreviewRow.made_at).desc()), execution_options=FRESH)
    return next((_preview(row) for row in rows if row.changes == list(changes)), None)


def change(s: Session, key: str, only: str | None = None, **values: object) -> bool:
    """Write values of a preview anew; False when it is not there any more, or not in the state `only`."""
    these = [col(PreviewRow.id) == key, *([col(PreviewRow.state) == only] if only else [])]
    statement = update(PreviewRow).where(*these).values(**values)
    return s.exec(statement, execution_options=NO_SYNC).rowcount == 1


def forget(s: Session, before: datetime) -> None:
    """Take away what was made before an instant."""
    s.exec(delete(PreviewRow).where(col(PreviewRow.made_at) < before), execution_options=NO_SYNC)


def _preview(row: PreviewRow) -> Preview:
    return Preview(**{**row.model_dump(), "body": row.body or {}})
