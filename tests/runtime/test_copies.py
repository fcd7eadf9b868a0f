"""A text copied from another case is taken, shown and rung; its print tells nobody what was written (F3, W33)."""

import hashlib
from collections.abc import Iterator

import pytest
from sqlmodel import select

from models import TextPrintRow
from policy import copies
from policy.facts import Fact
from policy.terms import AlarmKey, FactKind
from runtime import past
from store import alarms, prints
from tests.policy.night import pack
from tests.support.world import World

REVIEW = "supervisor_first_review"
REASON = "Her sister, the school and the two friends were spoken to; nobody has seen her since the bus stop."
COPY = "HER SISTER, the school, and the two friends were spoken to. Nobody has seen her since the bus-stop!"


@pytest.fixture
def world() -> Iterator[World]:
    """A force at night."""
    made = World()
    yield made
    made.close()


def reviewed(world: World, case: str, by: str = "sgt-s", step: str = REVIEW, reason: str = REASON) -> None:
    """Let somebody review a case."""
    world.fact(case, "reviewed", by, step, decision="Go on", rationale=reason)


def rung(world: World) -> list[tuple[str | None, str, str | None]]:
    """Give the alarms of copied texts: case, detail, and who heard."""
    with world.sim.app.sessions.reading() as s:
        found = alarms.listing(s, standing=True)
    return [(one.case, one.detail, one.to) for one in found if one.key is AlarmKey.COPIED_TEXT]


def test_a_copied_text_is_taken_and_rung(world: World) -> None:
    """The fact stands; the journal names step and case, and the Force Incident Manager hears, once."""
    first, second = world.report(), world.report(born="2011-01-01")
    reviewed(world, first)
    assert rung(world) == []
    world.wait("10m")
    reviewed(world, second, reason=COPY)
    assert world.step(second, REVIEW).done_by == "sgt-s"
    (line,) = [line for line in world.journal(second) if line.kind == "copied_text"]
    assert line.body == {"step": REVIEW, "cases": [first]}
    assert rung(world) == [(second, f"{REVIEW}: the text of {first}", "fim-1")]
    assert [t.type for t in world.phone("fim-1").told(second)][-1] == "alarm"


def test_one_s_own_words_in_one_s_own_case_are_no_copy(world: World) -> None:
    """Nor is a short text, nor another text."""
    first, second = world.report(), world.report(born="2011-01-01")
    reviewed(world, first)
    reviewed(world, first, step="sergeant_review")
    world.fact(second, "note", "sgt-s", text=REASON)
    reviewed(world, second, reason="Nothing new since the last look at it")
    assert rung(world) == []


def test_the_store_holds_prints_and_no_text(world: World) -> None:
    """A print is keyed with the home's secret: who reads the store cannot try out what somebody may have written."""
    case = world.report()
    reviewed(world, case)
    bare = copies.long_texts(Fact(FactKind.REVIEWED, "sgt-s", REVIEW, evidence={"rationale": REASON}), pack())
    with world.sim.app.sessions.reading() as s:
        (row,) = s.exec(select(TextPrintRow)).all()
        assert (row.case_ref, row.step, len(row.print)) == (case, REVIEW, 64)
        assert row.print not in {hashlib.sha256(text.encode()).hexdigest() for text in bare}
        assert prints.elsewhere(s, case, [row.print]) == []
        assert prints.elsewhere(s, "another", [row.print]) == [case]


def test_both_cases_can_be_told_again(world: World) -> None:
    """The copy follows from the journal, beside a fact that changed nothing else too."""
    first, second = world.report(), world.report(born="2011-01-01")
    reviewed(world, first)
    reviewed(world, second)
    world.wait("10m")
    world.fact(second, "step_completed", "fim-1", "system_research", local_systems=REASON, complete=False)
    told = [past.retell(world.sim.app, ref) for ref in (first, second)]
    assert [(one.same, one.differs) for one in told] == [(True, ()), (True, ())]
    assert len([line for line in world.journal(second) if line.kind == "copied_text"]) == 2
