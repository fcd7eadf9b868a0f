"""Cases of one person are found by digests, on every database, also when two records come in at the same moment."""

import threading
from dataclasses import replace
from datetime import timedelta

from policy.terms import CaseStatus
from store import cases, feeds, people
from store.engine import Sessions
from store.feeds import Feed
from tests.store.samples import AT, a_case, stored


def put(sessions: Sessions, number: int, key: str, status: CaseStatus = CaseStatus.OPEN) -> str:
    """Write a case of a person."""
    case = replace(a_case(f"MP-2026-{number:06d}"), status=status)
    kept = replace(stored(case), source_id=str(number), created_at=AT + timedelta(minutes=number), person_key=key)
    with sessions() as s:
        return cases.create(s, kept).ref


def test_open_cases_are_found_by_any_of_their_keys(sessions: Sessions) -> None:
    """The latest few, in the order of their references; closed ones are left out."""
    refs = [put(sessions, number, "one" if number % 2 else "two") for number in range(1, 9)]
    put(sessions, 9, "one", CaseStatus.CLOSED)
    put(sessions, 10, "three")
    with sessions.reading() as s:
        assert people.open_cases(s, frozenset({"one", "two"}), example=False) == refs[3:]
        assert people.open_cases(s, frozenset(), example=False) == []
        assert people.open_cases(s, frozenset({"one"}), example=True) == []


def test_a_reference_and_a_name_lead_to_each_other(sessions: Sessions) -> None:
    """Once a record had both; two references are two people, whatever they are called."""
    with sessions() as s:
        assert people.claim(s, None, None) == frozenset()
        assert people.claim(s, "ref-1", "name") == {"ref-1", "name"}
        assert people.claim(s, None, "name") == {"name", "ref-1"}
        assert people.claim(s, "ref-2", "name") == {"ref-2", "name"}
        assert people.claim(s, None, "name") == {"name", "ref-1", "ref-2"}
        assert people.claim(s, "ref-3", None) == {"ref-3"}


def test_a_corrected_record_has_another_key(sessions: Sessions) -> None:
    """The case is found under it from then on."""
    ref = put(sessions, 1, "one")
    with sessions() as s:
        people.set_key(s, ref, "two")
    with sessions.reading() as s:
        assert people.open_cases(s, frozenset({"two"}), example=False) == [ref]


def test_two_records_of_one_person_at_the_same_moment_find_each_other(shared: Sessions) -> None:
    """The second waits for the first, and then sees its case."""
    claimed, found = threading.Event(), list[list[str]]()

    def second() -> None:
        claimed.wait(10)
        with shared() as s:
            found.append(people.open_cases(s, people.claim(s, None, "one"), example=False))

    thread = threading.Thread(target=second)
    thread.start()
    with shared() as s:
        people.claim(s, None, "one")
        claimed.set()
        case = a_case()
        cases.create(s, replace(stored(case), person_key="one"))
    thread.join(20)
    assert found == [[case.ref]]


def test_how_a_feed_stands_is_kept(sessions: Sessions) -> None:
    """Its age is since the last answer, or since it was first asked."""
    silent, heard = Feed("a", AT), Feed("b", AT, AT + timedelta(seconds=30), "http_503")
    with sessions() as s:
        assert feeds.get(s, "a") is None
        feeds.put(s, silent)
        feeds.put(s, heard)
        feeds.put_progress(s, "a", {"mark": ["plain", 7]})
    with sessions.reading() as s:
        assert feeds.known(s, ["a", "b", "c"]) == [silent, heard]
        assert feeds.progress(s, "a") == {"mark": ["plain", 7]}
        assert feeds.progress(s, "b") == {}
    assert [feed.age_s(AT + timedelta(seconds=60)) for feed in (silent, heard)] == [60.0, 30.0]
