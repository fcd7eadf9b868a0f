"""The text that a person pastes into the force's logs: who was told, when, how, and who acknowledged when (S0).

It holds references, roster ids and roles, never a word about the missing person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.case_lines import ToldLine
from policy.case import Case, Step
from policy.pack import Pack
from policy.spans import LOCAL
from policy.terms import Kind, MessageType

SYSTEMS = ("command_and_control", "case")  # the serial first: it may not be closed without the entry
_TOLD = (MessageType.NOTIFY, MessageType.ESCALATE, MessageType.HANDOVER)


@dataclass(frozen=True)
class LogText:
    """What is pasted into one system."""

    system: str
    text: str

    @property
    def rows(self) -> int:
        """Give how many lines a box for it needs, at the most 14."""
        return min(self.text.count("\n") + 2, 14)


def log_texts(
    case: Case, pack: Pack, told: Sequence[ToldLine], serial: str | None, source_id: str
) -> tuple[LogText, ...]:
    """Give the text for each of the two systems; they differ in the reference of the other one."""
    lines = [*_handed_on(pack, told), *_answers(case, pack)]
    refs = {"command_and_control": f"record {source_id}", "case": f"serial {serial}" if serial else "no serial known"}
    return tuple(
        LogText(
            pack.systems.get(system, system.replace("_", " ")), "\n".join([_head(case, pack, refs[system]), *lines])
        )
        for system in SYSTEMS
    )


def asks_for_entry(case: Case, pack: Pack) -> bool:
    """Tell whether some step of the case is done by an entry on the serial, and is not done."""
    return any(step.live and "serial_entry" in pack.steps[step.key].done_by for step in case.steps)


def _head(case: Case, pack: Pack, ref: str) -> str:
    risk = f"{case.risk.replace('_', ' ')} risk" if case.risk else "risk not set"
    return f"VIGIL {case.ref} ({ref}), {risk}, {pack.area_title(case.area)}: handed on as follows."


def _handed_on(pack: Pack, told: Iterable[ToldLine]) -> list[str]:
    notices = {key for key, rule in pack.steps.items() if rule.kind in (Kind.NOTIFY, Kind.ACCEPT)}
    lines = []
    for line in told:
        if line.step in notices and line.type in _TOLD:
            how = " and ".join(way.channel for way in line.received)
            what = "told" if line.type == MessageType.NOTIFY else f"told ({line.type})"
            outcome = f"{what} by {how}, received {_at(line.received_at)}" if how else f"{what}: NOT RECEIVED"
            lines.append(f"{_at(line.at)} {line.to} ({line.label}) {outcome}.")
    return lines or ["NOBODY HAS BEEN TOLD yet."]


def _answers(case: Case, pack: Pack) -> list[str]:
    lines = [_acknowledged(step, pack) for step in case.steps if pack.steps[step.key].kind is Kind.NOTIFY]
    if case.owner is not None:
        lines.append(f"{_at(case.owner.accepted_at)} {case.owner.person} accepted the case as its owner.")
    else:
        lines.append("No owner has accepted the case yet.")
    return lines


def _acknowledged(step: Step, pack: Pack) -> str:
    if step.done_by is None or step.done_at is None:
        return "NOT ACKNOWLEDGED yet."
    told = [t for t in step.told if t.person == step.done_by]
    label = f" ({pack.short(told[-1].role)})" if told else ""
    return f"{_at(step.done_at)} {step.done_by}{label} acknowledged."


def _at(at: datetime | None) -> str:
    """Write date and time in full: a log is read on other days."""
    return f"{at.astimezone(LOCAL):%d/%m/%y %H:%M}" if at else ""
