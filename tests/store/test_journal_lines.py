"""Lines of the journal by kind, by time and from the end: what a register and a timeline are made of."""

from policy.intents import Entry
from policy.terms import Route
from store import journal
from store.engine import Sessions
from store.journal import Lines
from tests.store.samples import AT, minutes

ONE, TWO = "MP-2026-000001", "MP-2026-000002"


def write(sessions: Sessions, case: str, *kinds: str) -> None:
    """Write one line of each kind, a minute apart."""
    with sessions() as s:
        entries = [Entry(kind, AT + minutes(n)) for n, kind in enumerate(kinds)]
        journal.append(s, entries, case=case, route=Route.SYSTEM, written_at=AT + minutes(60))


def test_the_newest_lines_come_part_by_part(sessions: Sessions) -> None:
    """The last ones in their order, then those before them; hidden kinds are not counted."""
    write(sessions, ONE, "overdue", "chosen", "fact", "fact")
    write(sessions, TWO, "fact")
    write(sessions, ONE, "risk")
    with sessions.reading() as s:
        assert [line.seq for line in journal.newest(s, ONE, limit=2)] == [4, 6]
        assert [line.seq for line in journal.newest(s, ONE, 4, 2)] == [2, 3]
        assert [line.seq for line in journal.newest(s, ONE, 4, 2, without={"chosen"})] == [1, 3]
        assert journal.newest(s, "MP-2026-000009") == []


def test_lines_of_a_kind_by_case_and_time(sessions: Sessions) -> None:
    """The newest first; from an instant, up to and without another, below a number, so many at the most."""
    write(sessions, ONE, "overdue", "fact", "overdue", "missed")
    write(sessions, TWO, "overdue")
    with sessions.reading() as s:
        kinds = {"overdue", "missed"}
        for wanted, numbers in (
            (Lines(kinds), [5, 4, 3, 1]),
            (Lines({"overdue"}, ONE), [3, 1]),
            (Lines(kinds, from_at=AT + minutes(2)), [4, 3]),
            (Lines(kinds, to_at=AT + minutes(2)), [5, 1]),
            (Lines(kinds, before=4), [3, 1]),
            (Lines({"nothing"}), []),
        ):
            assert [line.seq for line in journal.of_kinds(s, wanted)] == numbers, wanted
        assert [line.seq for line in journal.of_kinds(s, Lines(kinds), limit=2)] == [5, 4]
