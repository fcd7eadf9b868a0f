"""The engine of a rehearsal: performs passes as the real one does, and goes from wake to wake.

A pass is `advance`, `deliver` for each act in the order of the stages, until nothing is due; then the case rests.
Where the real engine waits before it tries an act again, the pass here is put aside until that instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policy.errors import Broken, Transient
from policy.terms import Stage
from runtime import doors
from runtime.acts import Act
from runtime.app import App
from runtime.processes import process_name
from runtime.rehearse_clock import SimClock
from runtime.settle import Settling
from store import outbox, wakes

TRIES_AFTER_S = (1, 3, 6)  # as the tasks try again; longer is an instant in the store
PASSES_OF_A_RUN = 200  # as the flow goes on in a fresh run
MAX_ROUNDS = 200  # passes at one instant: more would be a case that goes in circles
HOLDER = "rehearsal/"


@dataclass
class Waiting:
    """A pass put aside, and when it goes on."""

    goes_on_at: datetime
    rest: Iterator[int]


@dataclass
class SimEngine:
    """Performs what is due, in the order of the timer: risk, then age."""

    app: App
    clock: SimClock
    running: bool = True
    runs: dict[str, int] = field(default_factory=dict)
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    _over: set[str] = field(default_factory=set)  # cases whose run has ended: what comes later begins a fresh one
    _passes: int = 0
    settling: Settling | None = None  # where revisions are part of the story
    takes_effect: list[datetime] = field(default_factory=list)  # when they come into force

    def next_at(self) -> datetime | None:
        """Give the instant of the story at which there is something to do next; None when nothing is to come."""
        if not self.running:
            return None
        with self.app.sessions.reading() as s:
            coming = [wakes.next_wake(s, self.clock.wall()), outbox.earliest(s, None)]
        found = [self.clock.true_of(at) for at in coming if at is not None]
        found += [waiting.goes_on_at for waiting in self._waiting.values()]
        found += [self.clock.true_of(at) for at in self.takes_effect if at > self.clock.now()]
        return max(min(found), self.clock.true()) if found else None

    def work(self) -> None:
        """Perform all that is due now, until nothing more is; raises Broken when a case goes in circles."""
        if self.running:
            doors.look_at_alarms(self.app)
            if self.settling is not None:
                self.settling.look()
        for _ in range(MAX_ROUNDS):
            if not self.running or not self._round():
                return
        raise Broken(f"work was due {MAX_ROUNDS} times at {self.clock.now().isoformat()}")

    def stop(self) -> None:
        """Die as a process dies: passes are left where they are, their leases run out at the next start."""
        self.running = False
        self._waiting.clear()

    def start(self) -> None:
        """Start again: what the dead one held is free."""
        self.running = True
        with self.app.sessions() as s:
            wakes.free_leases_of(s, HOLDER)
            outbox.release_claims_of(s, f"{process_name()}/")

    def _round(self) -> bool:
        """Go on with each pass whose time has come, begin those that are due; False when there was nothing."""
        ready = [ref for ref, waiting in self._waiting.items() if waiting.goes_on_at <= self.clock.true()]
        for ref in ready:
            self._go_on(ref, self._waiting.pop(ref).rest)
        with self.app.sessions.reading() as s:
            due = wakes.due(s, self.clock.now(), self.clock.wall())
        begun = [case.ref for case in due if case.ref not in self._waiting]
        for ref in begun:
            self._passes += 1
            self.runs[ref] = self.runs.get(ref, 0) + (ref in self._over or ref not in self.runs)
            self._over.discard(ref)
            self._go_on(ref, self._pass(ref, f"{HOLDER}{self._passes}"))
        return bool(ready or begun) or doors.deliver_home(self.app) > 0

    def _go_on(self, ref: str, rest: Iterator[int]) -> None:
        wait_s = next(rest, None)
        if wait_s is not None:
            self._waiting[ref] = Waiting(self.clock.true() + timedelta(seconds=wait_s), rest)

    def _pass(self, ref: str, holder: str) -> Iterator[int]:
        """Make one pass; yields the seconds to wait wherever the real one would wait."""
        while True:
            while due := doors.advance(self.app, ref, holder):
                for stage in Stage:
                    yield from self._stage(list(due.of(stage)))
            resting = doors.resting(self.app, ref, holder)
            if not resting.changed:
                break
        if resting.passes >= PASSES_OF_A_RUN and not resting.closed:
            doors.renew(self.app, ref, holder)
            self.runs[ref] += 1
        else:
            doors.release(self.app, ref, holder)
            self._over |= {ref} if resting.closed else set()

    def _stage(self, acts: list[Act]) -> Iterator[int]:
        for wait_s in TRIES_AFTER_S:
            acts = [act for act in acts if not self._delivered(act)]
            if not acts:
                return
            yield wait_s
        for act in acts:
            if not self._delivered(act):
                doors.give_up(self.app, act)

    def _delivered(self, act: Act) -> bool:
        try:
            doors.deliver(self.app, act)
        except Transient:
            return False
        return True
