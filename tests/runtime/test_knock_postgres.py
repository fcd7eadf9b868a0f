"""Knocks that PostgreSQL carries: heard on every home, made again when the line is cut, never in anybody's way."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from runtime.app import build
from runtime.clock import Stopwatch
from runtime.knock import Listener
from runtime.knock_postgres import Notifier
from runtime.settings import load
from tests.store import postgres

pytestmark = pytest.mark.postgres
NOBODY = "postgresql://vigil@127.0.0.1:1/none"
_KNOCK = "import sys; from pathlib import Path; from runtime.knock_postgres import Notifier; \
n = Notifier(sys.argv[1], Path(sys.argv[2])); n.knock('timer'); n.close()"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Address of a server of this file's own: what is cut here is nobody else's."""
    with postgres.server() as there:
        yield there


@contextmanager
def _notifier(url: str, home: Path) -> Iterator[Notifier]:
    notifier = Notifier(url, home)
    yield notifier
    notifier.close()


@contextmanager
def _hearing(url: str, home: Path, part: str) -> Iterator[Listener]:
    """A listener whose ear is at the line: its first knock is for what was said before."""
    with Listener(home, part, url) as listener:
        assert listener.wait(10)
        yield listener


def test_a_knock_from_another_process_and_home_is_heard(url: str, tmp_path: Path) -> None:
    """It is said before the process ends, though it ends at once."""
    with _hearing(url, tmp_path / "a", "timer") as listener:
        subprocess.run([sys.executable, "-c", _KNOCK, url, str(tmp_path / "b")], check=True, timeout=30)
        assert listener.wait(10)


def test_each_part_hears_its_own_and_a_home_not_itself(url: str, tmp_path: Path) -> None:
    """The home that knocks has heard its datagram: a second look for one knock would be wasted."""
    here, there = tmp_path / "a", tmp_path / "b"
    with (
        _hearing(url, here, "timer") as timer,
        _hearing(url, there, "timer") as other,
        _hearing(url, there, "worker") as worker,
        _notifier(url, here) as notifier,
    ):
        notifier.knock("timer")
        assert other.wait(10)
        notifier.knock("worker")
        assert worker.wait(10)
        assert not timer.wait(0)
        assert not other.wait(0)


def test_a_line_that_is_cut_is_made_again(url: str, tmp_path: Path) -> None:
    """Both ends: the ear listens anew and looks at once, and the notifier's next knock is carried."""
    with _hearing(url, tmp_path / "a", "timer") as listener, _notifier(url, tmp_path / "b") as notifier:
        notifier.knock("timer")
        assert listener.wait(10)
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'vigil'"
        )
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        with engine.connect() as connection:
            connection.execute(text(cut))
        engine.dispose()
        assert listener.wait(10), "whoever was deaf looks as soon as he hears again"
        notifier.knock("timer")
        assert listener.wait(10)


def test_a_database_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    """A knock returns at once and raises nothing; neither does the end wait for it."""
    watch = Stopwatch()
    with Listener(tmp_path, "timer", NOBODY) as listener, _notifier(NOBODY, tmp_path) as notifier:
        for _ in range(100):
            notifier.knock("timer")
        assert watch.elapsed() < 2
        listener.knock()
        assert listener.wait(10), "the datagram is heard all the same"


def test_a_door_knocks_on_its_own_home_and_on_the_others(url: str, tmp_path: Path) -> None:
    """By datagram here, through the database elsewhere; what a command has said is said when it has closed its app."""
    with _hearing(url, tmp_path / "a", "timer") as here, _hearing(url, tmp_path / "b", "timer") as there:
        app = build(load({"home": tmp_path / "a", "database_url": url}))
        app.knock("timer")
        app.close()
        assert here.wait(10)
        assert there.wait(10)


def test_without_postgresql_there_is_no_line(tmp_path: Path) -> None:
    """SQLite is one machine's."""
    with Listener(tmp_path, "timer", f"sqlite:///{tmp_path}/vigil.db") as listener:
        assert not listener.wait(0)
