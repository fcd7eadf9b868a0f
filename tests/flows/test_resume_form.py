"""The form behind Prefect's Resume button: an officer answers inside Prefect, and is heard exactly once."""

import json

import pytest
from prefect.input import RunInput
from pydantic import ValidationError

from policy.terms import Decision
from runtime import engine_form
from tests.flows.conftest import Stage
from tests.flows.world import Script, an_act


@pytest.mark.prefect
@pytest.mark.timeout(120)
def test_an_answer_in_prefect_is_heard_once(stage: Stage) -> None:
    """Resume asks for collar number and decision, refuses anything else, and the next pass hears it before it acts."""
    case = stage.a_case()
    stage.world.script(case, Script(due=[[an_act(case)]]))
    run_id = stage.start(case)
    stage.until(run_id, lambda s: s.waiting)
    for wrong in ({}, {"collar_number": "insp-a", "decision": "maybe"}, {"collar_number": "a b", "decision": "accept"}):
        refused = stage.ask("POST", f"flow_runs/{run_id}/resume", {"run_input": wrong})
        assert refused["status"] == "REJECT"
    typed = {"collar_number": "insp-a", "decision": "decline", "reason": "off duty"}
    assert stage.ask("POST", f"flow_runs/{run_id}/resume", {"run_input": typed})["status"] == "ACCEPT"
    assert stage.world.wait("answer", case) == ["insp-a decline off duty"]
    stage.world.wait("release", case, 2)
    stage.until(run_id, lambda s: s.waiting)
    stage.wake(run_id, "Deadline reached")
    stage.world.wait("release", case, 3)
    assert len(stage.world.said("answer", case)) == 1


@pytest.mark.prefect
@pytest.mark.timeout(120)
def test_each_pause_has_a_form_that_can_be_filled_in(stage: Stage) -> None:
    """A second answer, after a second pause, is heard as well."""
    case = stage.a_case()
    stage.world.script(case, Script())
    run_id = stage.start(case)
    for number, decision in enumerate(("acknowledge", "accept"), 1):
        stage.world.wait("release", case, number)
        stage.until(run_id, lambda s: s.waiting)
        stage.ask(
            "POST", f"flow_runs/{run_id}/resume", {"run_input": {"collar_number": "insp-a", "decision": decision}}
        )
        stage.world.wait("answer", case, number)
    assert stage.world.said("answer", case) == ["insp-a acknowledge ", "insp-a accept "]


def test_the_form_has_no_room_for_free_text() -> None:
    """What is typed stays in Prefect's database: every field is a closed list or a roster id."""
    for name, field in engine_form.SCHEMA["properties"].items():
        assert "enum" in field or field["pattern"], name
    assert engine_form.SCHEMA["properties"]["decision"]["enum"] == [d.value for d in Decision]
    assert engine_form.SCHEMA["additionalProperties"] is False


def test_prefect_reads_the_form_as_one_of_its_own() -> None:
    """The schema is what Prefect's own RunInput would have saved: the same fields, and the same ones required."""

    class Answer(RunInput):
        collar_number: str
        decision: Decision = Decision.ACKNOWLEDGE
        reason: str = engine_form.NO_REASON

    own = Answer.model_json_schema()
    assert own["required"] == engine_form.SCHEMA["required"]
    assert set(own["properties"]) == set(engine_form.SCHEMA["properties"])
    with pytest.raises(ValidationError):
        Answer.model_validate({"decision": "accept"})


@pytest.mark.parametrize(
    "typed",
    [
        None,
        {},
        {"collar_number": 7, "decision": "accept"},
        {"collar_number": "x" * 65, "decision": "accept"},
        {"collar_number": "insp-a", "decision": "shout"},
        {"collar_number": "insp-a", "decision": "decline", "reason": "free text"},
    ],
)
def test_what_is_not_of_the_form_is_not_an_answer(typed: object) -> None:
    """Prefect's API can be spoken to directly; what comes that way is checked again."""
    assert engine_form.read_answer("key", json.loads(json.dumps(typed))) is None
