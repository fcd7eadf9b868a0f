"""`vigil example remove`: the examples go with what hangs on them, their runs are cancelled, what is real stays."""

import json
from dataclasses import replace
from typing import cast

import pytest

from console.cli.commands import run
from policy.errors import Transient
from policy.terms import AlarmKey, Route
from runtime import example
from runtime.door_alarm import ring
from runtime.engine import Engine
from runtime.engine_state import RunState
from store import alarms, cases, journal, roster, wakes
from tests.console.world import START, World

Captured = pytest.CaptureFixture[str]


class FakeEngine:
    """Prefect as far as a removal asks: one run waits, one has ended, one is unknown."""

    def __init__(self, *, down: bool = False) -> None:
        self.down = down
        self.cancelled_runs: list[str] = []

    def state(self, run_id: str) -> RunState | None:
        """Give how a run stands."""
        if self.down:
            raise Transient("Prefect does not answer")
        found = {"run-0": "PAUSED", "run-1": "COMPLETED"}.get(run_id)
        return RunState(found, found, START) if found else None

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """Cancel a run."""
        assert message
        self.cancelled_runs.append(run_id)


def loaded(world: World) -> list[str]:
    """Load the example into the home, and give its cases runs."""
    refs = [one.case for one in example.load(world.app)]
    with world.app.sessions() as s:
        for number, ref in enumerate(refs):
            wakes.set_run(s, ref, f"run-{number}", 1)
    return refs


def test_examples_go_and_what_is_real_stays(world: World, capsys: Captured) -> None:
    """Cases, messages and alarms; not the roster, not the journal, no real case; a second time there is nothing."""
    refs = [one.case for one in example.load(world.app)]
    real = world.report()
    ring(world.app, AlarmKey.UNREACHABLE, "nobody", case=refs[0])
    ring(world.app, AlarmKey.UNREACHABLE, "nobody", case=real)
    home = ["--home", str(world.app.settings.home)]
    assert run(["example", "remove", *home, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": refs, "runs_left": 0}
    with world.app.sessions.reading() as s:
        assert [one.ref for one in cases.load_all(s, [*refs, real])] == [real]
        assert {rung.case for rung in alarms.listing(s, standing=True)} <= {real, None}
        assert roster.snapshot(s, START).duties
        (line,) = [line for line in journal.read(s, limit=5000) if line.kind == "examples_removed"]
        assert (line.route, line.body["cases"]) == (Route.CLI, refs)
        assert journal.read(s, refs[0])
        assert journal.verify(s) is None
    assert run(["example", "remove", *home]) == 0
    assert "no example case in this home" in capsys.readouterr().out
    assert world.web.get(f"/api/v1/cases/{real}", headers=world.machine).status_code == 200


def test_their_runs_are_cancelled(world: World) -> None:
    """Those that wait; one that has ended stays as it ended."""
    refs, engine = loaded(world), FakeEngine()
    app = replace(world.app, engine=cast("Engine", engine))
    assert example.remove(app, Route.CLI) == example.Removed(tuple(refs), 0)
    assert engine.cancelled_runs == ["run-0"]


def test_without_prefect_they_go_all_the_same(world: World, capsys: Captured) -> None:
    """What is left in Prefect is counted, for whoever sees it there."""
    refs = loaded(world)
    app = replace(world.app, engine=cast("Engine", FakeEngine(down=True)))
    assert example.remove(app, Route.CLI) == example.Removed(tuple(refs), len(refs))
    with world.app.sessions.reading() as s:
        assert cases.examples(s) == []


def test_a_person_reads_what_went_and_what_stays(world: World, capsys: Captured) -> None:
    """References, and that the roster is still the example's."""
    refs = [one.case for one in example.load(world.app)]
    assert run(["example", "remove", "--home", str(world.app.settings.home)]) == 0
    out = capsys.readouterr().out
    assert all(ref in out for ref in refs)
    assert "vigil roster import" in out
