"""One file of the watched folder, read row by row: every row that can be read is, whatever the others are like."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from policy.errors import Fault, Invalid
from runtime.documents import decoder, storable
from runtime.tables import MOST_ROWS, record_of

# The longer marks first: the mark of UTF-16 begins that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLANK = re.compile(r"[\s,]*")
CUT_OFF = Fault("row", "is cut off", "export the file again, whole, and put it in once it is written")


@dataclass(frozen=True)
class Row:
    """One row: its number (a CSV's head is row 1; the first record of a list is 1), and the record or its faults."""

    number: int
    record: object
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Text:
    """What a file says, in which encoding, and whether it breaks off in the middle of a character."""

    text: str
    encoding: str
    cut_off: bool = False


def text_of(data: bytes) -> Text:
    """Read a file's text: by its byte-order mark, as UTF-16 where every other byte is zero, else as UTF-8.

    A line that is no UTF-8 is read as Windows-1252, the other lines are not: one odd name spoils no other.
    Raises Invalid when it is no text at all.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _whole(data, encoding)
    sample = data[:4096]
    if b"\0" in sample:
        return _whole(data, "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be")
    lines, odd, cut_off = [], False, False
    pieces = data.split(b"\n")
    for number, line in enumerate(pieces, 1):
        try:
            lines.append(line.decode())
        except UnicodeDecodeError as error:
            if number == len(pieces) and error.reason == "unexpected end of data":
                lines.append(line[: error.start].decode())
                cut_off = True
            else:
                lines.append(line.decode("cp1252", errors="replace"))
                odd = True
    return Text("\n".join(lines), "cp1252" if odd else "utf-8", cut_off)


def _whole(data: bytes, encoding: str) -> Text:
    reader = codecs.getincrementaldecoder(encoding)()
    try:
        text = reader.decode(data)
        rest, _ = reader.getstate()
    except UnicodeDecodeError:
        fault = Fault("file", f"is no text in {encoding}", "export it as UTF-8")
        raise Invalid("the file cannot be read", [fault]) from None
    return Text(text, encoding, bool(rest))


def rows_of(name: str, said: Text) -> Iterator[Row]:
    """Give the rows of a file, the good and the bad, in their order; raise Invalid when it is no table and no list."""
    if not said.text.strip():
        raise Invalid("the file cannot be read", [Fault("file", "holds nothing", "export it again")])
    yield from _of_csv(said) if name.lower().endswith(".csv") else _of_json(said)


def _of_csv(said: Text) -> Iterator[Row]:
    """Give a table's rows. A row that is no CSV costs itself alone: reading goes on with the line after its first."""
    lines = list(io.StringIO(said.text, newline=""))
    comma = max(",;\t", key=lines[0].count)
    head = [name.strip() for name in next(csv.reader(lines[:1], delimiter=comma), [])]
    at, number = 1, 1
    while at < len(lines):
        table, begins = csv.reader(itertools.islice(lines, at, None), delimiter=comma, strict=True), at
        try:
            for cells in table:
                ends = at + table.line_num
                _check_quotes(cells, head, ends - begins)
                begins, number = ends, number + 1
                if any(cell.strip() for cell in cells):
                    last = ends == len(lines)
                    yield _row(number, head, cells, half=last and _is_half(said, cells, head))
            return
        except csv.Error as error:
            at, number = begins + 1, number + 1
            remedy = "write it as CSV: commas, and quotes around what holds them"
            yield Row(number, None, (Fault("row", f"line {at}: {error}", remedy),))


def _check_quotes(cells: list[str], head: list[str], lines: int) -> None:
    """Raise csv.Error for a row over several lines that does not fit its head: a quote has swallowed the next rows."""
    if lines > 1 and len(cells) != len(head):
        raise csv.Error("a quote is not closed")


def _row(number: int, head: list[str], cells: list[str], *, half: bool) -> Row:
    if number > MOST_ROWS:
        return Row(number, None, (Fault("row", "is one too many", f"put at the most {MOST_ROWS} rows into a file"),))
    return Row(number, None, (CUT_OFF,)) if half else Row(number, storable(record_of(head, cells)))


def _is_half(said: Text, cells: list[str], head: list[str]) -> bool:
    """Tell whether a last line breaks off before its end: its number may be half of one, and so another record's."""
    return said.cut_off or (len(cells) < len(head) and not said.text.endswith(("\n", "\r")))


def _of_json(said: Text) -> Iterator[Row]:
    """Give the records of a list, or those that stand one after the other; what follows a fault cannot be read."""
    text, read = said.text.strip().lstrip("\ufeff"), decoder()
    alone = not text.startswith("[")
    at, number = (0, 1) if alone else (_after(text, 1), 1)
    while at < len(text) and text[at] != "]":
        try:
            record, at = read.raw_decode(text, at)
        except (ValueError, RecursionError):
            fault = (
                CUT_OFF if _breaks_off(text) else Fault("row", "is no JSON, nor is what follows", "write it as JSON")
            )
            if number == 1:
                raise Invalid("the file cannot be read", [fault]) from None
            yield Row(number, None, (fault,))
            return
        if number > MOST_ROWS:
            fault = Fault("row", "is one too many", f"put at the most {MOST_ROWS} records into a file")
            yield Row(number, None, (fault,))
            return
        yield Row(number, storable(record))
        at, number = _after(text, at), number + 1
    if not alone and at >= len(text):
        yield Row(number, None, (CUT_OFF,))


def _after(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _breaks_off(text: str) -> bool:
    return not text.endswith(("]", "}"))
