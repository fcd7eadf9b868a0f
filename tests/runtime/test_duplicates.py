"""Possible duplicates: two open reports of one person are linked; one acknowledgement serves both; none is merged."""

from collections.abc import Iterator, Mapping

import pytest

from policy.errors import Busy
from policy.terms import StepStatus
from runtime.people import keys_of
from tests.support.world import World

STEP = "notify_local_supervisor"
PERSON = {"name": "Zo\u00eb O'Brien-Smith", "date_of_birth": "2012-05-01"}


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def same(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two records without a reference are of one person."""
    keys = [keys_of({"person": person}, "secret") for person in (one, other)]
    return keys[0].by_name is not None and keys[0].by_name == keys[1].by_name


@pytest.mark.parametrize("name", ["ZOE OBRIEN SMITH", "O\u2019Brien-Smith, Zo\u00eb", " zo\u00eb  o'brien smith "])
def test_a_name_counts_however_it_is_written(name: str) -> None:
    """Case, accents, punctuation and the order of its words do not matter."""
    assert same(PERSON, {**PERSON, "name": name})


@pytest.mark.parametrize(
    "person",
    [
        {"name": "Zoe OBrien", "date_of_birth": "2012-05-01"},
        {"name": PERSON["name"], "date_of_birth": "2012-05-02"},
        {"name": PERSON["name"], "age": 13},
        {"name": PERSON["name"], "date_of_birth": "May 2012"},
    ],
)
def test_less_than_name_and_date_of_birth_is_not_enough(person: dict[str, object]) -> None:
    """Silencing the notice of another child would be worse than a notice too many."""
    assert not same(PERSON, person)


def test_nobody_is_not_a_person() -> None:
    """Two unknown men are two."""
    nobody = {"name": "Unknown male", "date_of_birth": "1900-01-01"}
    assert not same(nobody, nobody)


def test_a_digest_cannot_be_guessed_without_the_homes_secret() -> None:
    """And says nothing of the name."""
    assert keys_of({"person": PERSON}, "one").main != keys_of({"person": PERSON}, "other").main


def test_two_reports_of_one_person_name_each_other(world: World) -> None:
    """On both cases, in both journals, in both views; each keeps its own steps."""
    first = world.report(person=PERSON)
    second = world.report(person={**PERSON, "name": "OBRIEN SMITH, ZOE"})
    other = world.report(person={**PERSON, "date_of_birth": "2011-05-01"})
    assert [world.case(ref).linked for ref in (first, second, other)] == [(second,), (first,), ()]
    for ref, twin in ((first, second), (second, first)):
        said = [e.body for e in world.journal(ref) if e.kind == "possible_duplicate"]
        assert said == [{"case": twin}]
        assert world.view(ref)["linked"] == [twin]
        assert world.step(ref, STEP).status is StepStatus.OPEN


def test_a_reference_goes_before_a_name(world: World) -> None:
    """The force's own reference says who it is; without one the name and the date of birth do, either way round."""
    known = world.report(person={**PERSON, "person_ref": "NOM-1"})
    nickname = world.report(person={"name": "Zo", "person_ref": "nom-1"})
    namesake = world.report(person={**PERSON, "person_ref": "NOM-2"})
    unnamed = world.report(person=PERSON)
    assert world.case(known).linked == (nickname, unnamed)
    assert world.case(namesake).linked == (unnamed,)
    assert world.case(unnamed).linked == (known, nickname, namesake)


def test_one_acknowledgement_serves_both(world: World) -> None:
    """The notice of the other case that the same person was told of is acknowledged, and says through which case."""
    first, second = world.report(person=PERSON), world.report(person=PERSON)
    holder = world.holder(first, STEP)
    assert holder == world.holder(second, STEP)
    world.fact(first, "acknowledged", str(holder))
    for ref in (first, second):
        assert (world.step(ref, STEP).status, world.step(ref, STEP).done_by) == (StepStatus.DONE, holder)
    fact = next(e.body for e in world.journal(second) if e.kind == "fact")
    assert fact["evidence"] == {"through": first}
    assert world.case(second).owner is None


def test_it_serves_nobody_who_was_not_told(world: World) -> None:
    """In another area another inspector was told: that one has to answer."""
    first = world.report(person=PERSON)
    second = world.report(person=PERSON, area="newcastle")
    world.fact(first, "acknowledged", str(world.holder(first, STEP)))
    assert world.step(second, STEP).status is StepStatus.OPEN


def test_what_comes_in_after_the_answer_has_a_notice_of_its_own(world: World) -> None:
    """The second report may say what the first did not."""
    first = world.report(person=PERSON)
    world.fact(first, "acknowledged", str(world.holder(first, STEP)))
    second = world.report(person=PERSON)
    assert world.case(second).linked == (first,)
    assert world.step(second, STEP).status is StepStatus.OPEN


def test_a_person_who_becomes_known_is_linked_then(world: World) -> None:
    """The corrected record names the person of another case."""
    first = world.report(person=PERSON)
    second = world.report(person={"name": "A girl"}, source_id="later")
    world.report(person=PERSON, source_id="later")
    assert world.case(second).linked == (first,)
    assert world.case(first).linked == (second,)


def test_a_feed_that_repeats_itself_is_not_linked_without_end(world: World) -> None:
    """At the most the latest five: more than that is not one person reported twice."""
    refs = [world.report(person=PERSON) for _ in range(8)]
    assert world.case(refs[-1]).linked == tuple(refs[2:7])


def test_examples_and_real_cases_are_never_linked(world: World) -> None:
    """Nobody may have to tell the two apart."""
    first, second = world.report(person=PERSON, example=True), world.report(person=PERSON)
    assert (world.case(first).linked, world.case(second).linked) == ((), ())


def test_a_linked_case_that_cannot_be_served_goes_on_reminding(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer itself is safe before the other case is touched."""
    first, second = world.report(person=PERSON), world.report(person=PERSON)
    holder = str(world.holder(first, STEP))

    def busy(*_: object) -> None:
        raise Busy("the store is busy")

    monkeypatch.setattr("runtime.door_people.take", busy)
    world.fact(first, "acknowledged", holder)
    assert world.step(first, STEP).status is StepStatus.DONE
    assert world.step(second, STEP).status is StepStatus.OPEN
