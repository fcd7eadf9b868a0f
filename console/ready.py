"""Whether a report posted now would be told: each part's last sign of life, who would hear, what the audit found."""

import json
from dataclasses import dataclass
from datetime import timedelta

from policy.errors import VigilError
from policy.terms import Role
from runtime.app import App
from runtime.readings import Json
from runtime.watchdog_part import AUDIT
from store import meta, roster

FRESH = timedelta(seconds=15)  # real time since a part's last beat
PARTS = ("timer", "worker", "watchdog")


@dataclass(frozen=True)
class State:
    """What was found, and whether it suffices."""

    ready: bool
    body: Json


def look(app: App) -> State:
    """Look at store, timer, worker and Prefect. Nobody on duty is told of, but is no fault of the machine's."""
    checks: dict[str, str] = {}
    try:
        with app.sessions.reading() as s:
            beats = {name: beat.beat_at for name, beat in meta.beats(s).items()}
            known = roster.snapshot(s, app.clock.now())
            audited = json.loads(meta.get(s, AUDIT) or "{}")
        checks["store"] = "ok"
    except VigilError as error:
        return State(False, {"ready": False, "checks": {"store": str(error)}})
    wall = app.clock.wall()
    for part in PARTS:
        at = beats.get(part)
        checks[part] = "ok" if at and wall - at < FRESH else ("never seen" if at is None else "silent")
    checks["prefect"] = "ok" if app.engine is not None and app.engine.ready() else "does not answer"
    someone = any(duty.role is not Role.SYSTEM for duty in known.on_duty(app.clock.now()))
    ready = all(found == "ok" for found in checks.values())
    body: Json = {"ready": ready, "checks": checks, "on_duty": "somebody" if someone else "nobody"}
    body["heartbeat_at"] = audited.get("clean_at")  # the watchdog's, after a clean audit only
    body["found"] = audited.get("findings", [])
    return State(ready, body)
