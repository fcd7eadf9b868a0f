"""The door `record`: a fact comes in."""

from collections.abc import Mapping

import structlog

from policy import record as recording
from policy.facts import read_fact
from policy.terms import Route
from runtime.app import App
from runtime.writing import Pen, digest, write
from store import cases, facts
from store.cases import Stored

log = structlog.get_logger()


def record(app: App, ref: str, raw: object, *, route: Route, key: str | None = None) -> Stored:
    """Take a fact into a case. The same key, or the same fact again, changes nothing. Raises Invalid or Refused."""
    fact = read_fact(raw)
    assert isinstance(raw, Mapping)
    name = f"key:{key}" if key else digest(fact, raw)
    now = app.clock.now()
    with app.sessions() as s:
        stored = cases.load(s, ref)
        if facts.seen(s, ref, name):
            return stored
        pack = app.packs[stored.case.pack]
        outcome = recording.record(stored.case, fact, pack, app.roster(s, now), now)
        stored = write(Pen(s, route, now), stored, outcome, wake_at=now)
        facts.note(s, ref, name, now)
    log.info("fact", case=ref, kind=fact.kind, by=fact.by, route=route)
    app.knock("timer")
    return stored
