"""The time that somebody sets, and the forms that say what was done: a tick is not evidence."""

import pytest

from policy.errors import Invalid, Refused
from policy.terms import StepStatus
from tests.policy.night import Night, only, round_the_clock

SET_TIME, AT_SET = "set_review_time", "review_at_set_time"
FORM = """
[steps.form]
title = "A form"
stage = "respond"
kind = "task"
anchor = "call_received"
due = "2h"
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
evidence = [
  { name = "what", title = "What was done", help = "say it in your own words" },
  { name = "rooms", title = "Rooms", type = "number", required = false },
  { name = "all", title = "All of them", type = "yes_no", required = false },
  { name = "where", title = "Where", type = "choice", choices = ["house", "garden"], required = false },
  { name = "when", title = "When", type = "instant", required = false },
]
"""


def night_of(*keys: str, more: str = "", **fields: object) -> Night:
    """Open the standard case, medium, under some steps alone, with people on duty round the clock."""
    return Night(round_the_clock(), only(*keys, more=more)).report(**fields)


def test_the_time_that_is_set_is_when_the_decisions_are_reviewed() -> None:
    """Asked an hour before, overdue at the very minute; a later word moves it while it is not overdue."""
    night = night_of(SET_TIME, AT_SET).says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T22:00:00Z")
    assert (night.dues(AT_SET), night.until("21:00").heard("insp-a", AT_SET)) == (["10 22:00"], ["21:00 task"])
    assert night.until("22:00").breaches(AT_SET) == ["1 10 22:00 insp-a"]
    night.until("22:10").says("fim-1", "risk_set", level="high", rationale="hurt")
    night.says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T23:00:00Z")
    assert night.dues(AT_SET) == ["10 22:00"]
    night.says("insp-a", "reviewed", step=AT_SET, decision="go on", rationale="x")
    assert night.dues(AT_SET) == ["10 22:00", "10 23:00"]


def test_a_time_that_is_set_again_moves_the_review() -> None:
    """Raised at eight: reviewed at nine and not at ten."""
    night = night_of(SET_TIME, AT_SET).says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T22:00:00Z")
    night.until("20:00").says("fim-1", "risk_set", level="high", rationale="hurt")
    night.says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T21:00:00Z")
    assert (night.dues(AT_SET), night.statuses(AT_SET)) == (["10 21:00"], ["open"])


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("2026-01-10T19:00:00Z", "does not lie ahead"),
        ("2025-01-10T19:00:00Z", "does not lie ahead"),
        ("tomorrow", "is no instant"),
        ("2026-01-11T19:00:00", "is no instant"),
    ],
)
def test_a_time_that_is_set_lies_ahead(value: str, fault: str) -> None:
    """Nobody sets a review for yesterday."""
    with pytest.raises(Invalid) as refusal:
        night_of(SET_TIME).says("fim-1", "step_completed", step=SET_TIME, review_at=value)
    (found,) = refusal.value.faults
    assert (found.field, fault in found.message) == ("evidence.review_at", True)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("rooms", [3, "3", 2.5], ["many", True]),
        ("all", [True, False, "Yes", "no"], ["perhaps", 3]),
        ("where", ["house"], ["attic", 3]),
        ("filled", ["2026-01-10T19:00:00Z"], ["19:00", 3]),
    ],
)
def test_each_field_takes_what_it_is_for(field: str, good: list[object], bad: list[object]) -> None:
    """A number, yes or no, a word of the list, an instant; the fault names field and remedy."""
    more = FORM.replace('"when"', '"filled"')
    for value in good:
        night = night_of("form", more=more).says("sgt-s", "step_completed", step="form", what="x", **{field: value})
        assert night.step("form").status is StepStatus.DONE
    for value in bad:
        with pytest.raises(Invalid) as refusal:
            night_of("form", more=more).says("sgt-s", "step_completed", step="form", what="x", **{field: value})
        (fault,) = refusal.value.faults
        assert (fault.field, bool(fault.remedy)) == (f"evidence.{field}", True)


def test_the_form_says_what_is_missing_in_the_packs_words() -> None:
    """The help of the field, where it has one."""
    with pytest.raises(Refused) as refusal:
        night_of("form", more=FORM).says("sgt-s", "step_completed", step="form")
    assert [(lack.what, lack.why) for lack in refusal.value.missing] == [("what", "say it in your own words")]
