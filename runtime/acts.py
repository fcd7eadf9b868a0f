"""Acts: what a pass performs, one Prefect task run each, and how a case rests between passes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from policy.case import ACCEPTED_ELSEWHERE, Case
from policy.outlook import agenda, awaiting
from policy.pack import Pack
from policy.spans import local_time
from policy.terms import Channel, Kind, MessageType, Risk, Stage
from store.messages import Message


@dataclass(frozen=True)
class Act:
    """One act: the messages of one step, occurrence, rung, reminder and type that have not gone out yet."""

    case: str
    stage: Stage
    title: str
    step: str
    occurrence: int
    rung: int
    reminder: int
    type: MessageType
    due_at: datetime
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Due:
    """What is due now for a case."""

    case: str
    risk: Risk | None
    acts: tuple[Act, ...]

    def of(self, stage: Stage) -> tuple[Act, ...]:
        """Give the acts of one stage, in the order in which they fell due."""
        return tuple(act for act in self.acts if act.stage is stage)


@dataclass(frozen=True)
class Resting:
    """How a case rests: what its run is called, what it awaits, and whether something came meanwhile."""

    version: int
    wake_at: datetime | None
    closed: bool
    name: str
    message: str
    run_name: str
    tags: tuple[str, ...]
    agenda: str
    passes: int
    form: bool
    changed: bool
    run_id: str | None = None  # the run that carries the case, and its number
    run_number: int = 0


def acts_of(case: str, messages: Iterable[Message]) -> tuple[Act, ...]:
    """Make acts of messages: those that differ in person and channel only are one act. Each alarm is its own."""
    groups: dict[tuple[object, ...], list[Message]] = {}
    for m in messages:
        about = m.title if m.type is MessageType.ALARM else m.step
        groups.setdefault((m.stage, about, m.occurrence, m.rung, m.reminder, m.type), []).append(m)
    acts = [_act(case, group) for group in groups.values()]
    return tuple(sorted(acts, key=lambda act: act.due_at))


def _act(case: str, group: list[Message]) -> Act:
    first = group[0]
    return Act(
        case=case,
        stage=first.stage,
        title=first.title if any(m.channel is not Channel.SMS for m in group) else f"{first.title} by text",
        step=first.step,
        occurrence=first.occurrence,
        rung=first.rung,
        reminder=first.reminder,
        type=first.type,
        due_at=first.due_at,
        messages=tuple(m.attempt_key for m in group),
    )


def tags_of(case: Case) -> tuple[str, ...]:
    """Give the run's tags (contract section 7): no word of them tells who is missing."""
    tags = [f"risk:{case.risk or 'not_set'}", f"area:{case.area or 'unknown'}", f"pack:{case.pack}"]
    if case.example:
        tags.append("example")
    if case.overdue_steps():
        tags.append("overdue")
    return tuple(tags)


def run_name(case: Case, pack: Pack) -> str:
    """Name the run so that a list of runs can be read: reference, risk, area; nothing of the person."""
    risk = f"{case.risk.replace('_', ' ')} risk" if case.risk else "risk not set"
    return f"{case.ref} · {risk} · {pack.area_title(case.area)}"


def state_message(case: Case, pack: Pack, now: datetime) -> str:
    """Say the deadline and what happens then, for the run's details."""
    up = awaiting(case, pack, now)
    overdue = f" Overdue since {local_time(up.due_at, now)}." if up.overdue and up.due_at else ""
    return f"{up.name(now)}; {up.then}; {_who(case, pack)}.{overdue}"


def _who(case: Case, pack: Pack) -> str:
    if case.transfer == ACCEPTED_ELSEWHERE:  # a name from another force's roster does not stand in Prefect
        return f"with {pack.force_title(case.force)}"
    return f"owner {case.owner.person}" if case.owner else f"offered to {case.offered_to or 'nobody'}"


def agenda_of_watchdog(told: Iterable[Message], now: datetime) -> str:
    """Give the lines of the agenda that say what the watchdog did in the engine's place, none when it did nothing."""
    lines = [
        f"| {local_time(m.received_at, now)} | {m.title} | `{m.person}` by {m.channel} |" for m in told if m.received_at
    ]
    head = [
        "",
        "",
        "The engine did not act in time; the watchdog told:",
        "",
        "| When | What | Whom |",
        "| --- | --- | --- |",
    ]
    return "\n".join([*head, *lines]) if lines else ""


def _ended(case: Case, pack: Pack) -> str:
    """Name the end of a run: the role and the roster id of who signed (contract section 7)."""
    signed = [s for s in case.steps if pack.steps[s.key].kind is Kind.SIGN_OFF and s.done_by]
    return (
        f"Closed, signed by {pack.short(signed[-1].role)} {signed[-1].done_by}"
        if signed and signed[-1].role
        else "Closed"
    )


def rest(case: Case, pack: Pack, now: datetime, *, version: int, wake_at: datetime | None, passes: int) -> Resting:
    """Give how the case rests at `now`; `changed` when its wake has come already.

    A closed case of which somebody is still asked something, such as a decision on who has been in touch, waits.
    """
    over = case.closed and not case.live_steps()
    return Resting(
        version=version,
        wake_at=wake_at,
        closed=over,
        name=_ended(case, pack) if over else awaiting(case, pack, now).name(now),
        message=_ended(case, pack) if over else state_message(case, pack, now),
        run_name=run_name(case, pack),
        tags=tags_of(case),
        agenda=agenda(case, pack, now),
        passes=passes,
        form=any(pack.steps[s.key].kind in (Kind.NOTIFY, Kind.ACCEPT) and s.told for s in case.live_steps()),
        changed=wake_at is not None and wake_at <= now,
    )
