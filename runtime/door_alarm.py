"""The doors of alarms: ringing one that no case's decision brings about, looking after those that stand, clearing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from policy.alarms import cause_is_gone, refuse_clearing
from policy.book import Book
from policy.case import Told
from policy.intents import Entry, Outcome
from policy.roster import Roster
from policy.terms import AlarmKey, Route
from runtime.app import App
from store import alarms, cases, journal, outbox
from store.alarms import Rung
from store.cases import Stored
from store.journal import Lines

FAILED = "pass_failed"
FAILED_LATELY = timedelta(minutes=10)  # a case whose passes fail is tried again each five minutes at the least
PASSES_FAIL = "the passes of this case fail, so nobody is told: tell its people by voice"


def ring(
    app: App,
    key: AlarmKey,
    detail: str,
    *,
    case: str | None = None,
    route: Route = Route.SYSTEM,
    said: Sequence[Entry] = (),
) -> bool:
    """Ring an alarm of the home, or about a case whose own pass cannot speak; False when it stands already.

    It is pushed by the timer, which needs no pass for it; `detail` holds ids and words of ours, never a name.
    `said` is journalled with it, also when the alarm stands.
    """
    return _ring(app, key, (case, detail), None, said, route)


def ring_at(app: App, key: AlarmKey, detail: str, to: Told | None, said: Sequence[Entry]) -> bool:
    """Ring an alarm of the home at a named person, who answers for what it is about."""
    return _ring(app, key, (None, detail), to, said, Route.SYSTEM)


def _ring(
    app: App, key: AlarmKey, about: tuple[str | None, str], to: Told | None, said: Sequence[Entry], route: Route
) -> bool:
    now = app.clock.now()
    with app.sessions() as s:
        outcome = _listed(app, s, key, about, now, to)
        if outcome is not None:
            outbox.put(s, None, outcome.tells, queued_at=now, speed=app.clock.speed)
        entries = [*(outcome.entries if outcome else ()), *said]
        journal.append(s, entries, case=about[0], route=route, written_at=now)
    app.knock("timer")
    return outcome is not None


def list_alarm(app: App, key: AlarmKey, detail: str, route: Route) -> bool:
    """List an alarm of the home whose cause its people have been told of already; False when it stands."""
    now = app.clock.now()
    with app.sessions() as s:
        outcome = _listed(app, s, key, (None, detail), now)
        journal.append(s, outcome.entries if outcome else (), case=None, route=route, written_at=now)
    return outcome is not None


def _listed(
    app: App, s: Session, key: AlarmKey, about: tuple[str | None, str], now: datetime, to: Told | None = None
) -> Outcome | None:
    case, detail = about
    book = Book.of_home(app.rules(s), app.roster(s, now), now)
    book.alarm(key, f"{case}: {detail}" if case else detail, now, to=to)
    outcome = book.outcome()
    (alarm,) = outcome.alarms
    return outcome if alarms.ring(s, alarm, alarm.to, case, now) else None


def look_at_alarms(app: App) -> int:
    """Look after the alarms that stand; give how many were cleared or have found somebody who hears them.

    1. Where the cause is gone although nobody said so (a step is over, a case closed), the alarm is cleared.
    2. What rang while nobody was on duty rings again, once, at whoever hears alarms now; several in one message.
    """
    now = app.clock.now()
    with app.sessions.reading() as s:  # no lock is held while cases are read
        standing = alarms.listing(s, standing=True)
        roster = app.roster(s, now) if standing else Roster()
        held = {one.ref: one for one in cases.load_all(s, sorted({rung.case for rung in standing if rung.case}))}
        over = [rung for rung in standing if _is_over(s, rung, held.get(rung.case or ""), roster, now)]
        rules = app.rules(s)
    unheard = [rung for rung in standing if rung.to is None and rung not in over]
    book = Book.of_home(rules, roster, now)
    unheard = unheard[::-1] if book.listener() else []
    if not over and not unheard:
        return 0
    with app.sessions() as s:
        done = _clear(s, over, now) + _ring_again(s, unheard, book, now, app.clock.speed)
    app.knock("timer")
    return done


def _is_over(s: Session, rung: Rung, stored: Stored | None, roster: Roster, now: datetime) -> bool:
    if rung.case is None:
        return False
    if rung.detail == f"{rung.case}: {PASSES_FAIL}":
        lines = Lines({FAILED}, rung.case, from_at=now - FAILED_LATELY)
        return not journal.of_kinds(s, lines, limit=1)
    if stored is None:  # an example that was removed, or a case deleted behind our back: a person looks at it
        return False
    return cause_is_gone(rung.key, rung.detail, rung.at, stored.case, roster, now)


def _clear(s: Session, over: Sequence[Rung], now: datetime) -> int:
    cleared = [rung for rung in over if alarms.clear_one(s, rung.id, now)]
    for rung in cleared:
        body = {"key": rung.key, "detail": rung.detail, "why": "its cause is gone"}
        _note(s, Entry("alarm_cleared", now, body), rung.case, Route.SYSTEM)
    return len(cleared)


def _ring_again(s: Session, unheard: Sequence[Rung], book: Book, now: datetime, speed: float) -> int:
    listener = book.listener()
    heard = [rung for rung in unheard if listener and alarms.heard(s, rung.id, listener[0])]
    for rung in heard:
        named = rung.case is not None and rung.case not in rung.detail
        book.alarm(rung.key, f"{rung.case}: {rung.detail}" if named else rung.detail, now)
    outbox.put(s, None, book.outcome().tells, queued_at=now, speed=speed)
    for rung in heard:
        body = {"key": rung.key, "detail": rung.detail, "to": listener[0] if listener else None, "again": True}
        _note(s, Entry("alarm", now, body), rung.case, Route.SYSTEM)
    return len(heard)


def _note(s: Session, entry: Entry, case: str | None, route: Route) -> None:
    journal.append(s, [entry], case=case, route=route, written_at=entry.at)


def pass_failed(app: App, case: str, error: str) -> None:
    """Write down that a pass of a case failed; from the second in a row on, its people cannot be reached: that rings.

    One that failed is put back within seconds and mostly goes well then. `error` is the name of its kind.
    """
    now = app.clock.now()
    with app.sessions() as s:
        last = journal.newest(s, case, limit=1)
        _note(s, Entry(FAILED, now, {"error": error}), case, Route.SYSTEM)
    if any(entry.kind == FAILED for entry in last):
        ring(app, AlarmKey.UNREACHABLE, PASSES_FAIL, case=case)


def pass_went_well(app: App, case: str) -> None:
    """Clear the alarm of a case whose passes failed."""
    with app.sessions() as s:
        alarms.clear(s, AlarmKey.UNREACHABLE, case, app.clock.now(), f"{case}: {PASSES_FAIL}")


def clear_alarm(app: App, number: int, by: str, *, route: Route, reason: str = "") -> Rung:
    """Clear an alarm that a person has seen to, with who and when; one that is cleared stays as it is.

    Raises Unknown, and Refused where only the end of its cause clears it or the person is not on duty.
    """
    now = app.clock.now()
    with app.sessions() as s:
        rung = alarms.get(s, number)
        if rung.cleared_at is None:
            refuse_clearing(rung.key, by, app.roster(s, now), now)
            if alarms.clear_one(s, number, now):
                body = {"key": rung.key, "detail": rung.detail, "reason": reason or None}
                _note(s, Entry("alarm_cleared", now, body, by), rung.case, route)
        return alarms.get(s, number)
