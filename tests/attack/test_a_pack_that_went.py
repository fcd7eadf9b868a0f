"""The file of a pack is taken away while a case follows it: the case goes on as it began."""

from pathlib import Path

from policy.terms import Route
from runtime import doors, readings
from runtime.app import build
from runtime.settings import load
from tests.console.world import record

MINE = 'pack = "mine"\ninherits = "staffordshire"\ntitle = "Mine"\n'


def test_a_case_outlives_the_file_of_its_pack(tmp_path: Path) -> None:
    """Its page, the list of all cases and each fact used to be refused, and nobody was told any more."""
    file = tmp_path / "packs" / "mine.toml"
    file.parent.mkdir()
    file.write_text(MINE)
    first = build(load({"home": tmp_path, "pack": "mine"}))
    ref = doors.report(first, record(), route=Route.API).case
    first.close()
    file.unlink()
    again = build(load({"home": tmp_path}))
    try:
        doors.record(again, ref, {"kind": "note", "by": "x", "evidence": {"text": "t"}}, route=Route.API)
        assert readings.case_view(again, ref)["pack"] == "mine"
        assert readings.board(again)["rows"]
    finally:
        again.close()
