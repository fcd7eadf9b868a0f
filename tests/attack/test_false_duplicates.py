"""A false duplicate never silences the notice of another child: one answer serves both cases only of one person."""

from collections.abc import Iterator

import pytest

from policy.terms import StepStatus
from runtime.people import keys_of
from tests.policy.night import NOTIFY
from tests.support.world import World

ANNA = {"name": "Anna Kay", "date_of_birth": "2012-05-01"}
BEN = {"name": "Ben Lee", "date_of_birth": "2014-06-02"}


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def acknowledged_and_other(world: World, first: str, second: str) -> StepStatus:
    """Acknowledge the first case; give how the notice of the second stands then."""
    world.fact(first, "acknowledged", str(world.holder(first, NOTIFY)))
    assert world.step(first, NOTIFY).status is StepStatus.DONE
    return world.step(second, NOTIFY).status


@pytest.mark.parametrize("ref", ["N/A", "unknown", "0", "000000", "none", "-", "TBC", "Not known", ".", "n/k"])
def test_a_reference_that_stands_for_none_makes_nobody_the_same_person(world: World, ref: str) -> None:
    """A system that fills the field with N/A would make one person of all who are missing tonight."""
    first, second = world.report(person={**ANNA, "person_ref": ref}), world.report(person={**BEN, "person_ref": ref})
    assert world.case(first).linked == ()
    assert acknowledged_and_other(world, first, second) is StepStatus.OPEN


@pytest.mark.parametrize("ref", ["NOM-0", "1", "A/12", "N-7", "X123"])
def test_a_real_reference_counts_however_short(ref: str) -> None:
    """What a force uses as a reference is one."""
    assert keys_of({"person": {"person_ref": ref}}, "secret").by_ref is not None


def test_a_mistyped_reference_links_and_silences_nobody(world: World) -> None:
    """The same reference on two dates of birth: a person decides; each notice needs its own answer."""
    first = world.report(person={**ANNA, "person_ref": "NOM-1"})
    second = world.report(person={**BEN, "person_ref": "NOM-1"})
    assert world.case(first).linked == (second,)
    assert acknowledged_and_other(world, first, second) is StepStatus.OPEN


def test_a_record_that_turns_out_to_be_of_somebody_else_is_not_served(world: World) -> None:
    """Entered under the wrong name and corrected: the link stays for people to see, the notice is its own."""
    first, second = world.report(person=ANNA), world.report(person=ANNA, source_id="second")
    world.report(person=BEN, source_id="second")
    assert acknowledged_and_other(world, first, second) is StepStatus.OPEN
