"""A file of the folder in whatever state it is: every row that can be read is read."""

import json

import pytest

from policy.errors import Invalid
from runtime.folder_file import Row, rows_of, text_of
from tests.runtime.intake_world import record

HEAD = "source,source_id,person.name\n"


def read(name: str, data: bytes) -> list[Row]:
    """The rows of a file."""
    return list(rows_of(name, text_of(data)))


def names(rows: list[Row]) -> list[object]:
    """The person's name of each good row; None where the row is bad."""
    return [row.record["person"]["name"] if isinstance(row.record, dict) else None for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    """An odd name comes out as it was written."""
    table = f"{HEAD}compact,1,Zo\u00eb M\u00fcller\n"
    assert names(read("night.csv", table.encode(encoding))) == ["Zo\u00eb M\u00fcller"]
    listed = json.dumps([record(1, person={"name": "Zo\u00eb"})], ensure_ascii=False)
    assert names(read("night.json", listed.encode(encoding))) == ["Zo\u00eb"]


def test_one_line_in_another_encoding_spoils_no_other() -> None:
    """A row pasted from an old system among ten thousand good ones."""
    data = f"{HEAD}compact,1,Zo\u00eb\n".encode() + "compact,2,Ren\u00e9\n".encode("cp1252")
    assert names(read("night.csv", data)) == ["Zo\u00eb", "Ren\u00e9"]
    assert text_of(data).encoding == "cp1252"


@pytest.mark.parametrize("tail", [b"compact,2", b"compact,2,Zo\xc3"])
def test_a_last_line_that_breaks_off_is_no_record(tail: bytes) -> None:
    """Its number may be half of one, and so another record's."""
    rows = read("night.csv", f"{HEAD}compact,1,One\n".encode() + tail)
    assert names(rows) == ["One", None]
    assert (rows[1].number, rows[1].faults[0].message) == (3, "is cut off")


def test_a_last_line_without_its_end_is_a_record_when_it_is_whole() -> None:
    """Many programs write no line end at the end."""
    assert names(read("night.csv", f"{HEAD}compact,1,One".encode())) == ["One"]


@pytest.mark.parametrize("bad", ['compact,2,"Open', 'compact,2,"Two"x', '"compact,2,Two'])
def test_a_quote_out_of_place_costs_its_own_row_alone(bad: str) -> None:
    """Rows before and after come in, also where a later row has quotes."""
    text = f'{HEAD}compact,1,One\n{bad}\ncompact,3,Three\ncompact,4,"Four, and more"\ncompact,5,Five\n'
    rows = read("night.csv", text.encode())
    assert names(rows) == ["One", None, "Three", "Four, and more", "Five"]
    assert [row.number for row in rows] == [2, 3, 4, 5, 6]
    assert "line 3" in rows[1].faults[0].message


def test_a_cell_may_hold_several_lines() -> None:
    """Free text has line ends."""
    text = 'source,source_id,circumstances,person.name\r\ncompact,1,"left\r\nat night",One\r\ncompact,2,,Two\r\n'
    assert names(read("night.csv", text.encode())) == ["One", "Two"]


@pytest.mark.parametrize("comma", [";", "\t"])
def test_another_comma_is_known_by_the_head(comma: str) -> None:
    """What a spreadsheet of another country writes."""
    text = f"{HEAD}compact,1,One\n".replace(",", comma)
    assert names(read("night.csv", text.encode())) == ["One"]


def test_a_list_that_breaks_off_gives_what_is_whole() -> None:
    """The rest is reported as one row that is cut off."""
    whole = json.dumps([record(1), record(2), record(3)])
    rows = read("night.json", whole[: len(whole) - 40].encode())
    assert [row.number for row in rows if not row.faults] == [1, 2]
    assert rows[2].faults[0].message == "is cut off"
    rows = read("night.json", json.dumps([record(1)])[:-1].encode())
    assert [bool(row.faults) for row in rows] == [False, True]


def test_one_record_or_an_empty_list() -> None:
    """Both are exports; an empty one is a quiet night."""
    assert len(read("one.json", json.dumps(record(1)).encode())) == 1
    assert read("none.json", b"[]") == []
    assert read("none.csv", HEAD.encode()) == []
    a_line_each = "\n".join(json.dumps(record(number)) for number in (1, 2))
    assert len(read("two.json", a_line_each.encode())) == 2


def test_what_is_no_text_is_said_so() -> None:
    """Half a character of UTF-16 is none."""
    with pytest.raises(Invalid, match="no text in utf-16"):
        text_of(b"\xff\xfe\x00\xd8\x00\xd8a\x00")


def test_what_no_database_holds_is_replaced() -> None:
    """NUL and half characters cost no record."""
    rows = read("one.json", b'{"source": "a\\u0000b", "person": {"name": "\\ud800"}}')
    assert rows[0].record == {"source": "a\ufffdb", "person": {"name": "\ufffd"}}


def test_a_file_that_is_far_too_long_says_so_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fits comes in."""
    monkeypatch.setattr("runtime.folder_file.MOST_ROWS", 3)
    rows = read("night.csv", (HEAD + "".join(f"compact,{n},Somebody\n" for n in range(4))).encode())
    assert [bool(row.faults) for row in rows] == [False, False, True, True]
    rows = read("night.json", json.dumps([record(n) for n in range(6)]).encode())
    assert [bool(row.faults) for row in rows] == [False, False, False, True]
