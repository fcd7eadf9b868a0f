"""Writing an outcome down: the case, its messages, its alarms and its journal, in the one transaction of a door."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from policy.facts import Fact
from policy.intents import Entry, Outcome
from policy.terms import Route
from runtime.sending import Result, Sent
from store import alarms, cases, fallback, journal, outbox, replay
from store.cases import Stored


@dataclass(frozen=True)
class Pen:
    """With what one transaction is written: its session, the way it came in, the procedure's clock, and by whom."""

    session: Session
    route: Route
    now: datetime
    speed: float  # of the procedure's clock: what is put off for real seconds needs it
    by: str = "engine"


def at_once(stored: Stored, now: datetime) -> datetime:
    """Give the wake of a case that is to be looked at now: one that has passed stays.

    The watchdog counts its grace from it: were it moved on with each fact, a case of which much is heard would never
    be late, and nobody would be told.
    """
    return min(stored.wake_at or now, now)


def write(pen: Pen, stored: Stored, outcome: Outcome, *, wake_at: datetime | None) -> Stored:
    """Write all of an outcome; `stored` is the case that was decided upon (raises Stale when it has moved)."""
    s, ref = pen.session, stored.ref
    for key in outcome.cleared:
        alarms.clear(s, key, ref, pen.now)
    for alarm in outcome.alarms:
        alarms.ring(s, alarm, alarm.to, ref, pen.now)
    for cancelled in outcome.cancels:
        outbox.cancel(s, ref, cancelled.step, cancelled.occurrence)
    outbox.put(s, ref, outcome.tells, queued_at=pen.now, by=pen.by, speed=pen.speed)
    after = cases.save(s, stored, outcome.case, wake_at=wake_at)
    before = stored.case if stored.version > 1 else None  # the first write tells the journal the whole case
    changed = replay.change(before, outcome.case, outcome.entries, version=after.version, at=pen.now)
    entries = [*outcome.entries, changed] if changed else outcome.entries
    journal.append(s, entries, case=ref, route=pen.route, written_at=pen.now)
    return after


def settle(s: Session, ref: str | None, results: Iterable[Sent], *, by: str, now: datetime) -> None:
    """Write down what came of each try, in the outbox and in the journal, and what it means for the fallback."""
    tries = list(results)
    entries = []
    for sent in tries:
        key = sent.message.attempt_key
        if sent.result is Result.RECEIVED:
            outbox.received(s, key, sent.at, by=by, status_code=sent.status_code)
        elif sent.result is Result.PERMANENT:
            outbox.failed(s, key, sent.at, sent.detail, sent.status_code)
        else:
            outbox.postpone(s, key, now + (sent.wait or timedelta(0)), sent.at, sent.detail, sent.status_code)
        entries.append(_told(sent))
    fallback.call_off(s, _keys(tries, Result.RECEIVED))
    fallback.make_due(s, _keys(tries, Result.PERMANENT), now)
    route = Route.WATCHDOG if by == "watchdog" else Route.SYSTEM
    journal.append(s, entries, case=ref, route=route, written_at=now)


def _keys(tries: Iterable[Sent], result: Result) -> list[str]:
    return [sent.message.attempt_key for sent in tries if sent.result is result]


def _told(sent: Sent) -> Entry:
    m = sent.message
    body = {
        "attempt_key": m.attempt_key,
        "to": m.person,
        "role": m.role,
        "channel": m.channel,
        "type": m.type,
        "step": m.step,
        "rung": m.rung,
        "reminder": m.reminder,
        "result": sent.result,
        "status_code": sent.status_code,
        "detail": sent.detail or None,
        "late_s": round(max((sent.at - m.due_at).total_seconds(), 0), 1),
    }
    return Entry("attempt", sent.at, body)


def digest(fact: Fact, raw: Mapping[str, object]) -> str:
    """Name a fact by what it says, so that the same said twice changes nothing (contract section 5)."""
    said = {name: raw.get(name) for name in ("step", "occurrence", "at", "evidence")}
    text = json.dumps([fact.kind, fact.by, said], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_fields(before: Mapping[str, object], after: Mapping[str, object]) -> list[tuple[str, object, object]]:
    """Give each field of a record that differs, with its dotted name, what it was and what it is."""
    was, now = dict(_flat(before)), dict(_flat(after))
    names: Sequence[str] = list(dict.fromkeys([*was, *now]))
    return [(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]


def _flat(record: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
