"""The door `record`: a fact comes in."""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from policy.facts import Fact, read_fact
from policy.terms import AlarmKey, Route
from runtime import copies
from runtime.app import App
from runtime.door_forms import OldForm, refuse_old_form, report_use
from runtime.door_people import ANSWERS, serve_linked
from runtime.door_take import take
from runtime.writing import Pen, digest
from store import alarms, cases, facts
from store.cases import Stored

RESENT = timedelta(minutes=5)  # within it the same words without an instant are the same fact, sent again

log = structlog.get_logger()


def record(app: App, ref: str, raw: object, *, route: Route, key: str | None = None) -> Stored:
    """Take a fact into a case. The same key, or the same fact again, changes nothing. Raises Invalid or Refused.

    A fact without its instant is of now: in the same words hours later it is another one, such as the next review,
    or the acceptance of a case that has come back; what was answered already policy leaves as it is.
    """
    fact = read_fact(raw)
    try:
        return _record(app, ref, raw, fact, route=route, key=key)
    except OldForm as error:  # reported in a transaction of its own: the refusal undoes this one
        report_use(app, error, case=ref, by=fact.by)
        raise


def _record(app: App, ref: str, raw: object, fact: Fact, *, route: Route, key: str | None) -> Stored:
    assert isinstance(raw, Mapping)
    name = f"key:{key}" if key else digest(fact, raw)
    now = app.clock.now()
    with app.sessions() as s:
        stored = cases.load(s, ref, lock=True)
        of_now = key is None and fact.at is None
        if facts.seen(s, ref, name, since=now - RESENT if of_now else None):
            return stored
        refuse_old_form(app, s, stored.case, fact)
        pen = Pen(s, route, now, app.clock.speed)
        stored = copies.look(app, pen, take(app, pen, stored, fact), fact)
        facts.note(s, ref, name, now)
        if fact.kind in ANSWERS:  # somebody has it: that it began late stands on the case and in its journal
            alarms.clear(s, AlarmKey.MISSED_START, ref, now)
    serve_linked(app, stored, fact, route)
    log.info("fact", case=ref, kind=fact.kind, by=fact.by, route=route)
    app.knock("timer")
    return stored
