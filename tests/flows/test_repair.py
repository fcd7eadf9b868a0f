"""Whatever is done to a run in a real Prefect: the case has its run PAUSED again, and other runs never take it over."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from policy.case import Case
from policy.errors import Unknown
from policy.record_terms import AgeBand
from policy.terms import CaseStatus
from runtime import knock
from runtime.app import App
from runtime.clock import WallClock
from runtime.engine_state import RunState
from runtime.repair import Audit, end_the_dead
from runtime.timer import DEAD_AFTER, Timer
from store import cases, journal, wakes
from store.cases import Stored
from tests.flows.conftest import Stage
from tests.flows.world import Script, an_act
from tests.runtime.timer_world import NOW, world_in

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(180)]


@dataclass
class Watched:
    """A case's run in a real Prefect, with a timer and an audit over a store that knows the case."""

    stage: Stage
    app: App
    timer: Timer
    audit: Audit

    def a_case(self) -> tuple[str, str]:
        """Give a case that rests, and its run."""
        ref = self.stage.a_case()
        self.stage.world.script(ref, Script(due=[[an_act(ref)]]))
        case = Case(ref, "staffordshire", 1, "stoke", AgeBand.B18_24)
        with self.app.sessions() as s:
            cases.create(s, Stored(case, 1, "test", ref, NOW))
        run_id = self.stage.start(ref)
        with self.app.sessions() as s:
            wakes.set_run(s, ref, run_id, 1)
        self.stage.until(run_id, _rests)
        return ref, run_id

    def turn(self) -> None:
        """Audit, then let the timer look."""
        self.audit.look()
        self.timer.look()
        knock.knock(self.stage.home, "worker")

    def end(self) -> None:
        """End what hangs and nobody comes back to: for once at once, since no state here is old."""
        end_the_dead(self.app, self.stage.engine, timedelta(0))
        knock.knock(self.stage.home, "worker")

    def run_of(self, ref: str) -> str:
        """Give the run that the store has for a case."""
        with self.app.sessions.reading() as s:
            run_id = cases.load(s, ref).run_id
        assert run_id is not None
        return run_id

    def found(self, ref: str) -> list[object]:
        """Give what the journal says was found wrong with the runs of a case."""
        with self.app.sessions.reading() as s:
            return [line.body["found"] for line in journal.read(s, ref) if line.kind == "run_repaired"]


@pytest.fixture
def watched(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    """A timer and an audit at work on the real Prefect; a pass counts as dead at once."""
    for kind in DEAD_AFTER:
        monkeypatch.setitem(DEAD_AFTER, kind, DEAD_AFTER[kind] * 0)
    world = world_in(tmp_path)
    app = replace(world.timer.app, clock=WallClock())
    timer = Timer(app, stage.engine)
    yield Watched(stage, app, timer, Audit(app, stage.engine, timer.suspect))
    world.sessions.close()


def _rests(state: RunState) -> bool:
    return state.waiting and state.name.startswith("Awaiting ")


def _ended(state: RunState) -> bool:
    return state.type in ("COMPLETED", "FAILED")


def _state(watched: Watched, run_id: str) -> RunState:
    state = watched.stage.engine.state(run_id)
    assert state is not None
    return state


def _set(stage: Stage, run_id: str, kind: str, name: str | None = None) -> None:
    """Set a state as Prefect's pages do."""
    body = {"state": {"type": kind} | ({"name": name} if name else {}), "force": True}
    stage.ask("POST", f"flow_runs/{run_id}/set_state", body)


def _by_hand(stage: Stage, parameters: dict[str, Any]) -> str:
    """Run the deployment by hand."""
    deployment = stage.ask("GET", "deployments/name/missing-person/case")["id"]
    body = {"parameters": parameters, "state": {"type": "SCHEDULED"}, "enforce_parameter_schema": False}
    run_id: str = stage.ask("POST", f"deployments/{deployment}/create_flow_run", body)["id"]
    knock.knock(stage.home, "worker")
    return run_id


def test_a_run_that_was_deleted_is_followed_at_once(watched: Watched) -> None:
    """The next run rests under the name of what the case awaits; the audit then finds nothing more."""
    ref, run_id = watched.a_case()
    watched.stage.api.delete(f"flow_runs/{run_id}").raise_for_status()
    watched.turn()
    following = watched.run_of(ref)
    assert following != run_id
    watched.stage.until(following, _rests)
    watched.turn()
    assert watched.run_of(ref) == following
    assert watched.found(ref) == ["deleted"]
    assert watched.stage.world.said("deliver", ref) == ["Notify LOI"], "nobody is told twice"


DONE_TO_IT = (
    ("CANCELLED", None, "cancelled", True),
    ("CANCELLING", None, "cancelled", True),
    ("COMPLETED", None, "completed", True),
    ("FAILED", None, "failed", False),
    ("CRASHED", None, "crashed", False),
    ("PAUSED", "Suspended", "paused", False),
)


@pytest.mark.parametrize(("kind", "name", "found", "fresh"), DONE_TO_IT)
def test_a_run_set_by_hand_is_put_right(watched: Watched, kind: str, name: str | None, found: str, fresh: bool) -> None:
    """An end by hand is followed by the next run; anything else goes on in the same."""
    ref, run_id = watched.a_case()
    _set(watched.stage, run_id, kind, name)
    watched.turn()
    assert (watched.run_of(ref) != run_id) is fresh
    watched.stage.until(watched.run_of(ref), _rests)
    assert watched.found(ref) == [found]


def test_a_run_whose_pool_was_deleted_is_followed(watched: Watched) -> None:
    """Pool, queue and deployment are made again, and the case's run with them: the old one has no queue any more."""
    ref, run_id = watched.a_case()
    watched.stage.api.delete("work_pools/vigil").raise_for_status()
    watched.audit.mend()
    assert watched.stage.engine.ready()
    watched.turn()
    assert watched.run_of(ref) != run_id
    watched.stage.until(run_id, lambda state: state.type == "CANCELLED")
    assert watched.found(ref) == ["unqueued"]
    watched.stage.until(watched.run_of(ref), _rests)


SPOILT = (
    ("PATCH", "work_pools/vigil", {"is_paused": True}, "pool_paused"),
    ("PATCH", "work_pools/vigil", {"concurrency_limit": 0}, "pool_limited"),
    ("PATCH", "work_pools/vigil/queues/default", {"is_paused": True}, "queue_paused"),
    ("PATCH", "deployments/{}", {"paused": True}, "deployment_paused"),
    ("PATCH", "deployments/{}", {"concurrency_limit": 1}, "deployment_limited"),
    ("DELETE", "deployments/{}", None, "deployment_deleted"),
)


@pytest.mark.parametrize(("method", "path", "body", "found"), SPOILT)
def test_what_keeps_runs_from_being_handed_out_is_put_right(
    watched: Watched, method: str, path: str, body: object, found: str
) -> None:
    """A click on a pool, a queue or the deployment silences nobody; the journal says what was found."""
    deployment = watched.stage.ask("GET", "deployments/name/missing-person/case")["id"]
    watched.stage.api.request(method, path.format(deployment), json=body).raise_for_status()
    watched.audit.mend()
    assert watched.stage.engine.astray() is None
    with watched.app.sessions.reading() as s:
        assert [line.body["found"] for line in journal.read(s)] == [found]
    ref, run_id = watched.a_case()
    assert watched.run_of(ref) == run_id


def test_an_old_run_that_is_run_again_does_not_take_the_case_over(watched: Watched) -> None:
    """It does what is due and ends under the name of where the case goes on, which rests as before."""
    ref, old = watched.a_case()
    _set(watched.stage, old, "CANCELLED")
    watched.turn()
    now = watched.run_of(ref)
    watched.stage.until(now, _rests)
    watched.stage.world.runs[ref] = (now, 2)
    _set(watched.stage, old, "SCHEDULED", "AwaitingRetry")
    knock.knock(watched.stage.home, "worker")
    state = watched.stage.until(old, lambda state: state.type == "COMPLETED")
    assert state.name == f"The case goes on in {ref}/2"
    watched.turn()
    assert watched.run_of(ref) == now
    watched.stage.until(now, _rests)
    assert watched.found(ref) == ["cancelled"]


def test_a_run_made_by_hand_for_a_case_ends_beside_its_own(watched: Watched) -> None:
    """Whoever runs the deployment for a case that is carried has a look at it and changes nothing."""
    ref, own = watched.a_case()
    other = _by_hand(watched.stage, {"case": ref})
    state = watched.stage.until(other, lambda state: state.type == "COMPLETED")
    assert state.name == f"The case goes on in {ref}/1"
    watched.stage.until(own, _rests)
    watched.stage.world.script(ref, Script(closed=True))
    again = _by_hand(watched.stage, {"case": ref})
    closed = watched.stage.until(again, lambda state: state.type == "COMPLETED")
    assert closed.name == "Closed by duty_inspector insp-a"


@pytest.mark.parametrize("parameters", [{}, {"case": 5}, {"case": {"a": 1}}])
def test_a_run_made_by_hand_with_nonsense_fails_once(watched: Watched, parameters: dict[str, Any]) -> None:
    """It is not put back and rings nothing: it carries no case."""
    run_id = _by_hand(watched.stage, parameters)
    watched.stage.until(run_id, lambda state: state.type == "FAILED")
    case = str(parameters.get("case", ""))
    watched.stage.world.wait("failed", case)
    another, rests = watched.a_case()
    watched.stage.until(rests, _rests)
    watched.stage.until(run_id, lambda state: state.type == "FAILED")
    assert len(watched.stage.world.said("failed", case)) == 1, another


def test_a_run_made_by_hand_for_no_case_ends_and_says_so(watched: Watched) -> None:
    """COMPLETED at once, never left running."""
    nobody = "MP-1999-000001"
    watched.stage.world.script(nobody, Script(refusals=[Unknown("there is no such case")]))
    state = watched.stage.until(_by_hand(watched.stage, {"case": nobody}), lambda state: state.type == "COMPLETED")
    assert state.name == "No such case"


def test_after_two_hundred_passes_the_fresh_run_is_there_and_linked(watched: Watched) -> None:
    """The old run's message names the run in which the case rests from now on."""
    ref, old = watched.a_case()
    stage = watched.stage
    stage.world.script(ref, Script(passes=200))
    stage.world.renewed[ref] = Script()
    assert stage.wake(old, "Deadline reached")
    stage.until(old, lambda state: state.type == "COMPLETED")
    message = stage.ask("GET", f"flow_runs/{old}")["state"]["message"]
    start, _, link = message.partition(": ")
    assert start == f"The case goes on in {ref}/2"
    following = link.removeprefix("/runs/flow-run/")
    stage.until(following, _rests)
    assert stage.engine.start(ref, 2, ()) == following, "the timer gives the case the same run"


@pytest.mark.parametrize(
    ("kind", "ends", "found"),
    [("RUNNING", "COMPLETED", "stuck"), ("PENDING", "COMPLETED", "stuck"), ("CANCELLING", "CANCELLED", "cancelled")],
)
def test_the_run_of_a_closed_case_whose_pass_died_ends(watched: Watched, kind: str, ends: str, found: str) -> None:
    """Nobody looks at a closed case again, and its run is not left as if a pass were under way."""
    ref, run_id = watched.a_case()
    watched.stage.world.script(ref, Script(closed=True))
    with watched.app.sessions() as s:
        stored = cases.load(s, ref)
        cases.save(s, stored, replace(stored.case, status=CaseStatus.CLOSED), wake_at=None)
    for of_its_pass in ("RUNNING", kind):  # Prefect itself ends a run that rests and is cancelled
        _set(watched.stage, run_id, of_its_pass)
    watched.turn()
    assert _state(watched, run_id).type == kind, "the timer does not come for it"
    watched.end()
    watched.stage.until(run_id, lambda state: state.type == ends)
    watched.end()
    assert watched.found(ref) == [found]


@pytest.mark.parametrize("parameters", [None, {"case": 7}, {"case": {"b": 2}}])
def test_a_run_that_carries_no_case_and_whose_pass_died_ends(
    watched: Watched, parameters: dict[str, Any] | None
) -> None:
    """One made by hand beside the case's own, or with nonsense: the own run rests as before."""
    ref, own = watched.a_case()
    stray = _by_hand(watched.stage, {"case": ref} if parameters is None else parameters)
    watched.stage.until(stray, _ended)
    _set(watched.stage, stray, "RUNNING")
    before = _state(watched, own)
    watched.end()
    watched.stage.until(stray, _ended)
    assert _state(watched, own) == before
    assert watched.found(ref) == []
