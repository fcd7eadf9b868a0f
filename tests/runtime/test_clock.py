"""The clocks: a rehearsal hurries the procedure and nothing else, and every process shares its origin."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from policy.errors import Invalid, Refused
from runtime.clock import (
    Leaps,
    RehearsalClock,
    Stopwatch,
    WallClock,
    beats,
    begin_rehearsal,
    real_seconds_until,
    rehearsal_of,
    wait,
)

START = datetime(2026, 1, 10, 19, tzinfo=UTC)
ORIGIN = datetime(2025, 3, 29, 22, 17, tzinfo=UTC)


class At(RehearsalClock):
    """A rehearsal clock whose wall stands still where the test puts it."""

    wall_at = ORIGIN

    def wall(self) -> datetime:
        return self.wall_at


def test_the_wall_clock_is_aware_and_both_its_clocks_agree() -> None:
    """On the wall clock there is one time, in UTC."""
    clock = WallClock()
    before, now, after = clock.wall(), clock.now(), clock.wall()
    assert before <= now <= after
    assert now.tzinfo is UTC
    assert clock.speed == 1


def test_a_clock_that_is_set_is_noticed_once() -> None:
    """Either way; what a clock is slewed by, or a slow machine, is no leap."""
    clock = At(START, 60, ORIGIN)
    leaps = Leaps(clock)
    try:
        for seconds, leap in ((0, 0), (-600, -600), (-600, 0), (-597, 0), (30, 627)):
            clock.__class__.wall_at = ORIGIN + timedelta(seconds=seconds)
            assert round(leaps.since().total_seconds()) == leap
    finally:
        At.wall_at = ORIGIN


def test_a_rehearsal_hurries_the_procedure_from_its_origin_on() -> None:
    """Ten real seconds at sixty are ten minutes of the procedure; the wall stays what it is."""
    clock = At(START, 60, ORIGIN)
    assert clock.now() == START
    clock.__class__.wall_at = ORIGIN + timedelta(seconds=10)
    try:
        assert clock.now() == START + timedelta(minutes=10)
        assert clock.wall() == ORIGIN + timedelta(seconds=10)
        assert real_seconds_until(clock, START + timedelta(minutes=70)) == 60
        assert real_seconds_until(clock, START) == 0, "what has passed is never negative"
    finally:
        At.wall_at = ORIGIN


def test_a_second_process_and_a_restart_share_the_origin(tmp_path: Path) -> None:
    """All processes of a home show the same time, also after a restart without flags."""
    first = begin_rehearsal(tmp_path, START, 60)
    assert begin_rehearsal(tmp_path, START, 60) == first
    assert begin_rehearsal(tmp_path, None, None) == first, "a restart needs no flags"
    assert rehearsal_of(tmp_path) == first


def test_without_a_start_a_rehearsal_begins_at_the_real_instant(tmp_path: Path) -> None:
    """A speed alone hurries from now on."""
    clock = begin_rehearsal(tmp_path, None, 10)
    assert clock.start_at == clock.origin_at
    assert clock.speed == 10


@pytest.mark.parametrize(("start", "speed"), [(START + timedelta(hours=1), 60), (START, 30)])
def test_a_home_keeps_the_clock_that_it_began_with(tmp_path: Path, start: datetime, speed: float) -> None:
    """A case's deadlines would jump if its clock could be changed under it."""
    begin_rehearsal(tmp_path, START, 60)
    with pytest.raises(Refused, match=r"began at 2026-01-10T19:00:00\+00:00 at speed 60"):
        begin_rehearsal(tmp_path, start, speed)


def test_a_home_without_a_mark_is_on_the_wall_clock(tmp_path: Path) -> None:
    """Only a rehearsal leaves a mark."""
    assert rehearsal_of(tmp_path) is None


def test_a_mark_that_cannot_be_read_is_never_taken_for_the_wall_clock(tmp_path: Path) -> None:
    """A damaged rehearsal must not turn into a real night."""
    (tmp_path / "clock.json").write_text("{}")
    with pytest.raises(Invalid, match="cannot be read"):
        rehearsal_of(tmp_path)


def test_beats_come_at_once_and_end_when_they_are_stopped() -> None:
    """A loop's first beat is not waited for, and its last does not hold up a stop."""
    stop = threading.Event()
    seen = []
    for number in beats(stop, 0):
        seen.append(number)
        if number == 2:
            stop.set()
    assert seen == [0, 1, 2]
    assert wait(stop, 60) is True, "a set event is not waited for"


def test_a_stopwatch_measures_what_has_passed() -> None:
    """It starts at nothing and never goes back."""
    watch = Stopwatch()
    assert watch.elapsed() >= 0
    assert not watch.over(60)
    assert watch.over(0)
