"""What a change would do to the open cases, before anything is stored: which deadline moves, who would be told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from policy.case import Case, Step
from policy.decide import decide
from policy.intents import Tell
from policy.pack import Pack
from policy.retime_pack import repin
from policy.roster import Roster
from policy.terms import MessageType
from runtime.app import App
from runtime.door_revisions import Edit
from runtime.readings import Json, iso
from store import cases, revisions
from store.revisions import LIVE

AT_ONCE = 200  # cases read in one go: what a preview holds does not grow with the cases
SILENT = (MessageType.CANCEL,)


@dataclass(frozen=True)
class Move:
    """One open deadline that would move; `told` are those who would be told at once because of it."""

    case: str
    step: str
    occurrence: int
    title: str
    risk: str
    from_at: datetime | None
    to_at: datetime | None
    due_now: bool
    told: tuple[tuple[str, str], ...] = ()  # person and role

    def as_json(self) -> Json:
        """Give the move as the API answers it (contract section 8)."""
        told = [{"person": person, "role": role} for person, role in self.told]
        return {
            "case": self.case, "step": self.step, "occurrence": self.occurrence, "title": self.title,
            "from": iso(self.from_at), "to": iso(self.to_at), "due_now": self.due_now, "told": told,
        }  # fmt: skip


def live_moves(app: App, s: Session, edit: Edit) -> list[Move]:
    """Give every open deadline that the change would move, the soonest first; none where it is for new cases only."""
    if edit.given.applies_to != LIVE:
        return []
    now = app.clock.now()
    roster = app.roster(s, now)
    moves = [move for case in _followers(s, edit.before.name) for move in _moves(app, case, edit.after, roster, now)]
    return sorted(moves, key=lambda move: (move.to_at or now, move.case, move.step))


def _followers(s: Session, pack: str) -> Iterator[Case]:
    refs = [
        ref
        for (name, number), count in revisions.followed(s).items()
        if name == pack
        for ref in revisions.followers(s, pack, number, count)
    ]
    for start in range(0, len(refs), AT_ONCE):
        for stored in cases.load_all(s, refs[start : start + AT_ONCE]):
            yield stored.case


def _moves(app: App, case: Case, after: Pack, roster: Roster, now: datetime) -> Iterator[Move]:
    moved = repin(case, app.pack_of(case), after, roster, now).case
    was = {step.id: step for step in case.steps}
    changed = [step for step in moved.steps if (old := was.get(step.id)) is None or old.due_at != step.due_at]
    gone = [step for step in case.steps if step.live and moved.step(*step.id) is None]
    if not (changed or gone):
        return
    tells = decide(moved, after, roster, now).tells if any(_due_now(step, now) for step in changed) else ()
    for step in (*changed, *gone):
        old = was.get(step.id)
        to_at = None if step in gone else step.due_at
        rule = after.steps.get(step.key) or app.pack_of(case).steps[step.key]
        yield Move(
            case.ref, step.key, step.occurrence, rule.title, case.timer_risk(after.child_floor),
            old.due_at if old else None, to_at, to_at is not None and _due_now(step, now), _told(tells, step),
        )  # fmt: skip


def _due_now(step: Step, now: datetime) -> bool:
    return step.live and step.due_at is not None and step.due_at <= now


def _told(tells: tuple[Tell, ...], step: Step) -> tuple[tuple[str, str], ...]:
    asked = [tell for tell in tells if tell.type not in SILENT and any(a.step == step.key for a in tell.asks)]
    return tuple(dict.fromkeys((tell.person, str(tell.role)) for tell in asked))
