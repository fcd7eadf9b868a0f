"""One case as a page: who answers for it, every step, everybody told, the journal in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of
from console.api.cases import Vigil
from console.journal_words import HIDDEN, sentence
from console.templating import page
from policy.case import Case, Step
from policy.outlook import awaiting
from policy.pack import Pack
from policy.terms import Channel, MessageState, StepStatus
from runtime import readings
from store import cases, journal, messages, roster
from store.messages import Message

router = APIRouter()
SHOWN = 500  # lines of the journal on the page


@dataclass(frozen=True)
class StepLine:
    """One step as the page shows it."""

    title: str
    occurrence: int
    status: str
    due: datetime | None
    done: datetime | None
    holder: str | None
    role_label: str
    rung_words: str


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
    ways: tuple[Way, ...]

    @property
    def failed(self) -> bool:
        """Tell whether no push reached the person: a list that must be refreshed tells nobody."""
        pushed = [way for way in self.ways if way.channel != Channel.INBOX]
        return bool(pushed) and all(way.state == MessageState.FAILED for way in pushed)


@dataclass(frozen=True)
class JournalLine:
    """One line of the journal as the page shows it."""

    at: datetime
    by: str
    text: str
    route: str


@router.get("/cases/{ref}")
def show(request: Request, ref: str, app: Vigil) -> Response:
    """Show a case to somebody who is signed in."""
    reader = access_of(request).reader(request)
    if reader is None:
        return RedirectResponse(f"/sign-in?next=/cases/{ref}", 303)
    request.state.reader = reader
    now = app.clock.now()
    with app.sessions.reading() as s:
        held = cases.load(s, ref)
        known = roster.snapshot(s, now)
        sent = messages.of_case(s, ref)
        entries = journal.read(s, ref, 0, SHOWN + 1)
    case, pack = held.case, readings.pack_of(app, held.case)
    shown = [entry for entry in entries[:SHOWN] if entry.kind not in HIDDEN]
    return page(
        request,
        "case.html",
        as_of=now,
        case={**readings.view(app, held, known, now), "steps": [_step(step, pack) for step in _in_order(case)]},
        timer_risk=case.timer_risk(pack.child_floor),
        agenda=_agenda(case, pack, now),
        area=pack.area_title(case.area),
        pack_title=pack.title,
        source=held.source,
        source_id=held.source_id,
        serial=held.serial,
        messages=_told(sent, pack),
        journal=[
            JournalLine(entry.at, "Vigil" if entry.by == "vigil" else entry.by, sentence(entry, pack, now), entry.route)
            for entry in reversed(shown)
        ],
        more_journal=len(entries) > SHOWN,
    )


def _agenda(case: Case, pack: Pack, now: datetime) -> str:
    awaited = awaiting(case, pack, now)
    if case.closed:
        return "Closed. Information that arrives reaches a named person."
    then = awaited.then[:1].upper() + awaited.then[1:]
    return f"{awaited.name(now)}. {then}."


_FIRST = (StepStatus.OVERDUE, StepStatus.OPEN)


def _in_order(case: Case) -> list[Step]:
    """Give the steps that somebody has to do first, by deadline; then what is done, then what is not asked."""

    def place(step: Step) -> tuple[bool, bool, float]:
        at = step.due_at or step.done_at
        unasked = step.status in (StepStatus.WAITING, StepStatus.NOT_REQUIRED)
        return (step.status not in _FIRST, unasked, at.timestamp() if at else float("inf"))

    return sorted(case.steps, key=place)


def _step(step: Step, pack: Pack) -> StepLine:
    rule = pack.steps[step.key]
    return StepLine(
        title=rule.title,
        occurrence=step.occurrence,
        status=step.status,
        due=step.due_at,
        done=step.done_at,
        holder=step.holder,
        role_label=pack.short(step.role) if step.role else "",
        rung_words=_rung(step, pack),
    )


def _rung(step: Step, pack: Pack) -> str:
    """Say how far up it went: who was told on the highest rung."""
    if not step.told or step.rung <= 0:
        return ""
    top = max(step.told, key=lambda told: (told.rung, told.at))
    return f"rung {top.rung}, {pack.short(top.role)} {top.person}" if top.rung > 0 else ""


def _told(sent: Sequence[Message], pack: Pack) -> list[ToldLine]:
    """Put the channels of each telling together, in the order in which they were put."""
    tellings: dict[str, list[Message]] = {}
    for message in sent:
        tellings.setdefault(message.attempt_key.rpartition("/")[0], []).append(message)
    return [
        ToldLine(
            at=first.due_at,
            to=first.person,
            label=pack.short(first.role),
            type=first.type,
            title=first.title,
            ways=tuple(Way(m.channel, m.state, m.received_at, m.by) for m in (first, *others)),
        )
        for first, *others in tellings.values()
    ]
