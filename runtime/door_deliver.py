"""The door `deliver`: an act's messages go out, and what came of each is written down."""

from datetime import datetime, timedelta

from sqlmodel import Session

from policy.answering import unreachable
from policy.book import Book
from policy.errors import Transient
from policy.terms import AlarmKey, Channel, MessageState, MessageType, Route
from runtime.acts import Act
from runtime.app import App
from runtime.sending import Result, Sent, send_all
from runtime.writing import Pen, settle, write
from store import alarms, cases, messages, outbox
from store.messages import Message

CLAIM_S = 60  # of real time: longer than any channel's time-out
LATER_S = (30, 60, 120)  # of real time, between tries of a message after its task gave up; the last stays


def deliver(app: App, act: Act, by: str = "engine") -> list[Sent]:
    """Send every message of an act and settle each. Raises Transient when one is to be tried again.

    Claimed first, sent with no transaction open, settled last: told at least once, never zero times.
    """
    holder = f"{by}:{act.case}"
    with app.sessions() as s:
        claimed = outbox.claim(s, act.messages, holder, app.clock.wall(), CLAIM_S)
        stored = cases.load(s, act.case) if claimed else None
    if stored is None:
        return []
    base = app.settings.console_address
    results = send_all(claimed, stored.case, app.senders, app.links, app.clock, base)
    with app.sessions() as s:
        settle(s, act.case, results, by=by, now=app.clock.now())
    for person in _cut_off(app, act, results):
        _climb_past(app, act, person)
    if any(sent.result is Result.TRANSIENT for sent in results):
        raise Transient(f"{act.case}: {act.title} was not received yet")
    return results


def _cut_off(app: App, act: Act, results: list[Sent]) -> list[str]:
    """Name those whose every pushing channel has failed for good; a list that must be refreshed tells nobody."""
    failed = {sent.message.person for sent in results if sent.result is Result.PERMANENT}
    if not failed or act.reminder or act.type in (MessageType.CANCEL, MessageType.ALARM):
        return []
    with app.sessions.reading() as s:
        of_act = [m for m in messages.of_case(s, act.case) if m.channel is not Channel.INBOX]
    same = [m for m in of_act if (m.step, m.occurrence, m.rung, m.reminder) == _id(act)]
    return [p for p in sorted(failed) if all(m.state is MessageState.FAILED for m in same if m.person == p)]


def _id(act: Act) -> tuple[str, int, int, int]:
    return act.step, act.occurrence, act.rung, act.reminder


def _climb_past(app: App, act: Act, person: str) -> None:
    now = app.clock.now()
    with app.sessions() as s:
        stored = cases.load(s, act.case, lock=True)
        step = stored.case.step(act.step, act.occurrence)
        if step is None:
            return
        book = Book(stored.case, app.packs[stored.case.pack], app.roster(s, now), now)
        unreachable(book, step, person, now)
        write(Pen(s, Route.SYSTEM, now), stored, book.outcome(), wake_at=now)


def called_off(app: App, act: Act) -> bool:
    """Tell whether nothing of an act went out, because what it asks was answered before."""
    with app.sessions.reading() as s:
        states = {m.state for m in messages.of_case(s, act.case) if m.attempt_key in act.messages}
    return states == {MessageState.CANCELLED}


def give_up(app: App, act: Act) -> None:
    """Put what did not go out back for later, and ring `unreachable`: the ladder goes on in its own time."""
    now = app.clock.now()
    with app.sessions() as s:
        tried = max((m.tries for m in messages.of_case(s, act.case) if m.attempt_key in act.messages), default=0)
        wait_s = LATER_S[min(tried // 4, len(LATER_S)) - 1] if tried >= 4 else LATER_S[0]
        left = outbox.later(s, act.messages, now + timedelta(seconds=wait_s * app.clock.speed))
        if left:
            _ring_unreachable(app, s, act, now)


def _ring_unreachable(app: App, s: Session, act: Act, now: datetime) -> None:
    """Push it to whoever hears alarms, once until it is cleared: an alarm that nobody hears is none."""
    detail = f"{act.step}: rung {act.rung} not received"
    if any(
        (a.key, a.detail) == (AlarmKey.UNREACHABLE, detail) for a in alarms.listing(s, standing=True, case=act.case)
    ):
        return
    stored = cases.load(s, act.case, lock=True)
    book = Book(stored.case, app.packs[stored.case.pack], app.roster(s, now), now)
    book.alarm(AlarmKey.UNREACHABLE, detail, now, stored.case.step(act.step, act.occurrence))
    write(Pen(s, Route.SYSTEM, now), stored, book.outcome(), wake_at=now)


def deliver_home(app: App) -> int:
    """Send what is about the home itself and so belongs to no case's run; give the number of messages tried."""
    with app.sessions() as s:
        ready = outbox.pending(s, None, app.clock.now(), app.clock.wall())
        claimed = outbox.claim(s, [m.attempt_key for m in ready], "home", app.clock.wall(), CLAIM_S) if ready else []
    if claimed:
        _send_home(app, claimed)
    return len(claimed)


def _send_home(app: App, claimed: list[Message]) -> None:
    base = app.settings.console_address
    results = send_all(claimed, None, app.senders, app.links, app.clock, base)
    with app.sessions() as s:
        now = app.clock.now()
        settle(s, None, results, by="engine", now=now)
        again = [r.message.attempt_key for r in results if r.result is Result.TRANSIENT]
        outbox.later(s, again, now + timedelta(seconds=LATER_S[0] * app.clock.speed))
