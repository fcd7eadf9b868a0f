"""`INSERT ... ON CONFLICT`, which SQLite and PostgreSQL write alike and SQLAlchemy keeps apart."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from models.columns import Table

Insert = sqlite.Insert | postgresql.Insert


def insert(s: Session, table: type[Table]) -> Insert:
    """Give an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if s.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
