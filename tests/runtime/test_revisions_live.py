"""What a revision does to live cases: previewed, moved once whatever dies in the middle, their pages after them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from policy.roster import Roster
from policy.terms import CaseStatus, Risk
from runtime import door_revisions, doors, settle
from runtime.app import App
from runtime.preview_live import live_moves
from runtime.settle import Settling
from store import cases, revisions, wakes
from store.cases import Stored
from store.revisions import goes_to
from tests.runtime.revision_world import NOTIFY, PACK, SEVEN, START, Force, a_force


@pytest.fixture
def force() -> Iterator[Force]:
    """Begin an evening."""
    with a_force() as made:
        yield made


def test_the_live_preview_says_what_the_approval_then_does(force: Force) -> None:
    """Each deadline that would move, from when to when, what would be due at once, who be told; nothing is stored."""
    first = force.report(1)
    force.forward(8)
    second = force.report(2, risk="high")
    with force.app.sessions.reading() as s:
        edit = door_revisions.read_edit(force.app, s, PACK, force.body(), for_preview=True)
        moves = live_moves(force.app, s, edit)
        none = door_revisions.read_edit(force.app, s, PACK, force.body(applies_to="new"), for_preview=True)
        assert live_moves(force.app, s, none) == []
    (move,) = moves
    assert (move.case, move.step, move.due_now) == (first, NOTIFY, True)
    assert (move.from_at, move.to_at) == (START + timedelta(minutes=10), START + timedelta(minutes=8))
    assert move.as_json()["title"] == "FIM tells the LOI and the sergeant"
    assert force.latest() == 1
    before = force.step(second)
    force.approve(force.propose().number)
    force.settle()
    assert force.step(first).due_at == move.to_at
    assert force.step(second) == before


def test_pages_are_marked_as_behind_the_soonest_first(force: Force) -> None:
    """Whoever was moved has a page in Prefect that must follow; a pass brings it up to date."""
    refs = [force.report(number) for number in (1, 2, 3)]
    force.approve(force.propose().number)
    force.settle()
    wall = force.app.clock.wall()
    with force.app.sessions.reading() as s:
        assert sorted(wakes.to_refresh(s, wall, 9)) == refs
    doors.resting(force.app, refs[0], "a pass")
    doors.release(force.app, refs[0], "a pass")
    with force.app.sessions.reading() as s:
        assert sorted(wakes.to_refresh(s, wall, 9)) == refs[1:]


def test_a_crash_in_the_middle_costs_nothing(force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who were moved are pinned; the next look moves the rest, and nobody twice."""
    refs = [force.report(number) for number in range(1, 8)]
    force.approve(force.propose().number)
    monkeypatch.setattr("runtime.settle.AT_ONCE", 3)
    settling = Settling(force.app)
    real, times = settling._some, iter((True, False))

    def dies_after_the_first(pack: str, number: int, to: int) -> int:
        if next(times):
            return real(pack, number, to)
        raise RuntimeError("killed")

    monkeypatch.setattr(settling, "_some", dies_after_the_first)
    with pytest.raises(RuntimeError, match="killed"):
        settling.look()
    assert Settling(force.app).look() == len(refs) - 3
    assert {force.case(ref).revision for ref in refs} == {2}
    assert [len(force.lines("repinned", ref)) for ref in refs] == [1] * len(refs)
    assert Settling(force.app).look() == 0


def test_one_case_that_cannot_follow_holds_up_no_other(force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left for a minute and tried again; until then the revision is not settled."""
    refs = [force.report(number) for number in (1, 2, 3)]
    force.approve(force.propose().number)
    real = settle._move

    def odd(app: App, s: Session, stored: Stored, to: int, roster: Roster) -> None:
        if stored.ref == refs[0]:
            raise RuntimeError("a broken row")
        real(app, s, stored, to, roster)

    settling = Settling(force.app)
    monkeypatch.setattr(settle, "_move", odd)
    assert settling.look() == 2
    monkeypatch.setattr(settle, "_move", real)
    assert (settling.look(), force.case(refs[0]).revision) == (0, 1)
    force.forward(2)
    assert (settling.look(), force.case(refs[0]).revision) == (1, 2)


def test_what_comes_back_after_a_withdrawal_was_settled_follows_too(force: Force) -> None:
    """A case closed under a revision, and reopened when that was withdrawn: within a minute it is moved."""
    force.approve(force.propose().number)
    ref = force.report()
    force.withdraw(2)
    settling = Settling(force.app)
    with force.app.sessions() as s:
        held = cases.load(s, ref)
        cases.save(s, held, replace(held.case, status=CaseStatus.CLOSED), wake_at=None)
    assert settling.look() == 0
    with force.app.sessions() as s:
        held = cases.load(s, ref)
        cases.save(s, held, replace(held.case, status=CaseStatus.OPEN), wake_at=START + timedelta(hours=9))
    force.sim.clock.jump_to(START + timedelta(minutes=2))
    assert (settling.look(), force.case(ref).revision) == (1, 1)


def test_a_changed_file_is_a_revision_for_new_cases(force: Force) -> None:
    """A new version of Vigil, or an edited file: no live deadline moves, and approved edits stand in it too."""
    from runtime.shelf import register
    from store.packs import pack_tables

    ref = force.report()
    force.approve(force.propose().number)
    tables = pack_tables(None)
    register_again = {PACK: tables[PACK]}
    now = force.app.clock.now()
    with force.app.sessions() as s:
        register(s, register_again, now)
        assert revisions.latest(s, PACK) == 2, "the same file is no revision"
        steps = tables[PACK]["steps"]
        assert isinstance(steps, dict)
        steps["search_home"] = {**steps["search_home"], "title": "Search the home and its outbuildings"}
        register(s, register_again, now)
        assert revisions.latest(s, PACK) == 3
        pack = force.app.shelf.get(s, PACK, 3)
    assert pack.steps["search_home"].title == "Search the home and its outbuildings"
    assert str(pack.steps[NOTIFY].due[Risk.MEDIUM]) == "7m"
    force.settle()
    assert force.case(ref).revision == 2, "the approved edit was for live cases; the file is not"
    with force.app.sessions() as s:
        del steps[NOTIFY]
        register(s, register_again, now)
        assert revisions.latest(s, PACK) == 3, "a file that the approved edits do not fit is left aside"


def test_which_revision_a_case_goes_to(force: Force) -> None:
    """Withdrawn: to what is in force. A later one for live cases: to the newest. Else it stays."""
    made = [force.propose({**SEVEN, "value": f"{n}m"}, applies_to=to) for n, to in ((7, "new"),)]
    force.approve(made[0].number)
    force.approve(force.propose({**SEVEN, "value": "8m"}, applies_to="live_and_new").number)
    force.approve(force.propose({**SEVEN, "value": "9m"}, applies_to="new").number)
    with force.app.sessions.reading() as s:
        known, now = revisions.history(s, PACK), force.app.clock.now()
    assert [goes_to(pinned, known, now) for pinned in (1, 2, 3, 4)] == [3, 3, None, None]
    force.withdraw(4)
    with force.app.sessions.reading() as s:
        known = revisions.history(s, PACK)
    assert [goes_to(pinned, known, now) for pinned in (1, 2, 3, 4)] == [3, 3, None, 3]
