"""Messages as they stand: what was to be said to whom, and what came of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from models import AttemptRow, MessageRow
from policy.errors import Unknown
from policy.intents import Ask
from policy.terms import Channel, MessageState, MessageType, Role, Stage
from store.cases import FRESH

_REFERENCE = re.compile(r"\bMP-\d{4}-\d{6,}\b")  # as `cases.next_ref` makes them


@dataclass(frozen=True)
class Message:
    """One message to one person on one channel; `address` is personal data and goes to the channel only."""

    attempt_key: str
    case: str | None  # None: about the home itself
    stage: Stage
    title: str
    person: str
    role: Role
    label: str
    channel: Channel
    address: str
    type: MessageType
    step: str
    occurrence: int
    rung: int
    reminder: int
    asks: tuple[Ask, ...]
    due_at: datetime
    queued_at: datetime
    not_before: datetime
    state: MessageState
    tries: int
    sent_at: datetime | None
    received_at: datetime | None
    by: str
    claimed_by: str | None
    detail: str | None

    @property
    def act(self) -> str:
        """Give what the messages of one telling of one person have in common: the attempt key without its channel."""
        return self.attempt_key.rpartition("/")[0]

    @property
    def cases(self) -> tuple[str, ...]:
        """Give the cases that the message is about: its own, or those that a message about the home names."""
        named = [ref for ask in self.asks for ref in _REFERENCE.findall(ask.text)]
        return (self.case,) if self.case else tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Attempt:
    """One try to send a message: `outcome` is received, transient or permanent."""

    at: datetime
    outcome: str
    status_code: int | None
    detail: str | None


def get(s: Session, key: str) -> Message:
    """Give the message of an attempt key; raise Unknown when there is none."""
    found = messages(s, select(MessageRow).where(col(MessageRow.attempt_key) == key))
    if not found:
        raise Unknown("there is no such message")
    return found[0]


def of_case(s: Session, ref: str) -> list[Message]:
    """Give all messages of a case in the order in which they were put."""
    query = select(MessageRow).where(col(MessageRow.case_ref) == ref)
    return messages(s, query.order_by(col(MessageRow.id)))


def inbox(s: Session, person: str, limit: int = 200) -> list[Message]:
    """Give what was put into a person's inbox, newest first."""
    theirs = (col(MessageRow.person) == person, col(MessageRow.channel) == Channel.INBOX.value)
    return messages(s, select(MessageRow).where(*theirs).order_by(col(MessageRow.id).desc()).limit(limit))


def attempts(s: Session, key: str) -> list[Attempt]:
    """Give every try to send a message, in order."""
    query = select(AttemptRow).where(col(AttemptRow.attempt_key) == key).order_by(col(AttemptRow.id))
    return [Attempt(row.at, row.outcome, row.status_code, row.detail) for row in s.exec(query)]


def by_watchdog(s: Session, ref: str, limit: int = 20) -> list[Message]:
    """Give the last messages of a case that the watchdog sent in the engine's place, the oldest first."""
    theirs = (col(MessageRow.case_ref) == ref, col(MessageRow.by) == "watchdog")
    query = select(MessageRow).where(*theirs).order_by(col(MessageRow.id).desc()).limit(limit)
    return messages(s, query)[::-1]


def totals(s: Session) -> dict[MessageState, int]:
    """Count the messages in each state."""
    query = select(MessageRow.state, func.count()).group_by(col(MessageRow.state))
    counted = {MessageState(state): int(number) for state, number in s.exec(query)}
    return {state: counted.get(state, 0) for state in MessageState}


def messages(s: Session, query: SelectOfScalar[MessageRow]) -> list[Message]:
    """Give what a query finds, as it stands now."""
    return [message_of(row) for row in s.exec(query, execution_options=FRESH)]


def message_of(row: MessageRow) -> Message:
    """Give a message from its row."""
    return Message(
        attempt_key=row.attempt_key,
        case=row.case_ref,
        stage=Stage(row.stage),
        title=row.title,
        person=row.person,
        role=Role(row.role),
        label=row.label,
        channel=Channel(row.channel),
        address=row.address,
        type=MessageType(row.type),
        step=row.step,
        occurrence=row.occurrence,
        rung=row.rung,
        reminder=row.reminder,
        asks=tuple(_ask(ask) for ask in row.asks),
        due_at=row.due_at,
        queued_at=row.queued_at,
        not_before=row.not_before,
        state=MessageState(row.state),
        tries=row.tries,
        sent_at=row.sent_at,
        received_at=row.received_at,
        by=row.by,
        claimed_by=row.claimed_by,
        detail=row.detail,
    )


def _ask(raw: object) -> Ask:
    assert isinstance(raw, Mapping)
    due_at = raw["due_at"]
    return Ask(
        step=raw["step"],
        occurrence=raw["occurrence"],
        text=raw["text"],
        due_at=datetime.fromisoformat(due_at) if due_at else None,
    )
