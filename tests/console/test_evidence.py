"""Evidence forms as such: for every step of the shipped packs, what is drawn, what is missing, what is read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.evidence import filled
from console.evidence.fields import fields_of
from console.evidence.forms import Form, Forms
from console.evidence.may import May, Speaker
from policy.case import Case, Step
from policy.facts import REQUIRED, read_fact
from policy.pack import Evidence, Pack
from policy.record_terms import AgeBand
from policy.roster import Roster
from policy.terms import FactKind, Kind, Risk, StepStatus
from store.packs import load_packs

NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
PACKS = load_packs(None)
STEPS = [
    (name, key) for name, pack in PACKS.items() for key, rule in pack.steps.items() if rule.kind is not Kind.PERIODIC
]
SAMPLE = {
    "instant": "2026-01-10T18:30",
    "number": "3",
    "yes_no": "yes",
    "person": "insp-a",
    "spaces": "Kitchen: searched",
}


def forms_of(pack: Pack, key: str) -> tuple[Form, ...]:
    """The forms of one open step of a case."""
    case = Case("MP-2026-000001", pack.name, 1, "stoke", AgeBand("25-64"), Risk.HIGH)
    case = replace(case, steps=(Step(key, due_at=NOW, status=StepStatus.OPEN),))
    (one,) = Forms(May(case, pack, Roster(), NOW, Speaker("insp-a"))).steps()
    return one.forms


def sample(field: Evidence) -> str:
    """Something that a person might write into a field."""
    return field.choices[0] if field.choices else SAMPLE.get(field.type, "12 Elm Road, seen by the officer")


@pytest.mark.parametrize(("pack", "key"), STEPS)
def test_every_step_has_forms_that_make_its_facts(pack: str, key: str) -> None:
    """Each way to do a step is a form; filled in it is a fact that the grammar takes, with no field lost."""
    rule = PACKS[pack].steps[key]
    forms = forms_of(PACKS[pack], key)
    offered = {form.kind for form in forms}
    assert set(rule.done_by) - offered <= {FactKind.STEP_COMPLETED}, "a review says all that a tick would"
    for form in forms:
        posted = {f"f-{field.name}": sample(field) for field in form.fields}
        read = filled.read(form, posted, "insp-a", NOW)
        assert read.faults == ()
        fact = read_fact(read.raw)
        assert (fact.kind, fact.step, fact.by) == (form.kind, key, "insp-a")
        assert set(fact.evidence) - {"complete"} == {field.name for field in form.fields}


@pytest.mark.parametrize(("pack", "key"), STEPS)
def test_every_empty_form_names_each_field_that_it_lacks(pack: str, key: str) -> None:
    """What is mandatory for the step or its fact is named field by field, and nothing else is."""
    for form in forms_of(PACKS[pack], key):
        read = filled.read(form, {}, "insp-a", NOW)
        lacking = {fault.field.removeprefix("evidence.") for fault in read.faults}
        assert lacking == {field.name for field in form.fields if field.required}
        assert set(REQUIRED.get(form.kind, ())) <= lacking


@pytest.mark.parametrize("kind", list(FactKind))
def test_every_kind_of_fact_can_be_drawn(kind: FactKind) -> None:
    """No fact asks for something that a form of its kind does not draw."""
    assert set(REQUIRED.get(kind, ())) <= {field.name for field in fields_of(kind) if field.required}


def test_what_is_not_complete_may_be_kept() -> None:
    """`Save what I have` sends what is there with complete: false; the mandatory rest is not asked for yet."""
    (form, *_) = forms_of(PACKS["staffordshire"], "search_home")
    read = filled.read(form, {"f-loft": "searched", "button": filled.KEEP}, "sgt-s", NOW)
    assert read.faults == ()
    assert read.raw["evidence"] == {"loft": "searched", "complete": False}


@pytest.mark.parametrize(
    ("text", "ahead", "at"),
    [
        ("2026-01-10T18:30", False, "2026-01-10T18:30:00Z"),
        ("2026-07-01T18:30", False, "2026-07-01T17:30:00Z"),  # summer: local time is an hour ahead
        ("2026-01-10T18:30:00+01:00", False, "2026-01-10T17:30:00Z"),
        ("18:30", False, "2026-01-10T18:30:00Z"),
        ("23.10", False, "2026-01-09T23:10:00Z"),  # not yet today: it was yesterday
        ("23:10", True, "2026-01-10T23:10:00Z"),
        ("18:30", True, "2026-01-11T18:30:00Z"),
        ("soon", False, None),
        ("25:00", False, None),
        ("0001-01-01T00:00", False, None),
    ],
)
def test_times_are_read_as_people_write_them(text: str, ahead: bool, at: str | None) -> None:
    """Local time in England, with or without its day; anything else is a fault and never a guess."""
    read = filled.instant(text, NOW, ahead=ahead)
    assert (None if read is None else read.isoformat().replace("+00:00", "Z")) == at


def test_values_of_another_kind_are_faults_of_their_field() -> None:
    """No number, no time, no word of the list: each is named, with what to write."""
    fields = (
        Evidence("count", "How many", "number"),
        Evidence("level", "Level", "choice", choices=("low", "high")),
        Evidence("child", "A child", "yes_no"),
        Evidence("seen_at", "When", "instant"),
    )
    form = Form("x", FactKind.NOTE, "x", fields, when=True)
    posted = {"f-count": "many", "f-level": "odd", "f-child": "perhaps", "f-seen_at": "late", "at": "then"}
    faults = filled.read(form, posted, "insp-a", NOW).faults
    assert {fault.field for fault in faults} == {
        *("evidence.count", "evidence.level", "evidence.child", "evidence.seen_at", "at"),
    }
    assert all(fault.remedy for fault in faults)
