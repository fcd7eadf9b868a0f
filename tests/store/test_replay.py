"""The journal holds the case: what it says changed, played again from the beginning, is what stands in the store."""

from dataclasses import replace

import pytest

from models.columns import plain
from policy.case import Case, Step
from policy.errors import Broken
from policy.intents import Entry
from policy.terms import Anchor, CaseStatus, Risk, Route, StepStatus
from store import cases, journal
from store.engine import Sessions
from store.journal import JournalEntry
from store.replay import CHANGED, change, replay
from tests.store.samples import AT, a_case, a_step, stored
from tests.support.world import World


def _write(sessions: Sessions, *states: Case, facts: dict[int, Entry] | None = None) -> list[JournalEntry]:
    """Take a case through these states, each journalled with what changed; give the lines."""
    first = states[0]
    with sessions() as s:
        held = cases.create(s, stored(first))
        for number, state in enumerate(states):
            said = [facts[number]] if facts and number in facts else []
            before = None if number == 0 else held.case
            held = cases.save(s, held, state, wake_at=AT)
            line = change(before, state, said, version=held.version, at=AT)
            lines = [*said, line] if line else said
            journal.append(s, lines, case=first.ref, route=Route.SYSTEM, written_at=AT)
    with sessions.reading() as s:
        return journal.read(s, first.ref)


def _stands(sessions: Sessions) -> Case:
    with sessions.reading() as s:
        return cases.load(s, "MP-2026-000001").case


def test_every_field_comes_back(sessions: Sessions) -> None:
    """Also text that no database can hold, which the store has replaced; the beginning stands in one line."""
    lines = _write(sessions, a_case())
    assert [line.kind for line in lines] == [CHANGED]
    assert replay(lines) == _stands(sessions)


def test_changes_are_small_and_add_up(sessions: Sessions) -> None:
    """A line names the columns that changed and no others; steps come, move and go."""
    first = a_case()
    second = replace(first.with_step(replace(a_step(), status=StepStatus.DONE_LATE, done_at=AT)), owner=None)
    third = replace(second.with_anchor(Anchor.RETURNED, AT), steps=(a_step("new"), *second.steps[1:]))
    fourth = replace(third, status=CaseStatus.CLOSED, linked=("MP-2026-000002",), shift_ends_at=AT, risk=Risk.HIGH)
    lines = _write(sessions, first, second, third, third, fourth)
    assert len(lines) == 4  # nothing changed, nothing is said
    owner = dict.fromkeys(("owner_person", "owner_role", "owner_offered_at", "owner_accepted_at"))
    assert lines[1].body["case"] == owner
    done = {"key": first.steps[1].key, "occurrence": 1, "status": "done_late", "done_at": plain(AT)}
    assert lines[1].body["steps"] == [done]
    assert lines[2].body["gone"] == [["record_incident", 1]]
    assert replay(lines) == _stands(sessions)
    assert replay(lines[:2]).steps[1].status is StepStatus.DONE_LATE


def test_evidence_is_written_once(sessions: Sessions) -> None:
    """What a fact says stands in its line; the step that took it over says only that it did."""
    secret = {"seen": "in the park", "n": 1.5}
    first = replace(a_case(), steps=(a_step(), Step("other", evidence={"kept": True})))
    done = replace(first.steps[1], status=StepStatus.DONE, evidence={"kept": True, **secret})
    fact = Entry("fact", AT, {"fact": "step_completed", "evidence": secret}, by="sgt-s")
    later = replace(done, evidence={"quite": "another"})
    lines = _write(sessions, first, first.with_step(done), first.with_step(later), facts={1: fact})
    assert [line.kind for line in lines] == [CHANGED, "fact", CHANGED, CHANGED]
    assert "park" not in str(lines[2].body)
    assert replay(lines[:3]).steps[1].evidence == {"kept": True, **secret}
    assert replay(lines) == _stands(sessions)


def test_a_journal_without_its_beginning_is_broken(sessions: Sessions) -> None:
    """A case is never made of half its lines."""
    first = a_case()
    lines = _write(sessions, first, replace(first, risk=Risk.LOW))
    with pytest.raises(Broken, match="beginning of MP-2026-000001"):
        replay(lines[1:])
    with pytest.raises(Broken):
        replay([])


def test_the_doors_write_what_changed() -> None:
    """A whole evening through the real doors, with a record that is filled in later, replays to what is stored."""
    world = World()
    case = world.report(risk=None, area="nowhere")
    world.wait("40m")
    world.report(risk="high", area="stoke", source_id="1")
    world.fact(case, "note", "insp-a", text="Nothing of the case changes")
    world.fact(case, "risk_set", "fim-1", level="medium", rationale="Seen since")
    world.wait("30m")
    world.fact(case, "acknowledged", "fim-1")
    assert replay(world.journal(case)) == world.case(case)
    assert world.case(case).area == "stoke"
    changes = [line for line in world.journal(case) if line.kind == CHANGED]
    assert [line.body["whole"] for line in changes] == [True] + [False] * (len(changes) - 1)
    with world.sim.app.sessions.reading() as s:
        assert journal.verify(s) is None
    world.close()
