"""What policy asks the shell to do. Facts come in, past tense; intents go out, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from policy.case import Case
from policy.roster import Contact
from policy.terms import AlarmKey, MessageType, Role, Stage


@dataclass(frozen=True)
class Ask:
    """One thing asked of a person: one message may carry several (never two messages in one minute)."""

    step: str
    occurrence: int
    text: str
    due_at: datetime | None


@dataclass(frozen=True)
class Tell:
    """Tell one named person on every channel that the roster has for them, and in the inbox.

    `title` names the act (one Prefect task run); tells of one act share step, occurrence, rung, reminder and type.
    """

    type: MessageType
    stage: Stage
    title: str
    person: str
    role: Role
    label: str
    contacts: tuple[Contact, ...]
    step: str
    occurrence: int
    rung: int
    reminder: int
    due_at: datetime
    asks: tuple[Ask, ...]
    slug: str = ""  # the step part of the attempt key, where the step's key alone would not be unique

    @property
    def attempt_part(self) -> str:
        """Give what the attempt key has for case-wide uniqueness, person and channel apart."""
        return f"{self.slug or self.step}/{self.occurrence}/{self.rung}/{self.reminder}/{self.person}"


@dataclass(frozen=True)
class Cancel:
    """Send nothing more of this step that has not gone out yet."""

    step: str
    occurrence: int


@dataclass(frozen=True)
class Alarm:
    """Ring an alarm: visible, pushed, recorded. The same key, case and detail rings once until cleared."""

    key: AlarmKey
    detail: str  # step keys, roles, rungs; never a name
    to: str | None = None  # the roster id of who hears it; None when nobody at all is on duty


@dataclass(frozen=True)
class Entry:
    """One line for the journal; `at` is when it fell due or was said, the store adds when it was written."""

    kind: str
    at: datetime
    body: Mapping[str, object] = field(default_factory=dict)
    by: str = "vigil"


@dataclass(frozen=True)
class Outcome:
    """The case as it stands afterwards, and all that must be written with it in one transaction."""

    case: Case
    tells: tuple[Tell, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    cleared: tuple[AlarmKey, ...] = ()
    entries: tuple[Entry, ...] = ()
    changed: bool = True
