"""The door `deliver`: an act's messages go out, and what came of each is written down."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from policy.answering import unreachable as climb_past
from policy.book import Book
from policy.case import Case
from policy.errors import Transient
from policy.reaching import counting, unreachable
from policy.terms import AlarmKey, Channel, MessageState, MessageType, Route
from runtime.acts import Act
from runtime.app import App
from runtime.patience import of_this_pass
from runtime.processes import process_name
from runtime.sending import Result, Sent, send_all
from runtime.writing import Pen, settle, write
from store import alarms, cases, messages, outbox
from store.cases import Stored
from store.messages import Message

CLAIM_S = 60  # of real time: longer than any channel's time-out
LATER_S = (30, 60, 120)  # of real time, between tries of a message after its task gave up; the last stays


def deliver(app: App, act: Act, by: str = "engine") -> list[Sent]:
    """Send every message of an act and settle each. Raises Transient when one is to be tried again in a moment.

    Claimed first, sent with no transaction open, settled last: told at least once, never zero times. Where a receiver
    asked for time the message rests until then, and the case wakes for it.
    """
    holder = f"{process_name()}/{by}:{act.case}"
    with app.sessions() as s:
        claimed = outbox.claim(s, act.messages, holder, app.clock.wall(), CLAIM_S, now=app.clock.now())
        stored = cases.load(s, act.case) if claimed else None
    if stored is None:
        return []
    base = app.settings.console_address
    patience = of_this_pass()
    with patience.call():
        results = send_all(claimed, {act.case: stored.case}, app.senders, app.links, app.clock, base)
    with app.sessions() as s:
        _settle(app, s, act, results, by)
    if any(sent.result is Result.TRANSIENT and sent.wait is None for sent in results):
        patience.try_again()
        raise Transient(f"{act.case}: {act.title} was not received yet")
    return results


def _settle(app: App, s: Session, act: Act, results: list[Sent], by: str) -> None:
    """Write down what came of each try and what follows from it, in one transaction: a crash loses neither."""
    now = app.clock.now()
    failed = any(sent.result is Result.PERMANENT for sent in results)
    stored = cases.load(s, act.case, lock=True) if failed else None
    settle(s, act.case, results, by=by, now=now)
    if stored is not None:
        for person in _cut_off(app, s, act, stored.case, results):
            stored = _climb_past(app, s, act, stored, person)
    if any(sent.tried_too_often and sent.wait is not None for sent in results):
        _ring_unreachable(app, s, act, now)
    elif any(sent.message.tries for sent in results) and all(sent.result is Result.RECEIVED for sent in results):
        alarms.clear(s, AlarmKey.UNREACHABLE, act.case, now, _not_received(act))


def _cut_off(app: App, s: Session, act: Act, case: Case, results: list[Sent]) -> list[str]:
    """Name those whose every channel that counts has now failed for good (`policy.reaching`)."""
    failed = {(sent.message.person, sent.message.channel) for sent in results if sent.result is Result.PERMANENT}
    if not failed or act.reminder or act.type in (MessageType.CANCEL, MessageType.ALARM):
        return []
    risk = case.timer_risk(app.packs[case.pack].child_floor)
    states: dict[str, dict[Channel, MessageState]] = {}
    for m in messages.of_case(s, act.case):
        if (m.step, m.occurrence, m.rung, m.reminder, m.type) == (*_id(act), act.type):
            states.setdefault(m.person, {})[m.channel] = m.state
    by_now = {person for person, theirs in states.items() if unreachable(theirs, risk)}
    return sorted({who for who, channel in failed if who in by_now and channel in counting(states[who], risk)})


def _id(act: Act) -> tuple[str, int, int, int]:
    return act.step, act.occurrence, act.rung, act.reminder


def _climb_past(app: App, s: Session, act: Act, stored: Stored, person: str) -> Stored:
    step = stored.case.step(act.step, act.occurrence)
    if step is None:
        return stored
    now = app.clock.now()
    book = Book(stored.case, app.packs[stored.case.pack], app.roster(s, now), now)
    climb_past(book, step, person, now)
    return write(Pen(s, Route.SYSTEM, now), stored, book.outcome(), wake_at=now)


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
        until = now + timedelta(seconds=wait_s * app.clock.speed)
        if outbox.later(s, act.messages, until):
            _ring_unreachable(app, s, act, now)


def _not_received(act: Act) -> str:
    return f"{act.step}: rung {act.rung} not received"


def _ring_unreachable(app: App, s: Session, act: Act, now: datetime) -> None:
    """Push it to whoever hears alarms, once until it is cleared: an alarm that nobody hears is none."""
    detail = _not_received(act)
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
        claimed = (
            outbox.claim(s, [m.attempt_key for m in ready], f"{process_name()}/home", app.clock.wall(), CLAIM_S)
            if ready
            else []
        )
        firsts = {ref for m in claimed for ref in m.cases[:1]}
        about = {one.ref: one.case for one in cases.load_all(s, sorted(firsts))}
    if claimed:
        _send_home(app, claimed, about)
    return len(claimed)


def _send_home(app: App, claimed: list[Message], about: Mapping[str, Case]) -> None:
    base = app.settings.console_address
    results = send_all(claimed, about, app.senders, app.links, app.clock, base)
    with app.sessions() as s:
        now = app.clock.now()
        settle(s, None, results, by="engine", now=now)
        again = [r.message.attempt_key for r in results if r.result is Result.TRANSIENT and r.wait is None]
        outbox.later(s, again, now + timedelta(seconds=LATER_S[0] * app.clock.speed))
