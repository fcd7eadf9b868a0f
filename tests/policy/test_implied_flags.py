"""What a record says without a flag: a home reported it, or its text speaks of danger."""

import pytest

from policy.implied_flags import MOST, implied
from policy.terms import StepStatus
from tests.policy.night import Night

GRADE = "check_grade"


@pytest.mark.parametrize(
    "text",
    [
        "She said she was afraid to go home",
        "He is frightened of the men who came on Tuesday",
        "Told her sister that she is being HELD against her will",
        "Threatened by a former partner",
        "said that she would end her life",
        "Has taken an overdose before",
        "self-harm scars on both arms",
        "Left a goodbye note",
        "took a knife from the kitchen",
        "wants to die",
        "A previous suicide attempt",
    ],
)
def test_words_of_danger(text: str) -> None:
    """In either text, however they are written."""
    assert implied({"circumstances": text}) == {"risk_words"}
    assert implied({"risk_rationale": f"Out of character.\n{text}."}) == {"risk_words"}


@pytest.mark.parametrize(
    "text",
    ["Left home after school, phone off", "Went to the skilled trades fair", "Begun to stay out late", "", None, 7],
)
def test_other_words(text: object) -> None:
    """A part of a word is none, and what is no text says nothing."""
    assert implied({"circumstances": text}) == frozenset()


def test_a_text_without_end() -> None:
    """Only so much of it is looked at."""
    assert implied({"circumstances": "x " * MOST + "suicide"}) == frozenset()


@pytest.mark.parametrize("reporter", [{"kind": "home_staff"}, {"kind": " home_staff "}])
def test_a_home_reports(reporter: object) -> None:
    """The staff of a home are a home, whatever the flags say."""
    assert implied({"reporter": reporter}) == {"care_home_report"}


@pytest.mark.parametrize("reporter", [{"kind": "parent"}, {"kind": None}, {}, "home_staff", None])
def test_no_home_reports(reporter: object) -> None:
    """Anybody else is not one, nor is a record with a fault there."""
    assert implied({"reporter": reporter}) == frozenset()


def test_the_fim_is_asked_to_check_the_grade() -> None:
    """A fear that nobody passed on cost a life (W37): it is asked for by name, and no word of it leaves the record."""
    night = Night().report(circumstances="Rang a friend, afraid of being held", person={"name": "A", "age": 30})
    assert (night.step(GRADE).holder, night.due(GRADE)) == ("fim-1", "19:15")
    assert "held" not in str(night.case) + str(night.tells)
    said = {"fear": "afraid of being held, passed to insp-a", "reason": "high: somebody may hold him"}
    night.says("fim-1", "step_completed", step=GRADE, **said)
    assert night.step(GRADE).status is StepStatus.DONE


def test_a_risk_set_by_a_supervisor_checks_the_grade() -> None:
    """A constable's does not."""
    night = Night().report(circumstances="Threats were made")
    night.says("sgt-s", "risk_set", level="high", rationale="threats")
    assert night.step(GRADE).status is StepStatus.DONE


def test_no_words_no_check() -> None:
    """Most calls speak of none."""
    assert Night().report(circumstances="Late from school").case.step(GRADE) is None
