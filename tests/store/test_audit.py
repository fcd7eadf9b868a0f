"""What the watchdog asks of the store beside its cases."""

from datetime import UTC

from runtime.clock import WallClock
from store.audit import database_clock
from store.engine import Sessions, is_postgres


def test_a_database_tells_its_own_time(sessions: Sessions) -> None:
    """PostgreSQL on this machine shows the instant of the question, not of the transaction; SQLite has no clock."""
    clock = WallClock()
    with sessions.reading() as s:
        first = database_clock(s)
        before, told, after = clock.wall(), database_clock(s), clock.wall()
    if not is_postgres(sessions.engine.url):
        assert first is told is None
        return
    assert first is not None
    assert told is not None
    assert first < before <= told <= after
    assert told.tzinfo is UTC
