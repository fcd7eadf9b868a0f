"""The journal only grows, in one chain, and shows what was done to it."""

import threading
from datetime import UTC, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from policy.terms import Route, Stage
from store import journal, meta
from store.engine import Sessions
from tests.store.samples import AT, an_entry, minutes


def _write(sessions: Sessions, number: int, case: str | None = "MP-2026-000001") -> None:
    with sessions() as s:
        entries = [an_entry(n=n) for n in range(number)]
        journal.append(s, entries, case=case, route=Route.SYSTEM, written_at=AT + minutes(1))


def test_lines_come_back_in_order(sessions: Sessions) -> None:
    """One sequence for all cases; a case's lines can be read on from where one was."""
    _write(sessions, 2)
    _write(sessions, 2, "MP-2026-000002")
    _write(sessions, 1, None)
    with sessions() as s:
        assert [line.seq for line in journal.read(s)] == [1, 2, 3, 4, 5]
        assert [line.seq for line in journal.read(s, "MP-2026-000002", after=3)] == [4]
        assert len(journal.read(s, limit=2)) == 2
        line = journal.read(s)[1]
        assert (line.at, line.written_at, line.case, line.by) == (AT, AT + minutes(1), "MP-2026-000001", "insp-a")
        assert (line.route, line.kind, line.body) == (Route.SYSTEM, "told", {"n": 1})
        assert journal.head(s) == (5, journal.read(s)[-1].hash)
        assert journal.append(s, [], case=None, route=Route.API, written_at=AT) == 5


def test_a_whole_journal_is_whole(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in the bodies, and in whatever zone an instant was given; also over several batches."""
    monkeypatch.setattr(journal, "_BATCH", 2)
    with sessions() as s:
        assert journal.verify(s) is None
        odd = an_entry("n\0t\ud800", at=AT, span=minutes(3), stage=Stage.NOTIFY, set={"b", "a"}, text="é\0\ud800")
        elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
        number = an_entry(value=1.10, huge=10**20, nan=float("nan"), none=None, nested={"b": [1, (2,)]})
        journal.append(s, [odd, number], case=None, route=Route.API, written_at=elsewhere)
    _write(sessions, 3)
    with sessions.reading() as s:
        assert journal.verify(s) is None
        body = journal.read(s)[0].body
        assert body["at"] == "2026-01-10T19:00:00.000000Z"
        assert body["set"] == ["a", "b"]
        assert journal.read(s)[0].written_at.tzinfo is UTC


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE journal SET body = '{\"n\": 7}' WHERE seq = 3",
        "UPDATE journal SET kind = 'not_told' WHERE seq = 3",
        "UPDATE journal SET at = '2026-01-10 18:00:00.000000' WHERE seq = 3",
        "UPDATE journal SET case_ref = NULL WHERE seq = 3",
        "UPDATE journal SET \"by\" = 'insp-b' WHERE seq = 3",
        "UPDATE journal SET hash = body_hash WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
    ],
)
def test_tampering_names_the_first_broken_line(sessions: Sessions, tampering: str) -> None:
    """Whoever can take the triggers away still cannot hide what they changed."""
    _write(sessions, 5)
    _without_triggers(sessions, tampering)
    with sessions() as s:
        assert journal.verify(s) == 3


def test_a_cut_tail_shows(sessions: Sessions) -> None:
    """Taking the last lines away is seen, also when the journal goes on afterwards."""
    _write(sessions, 5)
    _without_triggers(sessions, "DELETE FROM journal WHERE seq > 3")
    with sessions() as s:
        assert journal.verify(s) == 4
    _write(sessions, 1)
    with sessions() as s:
        assert journal.verify(s) == 4


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET kind = kind",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE seq = 1",
    ],
)
def test_triggers_bite(sessions: Sessions, change: str) -> None:
    """No statement changes or removes a line."""
    _write(sessions, 2)
    with pytest.raises(DBAPIError, match="append-only"), sessions() as s:
        s.connection().execute(text(change))
    with sessions() as s:
        assert journal.verify(s) is None


def test_lines_cannot_be_replaced_or_truncated(sessions: Sessions) -> None:
    """SQLite's INSERT OR REPLACE and PostgreSQL's TRUNCATE go around ordinary triggers; not around ours."""
    _write(sessions, 2)
    sqlite = sessions.engine.dialect.name == "sqlite"
    change = "INSERT OR REPLACE INTO journal SELECT * FROM journal" if sqlite else "TRUNCATE journal"
    with pytest.raises(DBAPIError, match="append-only"), sessions() as s:
        s.connection().execute(text(change))
    with sessions() as s:
        assert len(journal.read(s)) == 2


def test_threads_append_one_chain(shared: Sessions) -> None:
    """Four writers at once: no gap, no line twice, the chain whole."""

    def write() -> None:
        for _ in range(5):
            _write(shared, 2)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with shared.reading() as s:
        assert [line.seq for line in journal.read(s)] == list(range(1, 41))
        assert journal.verify(s) is None


def test_a_refused_transaction_leaves_no_line(sessions: Sessions) -> None:
    """The chain goes on from what was committed."""
    _write(sessions, 1)

    def fails() -> None:
        with sessions() as s:
            journal.append(s, [an_entry()], case=None, route=Route.API, written_at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    _write(sessions, 1)
    with sessions() as s:
        assert journal.verify(s) is None
        assert meta.get(s, journal.HEAD) == f"2:{journal.read(s)[-1].hash}"


def _without_triggers(sessions: Sessions, tampering: str) -> None:
    with sessions() as s:
        connection = s.connection()
        if sessions.engine.dialect.name == "sqlite":
            for name in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER journal_no_{name}"))
        else:
            connection.execute(text("ALTER TABLE journal DISABLE TRIGGER ALL"))
        connection.execute(text(tampering))
