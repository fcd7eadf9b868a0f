"""What dies comes back: nothing lost, nothing told twice without a crash in between, and what is late says so."""

from collections import Counter
from pathlib import Path

import pytest

from tests.live.force import NOTICE, SPEED, START, Force
from tests.support.sink import open_sink
from tests.support.stack import Stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(280)]


def test_killed_in_mid_pass_then_everything_killed(tmp_path: Path) -> None:
    """A worker killed while it sends, then all processes killed: on the next start it goes on where it was."""
    with open_sink() as sink:
        stack = Stack(tmp_path / "home", ("--start", START, "--speed", str(SPEED))).start()
        force = Force(stack, sink)
        try:
            force.man()
            case = _worker_killed_while_it_sends(force)
            _everything_killed(force, case)
        finally:
            stack.stop()


def _worker_killed_while_it_sends(force: Force) -> str:
    """The inspector's phone is slow; the worker dies while it waits for the answer."""
    sink, stack = force.sink, force.stack
    sink.hold("insp-stoke", seconds=3)
    case: str = force.report("stoke")["case"]
    sink.wait_for("insp-stoke", within_s=8, case=case, type="notify")
    stack.kill("up_part worker")
    sink.wait_for("sgt-stoke", within_s=20, case=case, type="notify")
    sink.wait_for("insp-stoke", within_s=30, case=case, type="notify", times=2)  # sent, not settled: sent again
    force.settled(case, within_s=30)
    messages = stack.ask(f"/cases/{case}/messages")["messages"]
    assert {m["state"] for m in messages if m["rung"] == 0 and m["reminder"] == 0} == {"received"}
    return case


def _everything_killed(force: Force, case: str) -> None:
    """Everything dies before the first rung and starts after it: the rung is performed, late, and only once."""
    sink, stack = force.sink, force.stack
    quiet = force.report("newcastle", "medium")["case"]
    sink.wait_for("insp-newcastle", within_s=8, case=quiet, type="notify")
    force.settled(quiet)
    stack.kill_all()
    before = len(sink.calls())
    force.pause(23)  # minutes of the procedure, nearly: overdue after 10, the first rung after 20
    assert len(sink.calls()) == before
    stack.start()
    told = sink.wait_for("fim-1", within_s=30, case=quiet, step=NOTICE, rung=1, type="escalate")
    assert len(told) == 1
    force.settled(quiet)  # what was received is settled by then
    messages = stack.ask(f"/cases/{quiet}/messages")["messages"]
    rung = next(m for m in messages if m["to"] == "fim-1" and m["rung"] == 1 and m["channel"] == "webhook")
    assert rung["late_s"] > 30
    assert force.step(quiet)["status"] == "overdue"
    keys = Counter(c.headers["webhook-id"] for c in sink.calls(case=quiet))
    assert [key for key, times in keys.items() if times > 1] == []
    force.settled(quiet)
    force.settled(case)
    entries = stack.ask(f"/cases/{quiet}/journal")["entries"]
    assert any(e["kind"] == "overdue" for e in entries)
