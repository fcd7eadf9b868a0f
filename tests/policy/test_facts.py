"""The grammar of facts: what each kind needs, and that every fault is named at once (contract section 5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.errors import Fault, Invalid
from policy.facts import INFORMATION, NEEDS_STEP, OF_NOW, REQUIRED, Fact, is_blank, read_fact
from policy.terms import FactKind
from tests.policy.night import at

K = FactKind
FILLED = {
    "level": "high",
    "wellbeing": "safe",
    "at": "2026-01-10T18:00:00Z",
    "next_review_at": "2026-02-10T18:00:00Z",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def evidence_for(kind: FactKind) -> dict[str, object]:
    """Give what a kind of fact needs, filled in."""
    return {name: FILLED.get(name, "something") for name in REQUIRED.get(kind, ())}


def a_fact(kind: FactKind, **fields: object) -> dict[str, object]:
    """Give a complete fact of a kind."""
    step = {"step": "record_incident"} if kind in NEEDS_STEP else {}
    return {"kind": kind.value, "by": "insp-a", "evidence": evidence_for(kind), **step, **fields}


def faults_of(raw: object) -> dict[str, str]:
    """Read a fact that has faults; give them by field."""
    with pytest.raises(Invalid) as refusal:
        read_fact(raw)
    assert all(fault.remedy for fault in refusal.value.faults)
    return {fault.field: fault.message for fault in refusal.value.faults}


@pytest.mark.parametrize("kind", K)
def test_each_kind_is_read_when_it_has_what_it_needs(kind: FactKind) -> None:
    """Kind, person, step, time and evidence come out as they were given; information knows that it is."""
    fact = read_fact(a_fact(kind, at="2026-01-10T19:00:00+01:00"))
    assert (fact.kind, fact.by, fact.evidence) == (kind, "insp-a", evidence_for(kind))
    assert fact.at == (None if kind in OF_NOW else at("18:00"))
    assert fact.is_information == (kind in INFORMATION)


@pytest.mark.parametrize("kind", REQUIRED)
@pytest.mark.parametrize("blank", [None, "", "   ", [], {}])
def test_each_required_piece_is_missed_by_name(kind: FactKind, blank: object) -> None:
    """All that is missing is said at once; a field filled with blanks is not filled in."""
    faults = faults_of(a_fact(kind, evidence=dict.fromkeys(REQUIRED[kind], blank)))
    assert set(faults) == {f"evidence.{name}" for name in REQUIRED[kind]}


@pytest.mark.parametrize("kind", sorted(NEEDS_STEP))
def test_some_facts_name_their_step(kind: FactKind) -> None:
    """Which step was done is never guessed."""
    assert faults_of(a_fact(kind, step=None)) == {"step": "is missing"}


@pytest.mark.parametrize(
    ("kind", "evidence", "field", "message"),
    [
        (K.RISK_SET, {"level": "huge"}, "evidence.level", "is not a word of the list"),
        (K.RISK_SET, {"level": ["high"]}, "evidence.level", "is not a word of the list"),
        (K.VERIFIED_SEEN, {"wellbeing": "fine"}, "evidence.wellbeing", "is not a word of the list"),
        (K.CLOSURE_REQUESTED, {"reason": "tired"}, "evidence.reason", "is not a word of the list"),
        (K.RETURNED, {"at": "tonight"}, "evidence.at", "is no instant"),
        (K.RETURNED, {"at": 1768071600}, "evidence.at", "is no instant"),
        (K.INACTIVE_REQUESTED, {"next_review_at": "2026-02-10"}, "evidence.next_review_at", "is no instant"),
    ],
)
def test_a_wrong_word_is_named(kind: FactKind, evidence: dict[str, object], field: str, message: str) -> None:
    """The fault says what was written, the remedy what may be."""
    faults = faults_of(a_fact(kind, evidence={**evidence_for(kind), **evidence}))
    assert list(faults) == [field]
    assert message in faults[field]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (None, "body"),
        ([], "body"),
        ({"kind": "note"}, "by"),
        ({"by": "insp-a"}, "kind"),
        ({"kind": "gossip", "by": "insp-a"}, "kind"),
        ({"kind": "note", "by": ""}, "by"),
        ({"kind": "note", "by": "insp-a", "occurrence": 0}, "occurrence"),
        ({"kind": "note", "by": "insp-a", "colour": "blue"}, "colour"),
        ({"kind": "note", "by": "insp-a", "at": "2026-01-10T19:00:00"}, "at"),
        ({"kind": "note", "by": "insp-a", "at": "0001-01-01T00:00:00+05:00"}, "at"),
        ({"kind": "note", "by": "insp-a", "evidence": []}, "evidence"),
    ],
)
def test_a_fact_of_the_wrong_form_is_explained(raw: object, field: str) -> None:
    """Each field that is wrong is named."""
    assert field in faults_of(raw)


def test_faults_speak_plainly() -> None:
    """No word of the library that found them."""
    assert faults_of({"kind": "note", "by": "insp-a", "at": "1800-01-01T00:00:00Z"}) == {
        "at": "is not an instant of our time"
    }


@pytest.mark.parametrize(("value", "blank"), [(0, False), (False, False), ("x", False), (" \t", True), (None, True)])
def test_no_is_an_answer_and_a_blank_is_not(value: object, blank: bool) -> None:
    """0 and `false` say something."""
    assert is_blank(value) is blank


def test_evidence_is_read_as_text() -> None:
    """What is missing reads as empty."""
    fact = read_fact(a_fact(K.NOTE, evidence={"text": " said ", "n": 5}))
    assert (fact.text("text"), fact.text("n"), fact.text("other")) == ("said", "5", "")


FIELDS = ("kind", "by", "step", "at", "occurrence", "evidence")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)) | JSON)
def test_reading_a_fact_raises_nothing_but_invalid(raw: object) -> None:
    """Whatever is sent, it is a fact or a list of faults."""
    assert read_or_faults(raw)


@given(kind=st.sampled_from(list(K)), evidence=st.dictionaries(st.sampled_from([*FILLED, "reason", "text"]), JSON))
def test_reading_evidence_raises_nothing_but_invalid(kind: FactKind, evidence: dict[str, object]) -> None:
    """Any JSON may stand under evidence; what is wrong with it is named there."""
    read = read_or_faults(a_fact(kind, evidence={**evidence_for(kind), **evidence}))
    assert isinstance(read, Fact) or all(fault.field.startswith("evidence.") for fault in read)


def read_or_faults(raw: object) -> Fact | tuple[Fault, ...]:
    """Read a fact, or give what is wrong with it."""
    try:
        return read_fact(raw)
    except Invalid as refusal:
        return refusal.faults
