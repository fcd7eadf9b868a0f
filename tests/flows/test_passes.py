"""A pass as a supervisor sees it in Prefect: what was done in the timeline, then a run that waits under its name."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from policy.errors import Busy, Permanent, Transient
from policy.terms import Stage as Step
from runtime.engine import Engine
from runtime.engine_state import RunState
from tests.flows.conftest import Stage
from tests.flows.world import Script, an_act

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(120)]


def test_a_pass_performs_what_is_due_and_waits_under_the_name_of_what_it_awaits(stage: Stage) -> None:
    """Acts become task runs under their titles, in the order of the procedure; the run is PAUSED without end."""
    case = stage.a_case()
    climb = an_act(case, Step.ESCALATE, "Escalate to Force Incident Manager")
    stage.world.script(case, Script(due=[[climb, an_act(case)], [an_act(case, Step.REVIEW, "Sergeant review 3")]]))
    run_id = stage.start(case)
    state = stage.until(run_id, lambda s: s.waiting)
    assert state.name == "Awaiting LOI acknowledgement by 19:10"
    titles = [run["name"] for run in stage.task_runs(run_id, 3)]
    assert titles == ["Notify LOI", "Escalate to Force Incident Manager", "Sergeant review 3"]
    assert len(set(stage.world.said("advance", case))) == 1, "one pass, one holder of the lease"
    run = stage.ask("GET", f"flow_runs/{run_id}")
    assert run["name"].startswith(case)
    assert set(run["tags"]) == {"risk:medium", "area:stoke"}
    assert run["state"]["message"].startswith("At 19:10")
    assert run["state"]["state_details"]["pause_timeout"] is None
    agenda = stage.ask("GET", f"artifacts/agenda-{case.lower()}/latest")
    assert agenda["data"].splitlines()[0] == "At 19:10 the Force Incident Manager sees it as overdue."


def test_acts_of_one_stage_go_out_together(stage: Stage) -> None:
    """Two acts of a stage are two task runs of the same pass."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case), an_act(case, title="Notify sergeant")]]))
    run_id = stage.start(case)
    assert {run["name"] for run in stage.task_runs(run_id, 2)} == {"Notify LOI", "Notify sergeant"}


def test_a_woken_run_goes_on_under_the_same_id(stage: Stage) -> None:
    """A wake is a new pass of the same run; only a paused run can be woken."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case)], [], [an_act(case, title="Remind LOI 1")]]))
    run_id = stage.start(case)
    stage.until(run_id, lambda s: s.waiting)
    assert stage.wake(run_id, "Deadline reached")
    stage.world.wait("release", case, 2)
    assert [run["name"] for run in stage.task_runs(run_id, 2)] == ["Notify LOI", "Remind LOI 1"]
    assert len(set(stage.world.said("advance", case))) == 2
    stage.until(run_id, lambda s: s.waiting)


def test_a_run_keeps_the_name_of_each_thing_that_it_awaited(stage: Stage) -> None:
    """Whoever looks at the run sees what it awaits now; in its history stands what it awaited before, in order."""
    names = [f"Awaiting {what} by 19:30" for what in ("LOI acknowledgement", "STORM entry", "a named owner")]
    case = stage.a_case()
    stage.world.script(case, Script(awaits=[*names]))
    run_id = stage.start(case)
    for number, name in enumerate(names, 1):
        assert stage.until(run_id, _rests_as(name)).type == "PAUSED"
        stage.world.wait("release", case, number)
        if name != names[-1]:
            assert stage.wake(run_id, "Fact arrived")
    states = stage.ask("GET", f"flow_run_states/?flow_run_id={run_id}")
    states.sort(key=lambda state: state["timestamp"])
    assert [state["name"] for state in states if state["type"] == "PAUSED"] == names


def test_a_closed_case_that_is_heard_of_waits_in_a_fresh_run(stage: Stage) -> None:
    """The run of the closure stays COMPLETED under the name of who signed; the next one waits for a decision."""
    case = stage.a_case()
    stage.world.script(case, Script(closed=True))
    signed = stage.start(case)
    stage.until(signed, lambda s: s.type == "COMPLETED")
    stage.world.script(case, Script(awaits=["Awaiting decision on a closed case by 16:30"]))
    heard = stage.start(case, 2)
    assert stage.until(heard, lambda s: s.waiting).name == "Awaiting decision on a closed case by 16:30"
    assert stage.until(signed, lambda s: s.over).name == "Closed by duty_inspector insp-a"


def test_the_same_case_and_number_is_the_same_run(stage: Stage) -> None:
    """Whoever starts a run a second time gets the first; a cancelled run is over, and the next number goes on."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case)]]))
    run_id = stage.start(case)
    stage.until(run_id, lambda s: s.waiting)
    assert stage.start(case) == run_id
    stage.ask("POST", f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING"}})
    assert stage.until(run_id, lambda s: s.over).type == "CANCELLED"
    assert not stage.engine.wake(run_id, "Deadline reached")
    following = stage.start(case, 2)
    assert following != run_id
    stage.until(following, lambda s: s.waiting)


def test_what_comes_during_a_pass_is_not_lost(stage: Stage) -> None:
    """When something came meanwhile the run does not rest: it goes round again at once."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case)], [], [an_act(case, title="Cancel LOI")]], changes=[True]))
    run_id = stage.start(case)
    assert [run["name"] for run in stage.task_runs(run_id, 2)] == ["Notify LOI", "Cancel LOI"]
    stage.world.wait("release", case, 2)
    stage.until(run_id, lambda s: s.waiting)


def test_a_closed_case_completes_its_run_under_the_name_of_who_signed(stage: Stage) -> None:
    """COMPLETED, with the role and roster id of who signed; the lease is free."""
    case = stage.a_case()
    stage.world.script(case, Script(closed=True))
    run_id = stage.start(case)
    assert stage.until(run_id, lambda s: s.type == "COMPLETED").name == "Closed by duty_inspector insp-a"
    assert stage.world.said("release", case)


def test_a_message_that_the_world_did_not_take_is_tried_again(stage: Stage) -> None:
    """A transient failure is one task run with a retry, no red line and nothing given up."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case)]], deliveries=[Transient("503")]))
    run_id = stage.start(case)
    stage.world.wait("deliver", case, 2)
    stage.until(run_id, lambda s: s.waiting)
    assert [run["state_type"] for run in stage.task_runs(run_id, 1)] == ["COMPLETED"]
    assert not stage.world.said("give_up", case)
    assert not _red_lines(stage, run_id)


def test_an_act_that_fails_for_good_is_given_up_and_the_pass_goes_on(stage: Stage) -> None:
    """What trying again cannot help is not tried again; the task run is red, the flow is not."""
    case = stage.a_case()
    later = an_act(case, Step.ESCALATE, "Escalate to Force Incident Manager")
    stage.world.script(case, Script(due=[[an_act(case), later]], deliveries=[Permanent("410")]))
    run_id = stage.start(case)
    stage.until(run_id, lambda s: s.waiting)
    assert [run["state_type"] for run in stage.task_runs(run_id, 2)] == ["FAILED", "COMPLETED"]
    assert stage.world.said("deliver", case) == ["Notify LOI", "Escalate to Force Incident Manager"]
    assert stage.world.said("give_up", case) == ["Notify LOI"]


def test_a_pass_without_the_lease_leaves_quietly(stage: Stage) -> None:
    """It says nothing, does nothing, and leaves the state of the run as it is."""
    case = stage.a_case()
    stage.world.script(case, Script(refusals=[Busy("held by another pass")]))
    run_id = stage.start(case)
    stage.world.wait("advance", case)
    assert stage.until(run_id, lambda s: s.passing).type == "RUNNING"
    stage.engine.put_back(run_id, "Pass put back")
    stage.until(run_id, lambda s: s.waiting)
    assert not _red_lines(stage, run_id)
    assert not stage.world.said("failed", case)


def test_a_pass_that_found_the_store_busy_keeps_no_lease(stage: Stage) -> None:
    """Busy says a lock timed out as well, with the case already ours: it is given back, for nobody works on it."""
    case = stage.a_case()
    stage.world.script(case, Script(refusals=[Busy("the store is busy")]))
    run_id = stage.start(case)
    assert stage.world.wait("release", case) == stage.world.said("advance", case), "by the same holder's name"
    stage.engine.put_back(run_id, "Pass put back")
    stage.until(run_id, lambda s: s.waiting)


def test_no_error_ends_a_case(stage: Stage) -> None:
    """An error that gets out of a pass rings, and the run is in the queue again for a little later."""
    case = stage.a_case()
    stage.world.script(case, Script(refusals=[ValueError("a fault of ours")]))
    run_id = stage.start(case)
    assert stage.world.wait("failed", case) == ["ValueError"]
    state = stage.until(run_id, lambda s: s.offered and s.name == "Put back after an error")
    assert state.scheduled_at is not None
    stage.engine.put_back(run_id, "Pass put back")
    stage.world.wait("recovered", case)
    stage.until(run_id, lambda s: s.waiting)


def test_a_pass_that_prefect_fails_gives_the_case_back_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's own engine may try for a minute to tell its server; the watchdog must not wait for it."""
    case, agenda, failing = stage.a_case(), Engine.agenda, [True]

    def fails(self: Engine, *args: str) -> None:
        if failing and args[0] == case:
            failing.clear()
            raise Transient("Prefect does not answer")
        agenda(self, *args)

    monkeypatch.setattr(Engine, "agenda", fails)
    stage.world.script(case, Script(due=[[an_act(case)]]))
    run_id = stage.start(case)
    assert stage.world.wait("failed", case) == ["Transient"]
    assert len(stage.world.said("release", case)) == 1
    stage.engine.put_back(run_id, "Pass put back")
    stage.until(run_id, lambda s: s.waiting)


def test_a_dead_pass_leaves_no_task_run_that_seems_to_run(stage: Stage) -> None:
    """Putting a run back crashes the task runs that died with its pass."""
    case = stage.a_case()
    stage.world.script(case, Script())
    run_id = stage.start(case)
    stage.until(run_id, lambda s: s.waiting)
    body = {"flow_run_id": run_id, "task_key": "t", "dynamic_key": "0", "name": "Died", "state": {"type": "RUNNING"}}
    stage.ask("POST", "task_runs/", body)
    stage.engine.put_back(run_id, "Pass put back")
    assert [run["state_type"] for run in stage.task_runs(run_id, 1)] == ["CRASHED"]


def test_many_reports_at_once_are_all_told_high_risk_first(stage: Stage) -> None:
    """Twenty-four runs created by eight hands: none is refused, and the high ones do not queue behind the others."""
    cases = [stage.a_case() for _ in range(24)]
    for case in cases:
        stage.world.script(case, Script(due=[[an_act(case)]]))
    high = cases[-4:]

    def start(case: str) -> str:
        return stage.engine.start(case, 1, ["risk:high" if case in high else "risk:medium"])

    with ThreadPoolExecutor(8) as hands:
        runs = list(hands.map(start, cases))
    stage.start(cases[0])
    for run_id in runs:
        stage.until(run_id, lambda s: s.waiting)
    told = [case for case in stage.world.order("deliver") if case in cases]
    assert sorted(told) == sorted(cases)
    assert max(told.index(case) for case in high) < 16


def _red_lines(stage: Stage, run_id: str) -> list[str]:
    query = {"logs": {"flow_run_id": {"any_": [run_id]}, "level": {"ge_": 40}}}
    return [line["message"] for line in stage.ask("POST", "logs/filter", query)]


def _rests_as(name: str) -> Callable[[RunState], bool]:
    """Tell whether a run rests under this name."""
    return lambda state: state.waiting and state.name == name
