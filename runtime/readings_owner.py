"""Who answered for a case at any instant of its history, in one question (scenario 5: who was responsible?)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from policy.case import Case
from policy.errors import Unknown
from policy.roster import Roster
from policy.terms import Role
from runtime.app import App
from runtime.readings import Answerable, Json, answerable, iso
from store import cases as store_cases
from store import journal as store_journal
from store import roster as store_roster
from store.journal import JournalEntry

ALL = 1_000_000  # entries: the whole journal of a case


def owner_at(app: App, ref: str, at: datetime | None = None, step: str | None = None) -> Json:
    """Say who answered for a case, or held one of its steps, at an instant; now when none is given."""
    now = app.clock.now()
    when_at = min(at, now) if at else now
    with app.sessions.reading() as s:
        held = store_cases.load(s, ref)
        roster = store_roster.snapshot(s, when_at)
        history = store_journal.read(s, ref, 0, ALL)
    if step is not None:
        return _holder(held.case, step, when_at)
    who = _answered(held.case, history, roster, when_at)
    if who is None:
        return dict.fromkeys(("person", "role", "since", "how", "offered_at", "accepted_at"))
    return {
        "person": who.person,
        "role": who.role,
        "since": iso(who.since_at),
        "how": who.how,
        "offered_at": iso(who.offered_at),
        "accepted_at": iso(who.accepted_at),
    }


def _answered(case: Case, history: Sequence[JournalEntry], roster: Roster, at: datetime) -> Answerable | None:
    """Find the last to have accepted by then; before anybody did, whoever was on duty to answer for it."""
    accepted = [entry for entry in history if entry.kind == "owner" and entry.at <= at]
    if accepted:
        last = accepted[-1]
        offered = last.body.get("offered_at")
        offered_at = datetime.fromisoformat(str(offered)) if offered else None
        role = Role(str(last.body["role"]))
        return Answerable(str(last.body["owner"]), role, "accepted", last.at, offered_at, last.at)
    return answerable(_before_acceptance(case, at), roster, at)


def _before_acceptance(case: Case, at: datetime) -> Case:
    """Give the case without an owner and with only those told by then."""
    steps = tuple(replace(s, told=tuple(t for t in s.told if t.at <= at)) for s in case.steps)
    return replace(case, owner=None, steps=steps)


def _holder(case: Case, key: str, at: datetime) -> Json:
    """Say who had a step: the person told on the highest rung by then keeps it with the one told first."""
    step = case.begun(key)
    if step is None:
        raise Unknown(f"the case {case.ref} has no step {key}")
    told = [t for t in step.told if t.at <= at]
    finished = step.done_at is not None and step.done_at <= at
    first = told[0] if told else None
    person = step.done_by if finished else (first.person if first else step.holder)
    return {
        "person": person,
        "role": first.role if first else step.role,
        "since": iso(step.done_at if finished else (first.at if first else step.anchor_at)),
        "how": "accepted" if finished else ("escalated" if any(t.rung > 0 for t in told) else "fallback"),
        "offered_at": iso(first.at if first else None),
        "accepted_at": iso(step.done_at if finished else None),
    }
