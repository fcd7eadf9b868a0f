"""The journal: append-only, each row chained to the one before."""

from datetime import datetime

from sqlalchemy import DDL, Index, event
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime, Words


class JournalRow(Table, table=True):
    """One line of the journal; `hash` covers everything but the body, which it covers through `body_hash`."""

    __tablename__ = "journal"
    __table_args__ = (Index("ix_journal_case_ref_seq", "case_ref", "seq"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    written_at: datetime = Field(sa_type=UtcDateTime)
    case_ref: str | None = None
    by: str = Field(sa_type=Words)
    route: str
    kind: str = Field(sa_type=Words)
    body: dict[str, object] = Field(default_factory=dict, sa_type=PlainJson)
    body_hash: str
    prev_hash: str
    hash: str


SQLITE_TRIGGERS = (
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    # INSERT OR REPLACE deletes without firing the trigger above.
    "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal "
    "WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq) "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal "
    "FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()",
    "CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal "
    "FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
)

_table = Table.metadata.tables["journal"]
for _dialect, _statements in (("sqlite", SQLITE_TRIGGERS), ("postgresql", POSTGRESQL_TRIGGERS)):
    for _statement in _statements:
        _made = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]  # SQLAlchemy left DDL untyped
        event.listen(_table, "after_create", _made)
