"""Whatever is done to runs in Prefect, and when its database is lost: each case goes on, and the journal says why."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.force import NOTICE, START, Force
from tests.support.sink import open_sink
from tests.support.stack import Stack

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(500)]
SPEED = 20  # the first rung of a medium case comes a minute after its report
FOUND_S = 90.0  # Prefect takes twenty seconds to start on a quiet machine


def test_runs_meddled_with_and_the_database_of_prefect_lost(tmp_path: Path) -> None:
    """Deleted, cancelled, suspended, run again by hand; then everything gone: nobody is told twice, each rung comes."""
    with open_sink() as sink:
        stack = Stack(tmp_path / "home", ("--start", START, "--speed", str(SPEED))).start()
        force = Force(stack, sink)
        try:
            force.man()
            cases = [force.report(area)["case"] for area in ("stoke", "newcastle", "moorlands", "stafford")]
            for case in cases:
                force.settled(case, within_s=30)
            _meddle(force, cases)
            for lose in (_empty, _delete, _delete_while_stopped):
                _lose_the_database(force, cases, lose)
            for case in cases:
                sink.wait_for("fim-1", within_s=120, case=case, step=NOTICE, rung=1, type="escalate")
                force.settled(case, within_s=60)
                force.told_once(case)
        finally:
            stack.stop()


def _meddle(force: Force, cases: list[str]) -> None:
    """Do to each run what a click in Prefect's pages does; each case rests again and its journal says what it was."""
    deleted, cancelled, suspended, again = cases
    runs = {case: force.run(case)["id"] for case in cases}
    httpx.delete(f"{force.stack.prefect_api}/flow_runs/{runs[deleted]}", timeout=20).raise_for_status()
    _set(force, runs[cancelled], {"type": "CANCELLING"})
    _set(force, runs[suspended], {"type": "PAUSED", "name": "Suspended"})
    _set(force, runs[again], {"type": "COMPLETED"})
    said = {deleted: "deleted", cancelled: "cancelled", suspended: "paused", again: "completed"}
    for case, found in said.items():
        assert _told_of(force, case, found), f"{case}: the journal does not say {found}"
        force.settled(case, within_s=60)
    assert force.run(suspended)["id"] == runs[suspended]
    carries = force.run(again)["id"]
    _set(force, runs[again], {"type": "SCHEDULED", "name": "AwaitingRetry"})
    ended = _ended(force, runs[again])
    assert ended["state_name"] == f"The case goes on in {again}/2"
    assert force.run(again)["id"] == carries
    force.settled(again, within_s=60)


def _lose_the_database(force: Force, cases: list[str], lose: Callable[[Force], None]) -> None:
    """However it is lost, the deployment is made again, and a fresh run for each case; one line for one repair."""
    runs = {case: force.run(case)["id"] for case in cases}
    before = {case: len(_repairs(force, case)) for case in cases}
    lose(force)
    for case in cases:
        assert _told_of(force, case, "deleted", more_than=before[case])
        force.settled(case, within_s=60)
        assert force.run(case)["id"] != runs[case]
        assert len(_repairs(force, case)) == before[case] + 1


def _empty(force: Force) -> None:
    """Delete every row under the feet of the running server."""
    with closing(sqlite3.connect(force.stack.home / "prefect" / "prefect.db", timeout=30)) as held, held:
        tables = [name for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version" and not table.startswith("sqlite_"):
                held.execute(f'DELETE FROM "{table}"')


def _delete(force: Force) -> None:
    """Delete the file under the feet of the running server, which goes on with what it has open, and then cannot."""
    for file in (force.stack.home / "prefect").glob("*.db*"):
        file.unlink()


def _delete_while_stopped(force: Force) -> None:
    force.stack.stop()
    _delete(force)
    force.stack.start()


def _set(force: Force, run_id: str, state: dict[str, str]) -> None:
    force.stack.prefect(f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})


def _repairs(force: Force, case: str) -> list[dict[str, Any]]:
    entries = force.stack.ask(f"/cases/{case}/journal")["entries"]
    return [entry["body"] for entry in entries if entry["kind"] == "run_repaired"]


def _told_of(force: Force, case: str, found: str, more_than: int = 0) -> bool:
    """Wait until the journal says what was found wrong with the run of a case."""
    for _ in force.ticks(FOUND_S, every_s=0.5):
        repairs = _repairs(force, case)
        if len(repairs) > more_than and repairs[-1]["found"] == found:
            return True
    return False


def _ended(force: Force, run_id: str) -> Any:
    run = None
    for _ in force.ticks(30):
        run = force.stack.prefect(f"/flow_runs/{run_id}")
        if run["state_type"] == "COMPLETED" and run["state_name"] != "Completed":
            return run
    raise AssertionError(f"the old run does not end: {run and run['state_name']}")
