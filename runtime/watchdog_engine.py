"""What the watchdog knows of the engine: who beats, who is silent, and what the control room was told of an outage."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog

from policy.errors import VigilError
from policy.spans import local_time
from policy.terms import AlarmKey, Route
from runtime import doors
from runtime.app import App
from store import alarms, meta
from store.meta import Beat

ENGINE: Final = ("worker", "timer")
SILENT: Final = timedelta(seconds=15)  # of real time: three beats
DEAD: Final = timedelta(seconds=45)  # of real time: with a look each five seconds it is paged within the minute
OVER: Final = timedelta(minutes=2)  # of real time without an act by the watchdog: the outage is over
OUTAGE: Final = "watchdog_outage"  # meta: since when, and that the control room was told

log = structlog.get_logger()


@dataclass
class EngineWatch:
    """Watches worker, timer and Prefect, and tells the control room once an outage."""

    app: App
    prefect: Callable[[], bool] = lambda: True
    send: Callable[[], object] | None = None  # sends what is about the home; at once, unless somebody else does it
    _acted_at: datetime | None = None
    _prefect_down_at: datetime | None = None
    _began_at: datetime | None = None
    _was_down: bool = False
    _heard: dict[str, datetime] = field(default_factory=dict)  # when each part was last heard of
    _changed: dict[Beat, datetime] = field(default_factory=dict)  # each process's last beat, and when we first saw it
    _looked_at: datetime | None = None
    _hearing: Lock = field(default_factory=Lock, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def alive(self) -> bool:
        """Tell whether worker and timer beat, and Prefect answers: what was never seen alive is not."""
        wall, heard = self.app.clock.wall(), self._hear()
        down = self._prefect_down_at
        answers = down is None or wall - down <= SILENT  # one slow answer is no outage
        return answers and all(name in heard and wall - heard[name] <= SILENT for name in ENGINE)

    def begin(self) -> bool:
        """Note when we began; tells whether nothing of the engine lived just before: the home was not running."""
        if self._began_at is None:
            wall, heard = self.app.clock.wall(), self._hear()
            self._was_down = not any(wall - at < DEAD for at in heard.values())
            self._began_at = wall
        return self._was_down

    def was_blind(self) -> None:
        """Begin anew: the store was away, nobody could beat, and Prefect may live in the same database."""
        self._began_at = self._prefect_down_at = None

    def silent(self, than: timedelta) -> list[str]:
        """Name the parts of the engine that have given no sign of life for so long; Prefect among them.

        A home that was not running had nobody to beat: then silence counts from our own beginning. A process that
        ended is forgotten at once; its part is silent only from its last beat on.
        """
        wall, down, heard = self.app.clock.wall(), self.begin(), self._hear()
        began = self._began_at or wall
        self._heard |= heard
        last = {name: self._heard.get(name, began) for name in ENGINE}
        found = [name for name, at in last.items() if wall - (max(at, began) if down else at) > than]
        if self._prefect_down_at is not None and wall - self._prefect_down_at > than:
            found.append("Prefect")
        return found

    def silent_processes(self) -> list[str]:
        """Name the processes that beat no more: dead, stopped in the middle of a pass, or gone with their machine."""
        self._hear()
        wall = self.app.clock.wall()
        return sorted({beat.process for beat, at in self._changed.items() if wall - at >= SILENT})

    def _hear(self) -> dict[str, datetime]:
        """Give when each part was last heard of, by our own clock: a heartbeat counts when it has changed.

        Whatever its machine's clock says does not matter, nor a step of ours: after a gap between two looks (we were
        stopped, the store was away, the clock leapt) all are given their time anew.
        """
        with self._hearing, self.app.sessions.reading() as s:
            every = [beat for beat in meta.every_beat(s) if beat.name in ENGINE]
            wall, before = self.app.clock.wall(), self._looked_at
            gap = before is not None and not timedelta(0) <= wall - before < SILENT
            known = {} if gap else self._changed
            self._changed = {b: known.get(b, min(b.beat_at, wall) if before is None else wall) for b in every}
            self._looked_at = wall
            heard: dict[str, datetime] = {}
            for beat, at in self._changed.items():
                heard[beat.name] = max(at, heard.get(beat.name, at))
            return heard

    def look_at_prefect(self) -> None:
        """Ask Prefect whether it lives; may take some seconds."""
        if self.prefect():
            self._prefect_down_at = None
        else:
            self._prefect_down_at = self._prefect_down_at or self.app.clock.wall()

    def acted(self) -> None:
        """Tell the control room that the watchdog acts: once an outage, and not for each act."""
        with self._lock:
            if self._acted_at is not None:
                self._acted_at = self.app.clock.wall()
                return
            since, told = self._outage()
            at = local_time(since, since - timedelta(days=1))  # with its date: the same words all through the outage
            detail = f"since {at} the engine does not act in time; the watchdog tells people in its place"
            try:
                self._ring(AlarmKey.ACT_BY_WATCHDOG, detail, push=not told)
            except VigilError as error:  # the act is done all the same; the next one tells it
                log.warning("outage_not_told", error=type(error).__name__)
                return
            self._acted_at = self.app.clock.wall()

    def deliver_home(self) -> int:
        """Send what is about the home itself; takes as long as a telephone does."""
        return doors.deliver_home(self.app, by="watchdog")

    def look(self) -> None:
        """Page an engine that is dead, clear what is over, and end the outage."""
        dead = self.silent(DEAD)
        with self._lock:
            if dead:
                self._page(dead)
            elif self.alive():
                self._recovered()

    def _page(self, dead: list[str]) -> None:
        with self.app.sessions.reading() as s:
            stands = any(rung.key == AlarmKey.ENGINE_DEAD for rung in alarms.listing(s, standing=True))
        if not stands:
            _, told = self._outage()
            log.error("engine_dead", name=",".join(dead))
            detail = f"{' and '.join(dead)}: no sign of life; the watchdog tells people in the engine's place"
            self._ring(AlarmKey.ENGINE_DEAD, detail, push=not told)

    def _ring(self, key: AlarmKey, detail: str, *, push: bool) -> None:
        ring = doors.ring if push else doors.list_alarm
        if ring(self.app, key, detail, route=Route.WATCHDOG) and push:
            self._note(told=True)
            (self.send or self.deliver_home)()

    def _recovered(self) -> None:
        """The engine lives: its alarm is cleared at once, the outage ends when nothing had to be done for a while."""
        wall, now = self.app.clock.wall(), self.app.clock.now()
        with self.app.sessions() as s:
            alarms.clear(s, AlarmKey.ENGINE_DEAD, None, now)
            if (self._acted_at is None or wall - self._acted_at > OVER) and meta.get(s, OUTAGE):
                self._acted_at = None
                meta.put(s, OUTAGE, "")

    def _outage(self) -> tuple[datetime, bool]:
        """Give since when the outage lasts on the procedure's clock, and whether the control room was told of it."""
        with self.app.sessions() as s:
            noted = meta.get(s, OUTAGE)
            if noted:
                kept = json.loads(noted)
                return datetime.fromisoformat(kept["since"]), bool(kept["told"])
            since = self.app.clock.now()
            meta.put(s, OUTAGE, json.dumps({"since": since.isoformat(), "told": False}))
        return since, False

    def _note(self, *, told: bool) -> None:
        since, _ = self._outage()
        with self.app.sessions() as s:
            meta.put(s, OUTAGE, json.dumps({"since": since.isoformat(), "told": told}))
