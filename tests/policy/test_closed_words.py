"""What is said of a closed case: that no one works on it, who has been told, and that a matter of life comes first."""

from dataclasses import replace

import pytest

from policy.closed_words import closed_case
from policy.terms import AlarmKey, MessageType, StepStatus
from policy.vital import asked_of, code_of
from tests.policy.closing_time import CONTACT, closed, looked_after
from tests.policy.night import Night, at

NEWS = {"summary": "she needs her insulin", "source": "her mother"}
FIRST = "CLOSED - no one is working on this."
MEDICAL = "The information is medical, severity high: check the risk first"


def says(night: Night) -> str:
    """What the caller's side is told."""
    truth = closed_case(night.case, night.pack, night.now)
    assert truth is not None
    return truth.says


def test_an_open_case_says_nothing_of_the_sort() -> None:
    """Somebody is working on it."""
    night = looked_after()
    assert closed_case(night.case, night.pack, night.now) is None


def test_a_closed_case_says_so() -> None:
    """And that what is known still reaches a person."""
    said = says(closed())
    assert said.startswith(FIRST)
    assert "new information" in said


def test_who_has_been_told_and_until_when() -> None:
    """By name, role and time; when the deadline has passed, that it has, and who was told since."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS)
    truth = closed_case(night.case, night.pack, night.now)
    assert truth is not None
    assert (truth.told, truth.decides_by) == (("insp-a",), at("22:30"))
    due = "The decision whether to reopen it is due by 22:30."
    assert truth.says == f"{FIRST} Told: insp-a (LOI) at 22:00. {due}"
    night.until("23:00")
    assert "insp-a (LOI) at 22:3" in says(night) or "insp-a (LOI) at 22:00" in says(night)
    assert "fim-1 (Force Incident Manager) at 23:00" in says(night)
    assert "was due by 22:30" in says(night)


def test_nobody_could_be_told() -> None:
    """An empty roster is said as it is."""
    night = closed().until("22:00")
    night.roster = type(night.roster)((), night.roster.known)
    assert "Nobody could be told yet" in says(night.says("her mother", "new_information", **NEWS))


def test_that_it_stays_closed_was_decided() -> None:
    """By whom and when; a decision from before another closure says nothing about this one."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS).until("22:10")
    night.says("insp-a", "step_completed", step=CONTACT, reason="seen since, with her insulin")
    assert says(night).startswith(f"{FIRST} insp-a decided at 22:10 that it stays closed.")


# --- a matter of life


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ({}, ""),
        ({"category": "sighting", "severity": "high"}, ""),
        ({"category": "medical"}, "The information is medical: check the risk first"),
        (
            {"category": " Medical ", "severity": "HIGH"},
            "The information is medical, severity high: check the risk first",
        ),
        ({"category": "self_harm", "severity": "she said so"}, "The information is of self-harm: check the risk first"),
    ],
)
def test_what_is_said_of_a_code(evidence: dict[str, object], said: str) -> None:
    """From closed lists alone: what somebody has written freely never goes into a message."""
    assert asked_of(evidence) == said
    assert asked_of(code_of(evidence)) == said


def test_medical_information_is_said_in_what_is_asked() -> None:
    """Whoever decides on the closed case reads first that the risk is to be checked; so does the alarm."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS, category="medical", severity="high")
    asked = [ask.text for ask in night.message("insp-a", MessageType.TASK).asks if ask.step == CONTACT]
    assert asked == [f"{night.pack.steps[CONTACT].ask}. {MEDICAL}"]
    assert night.rang(AlarmKey.CLOSED_CASE_CONTACT) == ["new_information (medical) at 22:00:00 on 10 Jan 2026"]
    assert dict(night.step(CONTACT).evidence) == {"category": "medical", "severity": "high"}


def test_medical_information_that_comes_while_somebody_decides() -> None:
    """They hear of it at once, once; the decision is still one."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS).until("22:05").forget()
    night.says("her mother", "new_information", **NEWS, category="medical")
    told = night.message("insp-a", MessageType.TASK)
    assert [ask.text for ask in told.asks] == ["The information is medical: check the risk first"]
    assert night.forget().says("her GP", "new_information", **NEWS, category="medical").tells == []
    assert night.statuses(CONTACT) == ["open"]


def test_medical_information_after_a_decision_asks_again() -> None:
    """A new decision, of the information that came since; the answered one stays as it was."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS).until("22:10")
    night.says("insp-a", "step_completed", step=CONTACT, reason="seen since").until("22:20").forget()
    night.says("her GP", "new_information", **NEWS, category="self_harm")
    assert night.statuses(CONTACT) == ["done", "open"]
    assert "of self-harm" in night.message("insp-a", MessageType.TASK).asks[0].text
    assert night.step(CONTACT).status is StepStatus.OPEN


def test_a_case_from_before_the_step_was_in_its_pack() -> None:
    """The decision is asked for by the first contact."""
    night = closed().until("22:00")
    night.case = replace(night.case, steps=tuple(step for step in night.case.steps if step.key != CONTACT))
    night.says("her mother", "new_information", **NEWS, category="medical")
    assert "medical" in night.message("insp-a", MessageType.TASK).asks[0].text
