"""Cases are written whole, by compare-and-set; wakes and leases do not move their version."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlmodel import Session

from policy.case import Step
from policy.errors import Busy, Refused, Stale, Unknown
from policy.record_terms import AgeBand
from policy.terms import CaseStatus, Risk, StepStatus
from store import cases, listing, meta
from store.cases import Stored
from store.engine import Sessions
from store.listing import Wanted
from tests.store.samples import AT, a_case, a_step, minutes, stored

NewCase = Callable[[Sessions], Stored]


def test_a_case_comes_back_as_it_was_written(sessions: Sessions) -> None:
    """Nothing is lost but what no database holds as text (NUL, half a surrogate pair)."""
    with sessions() as s:
        made = cases.create(s, stored(a_case()))
    with sessions.reading() as s:
        back = cases.load(s, made.ref)
    told = a_case().steps[1]
    assert back.case == a_case().with_step(replace(told, reason="busy \ufffd \ufffd night"))
    assert replace(back, case=made.case) == made
    assert back.version == 1
    assert back.case.steps[1].due_at == AT + minutes(10)


def test_a_case_without_anything_comes_back_too(sessions: Sessions) -> None:
    """Every field that may be empty may be empty."""
    empty = replace(a_case(), risk=None, risk_rank=None, area=None, owner=None, offered_to=None, offered_at=None)
    bare = replace(empty, tagged_to=None, flags=frozenset(), steps=(Step("record_incident"),), anchors={})
    with sessions() as s:
        cases.create(s, replace(stored(bare, wake_at=None), serial=None, record={}, defects=()))
        back = cases.load(s, bare.ref)
    assert back.case == bare
    assert back.serial is None
    assert back.wake_at is None


def test_no_case_no_answer(sessions: Sessions) -> None:
    """A reference that does not exist is Unknown, also to save."""
    with sessions() as s:
        with pytest.raises(Unknown):
            cases.load(s, "MP-2026-999999")
        with pytest.raises(Unknown):
            cases.save(s, stored(a_case()), a_case(), wake_at=None)
        assert cases.find(s, "compact", "nothing") is None


def test_the_same_record_is_one_case(sessions: Sessions) -> None:
    """Source and source id find the case; creating another is refused and leaves the transaction usable."""
    with sessions() as s:
        made = cases.create(s, stored(a_case()))
        again = replace(stored(a_case("MP-2026-000002")), source_id=made.source_id)
        with pytest.raises(Busy):
            cases.create(s, again)
        assert cases.find(s, made.source, made.source_id) == made.ref
        assert cases.find_serial(s, "STORM-1") == [made.ref]


def test_references_count_within_their_year(sessions: Sessions) -> None:
    """MP, the year, six digits; a transaction that fails gives its number back."""
    with sessions() as s:
        assert cases.next_ref(s, AT) == "MP-2026-000001"
        assert cases.next_ref(s, AT.replace(year=2027)) == "MP-2027-000001"
    _fail_after(sessions, lambda s: cases.next_ref(s, AT))
    with sessions() as s:
        assert cases.next_ref(s, AT) == "MP-2026-000002"


def test_save_moves_the_version_and_refuses_the_second(sessions: Sessions, new_case: NewCase) -> None:
    """Who decided upon an older state writes nothing, and learns the version that stands."""
    first = new_case(sessions)
    with sessions() as s:
        second = cases.save(s, first, replace(first.case, risk=Risk.HIGH), wake_at=AT + minutes(5))
    assert second.version == 2
    changed = replace(first.case, status=CaseStatus.CLOSED, steps=())
    with pytest.raises(Stale) as refused, sessions() as s:
        cases.save(s, first, changed, wake_at=None)
    assert refused.value.current == 2
    with sessions() as s:
        assert cases.load(s, first.ref) == replace(second, case=cases.load(s, first.ref).case)
        assert cases.load(s, first.ref).case.risk is Risk.HIGH


def test_only_changed_steps_are_written(sessions: Sessions, new_case: NewCase) -> None:
    """One step changed, one added, one gone: each costs one statement, the rest none; the order is kept."""
    before = new_case(sessions)
    after = before.case.with_step(a_step("inspector_review", 2))
    after = after.with_step(replace(after.steps[1], status=StepStatus.DONE))
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        words = statement.split()[:3]
        written.extend([words[0]] if "step" in words else [])

    with sessions() as s:
        event.listen(sessions.engine, "before_cursor_execute", note)
        second = cases.save(s, before, after, wake_at=None)
        event.remove(sessions.engine, "before_cursor_execute", note)
        back = cases.load(s, before.ref)
        assert [step.id for step in back.case.steps] == [step.id for step in after.steps]
        assert back.case.steps[1].status is StepStatus.DONE
        third = cases.save(s, second, replace(after, steps=after.steps[1:]), wake_at=None)
        assert cases.load(s, before.ref).case.steps[0].key == after.steps[1].key
        assert third.version == 3
    assert sorted(written) == ["INSERT", "UPDATE"]


def _fail_after(sessions: Sessions, work: Callable[[Session], object]) -> None:
    def run() -> None:
        with sessions() as s:
            work(s)
            raise Refused("a rule says no", rule="test")

    with pytest.raises(Refused):
        run()


def test_of_two_threads_one_saves(shared: Sessions, new_case: NewCase) -> None:
    """Both loaded version 1; one saves, the other is Stale; nothing is lost and nothing waits for ever."""
    first = new_case(shared)
    ready = threading.Barrier(2)
    outcomes: list[Risk | None] = []

    def act(risk: Risk) -> None:
        with shared.reading() as s:
            seen = cases.load(s, first.ref)
        ready.wait(timeout=10)
        try:
            with shared() as s:
                cases.save(s, seen, replace(seen.case, risk=risk), wake_at=None)
            outcomes.append(risk)
        except Stale:
            outcomes.append(None)

    threads = [threading.Thread(target=act, args=(risk,)) for risk in (Risk.LOW, Risk.HIGH)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(outcomes) == 2
    winner = next(risk for risk in outcomes if risk is not None)
    assert outcomes.count(None) == 1
    with shared() as s:
        assert cases.load(s, first.ref).case.risk is winner


def test_a_transaction_is_all_or_nothing(sessions: Sessions, new_case: NewCase) -> None:
    """A refusal half-way leaves nothing written."""
    before = new_case(sessions)
    _fail_after(sessions, lambda s: cases.save(s, before, replace(before.case, steps=()), wake_at=None))
    _fail_after(sessions, lambda s: meta.put(s, "half", "written"))
    with sessions() as s:
        assert cases.load(s, before.ref).version == 1
        assert meta.get(s, "half") is None


def test_a_later_record_takes_the_place_of_the_first(sessions: Sessions, new_case: NewCase) -> None:
    """Record, defects and serial change without moving the version."""
    made = new_case(sessions)
    with sessions() as s:
        cases.set_record(s, made.ref, record={"new": 1}, defects=(), serial=None)
        back = cases.load(s, made.ref)
    assert (back.record, back.defects, back.serial, back.version) == ({"new": 1}, (), None, 1)


def test_lists_come_in_pages_newest_first(sessions: Sessions) -> None:
    """The cursor gives the next page; conditions narrow; closed ones may be left out."""
    with sessions() as s:
        for number in range(1, 6):
            case = replace(a_case(f"MP-2026-{number:06d}"), area="stoke" if number % 2 else "stafford")
            cases.create(s, stored(case if number < 5 else replace(case, status=CaseStatus.CLOSED, steps=())))
        page, cursor = listing.listing(s, limit=2)
        assert [one.ref[-1] for one in page] == ["5", "4"]
        page, cursor = listing.listing(s, limit=2, cursor=cursor)
        assert [one.ref[-1] for one in page] == ["3", "2"]
        page, cursor = listing.listing(s, limit=2, cursor=cursor)
        assert [one.ref[-1] for one in page] == ["1"]
        assert cursor is None
        for wanted, number in (
            (Wanted(live=True), 4),
            (Wanted(status=CaseStatus.CLOSED), 1),
            (Wanted(area="stafford"), 2),
            (Wanted(risk=Risk.HIGH), 0),
            (Wanted(owner="insp-a", overdue=True), 4),
            (Wanted(overdue=False), 1),
            (Wanted(q="cmp-mp-2026-000003"), 1),
            (Wanted(q="100%"), 0),
        ):
            assert len(listing.listing(s, wanted)[0]) == number, wanted
        assert listing.totals(s) == listing.Totals(open=4, overdue_steps=4)


def test_what_somebody_has_to_do_with_is_found_whatever_it_is(sessions: Sessions) -> None:
    """Their own cases, those offered to them, those with a live step of theirs; the most pressing first."""
    bare = replace(a_case(), owner=None, offered_to=None, offered_at=None, steps=())
    asked, done = replace(a_step(), holder="insp-b"), replace(a_step(), holder="insp-b", status=StepStatus.DONE)
    theirs = [
        replace(a_case(), steps=()),  # of insp-a
        replace(bare, offered_to="insp-b", offered_at=AT, risk=Risk.LOW),
        replace(bare, steps=(asked,), risk=Risk.HIGH),
        replace(bare, steps=(done,)),
        replace(bare, offered_to="insp-b", offered_at=AT, status=CaseStatus.CLOSED),
    ]
    with sessions() as s:
        for number, case in enumerate(theirs, 1):
            cases.create(s, stored(replace(case, ref=f"MP-2026-{number:06d}")))
        assert [one.ref[-1] for one in listing.concerning(s, "insp-b")] == ["3", "2"]
        assert [one.ref[-1] for one in listing.concerning(s, "insp-a")] == ["1"]
        assert listing.concerning(s, "nobody") == []


def test_examples_can_be_removed(sessions: Sessions, new_case: NewCase) -> None:
    """Removing takes the example cases with all that hangs on them, and no real case."""
    with sessions() as s:
        assert not cases.has_real(s)
        cases.create(s, stored(replace(a_case("MP-2026-900001"), example=True)))
        assert not cases.has_real(s)
    real = new_case(sessions)
    with sessions() as s:
        assert cases.has_real(s)
        assert cases.remove_examples(s) == 1
        assert [one.ref for one in cases.load_all(s, ["MP-2026-900001", real.ref])] == [real.ref]


def test_urgency_is_that_of_the_timers(sessions: Sessions) -> None:
    """A child whose risk is not set sorts as high."""
    child = replace(a_case(risk=None), age_band=AgeBand.UNKNOWN)
    with sessions() as s:
        cases.create(s, stored(child))
        assert listing.listing(s, Wanted(risk=Risk.HIGH))[0] == []
        assert cases.load(s, child.ref).case.risk is None
