"""A fifth force through the real processes: its file in the home, the command of docs/new-force.md, one report."""

from pathlib import Path

import pytest

from tests.console.test_a_fifth_force import blocks, write_down
from tests.support.sink import Sink, open_sink
from tests.support.stack import running

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(240)]


def with_phones(people: str, sink: Sink) -> str:
    """Give everybody of the page's roster a phone."""
    head, *rows = people.splitlines()
    named = [row.removesuffix(",,,") + f",,{sink.address(row.partition(',')[0])}," for row in rows]
    return "\n".join([head, *named, ""])


def test_the_new_force_starts_and_tells_its_people(tmp_path: Path) -> None:
    """`vigil up --pack ridgeshire --roster roster.csv`: the area's inspector and sergeant are told, in its words."""
    home, roster = tmp_path / "home", tmp_path / "roster.csv"
    write_down(home)
    (home / "vigil.toml").unlink()  # the command names the pack
    assert "vigil up --pack ridgeshire --roster roster.csv\n" in blocks("sh")
    with open_sink() as sink:
        roster.write_text(with_phones(blocks("csv")[0], sink), encoding="utf-8")
        with running(home, "--pack", "ridgeshire", "--roster", str(roster)) as stack:
            person = {"name": "Ann Example", "age": 40}
            record = {"source": "niche", "source_id": "N-1", "area": "moor", "risk": "medium", "person": person}
            case = stack.post("/reports", record, expect=201)["case"]
            for holder in ("adi-moor", "sgt-moor"):
                sink.wait_for(holder, within_s=20, case=case, type="notify")
            shown = stack.ask(f"/cases/{case}")
            assert (shown["pack"], shown["responsible"]) == ("ridgeshire", "fim-1")
            (notice,) = [step for step in shown["steps"] if step["key"] == "notify_local_supervisor"]
            assert (notice["title"], notice["holder"]) == ("The ADI and the shift sergeant are told", "adi-moor")
            assert sink.calls("adi-valley") == []
