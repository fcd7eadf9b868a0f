"""Re-reports through the real doors: which earlier case is found, what it restores, and that the past is told again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from console import asking
from policy.terms import Risk, StepStatus
from runtime import past, readings_earlier
from store import cases
from tests.support.world import World

PERSON = {"name": "Zo\u00eb O'Brien-Smith", "age": 40, "date_of_birth": "1985-05-01"}
OTHER = {"name": "Somebody Else", "date_of_birth": "1985-05-01"}
LINK = "link_re_report"


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def rested(world: World, risk: str = "medium", person: Mapping[str, object] = PERSON) -> str:
    """A case of a person that an inspector has made inactive: nobody is sought under it now."""
    ref = world.report(risk=risk, person=person)
    world.fact(ref, "inactive_requested", "insp-a", rationale="No lines", next_review_at="2026-01-11T10:00:00Z")
    return ref


def closed(world: World, person: Mapping[str, object] = PERSON, risk: str = "medium") -> str:
    """A case of a person that was closed, by the hand of this test alone: how is another matter."""
    ref = rested(world, risk, person)
    at = world.sim.clock.now().isoformat()
    with world.sim.app.sessions() as s:
        stored = cases.load(s, ref)
        anchors = {**{str(key): when.isoformat() for key, when in stored.case.anchors.items()}, "closed": at}
        cases.change(s, ref, {"status": "closed", "wake_at": None, "anchors": anchors})
    return ref


@pytest.mark.parametrize("end", [rested, closed])
def test_a_report_after_the_case_was_over(world: World, end: object) -> None:
    """Linked on both, its risk restored, its inspector told: in the transaction that opens it."""
    assert callable(end)
    first = end(world)
    second = world.report(risk="low", person={**PERSON, "name": "OBRIEN SMITH, ZOE"})
    case = world.case(second)
    assert (case.re_report_of, case.risk, case.risk_floor) == (first, Risk.MEDIUM, Risk.MEDIUM)
    assert world.case(first).linked == (second,)
    assert world.holder(second, LINK) == "insp-a"
    assert {line.kind for line in world.journal(second)} >= {"re_report", "risk_restored"}
    assert world.view(second)["re_report_of"] == first


def test_the_highest_risk_of_its_whole_life_counts(world: World) -> None:
    """It was raised and lowered again before it was closed: its journal knows."""
    first = world.report(risk="low", person=PERSON)
    world.fact(first, "risk_set", "fim-1", level="high", rationale="No medication")
    world.fact(first, "risk_set", "fim-1", level="low", rationale="A friend has seen her")
    world.fact(first, "inactive_requested", "insp-a", rationale="No lines", next_review_at="2026-01-11T10:00:00Z")
    assert world.case(world.report(risk="low", person=PERSON)).risk is Risk.HIGH


def test_an_open_case_is_a_possible_duplicate(world: World) -> None:
    """And nothing is restored from it: both are worked on."""
    first = world.report(risk="high", person=PERSON)
    second = world.case(world.report(risk="low", person=PERSON))
    assert (second.re_report_of, second.linked, second.risk) == (None, (first,), Risk.LOW)


def test_after_a_year_it_is_no_re_report(world: World) -> None:
    """Neither is somebody of another name, nor an example of a real case."""
    first = closed(world)
    with world.sim.app.sessions() as s:
        anchors = {"call_received": "2025-01-01T10:00:00+00:00", "closed": "2025-01-10T18:59:00+00:00"}
        cases.change(s, first, {"anchors": anchors})
    assert world.case(world.report(risk="low", person=PERSON)).re_report_of is None
    closed(world, OTHER)
    assert world.case(world.report(risk="low", person=PERSON, example=True)).re_report_of is None
    assert world.case(world.report(risk="low", person={**OTHER, "name": "Nobody Known"})).re_report_of is None


def test_the_latest_of_several_counts(world: World) -> None:
    """The third report names the second; the floor of the first lives on in it."""
    closed(world, risk="high")
    world.wait_until("19:05")
    second = closed(world, risk="low")
    world.wait_until("19:10")
    third = world.case(world.report(risk="low", person=PERSON))
    assert (third.re_report_of, third.risk) == (second, Risk.HIGH)


def test_a_corrected_record_names_the_person(world: World) -> None:
    """The re-report is known from then on; a second correction of the same person changes nothing."""
    first = closed(world)
    second = world.report(risk="low", person={"name": "A woman", "age": 40}, source_id="later")
    assert world.case(second).re_report_of is None
    world.report(risk="low", person=PERSON, source_id="later")
    case = world.case(second)
    assert (case.re_report_of, case.risk, case.to_confirm) == (first, Risk.MEDIUM, True)
    assert world.step(second, LINK).status is StepStatus.OPEN
    world.report(risk="low", person={**PERSON, "person_ref": "NOM-9"}, source_id="later")
    assert [line.kind for line in world.journal(second)].count("re_report") == 1
    assert world.case(first).linked == (second,)


def test_a_correction_of_a_later_case_is_no_earlier_case(world: World) -> None:
    """What was reported first is never the re-report of what came after it."""
    first = world.report(risk="low", person={"name": "A woman", "age": 40}, source_id="first")
    world.wait_until("19:05")
    closed(world)
    world.report(risk="low", person=PERSON, source_id="first")
    assert world.case(first).re_report_of is None


def test_the_past_of_a_re_report_is_told_again(world: World) -> None:
    """Act for act: begun as one, with and without a risk of its own, and turned out to be one."""
    closed(world)
    world.wait_until("19:05")
    refs = [world.report(risk=risk, person=PERSON) for risk in ("low", None, "high")]
    late = world.report(risk="low", person={"name": "A woman", "age": 40}, source_id="late")
    world.wait_until("19:20")
    world.report(risk="low", person=PERSON, source_id="late")
    world.wait_until("19:40")
    for ref in (*refs, late):
        told = past.retell(world.sim.app, ref)
        assert (told.differs, told.why_not) == ((), None), ref
    story = past.story_of(world.sim.app, refs[1])
    assert not isinstance(story, past.NotReplayable)
    assert (story.report.risk, story.report.earlier is not None) == (None, True)


def test_what_was_left_undone_then_is_shown(world: World) -> None:
    """On the new case: how the earlier one ended, and what people had been asked for and did not do."""
    first = rested(world)
    second = world.report(risk="low", person=PERSON)
    world.fact(first, "step_waived", "supt-1", "system_research", reason="Known from the year before")
    body = asking.case(world.sim.app, second).body["earlier"]
    assert isinstance(body, dict)
    assert (body["case"], body["status"], body["closed_at"]) == (first, "inactive", None)
    undone = {one["step"]: one["status"] for one in body["unfinished"]}
    assert undone["system_research"] == "waived"
    assert undone["deploy_and_attend"] == "not_required"
    assert "sergeant_review" not in undone
    assert asking.case(world.sim.app, first).body["earlier"] is None


def test_an_earlier_case_that_is_gone(world: World) -> None:
    """An example that was removed leaves its reference, and no fault on the page."""
    closed(world)
    second = world.case(world.report(risk="low", person=PERSON))
    gone = replace(second, re_report_of="MP-2020-000001")
    assert readings_earlier.earlier(world.sim.app, gone) is None


def test_each_change_of_risk_is_said_in_words(world: World) -> None:
    """Also the one that Vigil made itself, with the case that it comes from."""
    first = closed(world)
    second = world.report(risk="low", person=PERSON)
    changes = asking.case(world.sim.app, second).body["risk_changes"]
    assert isinstance(changes, list)
    assert [change["text"] for change in changes][-1].startswith("Risk raised from low to medium by vigil at 19:00: ")
    assert first in changes[-1]["text"]
    assert "Opens now" not in changes[-1]["text"], "the first steps follow from the record"
