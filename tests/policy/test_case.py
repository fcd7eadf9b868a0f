"""The case and its words: what it answers about itself, when a step applies at all, what the terms promise."""

from dataclasses import replace

import pytest

from policy.case import Case, Step
from policy.conditions import MEANS, holds
from policy.errors import Busy, Fault, Invalid
from policy.record_terms import MAX_AGE, AgeBand
from policy.terms import RANK_OF_ROLE, Condition, Kind, Rank, Risk, Role, Stage, StepStatus
from tests.policy.night import Night, at, pack

CASE = Case("MP-1", "staffordshire", 1, "stoke", AgeBand.B25_64)
IN_CARE = frozenset({"child_in_care"})
HOME = frozenset({"care_home_report", "likes_trains"})


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        (Condition.UNDER_18, {"age_band": AgeBand.B16_17}, {"age_band": AgeBand.B18_24}),
        (Condition.UNDER_18, {"age_band": AgeBand.UNKNOWN}, {"age_band": AgeBand.B65}),
        (Condition.ADULT, {"age_band": AgeBand.B18_24}, {"age_band": AgeBand.UNKNOWN}),
        (Condition.IN_CARE, {"flags": IN_CARE}, {"flags": HOME}),
        (Condition.CARE_HOME_REPORT, {"flags": HOME}, {"flags": IN_CARE}),
        (Condition.CONCERN_CALL, {"call_type": "concern_for_welfare"}, {"call_type": "missing"}),
        (Condition.CONCERN_CALL, {"call_type": "awol"}, {"call_type": "missing"}),
        (Condition.DEFECTIVE_RECORD, {"defective": True}, {"defective": False}),
    ],
)
def test_when_a_step_applies(condition: Condition, yes: dict[str, object], no: dict[str, object]) -> None:
    """Each word of the closed list."""
    assert holds([condition], replace(CASE, **yes))  # type: ignore[arg-type]  # the table mixes fields of several types
    assert not holds([condition], replace(CASE, **no))  # type: ignore[arg-type]  # as in the line above


def test_conditions_hold_together_and_every_word_means_something() -> None:
    """All of them, and none is always true."""
    child = replace(CASE, age_band=AgeBand.B5_9, flags=IN_CARE)
    assert holds([Condition.UNDER_18, Condition.IN_CARE], child)
    assert not holds([Condition.UNDER_18, Condition.CONCERN_CALL], child)
    assert holds([], CASE)
    assert set(MEANS) == set(Condition)


def test_a_defective_record_asks_the_fim_to_correct_it() -> None:
    """An hour; anybody on duty may do it; a sound record asks for nothing."""
    night = Night().report(area="atlantis")
    assert (night.step("correct_record").holder, night.due("correct_record")) == ("fim-1", "20:00")
    night.says("sgt-s", "step_completed", step="correct_record")
    assert night.step("correct_record").status is StepStatus.DONE
    assert Night().report().case.step("correct_record") is None


def test_what_the_record_itself_does_is_done() -> None:
    """Recorded in time, or late when the record came more than five minutes after the call."""
    assert Night().report().step("record_incident").status is StepStatus.DONE
    late = Night().report(reported_at="2026-01-10T18:55:00Z").step("record_incident")
    assert (late.status, late.done_by, late.done_at) == (StepStatus.DONE_LATE, "system", at("19:00"))


def test_what_the_record_does_before_its_anchor_is_known() -> None:
    """Done all the same, with no deadline to be late for."""
    step = '[steps.logged]\ntitle = "Logged"\nstage = "risk"\nkind = "task"\nanchor = "attended"\ndue = "1h"\n'
    rules = pack(
        more=f'{step}actor = "analyst"\ndone_by_record = true\nbasis = {{ rule = "CHOSEN", time = "CHOSEN" }}\n'
    )
    logged = Night(rules=rules).report().step("logged")
    assert (logged.status, logged.due_at) == (StepStatus.DONE, None)


def test_steps_by_occurrence() -> None:
    """The latest unless one is named."""
    case = CASE.with_step(Step("look")).with_step(Step("look", 2, StepStatus.OVERDUE)).with_step(Step("other"))
    assert [case.step("look"), case.step("look", 1), case.step("nothing")] == [case.steps[1], case.steps[0], None]
    assert case.overdue_steps() == (case.steps[1],)
    changed = case.with_step(Step("look", 1, StepStatus.DONE))
    assert [s.id for s in changed.steps] == [("look", 1), ("look", 2), ("other", 1)]
    assert [s.id for s in changed.live_steps()] == [("look", 2), ("other", 1)]


def test_levels_and_ranks_are_ordered_and_every_role_has_a_rank() -> None:
    """From very low to high, from staff to assistant chief constable."""
    assert [risk.weight for risk in (Risk.VERY_LOW, Risk.LOW, Risk.MEDIUM, Risk.HIGH)] == [0, 1, 2, 3]
    assert Rank.STAFF.weight < Rank.PC.weight < Rank.SERGEANT.weight < Rank.INSPECTOR.weight
    assert Rank.CHIEF_INSPECTOR.weight < Rank.SUPERINTENDENT.weight < Rank.CHIEF_SUPERINTENDENT.weight < Rank.ACC.weight
    assert set(RANK_OF_ROLE) == set(Role)
    assert [RANK_OF_ROLE[role] for role in (Role.ANALYST, Role.DUTY_INSPECTOR, Role.CHIEF_OFFICER)] == [
        Rank.STAFF,
        Rank.INSPECTOR,
        Rank.ACC,
    ]
    assert (len(Stage), Kind.SIGN_OFF) == (9, "sign_off")


@pytest.mark.parametrize("years", range(MAX_AGE + 1))
def test_every_age_has_one_band(years: int) -> None:
    """And 17 is the last of childhood."""
    assert AgeBand.of(years).is_child == (years < 18)


def test_errors_answer_as_the_api_does() -> None:
    """Fields by their names; how long to wait."""
    fault = Fault("area", "is missing", "name it")
    assert fault.as_dict() == {"field": "area", "message": "is missing", "remedy": "name it"}
    assert str(Invalid("the report", [fault])) == "the report: area: is missing"
    assert (Busy("held").retry_after_s, str(Busy("held", retry_after_s=5))) == (1, "held")
