"""The outbox: messages written with the decision that caused them, sent afterwards, safe to repeat.

A message is queued; somebody claims it for a minute of real time, sends it, and settles what came of it. Whoever
settles twice, or late, tells the truth about what was sent: received stays received, and each try is on record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, or_, update
from sqlmodel import Session, col, select

from models import AttemptRow, MessageRow
from policy.intents import Tell
from policy.roster import Contact
from policy.terms import Channel, MessageState, MessageType
from store import fallback, roundup, upsert
from store.cases import FRESH, NO_SYNC
from store.messages import Message, message_of, messages

OUTLIVES_CANCEL = (MessageType.CANCEL, MessageType.ALARM)  # these are said because a step is over
_QUEUED = col(MessageRow.state) == MessageState.QUEUED.value


def attempt_key(ref: str | None, tell: Tell, channel: Channel) -> str:
    """Name an attempt: case, step, occurrence, rung, reminder number, person, channel.

    A tell may bring its own word for the step (`slug`); otherwise `cancel` and `alarm` messages add their type to
    it, for they share all the rest with what came before. What is about the home itself has `home` for its case.
    """
    if not tell.slug and tell.type in OUTLIVES_CANCEL:
        tell = replace(tell, slug=f"{tell.step}:{tell.type}")
    return f"{ref or 'home'}/{tell.attempt_part}/{channel}"


def put(
    s: Session, ref: str | None, tells: Iterable[Tell], *, queued_at: datetime, by: str = "engine", speed: float = 1.0
) -> list[str]:
    """Queue each tell on every contact and for the inbox; give the new keys.

    A text beside a push rests for 30 s of real time, in which `speed` times as much passes in the procedure
    (`store.fallback`).

    A key that exists is left alone, so the same tells put twice are told once. The inbox shows its messages from
    now on; like every other they are *received* only when an act has delivered them. An alarm to somebody whom another
    reached within the last minute goes into a round-up: its own message is then cancelled, and gives no key.
    """
    new: list[str] = []
    fresh = upsert.insert(s, MessageRow).on_conflict_do_nothing(index_elements=["attempt_key"])
    statement = fresh.returning(col(MessageRow.attempt_key))  # built once: that is half of what a message costs
    for tell in tells:
        alarm = tell.type is MessageType.ALARM
        pause = roundup.pause_of(s, tell.person, queued_at) if alarm else None
        inbox = Contact(Channel.INBOX, tell.person)
        for contact in (*(c for c in tell.contacts if c.channel is not Channel.INBOX), inbox):
            rests = fallback.rests_until(contact, tell.contacts, queued_at, speed)
            values = _values(ref, tell, contact, queued_at) | {"by": by, "not_before": rests}
            for key in s.connection().execute(statement, values).scalars().all():
                if pause is None or not roundup.join(s, values, pause, queued_at):
                    new.append(key)
                else:
                    _change(s, key, {"state": MessageState.CANCELLED.value, "detail": roundup.ROUNDED_UP})
    return new


def pending(s: Session, ref: str | None, now: datetime, wall: datetime) -> list[Message]:
    """Give the case's messages that may be sent now and that nobody is sending, in the order of their putting."""
    may = (_of(ref), _QUEUED, col(MessageRow.not_before) <= now, _unclaimed(wall))
    query = select(MessageRow).where(*may).order_by(col(MessageRow.id))
    return fallback.without_early_texts(messages(s, query))


def earliest(s: Session, ref: str | None) -> datetime | None:
    """Give the procedure time at which the case's next queued message may be sent, None when none is queued."""
    return s.exec(select(func.min(MessageRow.not_before)).where(_of(ref), _QUEUED)).one()


def claim(
    s: Session, keys: Sequence[str], holder: str, wall: datetime, seconds: float = 60, *, now: datetime | None = None
) -> list[Message]:
    """Take the messages for sending until `seconds` of real time from `wall`; give those that were free.

    With `now` (procedure time) those that rest until later are left alone. One statement, and nobody waits: on
    PostgreSQL a message whose row another transaction holds at this moment is not free.
    """
    claimed = {"claimed_by": holder, "claimed_until": wall + timedelta(seconds=seconds)}
    free = [col(MessageRow.attempt_key).in_(sorted(keys)), _QUEUED, _unclaimed(wall)]
    free += [col(MessageRow.not_before) <= now] if now else []
    mine = select(MessageRow.attempt_key).where(*free).with_for_update(skip_locked=True)  # PostgreSQL; SQLite has none
    statement = update(MessageRow).where(col(MessageRow.attempt_key).in_(mine), *free).values(**claimed)
    rows = s.exec(statement.returning(MessageRow), execution_options=FRESH | NO_SYNC).scalars().all()
    return [message_of(row) for row in sorted(rows, key=lambda row: row.id or 0)]


def received(s: Session, key: str, at: datetime, *, by: str = "engine", status_code: int | None) -> None:
    """Settle a message: its channel took it at `at`. Holds even if the message was cancelled meanwhile."""
    _tried(s, key, at, "received", status_code, None)
    values = {"state": MessageState.RECEIVED.value, "sent_at": at, "received_at": at, "by": by, "detail": None}
    _change(s, key, values | _DONE, col(MessageRow.state) != MessageState.RECEIVED.value)


def failed(s: Session, key: str, at: datetime, detail: str, status_code: int | None = None) -> None:
    """Settle a message: its channel refused it for good. `detail` is a word for the reason, never their text."""
    _tried(s, key, at, "permanent", status_code, detail)
    _change(s, key, {"state": MessageState.FAILED.value, "sent_at": at, "detail": detail} | _DONE, _QUEUED)


def postpone(
    s: Session, key: str, not_before: datetime, at: datetime, detail: str, status_code: int | None = None
) -> None:
    """Settle a try that failed: the message may be sent again from `not_before` (procedure time)."""
    _tried(s, key, at, "transient", status_code, detail)
    _change(s, key, {"not_before": not_before, "detail": detail} | _DONE, _QUEUED)


def later(s: Session, keys: Sequence[str], not_before: datetime) -> int:
    """Let what is still queued of these rest until `not_before` (procedure time); no try is noted."""
    free: dict[str, object] = {"not_before": not_before, "claimed_by": None, "claimed_until": None}
    return sum(_change(s, key, free, _QUEUED) for key in sorted(keys))


def cancel(s: Session, ref: str, step: str, occurrence: int) -> int:
    """Send nothing more of this step that has not gone out; give the number of messages held back.

    Messages of type `cancel` and `alarm` go out all the same. A message that asks for other steps too goes out
    under the first of them: what they ask for must not go with the one that is over.
    """
    kinds = [str(kind) for kind in OUTLIVES_CANCEL]
    query = select(MessageRow).where(_of(ref), _QUEUED, col(MessageRow.type).not_in(kinds))
    held_back = 0
    for row in s.exec(query, execution_options=FRESH).all():
        of_step = [ask for ask in row.asks if _names(ask) == (step, occurrence)]
        others = [ask for ask in row.asks if ask not in of_step]
        if of_step and not others:
            held_back += _change(s, row.attempt_key, {"state": MessageState.CANCELLED.value}, _QUEUED)
        elif of_step:
            _change(s, row.attempt_key, _without(row, of_step, others), _QUEUED)
    return held_back


def _names(ask: object) -> tuple[object, object]:
    assert isinstance(ask, Mapping)
    return ask["step"], ask["occurrence"]


def _without(row: MessageRow, over: Sequence[object], others: Sequence[object]) -> dict[str, object]:
    """Put a message under what it still asks for, as a task; the key, by which it may have been tried, stays.

    An alarm is a word and no ask: it has no deadline, and is said all the same.
    """
    asks = [ask for ask in row.asks if ask not in over or (isinstance(ask, Mapping) and ask["due_at"] is None)]
    step, occurrence = _names(others[0])
    if (row.step, row.occurrence) == (step, occurrence):
        return {"asks": asks}
    assert isinstance(others[0], Mapping)
    named = {"step": step, "occurrence": occurrence, "title": others[0]["text"]}
    return {"asks": asks, **named, "type": MessageType.TASK.value, "rung": 0}


def release_claims_of(s: Session, prefix: str) -> int:
    """Free what is claimed by holders whose name begins so (a process that died), and give its number."""
    theirs = col(MessageRow.claimed_by).startswith(prefix, autoescape=True)
    statement = update(MessageRow).where(theirs, _QUEUED).values(claimed_by=None, claimed_until=None)
    return s.exec(statement, execution_options=NO_SYNC).rowcount


def holders(s: Session) -> list[str]:
    """Name everybody who has claimed a message that is still to be sent."""
    by = col(MessageRow.claimed_by)
    return [name for name in s.exec(select(by).where(by.is_not(None), _QUEUED).distinct()) if name]


_DONE: dict[str, object] = {
    "claimed_by": None,
    "claimed_until": None,
    "tries": col(MessageRow.tries) + 1,
}


def _values(ref: str | None, tell: Tell, contact: Contact, queued_at: datetime) -> dict[str, object]:
    return {
        "attempt_key": attempt_key(ref, tell, contact.channel),
        "case_ref": ref,
        "stage": str(tell.stage),
        "title": tell.title,
        "person": tell.person,
        "role": str(tell.role),
        "label": tell.label,
        "channel": str(contact.channel),
        "address": contact.address,
        "type": str(tell.type),
        "step": tell.step,
        "occurrence": tell.occurrence,
        "rung": tell.rung,
        "reminder": tell.reminder,
        "asks": [vars(ask) for ask in tell.asks],
        "due_at": tell.due_at,
        "queued_at": queued_at,
        "not_before": queued_at,
        "state": str(MessageState.QUEUED),
        "tries": 0,
        "sent_at": None,
        "received_at": None,
    }


def _tried(s: Session, key: str, at: datetime, outcome: str, status_code: int | None, detail: str | None) -> None:
    values = {"attempt_key": key, "at": at, "outcome": outcome, "status_code": status_code, "detail": detail}
    s.exec(insert(AttemptRow).values(**values))


def _change(s: Session, key: str, values: dict[str, object], *conditions: ColumnElement[bool]) -> bool:
    statement = update(MessageRow).where(col(MessageRow.attempt_key) == key, *conditions).values(**values)
    return s.exec(statement, execution_options=NO_SYNC).rowcount == 1


def _of(ref: str | None) -> ColumnElement[bool]:
    return col(MessageRow.case_ref).is_(None) if ref is None else col(MessageRow.case_ref) == ref


def _unclaimed(wall: datetime) -> ColumnElement[bool]:
    return or_(col(MessageRow.claimed_until).is_(None), col(MessageRow.claimed_until) <= wall)
