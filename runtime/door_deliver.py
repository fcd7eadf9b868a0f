"""The door `deliver`: an act's messages go out, and what came of each is written down."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event

from sqlmodel import Session

from policy import outside
from policy.book import Book
from policy.case import Case
from policy.errors import Busy, Transient
from policy.reaching import RINGS, counting, unreachable
from policy.terms import AlarmKey, Channel, MessageState, MessageType, Route
from runtime.acts import Act
from runtime.app import App
from runtime.clock import wait
from runtime.patience import of_this_pass
from runtime.processes import process_name
from runtime.sending import MOST_TRIES, Result, Sent, send_all
from runtime.writing import Pen, at_once, settle, write
from store import alarms, cases, fallback, messages, outbox
from store.cases import Stored
from store.messages import Message

CLAIM_S = 60  # of real time: longer than any channel's time-out
SETTLE_AGAIN_S = (0.0, 1.0, 3.0)  # of real time: a lock or a connection that was lost comes back
LATER_S = (30, 60, 120)  # of real time, between tries of a message after its task gave up; the last stays


def deliver(app: App, act: Act, by: str = "engine") -> list[Sent]:
    """Send every message of an act and settle each. Raises Transient when one is to be tried again in a moment.

    1. Claimed first, sent with no transaction open, settled last: told at least once, never zero times.
    2. Where a receiver asked for time the message rests until then, and the case wakes for it.
    3. Where a push did not come through, the text behind it goes out as soon as it is due (`store.fallback`).
    """
    results = _one_round(app, act, act.messages, by)
    missed = [r.message.attempt_key for r in results if r.result is not Result.RECEIVED]
    if texts := set(fallback.texts_of(missed)) - set(missed):
        results += _one_round(app, act, sorted(texts), by)
    texted = {r.message.act for r in results if r.message.channel is fallback.TEXT}
    mine = [r for r in untold(results) if r.message.attempt_key in act.messages]
    left = [r for r in mine if not (r.down and r.message.channel is fallback.PUSH and r.message.act in texted)]
    if any(r.result is Result.TRANSIENT and r.wait is None for r in left):
        of_this_pass().try_again()
        raise Transient(f"{act.case}: {act.title} was not received yet")
    return results


def _one_round(app: App, act: Act, keys: Sequence[str], by: str) -> list[Sent]:
    """Claim what is free and due of these messages, send it, and write down what came of it."""
    holder = f"{process_name()}/{by}:{act.case}"
    with app.sessions() as s:
        claimed = outbox.claim(s, keys, holder, app.clock.wall(), CLAIM_S, now=app.clock.now())
        stored = cases.load(s, act.case) if claimed else None
    if stored is None:
        return []
    with of_this_pass().call():
        base = app.settings.console_address
        results = send_all(claimed, {act.case: stored.case}, app.senders, app.links, app.clock, base)
    _write_down(app, results, lambda s, those: _settle(app, s, act, those, by))
    return results


def _write_down(app: App, results: list[Sent], settled: Callable[[Session, list[Sent]], None]) -> None:
    """Settle in one transaction, and again while the store fails: what is sent and not written down is sent twice.

    Of a commit whose answer was lost nobody knows: what it has settled is not settled again.
    """
    for wait_s in (*SETTLE_AGAIN_S, None):
        try:
            with app.sessions() as s:
                settled(s, results)
        except (Busy, Transient):
            if wait_s is None:
                raise
            wait(Event(), wait_s)
            with suppress(Busy, Transient), app.sessions.reading() as s:
                results = [r for r in results if messages.get(s, r.message.attempt_key).tries == r.message.tries]
        else:
            return
        if not results:
            return


def _settle(app: App, s: Session, act: Act, results: list[Sent], by: str) -> None:
    """Write down what came of each try and what follows from it, in one transaction: a crash loses neither."""
    now = app.clock.now()
    late = any(sent.message.tries or sent.message.channel is fallback.TEXT for sent in results)
    plain = not late and all(sent.result is Result.RECEIVED for sent in results)
    stored = None if plain else _case_first(s, act)
    settle(s, act.case, results, by=by, now=now)
    if stored is not None:
        for person in _cut_off(app, s, act, stored.case, results):
            stored = _climb_past(app, s, act, stored, person)
    _spare(app, s, [r.message.attempt_key for r in results if r.down and r.message.channel is fallback.PUSH], now)
    if too_often := [r.message.attempt_key for r in untold(results) if r.tried_too_often and r.wait is not None]:
        _fall_back(app, s, act, too_often, now)
    elif late and not untold(results):
        alarms.clear(s, AlarmKey.UNREACHABLE, act.case, now, _not_received(act))


def _case_first(s: Session, act: Act) -> Stored:
    """Lock the case before its messages, its alarms and the journal, as every other door does.

    Two that lock the same things in another order would wait for each other. Only what was received at the first try
    is settled without: nothing but its own messages is written then.
    """
    return cases.load(s, act.case, lock=True)


def _spare(app: App, s: Session, keys: list[str], now: datetime) -> None:
    """Try no push again soon whose provider is down and behind which a text stands: the text goes out instead."""
    pushes = sorted(fallback.still_hoping(s, keys, MOST_TRIES))
    fallback.make_due(s, pushes, now)
    outbox.later(s, pushes, now + timedelta(seconds=LATER_S[0] * app.clock.speed))


def untold(results: Sequence[Sent]) -> list[Sent]:
    """Leave out what was received, and a push or text whose person has the other of the two."""
    has = {r.message.act for r in results if r.result is Result.RECEIVED and r.message.channel in RINGS}
    left = [r for r in results if r.result is not Result.RECEIVED]
    return [r for r in left if r.message.channel not in RINGS or r.message.act not in has]


def _cut_off(app: App, s: Session, act: Act, case: Case, results: list[Sent]) -> list[str]:
    """Name those whose every channel that counts has now failed for good (`policy.reaching`)."""
    failed = {(sent.message.person, sent.message.channel) for sent in results if sent.result is Result.PERMANENT}
    if not failed or act.reminder or act.type in (MessageType.CANCEL, MessageType.ALARM):
        return []
    risk = case.timer_risk(app.pack_of(case).child_floor)
    states: dict[str, dict[Channel, MessageState]] = {}
    for m in messages.of_case(s, act.case):
        if (m.step, m.occurrence, m.rung, m.reminder, m.type) == (*_id(act), act.type):
            states.setdefault(m.person, {})[m.channel] = m.state
    by_now = {person for person, theirs in states.items() if unreachable(theirs, risk)}
    return sorted({who for who, channel in failed if who in by_now and channel in counting(states[who], risk)})


def _id(act: Act) -> tuple[str, int, int, int]:
    return act.step, act.occurrence, act.rung, act.reminder


def _climb_past(app: App, s: Session, act: Act, stored: Stored, person: str) -> Stored:
    if stored.case.step(act.step, act.occurrence) is None:
        return stored
    now = app.clock.now()
    book = Book(stored.case, app.pack_of(stored.case), app.roster(s, now), now)
    outside.cut_off(book, act.step, act.occurrence, person)
    return write(Pen(s, Route.SYSTEM, now, app.clock.speed), stored, book.outcome(), wake_at=at_once(stored, now))


def called_off(app: App, act: Act) -> bool:
    """Tell whether nothing of an act went out, because what it asks was answered before."""
    with app.sessions.reading() as s:
        states = {m.state for m in messages.of_case(s, act.case) if m.attempt_key in act.messages}
    return states == {MessageState.CANCELLED}


def give_up(app: App, act: Act) -> None:
    """Put what did not go out back for later, and let the texts go at once; where there is none, ring `unreachable`.

    The ladder goes on in its own time.
    """
    now = app.clock.now()
    with app.sessions() as s:
        _case_first(s, act)
        mine = [m for m in messages.of_case(s, act.case) if m.attempt_key in act.messages]
        tried = max((m.tries for m in mine), default=0)
        wait_s = LATER_S[min(tried // 4, len(LATER_S)) - 1] if tried >= 4 else LATER_S[0]
        until = now + timedelta(seconds=wait_s * app.clock.speed)
        if outbox.later(s, act.messages, until):
            left = [m.attempt_key for m in mine if m.state is MessageState.QUEUED]
            _fall_back(app, s, act, left, now)


def _fall_back(app: App, s: Session, act: Act, given_up: list[str], now: datetime) -> None:
    """Let the texts behind what was given up go out now; ring `unreachable` where somebody has none that may come."""
    fallback.make_due(s, given_up, now)
    if set(given_up) - fallback.still_hoping(s, given_up, MOST_TRIES):
        _ring_unreachable(app, s, act, now)


def _not_received(act: Act) -> str:
    return outside.not_received_words(act.step, act.rung)


def _ring_unreachable(app: App, s: Session, act: Act, now: datetime) -> None:
    """Push it to whoever hears alarms, once until it is cleared: an alarm that nobody hears is none."""
    detail = _not_received(act)
    if any(
        (a.key, a.detail) == (AlarmKey.UNREACHABLE, detail) for a in alarms.listing(s, standing=True, case=act.case)
    ):
        return
    stored = cases.load(s, act.case, lock=True)
    book = Book(stored.case, app.pack_of(stored.case), app.roster(s, now), now)
    outside.not_received(book, act.step, act.occurrence, act.rung)
    write(Pen(s, Route.SYSTEM, now, app.clock.speed), stored, book.outcome(), wake_at=at_once(stored, now))


def deliver_home(app: App, by: str = "engine") -> int:
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
        _send_home(app, claimed, about, by)
    return len(claimed)


def _send_home(app: App, claimed: list[Message], about: Mapping[str, Case], by: str) -> None:
    base = app.settings.console_address
    results = send_all(claimed, about, app.senders, app.links, app.clock, base)

    def settled(s: Session, those: list[Sent]) -> None:
        now = app.clock.now()
        settle(s, None, those, by=by, now=now)
        again = [r.message.attempt_key for r in those if r.result is Result.TRANSIENT and r.wait is None]
        outbox.later(s, again, now + timedelta(seconds=LATER_S[0] * app.clock.speed))
        fallback.make_due(s, again, now)

    _write_down(app, results, settled)
