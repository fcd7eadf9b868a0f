"""Revisions in the store: numbered, settled once, never forgotten; and which open cases follow which."""

from dataclasses import replace

import pytest

from policy.errors import Stale, Unknown
from policy.terms import CaseStatus
from store import cases, revisions
from store.engine import Sessions
from store.revisions import FILE, Revision
from tests.store.samples import AT, a_case, minutes, stored


def a_revision(number: int, pack: str = "staffordshire") -> Revision:
    """Write a revision that changes the one before it, in force so many minutes from now."""
    return Revision(
        pack=pack,
        number=number,
        base=number - 1,
        changes=({"step": "notify_local_supervisor", "field": "due", "risk": "medium", "value": "8m"},),
        text="pack = 'staffordshire'",
        reason="too slow",
        applies_to="new",
        effective_from=AT + minutes(number),
        proposed_by="adm-1",
        proposed_at=AT,
    )


def test_a_revision_is_settled_once(sessions: Sessions) -> None:
    """Proposed, approved, in force from its instant; a second answer is Stale, an unknown number Unknown."""
    with sessions() as s:
        assert revisions.next_number(s, "staffordshire") == 1
        revisions.put(s, replace(a_revision(1), kind=FILE, status=revisions.APPROVED))
        revisions.put(s, a_revision(2))
        with pytest.raises(Stale) as taken:
            revisions.put(s, a_revision(2))
        assert taken.value.current == 2
        revisions.put(s, replace(a_revision(3), override={"by": "supt-1", "reason": "trial"}))
        revisions.put(s, a_revision(2, "metropolitan"))
        assert revisions.next_number(s, "staffordshire") == 4
        revisions.approve(s, "staffordshire", 2, "adm-2", AT + minutes(1), AT + minutes(5))
        with pytest.raises(Stale):
            revisions.approve(s, "staffordshire", 2, "adm-2", AT, AT)
        revisions.withdraw(s, "staffordshire", 3, "adm-1", AT)
        with pytest.raises(Unknown):
            revisions.approve(s, "staffordshire", 9, "adm-2", AT, AT)
        assert revisions.effective(s, "staffordshire", AT) is None
        assert revisions.effective(s, "staffordshire", AT + minutes(4)) == 1
        assert revisions.effective(s, "staffordshire", AT + minutes(5)) == 2
        assert revisions.latest(s, "staffordshire") == 2
        standing = revisions.get(s, "staffordshire", 2)
        assert (standing.approved_by, standing.override) == ("adm-2", None)
        assert [one.number for one in revisions.history(s, "staffordshire")] == [1, 2, 3]
        assert len(revisions.history(s)) == 4
        assert revisions.get(s, "staffordshire", 3).override == {"by": "supt-1", "reason": "trial"}


def test_one_in_force_is_withdrawn_with_its_reason(sessions: Sessions) -> None:
    """Then the one before it is in force again; withdrawn twice is Stale."""
    with sessions() as s:
        revisions.put(s, replace(a_revision(1), kind=FILE, status=revisions.APPROVED))
        revisions.put(s, replace(a_revision(2), status=revisions.APPROVED, settled_at=AT))
        revisions.withdraw(s, "staffordshire", 2, "supt-1", AT + minutes(9), "too many at night")
        found = revisions.get(s, "staffordshire", 2)
        assert (found.status, found.withdrawn_reason, found.settled_at) == ("withdrawn", "too many at night", None)
        assert not found.in_force(AT + minutes(10))
        assert revisions.effective(s, "staffordshire", AT + minutes(10)) == 1
        with pytest.raises(Stale):
            revisions.withdraw(s, "staffordshire", 2, "supt-1", AT)


def test_what_open_cases_may_still_have_to_follow(sessions: Sessions) -> None:
    """In force or withdrawn, and not noted as settled; never a proposal, never a file."""
    with sessions() as s:
        revisions.put(s, replace(a_revision(1), kind=FILE, status=revisions.APPROVED))
        revisions.put(s, replace(a_revision(2), status=revisions.APPROVED))
        revisions.put(s, replace(a_revision(3), status=revisions.WITHDRAWN))
        revisions.put(s, a_revision(4))
        assert [one.number for one in revisions.unsettled(s, AT + minutes(2))] == [2]
        assert [one.number for one in revisions.unsettled(s, AT + minutes(9))] == [2, 3]
        revisions.settled(s, "staffordshire", 2, AT + minutes(9))
        assert [one.number for one in revisions.unsettled(s, AT + minutes(9))] == [3]


def test_who_follows_a_revision_the_soonest_first(sessions: Sessions) -> None:
    """A closed case that asks nobody for anything follows none; one that nobody must look at comes last."""
    with sessions() as s:
        for number, (wake, status) in enumerate(
            ((9, CaseStatus.OPEN), (None, CaseStatus.OPEN), (3, CaseStatus.LOCATED), (None, CaseStatus.CLOSED)), 1
        ):
            case = replace(a_case(f"MP-2026-{number:06d}"), status=status, pack="staffordshire", revision=1)
            cases.create(s, replace(stored(case), wake_at=AT + minutes(wake) if wake else None))
        assert revisions.followed(s) == {("staffordshire", 1): 3}
        assert [ref[-1] for ref in revisions.followers(s, "staffordshire", 1, 9)] == ["3", "1", "2"]
        assert len(revisions.followers(s, "staffordshire", 1, 1)) == 1
        assert revisions.followers(s, "staffordshire", 2, 9) == []
        later = revisions.followers(s, "staffordshire", 1, 9, after=AT + minutes(3), without={"MP-2026-000002"})
        assert [ref[-1] for ref in later] == ["1"]
