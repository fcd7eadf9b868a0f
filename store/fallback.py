"""The fallback: a text to whoever the push does not reach, queued with it and sent only when it is needed.

1. Text and push are queued in one transaction; the text rests for 30 s of real time.
2. Whichever of the two is received calls the other off, in the transaction that says so.
3. A push that failed for good, or that its task has given up, makes its text due at once, in the same way.

So nobody has to remember the text: whoever comes by after its instant, the engine or the watchdog, finds it due.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select, update

from models import MessageRow
from policy.roster import Contact
from policy.terms import Channel, MessageState
from store.cases import NO_SYNC
from store.messages import Message

PUSH, TEXT = Channel.WEBHOOK, Channel.SMS
AFTER: Final = timedelta(seconds=30)  # of real time: the time-outs of a push and its tries again, all in all
OTHER: Final = {PUSH: TEXT, TEXT: PUSH}
_QUEUED = col(MessageRow.state) == MessageState.QUEUED.value


def rests_until(contact: Contact, ways: Collection[Contact], at: datetime, speed: float) -> datetime:
    """Give when a message put at `at` may go out: a text beside a push later, everything else at once."""
    beside = contact.channel is TEXT and any(way.channel is PUSH for way in ways)
    return at + AFTER * speed if beside else at


def without_early_texts(ready: Sequence[Message]) -> list[Message]:
    """Leave out the texts whose push is about to be tried for the first time, as after an outage of both."""
    fresh = {m.act for m in ready if m.channel is PUSH and not m.tries}
    return [m for m in ready if m.channel is not TEXT or m.act not in fresh]


def texts_of(keys: Iterable[str]) -> list[str]:
    """Give the attempt keys of the texts that stand behind these pushes; whether they exist is not looked at."""
    return _others([key for key in keys if _channel(key) == PUSH])


def call_off(s: Session, received: Iterable[str]) -> None:
    """Hold back what need not go out any more: the text of a push that was received, or the push of a text."""
    others = _others(received)
    if others:
        off = update(MessageRow).where(col(MessageRow.attempt_key).in_(others), _QUEUED)
        s.exec(off.values(state=MessageState.CANCELLED.value), execution_options=NO_SYNC)


def make_due(s: Session, failed: Iterable[str], now: datetime) -> None:
    """Let the texts of these pushes go out at once; one that was tried before keeps its own instant."""
    texts = texts_of(failed)
    if texts:
        resting = (_QUEUED, col(MessageRow.tries) == 0, col(MessageRow.not_before) > now)
        due = update(MessageRow).where(col(MessageRow.attempt_key).in_(texts), *resting)
        s.exec(due.values(not_before=now), execution_options=NO_SYNC)


def still_hoping(s: Session, keys: Collection[str], most_tries: int) -> set[str]:
    """Give those of these messages whose person may yet get a text: one stands behind the push, and was tried less."""
    texts = texts_of(keys)
    waiting = (_QUEUED, col(MessageRow.tries) < most_tries)
    query = select(MessageRow.attempt_key).where(col(MessageRow.attempt_key).in_(texts), *waiting)
    acts = {_act(found) for found in s.exec(query)} if texts else set()
    return {key for key in keys if _act(key) in acts}


def _others(keys: Iterable[str]) -> list[str]:
    parted = [key.rpartition("/") for key in keys if _channel(key) in OTHER]
    return sorted(f"{act}/{OTHER[Channel(channel)]}" for act, _, channel in parted)


def _act(key: str) -> str:
    return key.rpartition("/")[0]


def _channel(key: str) -> str:
    return key.rpartition("/")[2]
