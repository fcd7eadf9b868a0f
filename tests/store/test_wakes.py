"""What is due, in its order; leases that one holder has at a time; none of it moves a case's version."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from policy.terms import CaseStatus, Risk
from store import cases, wakes
from store.cases import Stored
from store.engine import Sessions
from store.wakes import DueCase
from tests.store.samples import AT, WALL, a_case, minutes, stored

NewCase = Callable[[Sessions], Stored]
SECOND = minutes(1 / 60)


def test_high_risk_first_then_the_oldest(sessions: Sessions) -> None:
    """Of the cases whose wake has come: by the risk that the timers run as, then by the instant."""
    with sessions() as s:
        for ref, risk, wake_at in (
            ("MP-2026-000001", Risk.MEDIUM, AT - minutes(9)),
            ("MP-2026-000002", Risk.HIGH, AT),
            ("MP-2026-000003", None, AT - minutes(1)),  # a child: high until set
            ("MP-2026-000004", Risk.HIGH, AT + SECOND),
        ):
            cases.create(s, stored(replace(a_case(ref), risk=risk), wake_at=wake_at))
        cases.create(s, stored(a_case("MP-2026-000005"), wake_at=None))
        found = wakes.due(s, AT, WALL)
        assert [one.ref[-1] for one in found] == ["3", "2", "1"]
        assert found[0] == DueCase("MP-2026-000003", Risk.HIGH, AT - minutes(1), None, 0, 1)
        assert len(wakes.due(s, AT, WALL, limit=2)) == 2
        assert wakes.next_wake(s, WALL) == AT - minutes(9)


def test_a_held_case_is_nobody_elses(sessions: Sessions, new_case: NewCase) -> None:
    """While a lease runs the case is not due and has no wake; the instant that it runs out, both are back."""
    ref = new_case(sessions).ref
    with sessions() as s:
        assert wakes.take_lease(s, ref, "worker/1/a", WALL, 60)
        assert not wakes.take_lease(s, ref, "worker/2/b", WALL + 59 * SECOND, 60)
        assert wakes.take_lease(s, ref, "worker/1/a", WALL + 30 * SECOND, 60)
        assert wakes.due(s, AT, WALL + 89 * SECOND) == []
        assert wakes.next_wake(s, WALL + 89 * SECOND) is None
        assert len(wakes.due(s, AT, WALL + 90 * SECOND)) == 1
        assert wakes.take_lease(s, ref, "worker/2/b", WALL + 90 * SECOND, 60)
        assert not wakes.free_lease(s, ref, "worker/1/a")
        assert cases.load(s, ref).lease_holder == "worker/2/b"
        assert wakes.free_lease(s, ref, "worker/2/b")
        assert cases.load(s, ref).lease_until is None
        assert not wakes.take_lease(s, "MP-2026-999999", "worker/1/a", WALL)


def test_the_leases_of_a_dead_process_can_be_taken_back(sessions: Sessions, new_case: NewCase) -> None:
    """All of its holders, and nobody whose name only looks alike."""
    with_lease = [(new_case(sessions).ref, holder) for holder in ("worker/1/a", "worker/1/b", "workerx1/a")]
    with sessions() as s:
        for ref, holder in with_lease:
            assert wakes.take_lease(s, ref, holder, WALL)
        assert wakes.free_leases_of(s, "worker_1/") == 0
        assert wakes.free_leases_of(s, "worker/1/") == 2


def test_the_engines_columns_do_not_move_the_version(sessions: Sessions, new_case: NewCase) -> None:
    """A run, a pass, a wake or a lease never makes a decision stale; a save keeps them."""
    made = new_case(sessions)
    with sessions() as s:
        wakes.set_run(s, made.ref, "run-1", 1)
        assert [wakes.count_pass(s, made.ref), wakes.count_pass(s, made.ref)] == [1, 2]
        wakes.set_wake(s, made.ref, AT + minutes(1))
        wakes.take_lease(s, made.ref, "me", WALL)
        cases.save(s, made, replace(made.case, risk=Risk.HIGH), wake_at=AT + minutes(2))
        back = cases.load(s, made.ref)
        assert (back.run_id, back.run_number, back.passes) == ("run-1", 1, 2)
        assert (back.lease_holder, back.lease_until) == ("me", WALL + minutes(1))
        assert (back.version, back.wake_at) == (2, AT + minutes(2))
        wakes.set_run(s, made.ref, "run-2", 2)
        assert cases.load(s, made.ref).passes == 0


def test_of_two_threads_one_gets_the_lease(shared: Sessions, new_case: NewCase) -> None:
    """Twenty times over, exactly one."""
    refs = [new_case(shared).ref for _ in range(20)]
    ready = threading.Barrier(2)
    got: list[str] = []

    def take(holder: str) -> None:
        ready.wait(timeout=10)
        for ref in refs:
            with shared() as s:
                if wakes.take_lease(s, ref, holder, WALL):
                    got.append(ref)

    threads = [threading.Thread(target=take, args=(f"w{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(got) == sorted(refs)


@pytest.mark.parametrize("url", ["sqlite://"])
def test_due_uses_the_index(sessions: Sessions) -> None:
    """Ten thousand waiting cases cost nothing: the question goes through the index on wake_at."""
    with sessions() as s:
        plan = s.connection().execute(
            text(
                "EXPLAIN QUERY PLAN SELECT ref, urgency, wake_at FROM case_record WHERE wake_at <= '2026' "
                "AND (lease_until IS NULL OR lease_until <= '2031') ORDER BY urgency DESC, wake_at LIMIT 100"
            )
        )
        steps = " ".join(str(row[3]) for row in plan)
    assert "SEARCH case_record USING INDEX ix_case_record_wake_at (wake_at<?)" in steps


def test_the_cases_that_must_have_a_run_are_gone_round_by_risk(sessions: Sessions) -> None:
    """Closed cases are left out unless somebody must look at them yet, and so is what somebody holds."""
    with sessions() as s:
        for number, (risk, status, wake_at) in enumerate(
            (
                (Risk.LOW, CaseStatus.OPEN, None),
                (Risk.HIGH, CaseStatus.INACTIVE, AT + minutes(9)),
                (Risk.HIGH, CaseStatus.CLOSED, None),
                (Risk.MEDIUM, CaseStatus.CLOSED, AT + minutes(9)),
                (Risk.HIGH, CaseStatus.LOCATED, AT),
            ),
            start=1,
        ):
            case = replace(a_case(f"MP-2026-00000{number}"), risk=risk, status=status)
            cases.create(s, stored(case, wake_at=wake_at))
        found = wakes.carried(s, WALL)
        assert [one.ref[-1] for one in found] == ["2", "5", "4", "1"]
        assert [one.ref[-1] for one in wakes.carried(s, WALL, found[0], limit=2)] == ["5", "4"]
        assert [one.ref[-1] for one in wakes.carried(s, WALL, found[2])] == ["1"]
        assert [one.ref for one in wakes.carried(s, WALL, only=[found[1].ref, "MP-2026-000003"])] == [found[1].ref]
        assert wakes.take_lease(s, found[0].ref, "worker/1/a", WALL, 60)
        assert [one.ref[-1] for one in wakes.carried(s, WALL)] == ["5", "4", "1"]


def test_a_wake_that_has_passed_is_never_moved_later(sessions: Sessions) -> None:
    """A roster comes in: whoever sleeps is woken now, how late the others are still counts from their own wake."""
    instants = {"MP-2026-000001": AT - minutes(1), "MP-2026-000002": AT + minutes(9), "MP-2026-000003": None}
    with sessions() as s:
        for ref, wake_at in instants.items():
            cases.create(s, stored(a_case(ref), wake_at=wake_at))
        assert wakes.wake_all_of(s, ["insp-a"], AT) == 2
        assert [cases.load(s, ref).wake_at for ref in instants] == [AT - minutes(1), AT, AT]
