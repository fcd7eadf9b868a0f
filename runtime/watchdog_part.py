"""The watchdog as a part of the system: looks, audits, heartbeat, the sheet of each hour. No Prefect is imported.

Of several watchdogs on one database one acts and the others stand by; each beats.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import structlog

from policy.errors import Transient, VigilError
from runtime import doors
from runtime.app import App
from runtime.clock import Stopwatch, beats
from runtime.frozen import end_the_frozen_writer
from runtime.posts import Posts
from runtime.sheets import next_sheet_at, write_sheet
from runtime.watchdog import IN_HAND, LOOK_S, PART, Hands, Watchdog
from runtime.watchdog_audit import Audit
from runtime.watchdog_engine import EngineWatch
from runtime.whole_file import put_whole
from store import meta

POST_S: Final = 15.0  # of real time: three looks
AUDIT: Final = "watchdog_audit"  # meta: when, and what was found
OUTSIDE_S: Final = 60.0  # between two signs of life to an address outside
HOME_MESSAGE_AGE: Final = timedelta(seconds=20)  # of real time: the timer sends them within a second

log = structlog.get_logger()


@dataclass
class Rounds:
    """What the watchdog's process does every five seconds, each thing on its own: one that fails stops no other."""

    app: App
    prefect: Callable[[], bool]
    stop: threading.Event
    console: Callable[[], bool] = lambda: True
    _posts: Posts = field(init=False)
    _hands: Hands = field(init=False)
    _engine: EngineWatch = field(init=False)
    _watchdog: Watchdog = field(init=False)
    _audit: Audit = field(init=False)
    _sheet_at: datetime | None = None
    _outside: Stopwatch | None = None
    _audited: threading.Thread | None = None

    def __post_init__(self) -> None:
        """Put the parts together."""
        hands = Hands()
        self._posts = Posts(self.app, POST_S)
        self._engine = EngineWatch(self.app, self.prefect)
        self._engine.send = partial(hands.begin, self._engine.deliver_home)
        self._watchdog = Watchdog(self.app, self._engine, hands, most=IN_HAND)
        self._hands = hands
        self._audit = Audit(self.app, self._engine)

    def serve(self) -> None:
        """Go round until `stop` is set."""
        for _ in beats(self.stop, LOOK_S):
            self._safely("frozen", self._end_the_frozen)
            self._safely("beat", self._watchdog.beat)
            acts = self._posts.mine(PART)
            if acts:
                self._safely("look", self._watchdog.look)
                self._safely("engine", self._engine.look)
                self._safely("home_messages", self._home_messages)
            # What may take long, or waits for Prefect, never holds up a look.
            if self._audited is None or not self._audited.is_alive():
                self._audited = threading.Thread(target=self._slow_round, args=(acts,), name="audit", daemon=True)
                self._audited.start()
        self._safely("leave", self._posts.leave)

    def _slow_round(self, acts: bool) -> None:
        """Audit where we act; the sheet is written on every machine, for it is there that it will be looked for."""
        if acts:
            self._safely("prefect", self._engine.look_at_prefect)
            self._safely("audit", self.audit)
        self._safely("sheet", self._sheet)

    def audit(self) -> list[str]:
        """Audit once, note what was found, and beat outside when it was nothing."""
        found = [*self._audit.look(), *([] if self.console() else ["the console does not answer"])]
        wall = self.app.clock.wall()
        noted = {"at": wall.isoformat(), "clean": not found, "findings": found}
        with self.app.sessions() as s:
            before = json.loads(meta.get(s, AUDIT) or "{}")
            noted["clean_at"] = wall.isoformat() if not found else before.get("clean_at")
            meta.put(s, AUDIT, json.dumps(noted))
        run = self.app.settings.home / "run"
        _put(run / "audit.json", json.dumps(noted, indent=1) + "\n")
        if found:
            log.warning("audit_found", count=len(found))
        else:
            _put(run / "heartbeat", wall.isoformat() + "\n")
            self._beat_outside()
        return found

    def _end_the_frozen(self) -> None:
        """End whoever was stopped in the middle of a write and so holds the store, before anybody waits for it."""
        engine = self.app.sessions.engine
        if engine.dialect.name == "sqlite" and engine.url.database:
            end_the_frozen_writer(Path(engine.url.database))

    def _home_messages(self) -> None:
        """Send what is about the home itself when the timer does not, and look after the alarms in its place."""
        if "timer" in self._engine.silent(HOME_MESSAGE_AGE):
            doors.look_at_alarms(self.app)
            self._hands.begin(self._engine.deliver_home)

    def _sheet(self) -> None:
        now = self.app.clock.now()
        if self._sheet_at is None or now >= self._sheet_at:
            write_sheet(self.app)
            self._sheet_at = next_sheet_at(now)

    def _beat_outside(self) -> None:
        """Call the outside address, where somebody is told when the calls stop: it outlives this machine."""
        url = self.app.settings.heartbeat_url
        if not url or (self._outside is not None and not self._outside.over(OUTSIDE_S)):
            return
        self._outside = Stopwatch()
        try:
            httpx.get(url, timeout=5.0).raise_for_status()
        except httpx.HTTPError as error:
            log.warning("heartbeat_not_taken", error=type(error).__name__)

    def _safely(self, name: str, do: Callable[[], object]) -> object:
        try:
            return do()
        except VigilError as error:
            if isinstance(error, Transient):  # the store is away: the next look tries again
                self._engine.was_blind()
            log.warning("watchdog_round_failed", task=name, error=type(error).__name__)
        except Exception:
            log.exception("watchdog_round_failed", task=name)
        return None


def _put(file: Path, text: str) -> None:
    with suppress(OSError):  # a full disk shows in the file's age
        put_whole(file, text)
