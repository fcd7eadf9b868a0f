"""What the store knows about how well people were told. Examples are in no measure.

Each question looks at the latest so many rows, so that its cost does not grow with the years.
"""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import exists, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from models import CaseRow, MessageRow, StepRow
from policy.reaching import RINGS
from policy.terms import CaseStatus, Channel, MessageState, MessageType, StepStatus

LATEST_CASES, LATEST_MESSAGES = 500, 5_000
_Beside = aliased(MessageRow)
# E-mail beside a push or a text is no measure of how soon somebody was told (`policy.reaching`), nor is the inbox.
_BESIDE_A_PUSH = exists().where(
    col(_Beside.case_ref) == col(MessageRow.case_ref),
    col(_Beside.channel).in_([channel.value for channel in RINGS]),
    *(
        getattr(_Beside, name) == getattr(MessageRow, name)
        for name in ("person", "step", "occurrence", "rung", "reminder", "type", "due_at")
    ),
)
_PUSHED = (
    col(MessageRow.channel) != Channel.INBOX.value,
    col(MessageRow.received_at).is_not(None),
    or_(col(MessageRow.channel) != Channel.EMAIL.value, not_(_BESIDE_A_PUSH)),
)
_TELLING = col(MessageRow.type).not_in((MessageType.CANCEL.value, MessageType.ALARM.value))


def first_messages(s: Session) -> list[timedelta]:
    """Give, for the latest cases that pushed a message, how long it took from receipt to the first received."""
    latest = select(CaseRow.ref).where(~col(CaseRow.example)).order_by(col(CaseRow.created_at).desc())
    first = func.min(MessageRow.received_at)
    query = select(CaseRow.created_at, first).join(MessageRow, col(MessageRow.case_ref) == col(CaseRow.ref))
    query = query.where(col(CaseRow.ref).in_(latest.limit(LATEST_CASES)), *_PUSHED, _TELLING)
    rows = s.exec(query.group_by(col(CaseRow.ref), col(CaseRow.created_at)))
    return [received_at - created_at for created_at, received_at in rows if received_at is not None]


def lateness(s: Session) -> list[timedelta]:
    """Give, for the latest messages that a channel took, how long after their instant it did.

    What fell due before the record came in could not be done sooner than that.
    """
    query = select(MessageRow.due_at, CaseRow.created_at, MessageRow.received_at)
    query = query.join(CaseRow, col(MessageRow.case_ref) == col(CaseRow.ref))
    query = query.where(~col(CaseRow.example), *_PUSHED).order_by(col(MessageRow.id).desc())
    rows = s.exec(query.limit(LATEST_MESSAGES))
    return [
        max(received_at - max(due_at, created_at), timedelta(0))
        for due_at, created_at, received_at in rows
        if received_at is not None
    ]


def live_steps(s: Session, keys: Collection[str]) -> int:
    """Count the steps of these keys that still wait for somebody."""
    live = col(StepRow.status).in_((StepStatus.OPEN.value, StepStatus.OVERDUE.value))
    query = select(func.count()).select_from(StepRow).join(CaseRow, col(StepRow.case_ref) == col(CaseRow.ref))
    open_cases = (col(CaseRow.status) != CaseStatus.CLOSED.value, ~col(CaseRow.example))
    return s.exec(query.where(col(StepRow.key).in_(keys), live, *open_cases)).one()


def states(s: Session) -> dict[MessageState, int]:
    """Count the messages in each state."""
    query = select(MessageRow.state, func.count()).join(CaseRow, col(MessageRow.case_ref) == col(CaseRow.ref))
    counted = dict(s.exec(query.where(~col(CaseRow.example)).group_by(col(MessageRow.state))).all())
    return {state: int(counted.get(state.value, 0)) for state in MessageState}


def by_watchdog(s: Session) -> int:
    """Count the messages that the watchdog sent."""
    return s.exec(select(func.count()).select_from(MessageRow).where(col(MessageRow.by) == "watchdog")).one()
