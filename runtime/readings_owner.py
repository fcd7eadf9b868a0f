"""Who answered for a case, and who had each of its actions, at any instant of its history (scenario 5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from policy import handover
from policy.case import Case, Step
from policy.errors import Unknown
from policy.pack import Pack
from policy.roster import Roster
from policy.terms import Role
from runtime.app import App
from runtime.readings import Answerable, Json, answerable, iso
from store import cases as store_cases
from store import journal as store_journal
from store import roster as store_roster
from store import roster_past
from store.journal import JournalEntry
from store.roster_past import PastRosters

ALL = 1_000_000  # entries: the whole journal of a case
OWNING = ("owner", "unowned", "reopened")  # the lines that say who owns a case from then on
NOBODY = dict.fromkeys(("person", "role", "since", "how", "offered_at", "accepted_at"))


def owner_at(app: App, ref: str, at: datetime | None = None, step: str | None = None) -> Json:
    """Say who answered for a case, or had one of its steps, at an instant; now when none is given."""
    now = app.clock.now()
    when_at = min(at, now) if at else now
    chain = chain_of(app, ref)
    if step is None:
        return _shown(chain.case_at(when_at))
    if not chain.knows(step):
        raise Unknown(f"the case {ref} has no step {step}")
    return _shown(chain.step_at(step, when_at))


def responsible_at(app: App, ref: str, at: datetime) -> Json:
    """Say who answered for a case at an instant, and who had each action that was open then."""
    chain = chain_of(app, ref)
    steps = [
        {"key": step.key, "occurrence": step.occurrence, "due_at": iso(step.due_at)} | _shown(chain.had(step, at))
        for step in chain.live_at(at)
    ]
    return {"at": iso(at), "case": _shown(chain.case_at(at)), "steps": steps}


def chain_of(app: App, ref: str) -> "Chain":
    """Read once all that says who had what, and when, in one case."""
    with app.sessions.reading() as s:
        held = store_cases.load(s, ref)
        today = store_roster.snapshot(s, app.clock.now())
        rosters, history = roster_past.read(s), store_journal.read(s, ref, 0, ALL)
    return Chain(held.case, app.pack_of(held.case), tuple(history), rosters, today)


@dataclass(frozen=True)
class Chain:
    """One case with its journal and the rosters of its time: whose hands everything was in, at any instant."""

    case: Case
    pack: Pack
    history: Sequence[JournalEntry]
    rosters: PastRosters
    today: Roster

    def knows(self, key: str) -> bool:
        """Tell whether the case has, or its pack asks for, a step."""
        return bool(self.case.occurrences(key)) or key in self.pack.steps

    def case_at(self, at: datetime) -> Answerable | None:
        """Find the last to have accepted by then; before anybody did, whoever was on duty to answer for it."""
        owning = [entry for entry in self._owning if entry.at <= at]
        if owning and owning[-1].kind == "owner":
            last = owning[-1]
            offered = last.body.get("offered_at")
            offered_at = datetime.fromisoformat(str(offered)) if offered else None
            role = Role(str(last.body["role"]))
            return Answerable(str(last.body["owner"]), role, "accepted", last.at, offered_at, last.at)
        told = tuple(replace(s, told=tuple(t for t in s.told if t.at <= at)) for s in self.case.steps)
        before = replace(self.case, owner=None, steps=told)
        roster = self.rosters.at(at) or self.today
        return answerable(before, roster.apart(self.pack.forces), at)

    def live_at(self, at: datetime) -> list[Step]:
        """Give the actions that were open at an instant: what somebody had to do, notices and offers apart."""
        return [step for step in self.case.steps if self._is_action(step) and self._open_at(step, at)]

    def step_at(self, key: str, at: datetime) -> Answerable | None:
        """Say who had a step: of its occurrences the one that was open then, else the latest that had opened."""
        begun = [step for step in self.case.occurrences(key) if self._began(step, at)]
        live = [step for step in begun if self._open_at(step, at)]
        return self.had((live or begun)[-1], at) if begun else self.case_at(at)

    def had(self, step: Step, at: datetime) -> Answerable | None:
        """Say in whose hands one occurrence was; whoever answers for the case where it was in nobody's."""
        told = [one for one in step.told if one.at <= at]
        offered_at = told[0].at if told else None
        if step.done_by is not None and step.done_at is not None and step.done_at <= at:
            role = told[0].role if told else step.role or Role.SYSTEM
            return Answerable(step.done_by, role, "accepted", step.done_at, offered_at, step.done_at)
        held = [entry for entry in self._lines("holder", step) if entry.at <= at]
        if not held:
            case = self.case_at(at)
            return replace(case, how="fallback", accepted_at=None) if case and case.how == "accepted" else case
        taken = [e.at for e in self._lines("passed_on", step) if e.at <= at and e.by == held[-1].body["person"]]
        climbed = any(one.rung > 0 for one in told)
        how = "accepted" if taken else "escalated" if climbed else "fallback"
        role = Role(str(held[-1].body["role"]))
        return Answerable(
            str(held[-1].body["person"]), role, how, held[-1].at, offered_at, taken[-1] if taken else None
        )

    def _is_action(self, step: Step) -> bool:
        rule = self.pack.steps.get(step.key)
        return rule is not None and handover.is_action(step, rule)

    def _began(self, step: Step, at: datetime) -> bool:
        return any(entry.at <= at for entry in self._lines("step_opened", step))

    def _open_at(self, step: Step, at: datetime) -> bool:
        """Tell whether an occurrence had been opened by then, and was neither done nor let go."""
        gone = [step.done_at, *(entry.at for entry in self._lines("not_required", step))]
        return self._began(step, at) and not any(end is not None and end <= at for end in gone)

    def _lines(self, kind: str, step: Step) -> list[JournalEntry]:
        return self._told_of.get((kind, *step.id), [])

    @cached_property
    def _told_of(self) -> Mapping[tuple[object, ...], list[JournalEntry]]:
        """Give the lines of the journal by kind, step and occurrence."""
        lines: dict[tuple[object, ...], list[JournalEntry]] = {}
        for entry in self.history:
            lines.setdefault((entry.kind, entry.body.get("step"), entry.body.get("occurrence")), []).append(entry)
        return lines

    @cached_property
    def _owning(self) -> Sequence[JournalEntry]:
        return [entry for entry in self.history if entry.kind in OWNING]


def _shown(who: Answerable | None) -> Json:
    if who is None:
        return dict(NOBODY)
    return {
        "person": who.person,
        "role": who.role,
        "since": iso(who.since_at),
        "how": who.how,
        "offered_at": iso(who.offered_at),
        "accepted_at": iso(who.accepted_at),
    }
