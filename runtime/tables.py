"""Records as a table: CSV with a record a row and dots for nesting (contract section 4)."""

import csv
import io
from collections.abc import Iterator

from policy.errors import Fault, Invalid
from policy.record_terms import RISK_WORDS
from policy.terms import Risk

Record = dict[str, object]
MOST_ROWS = 50_000  # of one table
LISTS = frozenset({"flags", "person.aliases"})  # several values in one cell, with `;` between them


def records_of_csv(text: str) -> Iterator[tuple[int, Record]]:
    """Give each record with its row number (the head is row 1); empty cells are left out.

    Raises Invalid, naming the row, when the text is no table; the rows before it have been given by then.
    """
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = [name.strip() for name in next(table, [])]
        if not any(head):
            fault = Fault("row 1", "holds no column names", "write source,source_id,...")
            raise Invalid("the table is empty", (fault,))
        for number, cells in enumerate(table, 2):
            if any(cell.strip() for cell in cells):
                yield number, record_of(head, cells)
            if number > MOST_ROWS:
                fault = Fault(f"row {number}", "is one too many", f"send at the most {MOST_ROWS} rows at a time")
                raise Invalid("the table is too long", (fault,))
    except csv.Error as error:
        fault = Fault(f"row {table.line_num}", str(error), "write it as CSV: commas, and quotes around what holds them")
        raise Invalid("the table cannot be read", (fault,)) from None


def cell_of(name: str, text: str) -> object:
    """Give what a cell says: several words where a field has several, yes or no where it asks that, else the text."""
    if name in LISTS:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text.lower() in ("true", "yes", "1") if name == "example" else text


def urgency(record: object) -> int:
    """Order many records that come in at once: the highest risk first, and with it what has no level yet."""
    said = record.get("risk") if isinstance(record, dict) else None
    level = RISK_WORDS.get(" ".join(str(said).lower().replace("_", " ").replace("-", " ").split()), Risk.HIGH)
    return -level.weight


def record_of(head: list[str], cells: list[str]) -> Record:
    """Give the record of one row of a table; empty cells are left out, cells beyond the head are kept."""
    record: Record = {}
    for name, cell in zip(head, cells, strict=False):
        value = cell.strip()
        if not name or not value:
            continue
        holder, path = record, name.split(".")
        for part in path[:-1]:
            inner = holder.setdefault(part, {})
            holder = inner if isinstance(inner, dict) else {}
        holder[path[-1]] = cell_of(name, value)
    if len(cells) > len(head):
        record["_further_cells"] = list(cells[len(head) :])
    return record
