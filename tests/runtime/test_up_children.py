"""The parts' processes: started again when they die, left when they die too often, stopped without a remainder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.clock import Stopwatch
from runtime.up_children import RESTARTS, Child, Restarts, explain, stop_all, turn_over
from runtime.up_parts import Part


class Hand(Stopwatch):
    """A stopwatch that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def elapsed(self) -> float:
        return self.at


LISTENS = "import sys; sys.stdin.read()"  # stdin is /dev/null: ends at once
STAYS = "import signal; print('here', flush=True); signal.pause()"
STUBBORN = "import signal; signal.signal(15, signal.SIG_IGN); print('here', flush=True)\nwhile True: signal.pause()"


def part(code: str, grace_s: float = 20) -> Part:
    """A part whose process runs this code."""
    return Part("timer", "timer", (sys.executable, "-c", code), dict(os.environ), grace_s)


@pytest.fixture
def children() -> Iterator[list[Child]]:
    """What a test starts; nothing of it is left afterwards."""
    started: list[Child] = []
    yield started
    stop_all(started, hurry=lambda: True)


def runs(child: Child) -> bool:
    """Tell whether the child has a process now."""
    return child.pid is not None


def ended(child: Child) -> None:
    """Wait until the child's process has ended."""
    assert child._process is not None
    child._process.wait(20)


def heard(home: Path) -> None:
    """Wait until the child has said that it is here."""
    with subprocess.Popen(["tail", "-f", home / "logs" / "timer.out"], stdout=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert tail.stdout.readline() == b"here\n"
        tail.kill()


def test_a_part_that_dies_is_started_again_within_five_seconds(tmp_path: Path, children: list[Child]) -> None:
    """A person is told of it, and need not do anything."""
    hand = Hand()
    child = Child(part(LISTENS), tmp_path, hand)
    children.append(child)
    child.start()
    first = child._process
    ended(child)
    assert child.tend() == "the timer died (exit code 0) and is started again"
    assert child.tend() is None
    hand.at += 5
    assert child.tend() is None
    assert child._process is not first


def test_a_part_that_dies_too_often_is_left_and_a_person_is_told_where_to_look(
    tmp_path: Path, children: list[Child]
) -> None:
    """Five times a minute, then it is said and the logs are named."""
    hand = Hand()
    child = Child(part("raise SystemExit(3)"), tmp_path, hand)
    children.append(child)
    child.start()
    news: list[str] = []
    for _ in range(RESTARTS + 1):
        ended(child)
        news.append(child.tend() or "")
        hand.at += 4.5
        child.tend()
    assert child.given_up
    assert "exit code 3" in news[0]
    assert "is not started again" in news[-1]
    assert f"{tmp_path}/logs/timer.log" in news[-1]
    assert child.tend() is None
    assert child.deaths == RESTARTS + 1


def test_restarts_are_counted_by_the_minute() -> None:
    """Each comes a little later, all within five seconds; after a quiet minute the count begins anew."""
    hand = Hand()
    restarts = Restarts(hand.elapsed)
    waits = [restarts.next_after() for _ in range(RESTARTS + 1)]
    assert waits[-1] is None
    assert all(wait is not None and wait < 5 for wait in waits[:-1])
    hand.at = 60
    assert restarts.next_after() is not None


def test_what_is_asked_to_stop_may_finish(tmp_path: Path, children: list[Child]) -> None:
    """SIGTERM first: a pass under way may end."""
    child = Child(part(STAYS), tmp_path, Stopwatch())
    children.append(child)
    child.start()
    heard(tmp_path)
    assert runs(child)
    assert child.stop(hurry=lambda: False)
    assert not runs(child)
    assert child.stop(hurry=lambda: False), "stopped twice is stopped"


def test_what_does_not_stop_is_killed_when_its_grace_is_over(tmp_path: Path, children: list[Child]) -> None:
    """Nothing is left to hold a port."""
    child = Child(part(STUBBORN, grace_s=0.2), tmp_path, Stopwatch())
    children.append(child)
    child.start()
    heard(tmp_path)
    assert not child.stop(hurry=lambda: False)
    assert not runs(child)


def test_a_second_signal_kills_at_once(tmp_path: Path, children: list[Child]) -> None:
    """Whoever presses Ctrl-C twice means it."""
    child = Child(part(STUBBORN), tmp_path, Stopwatch())
    children.append(child)
    child.start()
    heard(tmp_path)
    assert not child.stop(hurry=lambda: True)
    assert not runs(child)


def test_parts_stop_in_the_opposite_order_of_their_start() -> None:
    """The worker first, while all that it needs still answers."""
    order: list[str] = []

    class Named(Child):
        def __init__(self, name: str) -> None:
            self.name = name

        def stop(self, hurry: object) -> bool:
            order.append(self.name)
            return True

    stop_all([Named(name) for name in ("prefect", "console", "timer", "worker")], hurry=lambda: False)
    assert order == ["worker", "timer", "console", "prefect"]


def test_what_a_part_prints_is_kept_and_turned_over(tmp_path: Path, children: list[Child]) -> None:
    """A crash before logging begins can be read afterwards."""
    out = tmp_path / "logs" / "timer.out"
    out.parent.mkdir()
    with out.open("wb") as old:
        old.truncate(6_000_000)
    child = Child(part("print('new')"), tmp_path, Stopwatch())
    children.append(child)
    child.start()
    ended(child)
    assert out.read_text() == "new\n"
    assert (tmp_path / "logs" / "timer.out.1").stat().st_size == 6_000_000


def test_what_a_running_part_prints_is_turned_over(tmp_path: Path) -> None:
    """It goes on at the file's new end; a database that is away for a night does not fill the disk."""
    out = tmp_path / "prefect.out"
    with out.open("ab") as printed:
        printed.write(b"x" * 5_000_001)
        printed.flush()
        turn_over(out)
        printed.write(b"new\n")
        printed.flush()
        turn_over(out)
    assert out.read_text() == "new\n"
    assert (tmp_path / "prefect.out.1").stat().st_size == 5_000_001
    turn_over(tmp_path / "none.out")


@pytest.mark.parametrize(
    ("code", "words"), [(1, "exit code 1"), (-9, "SIGKILL"), (-15, "SIGTERM"), (-999, "signal 999")]
)
def test_an_exit_code_is_said_as_a_person_would(code: int, words: str) -> None:
    """SIGKILL says more than -9."""
    assert explain(code) == words
