"""A process stopped in the middle of a write is ended, so that the watchdog can write; a living one is left alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import frozen
from runtime.frozen import end_the_frozen_writer
from store import meta
from store.upgrade import open_store

HOLDS = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
held.execute("UPDATE meta SET value = value")
print("holds", flush=True)
sys.stdin.read()
"""
pytestmark = pytest.mark.skipif(not frozen.LOCKS.exists(), reason="who holds a lock is read from /proc")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store in a file."""
    open_store(f"sqlite:///{tmp_path / 'vigil.db'}").close()
    return tmp_path / "vigil.db"


@pytest.fixture
def writer(database: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process in the middle of a write."""
    command = [sys.executable, "-c", HOLDS, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        yield process
        process.kill()


def test_a_stopped_writer_is_ended(database: Path, writer: "subprocess.Popen[str]") -> None:
    """Its lock is free at once, what it had half written is gone, and others write."""
    os.kill(writer.pid, signal.SIGSTOP)
    os.waitpid(writer.pid, os.WUNTRACED)
    assert end_the_frozen_writer(database) == writer.pid
    writer.wait(10)
    sessions = open_store(f"sqlite:///{database}")
    with sessions() as s:
        meta.put(s, "written", "yes")
    sessions.close()
    assert end_the_frozen_writer(database) is None


def test_a_living_writer_is_left_alone(database: Path, writer: "subprocess.Popen[str]") -> None:
    """However long it takes: it lets go by itself."""
    assert end_the_frozen_writer(database) is None
    assert writer.poll() is None


def test_without_a_file_there_is_nobody(tmp_path: Path) -> None:
    """No store yet, or a machine that tells nothing of locks."""
    assert end_the_frozen_writer(tmp_path / "none.db") is None
