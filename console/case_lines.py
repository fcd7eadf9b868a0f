"""A case's steps and messages as lines of its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.case import Case, Step
from policy.outlook import awaiting
from policy.pack import Pack
from policy.reaching import RINGS, unreachable
from policy.spans import local_time
from policy.terms import Channel, MessageState, Risk, StepStatus
from store.messages import Message


@dataclass(frozen=True)
class StepLine:
    """One step as the page shows it."""

    key: str
    title: str
    occurrence: int
    status: str
    due: datetime | None
    done: datetime | None
    done_by: str | None
    holder: str | None
    role_label: str
    rung_words: str
    reason: str | None
    shown: bool  # the latest of its series that has begun; the others are folded away


@dataclass(frozen=True)
class Way:
    """How one message went by one channel."""

    channel: str
    state: str
    at: datetime | None
    by: str


@dataclass(frozen=True)
class ToldLine:
    """One telling of one person, by all its channels."""

    at: datetime
    to: str
    label: str
    type: str
    title: str
    step: str
    ways: tuple[Way, ...]
    failed: bool  # no channel that counts as telling reached the person, and none will
    went_at: datetime | None = None  # when it was first sent or received

    @property
    def late(self) -> str:
        """Say how late it went, from a minute on; empty when it went in time or has not gone."""
        minutes = int((self.went_at - self.at).total_seconds() // 60) if self.went_at else 0
        hours, rest = divmod(minutes, 60)
        said = [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0)
        return f"{' '.join(said)} late" if minutes > 0 else ""

    @property
    def received(self) -> tuple[Way, ...]:
        """Give the ways by which it was received."""
        return tuple(way for way in self.ways if way.state == MessageState.RECEIVED)

    @property
    def received_at(self) -> datetime | None:
        """Give when it was first received, None when it was not."""
        return min((way.at for way in self.received if way.at), default=None)


def agenda(case: Case, pack: Pack, now: datetime) -> str:
    """Say what happens next and when."""
    if case.closed and not case.live_steps():
        return "Information that arrives reaches a named person."
    awaited = awaiting(case, pack, now)
    then = awaited.then[:1].upper() + awaited.then[1:]
    return f"{awaited.name(now)}. {then}."


def to_come(case: Case, pack: Pack, now: datetime) -> str:
    """Name what is asked, or will be asked, of a closed case; empty when that is nothing, or the case is not closed."""
    coming = [
        s for s in case.steps if s.live or (s.status is StepStatus.WAITING and pack.steps[s.key].outlives_closure)
    ]
    if not case.closed or not coming:
        return ""
    coming.sort(key=lambda s: (s.due_at is None, s.due_at or now))
    titles = (pack.steps[s.key].title + (f" by {local_time(s.due_at, now)}" if s.due_at else "") for s in coming)
    return f"Still to come: {'; '.join(titles)}."


_WORDS = {Channel.SMS: "text"}  # what a channel is called, where the word of the interfaces is not the field's
_FIRST = (StepStatus.OVERDUE, StepStatus.OPEN)


def step_lines(case: Case, pack: Pack) -> list[StepLine]:
    """Give the steps that somebody has to do first, by deadline; then what is done, then what is not asked."""

    def place(step: Step) -> tuple[bool, bool, float]:
        at = step.due_at or step.done_at
        unasked = step.status in (StepStatus.WAITING, StepStatus.NOT_REQUIRED)
        return (step.status not in _FIRST, unasked, at.timestamp() if at else float("inf"))

    begun = [step for step in case.steps if step.status not in (StepStatus.WAITING, StepStatus.NOT_REQUIRED)]
    latest = {step.key: step.id for step in sorted(begun, key=lambda step: step.occurrence)}
    shown = frozenset(latest.values())
    return [_step(step, pack, shown=step.id in shown) for step in sorted(case.steps, key=place)]


def _step(step: Step, pack: Pack, *, shown: bool) -> StepLine:
    rule = pack.steps[step.key]
    return StepLine(
        key=step.key,
        title=rule.title,
        occurrence=step.occurrence,
        status=step.status,
        due=step.due_at,
        done=step.done_at,
        done_by=step.done_by,
        holder=step.holder,
        role_label=pack.short(step.role) if step.role else "",
        rung_words=_rung(step, pack),
        reason=step.reason,
        shown=shown,
    )


def _rung(step: Step, pack: Pack) -> str:
    """Say how far up it went: who was told on the highest rung."""
    if not step.told or step.rung <= 0:
        return ""
    top = max(step.told, key=lambda told: (told.rung, told.at))
    return f"rung {top.rung}, {pack.short(top.role)} {top.person}" if top.rung > 0 else ""


def told_lines(sent: Iterable[Message], pack: Pack, risk: Risk) -> list[ToldLine]:
    """Put the channels of each telling together, in the order in which they were put."""
    tellings: dict[str, list[Message]] = {}
    for message in sent:
        tellings.setdefault(message.attempt_key.rpartition("/")[0], []).append(message)
    return [_told(group, pack, risk) for group in tellings.values()]


def _told(group: Sequence[Message], pack: Pack, risk: Risk) -> ToldLine:
    first = group[0]
    went = [at for m in group if (at := m.sent_at or m.received_at)]
    return ToldLine(
        at=first.due_at,
        to=first.person,
        label=pack.short(first.role),
        type=first.type,
        title=first.title,
        step=first.step,
        ways=tuple(
            Way(_WORDS.get(m.channel, m.channel), m.state, m.received_at, m.by)
            for m in group
            if not _was_spared(m, group)
        ),
        failed=unreachable({m.channel: m.state for m in group}, risk),
        went_at=min(went, default=None),
    )


def _was_spared(message: Message, group: Sequence[Message]) -> bool:
    """Tell whether a text, or a push, did not go out because the other of the two was received."""
    rung = [m for m in group if m.channel in RINGS and m.state is MessageState.RECEIVED]
    return bool(rung) and message.channel in RINGS and message.state is MessageState.CANCELLED and not message.tries
