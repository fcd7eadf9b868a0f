"""The two clocks: the procedure's, which a rehearsal may hurry, and the wall's, which nobody may.

This is the only file that reads a clock. Leases, time-outs, retries and grace go by `wall()`;
deadlines and everything that a person reads go by `now()`.
"""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from policy.errors import Fault, Invalid, Refused

MAX_SPEED = 60.0  # faster than this, real time-outs and retries no longer fit between two deadlines
CLOCK_FILE = "clock.json"
LEAP = timedelta(seconds=5)  # the wall clock was set, not merely slewed


class Clock(Protocol):
    """What tells the time; both instants are aware and in UTC."""

    @property
    def speed(self) -> float:
        """How many seconds of the procedure pass in one real second."""

    def now(self) -> datetime:
        """Tell the procedure's instant."""

    def wall(self) -> datetime:
        """Tell the real instant, whatever is being rehearsed."""


@dataclass(frozen=True)
class WallClock:
    """The real clock: the procedure's instant is the wall's."""

    speed: float = 1.0

    def now(self) -> datetime:
        """Tell the real instant."""
        return datetime.now(UTC)

    def wall(self) -> datetime:
        """Tell the real instant."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class RehearsalClock:
    """A clock that showed `start_at` at the real instant `origin_at` and runs `speed` times as fast.

    All processes of a home share the origin, so they agree, and a restart goes on where the clock is.
    """

    start_at: datetime
    speed: float
    origin_at: datetime

    def now(self) -> datetime:
        """Tell the procedure's instant."""
        return self.start_at + (self.wall() - self.origin_at) * self.speed

    def wall(self) -> datetime:
        """Tell the real instant."""
        return datetime.now(UTC)


def real_seconds_until(clock: Clock, at: datetime) -> float:
    """Give the real seconds until the procedure's clock shows `at`; 0 when it already does."""
    return max(0.0, (at - clock.now()).total_seconds() / clock.speed)


def rehearsal_of(home: Path) -> RehearsalClock | None:
    """Give the rehearsal clock that a home was marked with, None for a home on the wall clock."""
    file = home / CLOCK_FILE
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        start_at, origin_at = (datetime.fromisoformat(kept[name]).astimezone(UTC) for name in ("start_at", "origin_at"))
        return RehearsalClock(start_at, _speed_of(kept), origin_at=origin_at)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        remedy = "this home was a rehearsal; begin again with another --home"
        raise Invalid("the rehearsal clock cannot be read", [Fault(str(file), str(error), remedy)]) from None


def _speed_of(kept: Mapping[str, object]) -> float:
    speed = float(str(kept["speed"]))
    if not 0 < speed <= MAX_SPEED:
        raise ValueError("speed is out of all measure")
    return speed


def begin_rehearsal(home: Path, start_at: datetime | None, speed: float | None) -> RehearsalClock:
    """Mark a home as a rehearsal for ever and give its clock; asked again, give the one it has.

    Raises Refused when the home's clock was begun with another start or speed.
    """
    there = rehearsal_of(home)
    if there is None:
        wall = datetime.now(UTC)
        clock = RehearsalClock(start_at or wall, speed or 1.0, origin_at=wall)
        _keep(home / CLOCK_FILE, clock)
        return rehearsal_of(home) or clock  # whoever was first
    if (start_at is not None and start_at != there.start_at) or speed not in (None, there.speed):
        raise Refused(
            f"the rehearsal clock of this home began at {there.start_at.isoformat()}"
            f" at speed {there.speed:g} and goes on; leave out --start and --speed,"
            " or take another --home",
            rule="rehearsal_clock",
        )
    return there


def join_rehearsal(home: Path, clock: RehearsalClock) -> None:
    """Mark a home as part of a rehearsal that another home has begun; a home that has a clock keeps it."""
    _keep(home / CLOCK_FILE, clock)


def _keep(file: Path, clock: RehearsalClock) -> None:
    """Write the clock once; a file that is already there stands."""
    text = json.dumps(
        {
            "start_at": clock.start_at.isoformat(),
            "speed": clock.speed,
            "origin_at": clock.origin_at.isoformat(),
        }
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text + "\n")
    except FileExistsError:
        return


def wait(event: threading.Event, seconds: float) -> bool:
    """Wait until the event is set, at the most so long; tell whether it is set."""
    return event.wait(max(0.0, seconds))


def beats(stop: threading.Event, every_s: float) -> Iterator[int]:
    """Count 0, 1, 2 ... at once and then every `every_s` real seconds, until `stop` is set."""
    number = 0
    while not stop.is_set():
        yield number
        number += 1
        wait(stop, every_s)


class Stopwatch:
    """Measures real seconds since it was made; no step of the wall clock disturbs it."""

    def __init__(self) -> None:
        self._from = time.monotonic()

    def elapsed(self) -> float:
        """Give the seconds since the start."""
        return time.monotonic() - self._from

    def over(self, seconds: float) -> bool:
        """Tell whether so many seconds have passed."""
        return self.elapsed() >= seconds


class Leaps:
    """Notices when the machine's clock is set, by comparing it with a stopwatch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._from = (Stopwatch(), clock.wall())

    def since(self) -> timedelta:
        """Give by how much the clock leapt since this was asked last; zero for what is no leap."""
        watch, before = self._from
        self._from = (Stopwatch(), self._clock.wall())
        leap = self._from[1] - before - timedelta(seconds=watch.elapsed())
        return leap if abs(leap) > LEAP else timedelta(0)


def ago(clock: Clock, at: datetime) -> timedelta:
    """Give how long ago a real instant was; never negative, though the wall clock may step back."""
    return max(timedelta(0), clock.wall() - at)
