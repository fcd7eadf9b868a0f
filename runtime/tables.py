"""Records as a table: CSV with a record a row and dots for nesting (contract section 4)."""

import csv
import io
from collections.abc import Iterator

from policy.errors import Fault, Invalid

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
                yield number, _record(head, cells)
            if number > MOST_ROWS:
                fault = Fault(f"row {number}", "is one too many", f"send at the most {MOST_ROWS} rows at a time")
                raise Invalid("the table is too long", (fault,))
    except csv.Error as error:
        fault = Fault(f"row {table.line_num}", str(error), "write it as CSV: commas, and quotes around what holds them")
        raise Invalid("the table cannot be read", (fault,)) from None


def _record(head: list[str], cells: list[str]) -> Record:
    record: Record = {}
    for name, cell in zip(head, cells, strict=False):
        value = cell.strip()
        if not name or not value:
            continue
        holder, path = record, name.split(".")
        for part in path[:-1]:
            inner = holder.setdefault(part, {})
            holder = inner if isinstance(inner, dict) else {}
        holder[path[-1]] = [part.strip() for part in value.split(";") if part.strip()] if name in LISTS else value
    if len(cells) > len(head):
        record["_further_cells"] = list(cells[len(head) :])
    return record
