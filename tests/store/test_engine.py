"""Transactions: all or nothing, safe from threads, and errors that say what to do next and nothing personal."""

import sqlite3
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from models import MetaRow, PartRow
from models.columns import canonical, plain
from policy.errors import Busy, Transient
from store import engine, meta
from store.engine import Sessions, make_engine
from store.upgrade import open_store
from tests.store.samples import AT


def test_reading_sees_and_does_not_write(sessions: Sessions) -> None:
    """What was committed is seen; writing in a reading transaction is refused, and the next writer is not harmed."""
    with sessions() as s:
        meta.put(s, "a", "1")
    with sessions.reading() as s:
        assert meta.get(s, "a") == "1"
    with pytest.raises((DBAPIError, Transient)), sessions.reading() as s:
        meta.put(s, "a", "2")
    with sessions() as s:
        meta.put(s, "b", "1")
        assert meta.get(s, "a") == "1"


def test_a_reader_sees_one_state(shared: Sessions) -> None:
    """Whatever is committed meanwhile, a reading transaction sees what it saw first."""
    with shared() as s:
        meta.put(s, "a", "1")
    with shared.reading() as s:
        assert meta.get(s, "a") == "1"
        thread = threading.Thread(target=lambda: _put(shared, "a", "2"))
        thread.start()
        thread.join(timeout=30)
        assert meta.get(s, "a") == "1"
    with shared.reading() as s:
        assert meta.get(s, "a") == "2"


def test_threads_take_turns(sessions: Sessions) -> None:
    """Eight threads count to eighty together, on every database, in memory too."""

    def count() -> None:
        for _ in range(10):
            with sessions() as s:
                meta.next_number(s, "turns")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with sessions() as s:
        assert meta.next_number(s, "turns") == 81


def test_processes_take_turns(tmp_path: Path) -> None:
    """Two stores on one file, as two processes have them: both write, none is told that it is locked."""
    url = f"sqlite:///{tmp_path}/vigil.db"
    stores = [open_store(url), open_store(url)]

    def count(store: Sessions) -> None:
        for _ in range(20):
            with store() as s:
                meta.put(s, "seen", meta.get(s, "seen") or "yes")
                meta.next_number(s, "turns")

    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with stores[0]() as s:
        assert meta.next_number(s, "turns") == 41
    for store in stores:
        store.close()


def test_a_store_held_too_long_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held by another process, or by another thread of this one: try again in a moment."""
    monkeypatch.setattr(engine, "WAIT_S", 0.05)
    store = open_store(f"sqlite:///{tmp_path}/vigil.db")
    other = sqlite3.connect(tmp_path / "vigil.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        _put(store, "a", "1")
    other.execute("ROLLBACK")
    other.close()
    with store(), pytest.raises(Busy):
        _put(store, "a", "1")
    store.close()


def test_a_store_that_is_gone_is_transient(tmp_path: Path) -> None:
    """A folder where the file should be, or a server that does not answer: trying again may help."""
    (tmp_path / "vigil.db").mkdir()
    with pytest.raises(Transient):
        _put(Sessions(make_engine(f"sqlite:///{tmp_path}/vigil.db")), "a", "1")


@pytest.mark.postgres
def test_a_server_that_does_not_answer_is_transient() -> None:
    """PostgreSQL stopped: trying again may help."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
    store = Sessions(make_engine("postgres://vigil@127.0.0.1:1/none"))
    with pytest.raises(Transient):
        _put(store, "a", "1")
    assert not store.answers()
    store.close()


def test_a_store_that_answers_says_so(sessions: Sessions) -> None:
    """A part that cannot begin without it waits for that."""
    assert sessions.answers()


def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    """What is committed is on the disk; foreign keys hold; readers do not wait for writers."""
    store = open_store(f"sqlite:///{tmp_path}/new folder/vigil.db")
    with store() as s:
        found = {
            name: s.connection().execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    store.close()


def test_errors_carry_no_values(sessions: Sessions) -> None:
    """The values of a statement may be personal data; an error's text goes to logs."""
    with pytest.raises(DBAPIError) as raised, sessions() as s:
        s.connection().execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Somebody Secret"})
    assert "Secret" not in str(raised.value)


def test_instants_keep_their_moment_and_naive_ones_are_refused(sessions: Sessions) -> None:
    """Whatever the zone they come in, they come back aware and in UTC."""
    elsewhere = AT.astimezone(timezone(timedelta(hours=-7)))
    with sessions() as s:
        meta.beat(s, "worker", "m/1", elsewhere)
        back = meta.beats(s)["worker"].beat_at
        assert (back, back.utcoffset()) == (AT, timedelta(0))
    with pytest.raises(StatementError, match="without its offset"), sessions() as s:
        meta.beat(s, "worker", "m/1", datetime(2026, 1, 10))  # noqa: DTZ001  # naive on purpose


def test_rows_are_found_by_their_class(sessions: Sessions) -> None:
    """A row is its class: what SQLModel reads is what was written."""
    with sessions() as s:
        meta.put(s, "a", "1")
        meta.beat(s, "worker", "m/1", AT)
        assert s.get(MetaRow, "a") == MetaRow(key="a", value="1")
        assert s.get(PartRow, ("worker", "m/1")) == PartRow(name="worker", process="m/1", beat_at=AT)


def test_plain_is_the_same_each_time() -> None:
    """Canonical JSON does not depend on order, and refuses what it does not know."""
    assert canonical({"b": {3, 1}, "a": AT}) == '{"a":"2026-01-10T19:00:00.000000Z","b":[1,3]}'
    assert plain({1: (timedelta(minutes=1), float("inf"), True, None)}) == {"1": [60.0, "inf", True, None]}
    with pytest.raises(TypeError, match="bytes"):
        plain(b"x")
    with pytest.raises(TypeError, match="object"):
        plain({"x": object()})
    with pytest.raises(ValueError, match="offset"):
        plain(datetime(2026, 1, 10))  # noqa: DTZ001  # naive on purpose


def _put(sessions: Sessions, key: str, value: str) -> None:
    with sessions() as s:
        meta.put(s, key, value)
