"""Round-ups: alarms that come to one person within a minute go out as one message that lists them all.

The first alarm goes at once. What follows is collected until a minute has passed since the last message of this kind,
and goes out then, once: a storm rings a phone once a minute and says all. Nothing but alarms is ever collected.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select, update

from models import MessageRow
from policy.terms import Channel, MessageState, MessageType
from store.cases import NO_SYNC
from store.upsert import insert

PAUSE: Final = timedelta(seconds=60)  # of the procedure, between two messages with alarms to one person
KEY: Final = "home/alarms:"  # how the attempt key of a round-up begins
ROUNDED_UP: Final = "rounded_up"  # `detail` of an alarm that goes out in a round-up and not under its own key


def pause_of(s: Session, person: str, now: datetime) -> datetime | None:
    """Give the instant at which the next round-up to this person goes out; None when an alarm may ring at once."""
    theirs = (
        col(MessageRow.person) == person,
        col(MessageRow.channel) == Channel.INBOX.value,  # every message has one there
        col(MessageRow.type) == MessageType.ALARM.value,
        col(MessageRow.state) != MessageState.CANCELLED.value,
    )
    query = select(MessageRow.attempt_key, MessageRow.not_before).where(*theirs)
    latest = s.exec(query.order_by(col(MessageRow.id).desc()).limit(1)).first()
    if latest is None:
        return None
    key, at = latest
    if now < at <= now + PAUSE and key.startswith(KEY):
        return at
    if at > now:  # the machine's clock went back since: rather one message too many than one too late
        return None
    return at + PAUSE if now < at + PAUSE else None


def join(s: Session, values: dict[str, Any], goes_out_at: datetime, now: datetime) -> bool:
    """Put an alarm's message into the round-up of that instant; False when this one has gone out already.

    `values` is the message as it would stand by itself. Its words then begin with the case's reference.
    """
    key = f"{KEY}{int(goes_out_at.timestamp())}/1/0/0/{values['person']}/{values['channel']}"
    asks = [_naming(ask, values["case_ref"]) for ask in values["asks"]]
    mine: dict[str, Any] = {"attempt_key": key, "case_ref": None, "title": "Alarms", "asks": asks}
    rests = goes_out_at + (values["not_before"] - values["queued_at"])  # a text goes out later than its push
    mine |= {"occurrence": 1, "rung": 0, "reminder": 0, "due_at": goes_out_at, "not_before": rests}
    statement = insert(s, MessageRow).values(**values | mine)
    fresh = statement.on_conflict_do_nothing(index_elements=["attempt_key"])
    if s.exec(fresh.returning(col(MessageRow.id))).first() is not None:
        return True
    row = s.exec(select(MessageRow).where(col(MessageRow.attempt_key) == key).with_for_update()).one()
    still = (row.state, row.tries, row.claimed_by) == (MessageState.QUEUED.value, 0, None)
    if not still or row.not_before <= now:  # what was sent once is never changed: it may be sent again
        return False
    more = [*row.asks, *(ask for ask in asks if ask not in row.asks)]
    longer = update(MessageRow).where(col(MessageRow.attempt_key) == key).values(asks=more)
    s.exec(longer, execution_options=NO_SYNC)
    return True


def _naming(ask: dict[str, Any], case: str | None) -> dict[str, Any]:
    text = str(ask["text"])
    return {**ask, "text": f"{case}: {text}" if case and case not in text else text}
