"""The driver: kills what the plan says at the moment it says, sees it come back, and keeps a log of every outage."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx
from sqlmodel import col, select

from models import MessageRow
from policy.errors import VigilError
from runtime.clock import Stopwatch, WallClock, beats
from runtime.processes import process_name
from store import meta
from store.engine import Sessions
from tests.chaos.database import Database
from tests.chaos.phones import Catch, Phones
from tests.chaos.plan import Kill, Kind, Plan
from tests.support.stack import Stack

MOMENT_S: Final = 60.0  # until a moment of a case comes by
HOLD_S: Final = 2.5  # a phone answers so late, which is less than Vigil waits
BACK_S: Final = 180.0  # until what was killed is back: mere waiting, on a slow machine
BEATING: Final = (Kind.WORKER, Kind.TIMER, Kind.WATCHDOG)
_WALL: Final = WallClock()


@dataclass(frozen=True)
class Outage:
    """What was away from when until when, in real time."""

    kind: Kind
    began_at: datetime
    back_at: datetime


@dataclass
class Driver:
    """Kills the processes of one home."""

    stack: Stack
    phones: Phones
    sessions: Sessions
    say: Callable[[str], None]
    database: Database | None = None
    outages: list[Outage] = field(default_factory=list)
    _watch: Stopwatch = field(default_factory=Stopwatch)

    def carry_out(self, plan: Plan) -> None:
        """Kill all that the plan says, one after the other, each when the one before is back."""
        self.say(f"{plan.home}, seed {plan.seed}; again: {plan.replay}")
        self.say("     n        at  killed      moment")
        for kill in plan.kills:
            threading.Event().wait(kill.pause_s)
            caught = self._moment(kill)
            began_at, watch = _WALL.wall(), Stopwatch()
            self._kill(kill)
            up_again_at = _WALL.wall()
            self._await_back(kill.kind, up_again_at)
            back_at = up_again_at if kill.kind in (Kind.DATABASE, Kind.EVERYTHING) else _WALL.wall()
            self.outages.append(Outage(kill.kind, began_at, back_at))
            when = f"{kill.moment} at {caught.person} {caught.key.split('/')[0]}" if caught else "any"
            row = f"{kill.number:3d}/{len(plan.kills):<3d} {self._watch.elapsed():8.1f}  {kill.kind:<10}  {when:<48}"
            self.say(f"{row} back after {watch.elapsed():5.1f} s")

    # --- the moment

    def _moment(self, kill: Kill) -> Catch | None:
        """Wait until a phone holds the answer to such a message, and the worker waits for it."""
        if not kill.moment:
            return None

        def fits(_person: str, body: Mapping[str, Any]) -> bool:
            return bool(body["case"]) and body["type"] == kill.moment

        watch = Stopwatch()
        while not watch.over(MOMENT_S):
            catch = self.phones.catch(fits, HOLD_S)
            if catch.wait(MOMENT_S) and self._is_sent_by_the_worker(catch.key):
                return catch
            self.phones.forget(catch)
        raise AssertionError(f"no {kill.moment} was sent by the worker within {MOMENT_S} s")

    def _is_sent_by_the_worker(self, key: str) -> bool:
        worker = process_name(self.stack.pid_of("up_part worker"))
        with self.sessions.reading() as s:
            holder = s.exec(select(MessageRow.claimed_by).where(col(MessageRow.attempt_key) == key)).first()
        return (holder or "").startswith(f"{worker}/")

    # --- the kill, and the return

    def _kill(self, kill: Kill) -> None:
        if kill.kind is Kind.DATABASE:
            assert self.database is not None
            self.database.kill()
            threading.Event().wait(kill.down_s)
            self.database.start()
        elif kill.kind is Kind.EVERYTHING:
            self.stack.kill_all()
            if self.database is not None:  # the machine itself: its database with it
                self.database.kill()
            threading.Event().wait(kill.down_s)
            if self.database is not None:
                self.database.start()
            self.stack.start()
        else:
            self.stack.kill(f"up_part {kill.kind}")

    def _await_back(self, kind: Kind, since: datetime) -> None:
        def back() -> bool:
            if kind is Kind.CONSOLE:
                return answers(f"{self.stack.console}/healthz")
            if kind is Kind.PREFECT:
                return answers(f"{self.stack.prefect_api}/health")
            if kind in BEATING:
                return self._beats_anew(kind, since)
            return all(self._beats_anew(part, since) for part in BEATING) if kind is Kind.DATABASE else True

        self.wait_until(back, BACK_S, f"the {kind} to be back")

    def _beats_anew(self, kind: Kind, since: datetime) -> bool:
        """Tell whether a part has beaten since: who was killed before that has not."""
        try:
            with self.sessions.reading() as s:
                beats_ = [beat for beat in meta.every_beat(s) if beat.name == kind and beat.beat_at > since]
        except VigilError:
            return False
        return bool(beats_)

    def wait_until(self, there: Callable[[], bool], within_s: float, what: str) -> None:
        """Wait until something holds; the failure says what did not."""
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.2):
            if there():
                return
            assert not watch.over(within_s), f"waited {within_s:.0f} s in vain for {what}: {self.stack.said()}"

    def ready(self) -> bool:
        """Tell whether a report posted now would be told."""
        return answers(f"{self.stack.console}/readyz")


def answers(url: str) -> bool:
    """Tell whether an address answers 200."""
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
