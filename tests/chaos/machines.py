"""Two machines on one PostgreSQL: each has its console, worker, timer and watchdog; the first has Prefect."""

import os
import shutil
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx

from policy.pack import Pack
from runtime.clock import Stopwatch, WallClock, beats
from runtime.keys import SECRET_FILES
from runtime.processes import process_name
from store import meta, posts
from store.engine import Sessions
from tests.chaos.driver import Outage
from tests.chaos.phones import Phones
from tests.chaos.plan import Kind, Story
from tests.chaos.traffic import Told, body_of, source_id
from tests.support.stack import Stack

TAKEN_S: Final = 90.0  # until a report is taken by one console or the other: mere waiting
TOLD_S: Final = 120.0  # until it is told: mere waiting, the judge is stricter
BACK_S: Final = 180.0
BEATING: Final = ("worker", "timer", "watchdog")
KINDS: Final = {"worker": Kind.WORKER, "console": Kind.CONSOLE, "timer": Kind.TIMER, "watchdog": Kind.WATCHDOG}


@dataclass
class Machines:
    """Two stacks on one store."""

    stacks: Sequence[Stack]
    phones: Phones
    sessions: Sessions
    pack: Pack
    told: list[Told] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)

    def burst(self, stories: Sequence[Story], kill: "Victim | None") -> list[Told]:
        """Post reports all at once to both consoles, kill in the middle, and wait until all of them are told."""
        with ThreadPoolExecutor(10) as pool:
            posted = [pool.submit(self._post, story) for story in stories]
            if kill is not None:
                threading.Event().wait(kill.after_s)
                kill.strike(self)
                struck_at = WallClock().wall()
                self.outages.append(Outage(KINDS.get(kill.part, Kind.EVERYTHING), struck_at, struck_at))
            told = [one.result() for one in posted]
        self.told += told
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.2):
            left = [one.case for one in told if self.told_at(one) is None]
            if not left:
                return told
            assert not watch.over(TOLD_S), f"lost: nobody was told of {left} within {TOLD_S:.0f} s"
        return told

    def told_at(self, one: Told) -> datetime | None:
        """Give when the last of the two who must hear of a report had heard of it."""
        calls = [self.phones.calls(f"{who}-{one.story.area}", case=one.case) for who in ("insp", "sgt")]
        return max(self.phones.at(those[0]) for those in calls) if all(calls) else None

    def _post(self, story: Story) -> Told:
        """Post a report to one console, and when that does not take it, the same to the other."""
        watch = Stopwatch()
        for turn in beats(threading.Event(), 0.3):
            assert not watch.over(TAKEN_S), f"{source_id(story)} was not taken within {TAKEN_S:.0f} s"
            stack = self.stacks[(story.number + turn) % len(self.stacks)]
            try:
                with stack.client() as client:
                    answer = client.post("/reports", json=body_of(story))
            except httpx.HTTPError:
                continue
            if answer.status_code in (200, 201):
                return Told(story, answer.json()["case"], WallClock().wall())
        raise AssertionError("unreachable")

    def lives(self) -> bool:
        """Tell whether every part of both machines beats, and both consoles say that they are ready."""
        wanted = {process_name(stack.pid_of(f"up_part {part}")) for stack in self.stacks for part in BEATING}
        with self.sessions.reading() as s:
            wall = WallClock().wall()
            alive = {beat.process for beat in meta.every_beat(s) if (wall - beat.beat_at).total_seconds() < 12}
        return wanted <= alive and all(_ready(stack) for stack in self.stacks)

    def wait_until_all_live(self) -> None:
        """Wait until what was killed is back."""
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.5):
            try:
                if self.lives():
                    return
            except AssertionError:  # a part that is not there yet
                pass
            assert not watch.over(BACK_S), [stack.said() for stack in self.stacks]


@dataclass(frozen=True)
class Victim:
    """What is killed with -9 in a burst: a part of the nth machine, the holder of a post, or a machine's `up`."""

    name: str
    part: str
    machine: int | None  # None: whichever holds the post
    after_s: float

    def strike(self, machines: Machines) -> None:
        """Kill it now."""
        if self.machine is None:
            with machines.sessions.reading() as s:
                holder = posts.holder_of(s, self.part, WallClock().wall())
            assert holder is not None, f"nobody holds the post of the {self.part}"
            os.kill(int(holder.rpartition("/")[2]), signal.SIGKILL)
        elif self.part == "up":
            *_, supervisor = machines.stacks[self.machine].family()
            os.kill(supervisor, signal.SIGKILL)
        else:
            machines.stacks[self.machine].kill(f"up_part {self.part}")

    def bring_back(self, machines: Machines) -> None:
        """Start a machine again whose supervisor is gone; a part is started again by its own."""
        if self.part == "up" and self.machine is not None:
            machines.stacks[self.machine].stop()
            machines.stacks[self.machine].start()


def share_secrets(first: Path, second: Path) -> None:
    """Copy what homes on one store must have in common."""
    second.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in SECRET_FILES:
        if (first / name).exists():
            shutil.copy2(first / name, second / name)


def _ready(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.console}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
