"""The door `record`: a fact comes in."""

from collections.abc import Mapping

import structlog

from policy import record as recording
from policy.facts import Fact, read_fact
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
        stored = cases.load(s, ref, lock=True)
        if facts.seen(s, ref, name):
            return stored
        stored = take(app, Pen(s, route, now), stored, fact)
        facts.note(s, ref, name, now)
    log.info("fact", case=ref, kind=fact.kind, by=fact.by, route=route)
    app.knock("timer")
    return stored


def take(app: App, pen: Pen, stored: Stored, fact: Fact) -> Stored:
    """Take a fact into a case within a transaction that has locked it; raises Refused with nothing written."""
    pack = app.packs[stored.case.pack]
    outcome = recording.record(stored.case, fact, pack, app.roster(pen.session, pen.now), pen.now)
    return write(pen, stored, outcome, wake_at=pen.now)
