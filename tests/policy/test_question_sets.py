"""Sets of questions belong to a pack's revision; what a contract-conform fact lacks of them never refuses it."""

from policy.terms import StepStatus
from tests.policy.night import ASSESS, Night, pack

OWN = {"level", "rationale", "source", "obtained_at"}


def test_the_call_taker_has_ten_questions() -> None:
    """Beside level, reason and source; their words are said to be chosen, for no source gives them."""
    rule = pack("staffordshire").steps[ASSESS]
    questions = [field for field in rule.evidence if field.name not in OWN]
    assert len(questions) == 10
    assert all(field.title.endswith("?") and not field.required for field in questions)
    assert {field.name for field in rule.evidence if field not in questions} == OWN
    assert "CHOSEN" in rule.guidance


def test_level_and_reason_alone_are_an_assessment() -> None:
    """A fact as the contract has it, without one answer."""
    night = Night().report(risk=None).says("crs-1", "risk_set", level="medium", rationale="Out of character")
    assert night.step(ASSESS).status is StepStatus.DONE


def test_the_answers_stay_with_the_step_and_in_the_journal() -> None:
    """Also what no form has asked for: nothing that was said is lost."""
    said = {"level": "medium", "rationale": "Afraid", "afraid_of": "her stepfather", "shoe_size": "38"}
    night = Night().report(risk=None).says("crs-1", "risk_set", **said)
    assert dict(night.step(ASSESS).evidence) == said
    (fact,) = [entry.body["evidence"] for entry in night.entries if entry.kind == "fact"]
    assert fact == said
