"""What every table stands on: instants with their zone, JSON that any database takes, named constraints."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from math import isfinite

from sqlalchemy import JSON, DateTime, Dialect, MetaData, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel


class Table(SQLModel):
    """The base of all tables; its constraints have names, so that a migration can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses a naive datetime, and gives back an aware one in UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Convert to UTC, for SQLite drops the zone; raise ValueError when there is none."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without its offset cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Put UTC back where the database lost it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that came from outside: what no database can hold (NUL, half a surrogate pair) becomes U+FFFD."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  # SQLAlchemy's signature
        """Replace what cannot be held, so that a record is never lost for a character."""
        return None if value is None else storable(value)


class PlainJson(TypeDecorator[object]):
    """JSON as text on every database; what goes in is made plain first, so what comes out is the same."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> object:  # noqa: ARG002  # SQLAlchemy's signature
        """Make the value plain."""
        return plain(value)


def storable(text: str) -> str:
    """Replace by U+FFFD what no database can hold as text: NUL, and half a surrogate pair."""
    held = str(text).replace("\0", "\ufffd")
    return held.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Plain(dict[str, object]):
    """A mapping that has been made plain already: to do so three times over costs more than hashing it."""


_PLAIN_ALREADY = frozenset({str, bool, int, Plain})  # most of what there is: asked before anything that costs more


def plain(value: object) -> object:
    """Turn a value into what JSON knows, the same way each time.

    Instants become ISO text in UTC, durations seconds, enums their value, sets sorted lists. Numbers that
    are not finite become text, for PostgreSQL takes no NaN. Raises TypeError for anything else.
    """
    if value is None or type(value) in _PLAIN_ALREADY:
        return value
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=canonical)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | bytearray):
        return [plain(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, Enum):
        return _scalar(value.value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be stored as JSON")


def stamp(instant: datetime) -> str:
    """Write an instant in UTC to the microsecond, always in the same form."""
    if instant.tzinfo is None:
        raise ValueError("an instant without its offset cannot be stored")
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def canonical(value: object) -> str:
    """Write a value as JSON in the one form that hashes are taken of: ASCII, sorted keys, no spaces."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
