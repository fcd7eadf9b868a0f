"""What the home knows of itself: values, counters, and which of its parts are alive."""

from datetime import datetime

from sqlmodel import Field

from models.columns import Table, UtcDateTime


class MetaRow(Table, table=True):
    """One named value of the home."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str


class CounterRow(Table, table=True):
    """One series of numbers; `value` is the last one given."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    value: int


class PartRow(Table, table=True):
    """One process of a part (worker, timer, ...) and its last heartbeat, in wall time."""

    __tablename__ = "part"

    name: str = Field(primary_key=True)
    process: str = Field(primary_key=True)  # "<machine>/<pid>"
    beat_at: datetime = Field(sa_type=UtcDateTime)


class PostRow(Table, table=True):
    """One post that a single process may hold (the active timer, the active watchdog), and until when in wall time."""

    __tablename__ = "post"

    name: str = Field(primary_key=True)
    holder: str
    until_at: datetime = Field(sa_type=UtcDateTime)
