"""Whoever sends something about a closed case is told at once that nobody works on it, and who has been told (W35)."""

from collections.abc import Iterator

import pytest

from console import asking
from console.cli import shown
from policy.terms import Route
from store import cases
from tests.support.world import World

TRUTH = "CLOSED - no one is working on this. Told: insp-a (LOI) at 19:00."


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def closed(world: World) -> str:
    """A case that rests, closed by the hand of this test: the closure itself is another matter."""
    ref = world.report(person={"name": "A woman", "date_of_birth": "1985-05-01"})
    world.fact(ref, "inactive_requested", "insp-a", rationale="No lines", next_review_at="2026-01-11T10:00:00Z")
    with world.sim.app.sessions() as s:
        cases.change(s, ref, {"status": "closed"})
    return ref


def test_the_answer_to_a_fact_says_it(world: World) -> None:
    """In words that may be said to a caller, with the person who decides and until when."""
    ref = closed(world)
    before = world.view(ref)["closed_case"]
    assert isinstance(before, dict)
    assert (before["told"], before["decides_by"]) == ((), None)
    news = {"summary": "She has not come to her dialysis", "source": "Her mother", "category": "medical"}
    raw = {"kind": "new_information", "by": "op-1", "evidence": news}
    body = asking.fact(world.sim.app, ref, raw, route=Route.API).body
    truth = body["closed_case"]
    assert isinstance(truth, dict)
    assert truth["says"] == f"{TRUTH} The decision whether to reopen it is due by 19:30."
    assert (truth["told"], truth["decides_by"]) == (("insp-a",), "2026-01-10T19:30:00Z")
    assert world.view(world.report())["closed_case"] is None


def test_the_terminal_says_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """And, of a re-report, which case it follows and what was left undone in that."""
    first = closed(world)
    world.fact(first, "new_information", "op-1", summary="Not at her dialysis", source="Her mother")
    shown.case(asking.case(world.sim.app, first).body, world.sim.clock.now())
    assert TRUTH in capsys.readouterr().out
    second = world.report(person={"name": "A woman", "date_of_birth": "1985-05-01"})
    shown.case(asking.case(world.sim.app, second).body, world.sim.clock.now())
    said = capsys.readouterr().out
    assert f"re-report of {first}: left undone then: " in said
    assert "Officers attend" in said
