"""A source's row as the record that it stands for: its columns under our names, its values as JSON has them."""

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from models.columns import canonical
from policy.record_terms import FIELDS
from policy.spans import read_instant
from runtime.documents import storable
from runtime.source_setting import SourceSetting
from runtime.tables import Record, cell_of

Row = Mapping[str, object]
Mark = str | int | float | datetime | date | Decimal
MOST_DIGITS = 100  # of a number that is read as one; no record of any system counts so far
_INSTANTS = frozenset({"reported_at", "recorded_at", "last_seen.at"})


@dataclass(frozen=True)
class Read:
    """One row as it was read: its mark, the record that it is, and the digest of what it says."""

    mark: Mark | None
    record: Record
    digest: str

    @property
    def recorded_at(self) -> datetime | None:
        """Give when the record was made, or reported where that is not said; None when it says neither."""
        for name in ("recorded_at", "reported_at"):
            at = read_instant(str(self.record.get(name)))
            if at is not None:
                return at
        return None

    @property
    def id(self) -> tuple[str, str] | None:
        """Give what names the record; None when it has no name."""
        source, source_id = self.record.get("source"), self.record.get("source_id")
        return (str(source).strip(), str(source_id).strip()) if source and source_id else None


def read_row(row: Row, name: str, setting: SourceSetting) -> Read:
    """Read one row of the source `name`.

    The mark is no part of the record unless it is one of its fields: a stamp that moves by itself is no news.
    """
    record: Record = {}
    mark = None
    for column, value in _flat(row):
        is_mark = _is_mark(column, setting)
        if is_mark:
            mark = value if isinstance(value, Mark) and _has_order(value) else None
        ours = setting.map.get(column, column)
        if is_mark and column not in setting.map and not _is_ours(column):
            continue
        given = storable(_plain(str(value) if ours == "example" else value, ours, setting.zone))
        if ours and given not in (None, ""):
            _put(record, ours, given)
    record.setdefault("source", name)
    return Read(mark, record, hashlib.sha256(canonical(record).encode()).hexdigest()[:24])


def _flat(row: Row, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _is_mark(column: str, setting: SourceSetting) -> bool:
    """Know the mark's column in a row: a database may write it in other case than the query, and without quotes."""
    return setting.mark is not None and column.casefold() == setting.mark.strip('"`[]').casefold()


def _has_order(mark: Mark) -> bool:
    """Tell whether a value can be a mark: a database's numbers may be infinite, or not a number at all."""
    finite = mark.is_finite() if isinstance(mark, Decimal) else not isinstance(mark, float) or math.isfinite(mark)
    return finite and not isinstance(mark, bool)


def _is_ours(column: str) -> bool:
    part, _, name = column.rpartition(".")
    return name in FIELDS.get(part, frozenset())


def _put(record: Record, path: str, value: object) -> None:
    *parts, last = path.split(".")
    holder = record
    for part in parts:
        inner = holder.setdefault(part, {})
        if not isinstance(inner, dict):
            return  # `person` and `person.name` in one row: the whole was there first, the part cannot be put
        holder = inner
    holder[last] = value


def _plain(value: object, name: str, zone: str | None) -> object:
    """Give a value as JSON has it; text is taken as the CSV does. A picture is nothing that a report knows."""
    if isinstance(value, str):
        text = value.strip()
        return _with_offset(text, zone) if name in _INSTANTS else cell_of(name, text)
    if isinstance(value, list | tuple):
        return [_plain(item, "", zone) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item, "", zone) for key, item in value.items()}
    return _scalar(value, zone)


def _scalar(value: object, zone: str | None) -> object:
    if isinstance(value, datetime):
        return _with_offset(value.isoformat(), zone)
    if isinstance(value, Decimal):
        countable = value.is_finite() and abs(value.adjusted()) < MOST_DIGITS
        return int(value) if countable and value == value.to_integral_value() else str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return None if isinstance(value, bytes | bytearray | memoryview) else str(value)


def _with_offset(text: str, zone: str | None) -> str:
    """Give an instant that carries no offset the zone of its source; without one it stays, and is a defect."""
    if zone is None:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone)).isoformat()
