"""One crash: a story, the points at which something fails, and who is there afterwards; played, and then judged.

A crash is named by a line, such as `silence send:after@3+commit:before@1 worker`, which plays the same story again.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from runtime import sending
from runtime.rehearse_app import make_app
from store import journal
from store.cases import Stored
from tests.simulation.aftermath import judge, rungs_came_in_order
from tests.simulation.night import Night
from tests.simulation.stories import STORIES
from tests.simulation.works import Works
from tests.support.faults import FaultyPhones
from tests.support.runs import SimRuns
from tests.support.world import PACKS, World

PACK = "staffordshire"
# Who is there afterwards: a new process that gives back what the dead one held; one that does not know of it (it ran
# on another machine); everything but the worker, which comes again; nobody for a while; only the watchdog for a while.
HOWS = ("freed", "silent", "worker", "late", "watchdog")
BETWEEN = 0.5  # minutes: judged when nothing falls due at this very instant
FOR_A_WHILE = timedelta(minutes=10)
OPENERS: Mapping[str, tuple[str, int]] = {"put_back": ("pass:advanced", 0)}  # met only where a pass has died before


@dataclass(frozen=True)
class Crash:
    """What goes wrong in which story; each point lets so many passes go by before it goes off."""

    story: str
    points: tuple[tuple[str, int], ...]
    how: str = "freed"

    def __str__(self) -> str:
        """Name it."""
        return f"{self.story} {'+'.join(f'{point}@{after}' for point, after in self.points) or '-'} {self.how}"

    @classmethod
    def named(cls, line: str) -> Self:
        """Read a name; raises ValueError or KeyError where it is none."""
        story, points, how = line.split()
        parts = [] if points == "-" else [part.rpartition("@") for part in points.split("+")]
        return cls(story, tuple((point, int(after)) for point, _, after in parts), HOWS[HOWS.index(how)])


@dataclass
class CrashWorld(World):
    """A world with the whole engine, in which Prefect outlives everything that is ours."""

    how: str = "freed"
    prefect: SimRuns | None = None
    engine_of: type[Works] = Works

    def restart(self) -> None:
        """Lose every process; who is there afterwards depends."""
        self.sim.engine.stop()
        self._make_app()
        self.sim.settle()

    def _make_app(self) -> None:
        sim, before = self.sim, self.sim.engine
        assert isinstance(sim.phones, FaultyPhones)
        self.prefect = self.prefect or SimRuns(sim.clock)
        works = self.engine_of(
            make_app(sim.clock, sim.phones, PACKS, self.pack, sim.app.sessions),
            sim.clock,
            faults=sim.phones.faults,
            prefect=self.prefect,
            frees=self.how != "silent",
            worker_alone=self.how == "worker",
        )
        if isinstance(before, Works):
            works.comes_after(before, FOR_A_WHILE if self.how in ("late", "watchdog") else None, self.how)
        sim.engine, sim.app, sim.watch.app = works, works.app, works.app
        with works.faults.asleep():
            works.start()


class CrashNight(Night):
    """A night in a world with the whole engine, fit for one crash."""

    def __init__(self, crash: Crash, world: type[CrashWorld] = CrashWorld) -> None:
        """Put the force on duty."""
        super().__init__(PACK, world=world)
        self.crash = crash
        self.works.worker_alone = crash.how == "worker"
        self.works.died = self.mark_twice
        self.the_world.how = crash.how

    @property
    def the_world(self) -> CrashWorld:
        """Give the world for what it is."""
        assert isinstance(self.world, CrashWorld)
        return self.world

    @property
    def works(self) -> Works:
        """Give the engine for what it is."""
        assert isinstance(self.world.sim.engine, Works)
        return self.world.sim.engine

    def mark_twice(self) -> None:
        """Note what comes again, while nothing goes off."""
        with self.faults.asleep():
            super().mark_twice()

    def _load(self, ref: str) -> Stored:
        with self.faults.asleep():
            return super()._load(ref)

    def state(self, ref: str) -> tuple[object, ...]:
        """Give what any write moves; whoever looks is no part of the story."""
        with self.faults.asleep():
            return super().state(ref)

    def head(self) -> object:
        """Give the head of the journal."""
        with self.world.sim.app.sessions.reading() as s:
            return journal.head(s)

    def until(self, minute: float) -> None:
        """Let time act up to a minute of the story."""
        left = self.world.start + timedelta(minutes=minute) - self.world.sim.clock.true()
        self.wait(max(left.total_seconds() / 60, 0))

    def tell(self) -> None:
        """Play the story; the points are armed where it says so."""
        story = STORIES[self.crash.story]
        for number, (minute, act) in enumerate(story.acts):
            self.until(minute)
            if number == story.arms:
                self.arm()
            act(self)
        self.until(story.ends + BETWEEN)

    def arm(self) -> None:
        """Arm the points; from now on they are counted."""
        self.in_trouble = True
        self.faults.met.clear()
        for point, after in self.crash.points:
            self.faults.arm(point, after)

    def end(self) -> None:
        """Let whoever was away come back, run to rest, and judge."""
        self.faults.disarm()
        back_at = self.works.down_until
        if back_at is not None:
            self.until((back_at - self.world.start).total_seconds() / 60)
        self.the_world.how = "silent" if self.crash.how == "silent" else "freed"
        with self.faults.asleep():
            self.recover()
            self.check()
            judge(self)
            rungs_came_in_order(self)


@dataclass(frozen=True)
class Played:
    """What came of a crash: what went off, how often each point was passed, and all that was received, in order."""

    went_off: tuple[str, ...]
    met: Mapping[str, int]
    received: tuple[tuple[str, str], ...]
    head: object  # of the journal


def play(crash: Crash, world: type[CrashWorld] = CrashWorld) -> Played:
    """Play a story with its crash and judge what came of it; raises AssertionError with the crash's name."""
    with one_after_another():
        night = CrashNight(crash, world)
        try:
            night.tell()
            met = dict(night.faults.met)
            went_off = tuple(night.faults.went_off)
            night.end()
        except Exception as error:
            error.add_note(f"play it again: VIGIL_CRASH='{crash}' pytest tests/simulation/test_crashes.py -k named")
            raise
        finally:
            head = night.head()
            night.close()
    received = tuple((a.at.isoformat(), a.attempt_key) for a in night.world.sim.phones.arrivals)
    return Played(went_off, met, received, head)


class Inline(ThreadPoolExecutor):
    """A pool that does one thing after the other, in the thread that asks."""

    def map(self, fn: Any, *iterables: Any, **_how: Any) -> Iterator[Any]:
        """Do it now."""
        return iter([fn(*args) for args in zip(*iterables, strict=True)])


@contextmanager
def one_after_another() -> Iterator[None]:
    """Send messages one by one: a crash between two of them is the same crash when it is played again."""
    pool = sending._pool  # threads have no seed; nothing else of the product is replaced
    sending._pool = Inline()
    try:
        yield
    finally:
        sending._pool = pool
