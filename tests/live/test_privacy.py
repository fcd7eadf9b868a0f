"""After a full run no name, address, birth date or free text has left the store."""

import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.live.force import PLANTED, Force

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


def test_nothing_planted_is_found_outside_the_store(force: Force) -> None:
    """Prefect's database, every log, /metrics and every webhook body are searched for what the reports planted."""
    case = force.report("stafford", "high")["case"]
    force.sink.wait_for("insp-stafford", within_s=8, case=case, type="notify")
    force.fact(case, "note", "insp-stafford", text=PLANTED["story"])
    force.fact(case, "declined", "insp-stafford", reason=PLANTED["story"])
    force.fact(case, "new_information", "sgt-stafford", summary=PLANTED["story"], source=PLANTED["name"])
    force.fact(case, "acknowledged", "sgt-stafford")
    force.fact(case, "serial_entry", "fim-1", recipient="sgt-stafford", text=PLANTED["place"])
    force.settled(case)
    home = force.stack.home
    assert _found(_store(home)) == set(PLANTED), "the test plants nothing, or looks in the wrong way"
    assert _found(_prefect(home)) == set()
    logs = [file for file in [*(home / "logs").iterdir(), home / "up.err"] if file.is_file()]
    assert len(logs) >= 5
    for file in logs:
        assert _found(file.read_text(errors="replace")) == set(), file.name
    assert _found(httpx.get(f"{force.stack.console}/metrics").text) == set()
    bodies = "\n".join(call.text for call in force.sink.calls())
    assert case in bodies
    assert _found(bodies) == set()


def _found(text: str) -> set[str]:
    parts = {**PLANTED, "surname": PLANTED["name"].split()[1]}
    return {name for name, planted in parts.items() if planted in text} - {"surname"} | (
        {"name"} if parts["surname"] in text else set()
    )


def _store(home: Path) -> str:
    return _dump(home / "vigil.db")


def _prefect(home: Path) -> str:
    """Give every row of every table of Prefect's database as text."""
    (database,) = (home / "prefect").glob("*.db")
    text = _dump(database)
    assert "flow_run" in text
    return text


def _dump(database: Path) -> str:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return "\n".join(connection.iterdump())
