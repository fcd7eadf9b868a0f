"""A lie in the journal, the pack, the roster or the store is found by telling the case again, and named."""

from dataclasses import replace

import pytest

from policy.spans import Span
from policy.terms import Risk
from runtime import past
from store import cases, roster_past
from tests.runtime.past_world import CASE, NOTICE, a_night, again, lines_of, planted
from tests.support.world import World

night = pytest.fixture(a_night, scope="module", name="night")  # which is only read
world = pytest.fixture(a_night, name="world")  # in which more happens


def test_a_changed_fact_is_found(night: World) -> None:
    """Had the risk been set so, other deadlines would have moved."""
    lines = lines_of(night)
    place = next(n for n, line in enumerate(lines) if line.kind == "fact" and line.body["fact"] == "risk_set")
    evidence = {"level": "low", "rationale": "No medication"}
    lie = replace(lines[place], body={**lines[place].body, "evidence": evidence})
    told = again(night, [*lines[:place], lie, *lines[place + 1 :]])
    assert not told.same
    decided = [one for one in told.differs if "without a decision" not in one.words]
    assert {one.seq for one in decided} == {lie.seq}, "one lie is one decision that differs"
    assert "after high, told again low" in " ".join(one.words for one in told.differs)
    assert "medication" not in " ".join(one.words for one in told.differs)


def test_a_fact_that_could_not_have_been_taken_is_found(night: World) -> None:
    """An acceptance by somebody to whom it was never offered."""
    lines = lines_of(night)
    place = next(n for n, line in enumerate(lines) if line.kind == "fact" and line.body["fact"] == "accepted")
    told = again(night, [*lines[:place], replace(lines[place], by="op-1"), *lines[place + 1 :]])
    assert [one.words for one in told.differs] == ["told again it is refused: usedlink"] or not told.same


@pytest.mark.parametrize(
    ("kind", "lie", "words"),
    [
        ("chosen", {"chosen": "insp-n"}, "chosen insp-n, told again fim-1"),
        ("overdue", {"holder": "fim-1"}, "holder fim-1, told again insp-a"),
        ("step_opened", {"due_at": "2026-01-10T20:00:00.000000Z"}, "due_at 2026-01-10T20:00:00.000000Z, told again"),
        ("owner", {"owner": "fim-1"}, "owner fim-1, told again insp-a"),
    ],
)
def test_a_changed_line_is_found(night: World, kind: str, lie: dict[str, object], words: str) -> None:
    """Who was chosen, who held what was breached, when it was due, who owns it: none of it can be written otherwise."""
    told = again(night, planted(lines_of(night), kind, lie))
    assert words in " ".join(one.words for one in told.differs)


def test_a_line_left_out_is_found(night: World) -> None:
    """A breach that is not on the record any more."""
    lines = [line for line in lines_of(night) if line.kind != "overdue"]
    assert "told again there is also overdue" in " ".join(one.words for one in again(night, lines).differs)


def test_a_message_that_nobody_decided_is_found(night: World) -> None:
    """Who was told, and no decision asked for it."""
    lines = lines_of(night)
    key = f"{CASE}/{NOTICE}/1/0/0/op-1/webhook"
    told = again(night, planted(lines, "attempt", {"attempt_key": key}))
    assert [one.words for one in told.differs] == [f"{CASE}/{NOTICE}/1/0/0/op-1 was told without a decision"]


def test_another_pack_is_found(night: World) -> None:
    """One number of one step: the lines that follow from it differ, and are named."""
    pack = night.sim.rules
    rule = pack.steps[NOTICE]
    seven = replace(rule, due={**rule.due, Risk.MEDIUM: Span.parse("7m")})
    other = replace(pack, steps={**pack.steps, NOTICE: seven})
    told = again(night, lines_of(night), packs=lambda _case: other)
    words = " ".join(one.words for one in told.differs)
    assert f"step opened {NOTICE} 1: due_at 2026-01-10T19:10:00.000000Z, told again 2026-01-10T19:07" in words


def test_another_roster_is_found(night: World) -> None:
    """Had somebody else been on duty, somebody else would have been chosen."""
    with night.sim.app.sessions.reading() as s:
        kept = roster_past.read(s)
    inspector = next(duty for duty in kept.kept[0].duties if duty.person == "insp-a")
    duties = tuple(replace(d, person="insp-x") if d is inspector else d for d in kept.kept[0].duties)
    lie = replace(kept, kept=[replace(kept.kept[0], duties=duties)])
    words = " ".join(one.words for one in again(night, lines_of(night), rosters=lie).differs)
    assert "chosen insp-a, told again insp-x" in words


def test_another_case_in_the_store_is_found(world: World) -> None:
    """The journal is whole, and somebody has changed the case's own row."""
    with world.sim.app.sessions() as s:
        stored = cases.load(s, CASE)
        cases.save(s, stored, replace(stored.case, risk=Risk.LOW), wake_at=stored.wake_at)
    told = past.retell(world.sim.app, CASE)
    assert [one.words for one in told.differs] == ["the store has another case than this"]
