"""What may be said in a case at any moment, by whom and with what: the moves of the search that proves a pack.

A move is what somebody wants to say; each of its ways is one fact that says it. The first way that is not refused is
taken. All of it is CHOSEN: everybody is there, and fills in forms as they should.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy import spaces
from policy.case import Case, Step
from policy.facts import REQUIRED, Fact
from policy.lint_scene import answer
from policy.pack import Evidence, Pack, StepRule
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.terms import Anchor, Condition, FactKind, Kind, Rank, Risk, Role
from policy.values import replace

K, R, C, A = FactKind, Role, Condition, Anchor
Ways = tuple[Fact, ...]
ASKED = (Kind.NOTIFY, Kind.ACCEPT)
# Who is tried for a step that its holder may not do: somebody of each rank, the lowest first.
OF_EACH_RANK = (
    *(R.CONTROL_ROOM_OPERATOR, R.RESPONSE_SERGEANT, R.DUTY_INSPECTOR),
    *(R.DUTY_CHIEF_INSPECTOR, R.ON_CALL_SUPERINTENDENT, R.CHIEF_OFFICER),
)
REST = Span(elapsed=timedelta(hours=12))  # until the next review of a case that rests, where the pack says nothing


@dataclass(frozen=True)
class Here:
    """A case at a moment: who is there, and under which pack."""

    case: Case
    pack: Pack
    rosters: StandingRoster
    at: datetime

    @property
    def risk(self) -> Risk:
        """Give the level that the timers run as."""
        return self.case.timer_risk(self.pack.child_floor)

    def who(self, role: Role) -> str:
        """Name who holds a role."""
        return self.rosters.holder(role, self.case.area, self.at)

    def says(self, kind: FactKind, role: Role, **evidence: object) -> Fact:
        """Give a fact with all that its kind asks for; `evidence` says what matters of it."""
        words = f"As it was found at {self.at:%H:%M on %d %B %Y}"
        return Fact(kind, self.who(role), evidence=dict.fromkeys(REQUIRED.get(kind, ()), words) | evidence)

    def level(self, by: int) -> Risk | None:
        """Give the level so many steps above the one that the timers run as."""
        return next((level for level in Risk if level.weight == self.risk.weight + by), None)


def _risk(by: int, *roles: Role) -> Callable[[Here], Ways]:
    def ways(here: Here) -> Ways:
        level = here.level(by)
        return tuple(here.says(K.RISK_SET, role, level=level.value) for role in roles) if level else ()

    return ways


def _said(kind: FactKind, *roles: Role, **evidence: object) -> Callable[[Here], Ways]:
    return lambda here: tuple(here.says(kind, role, **evidence) for role in roles)


def _rests(here: Here) -> Ways:
    until = here.at + here.pack.inactive.within.get(here.risk, REST).nominal / 2
    roles = (R.DUTY_INSPECTOR, R.ON_CALL_SUPERINTENDENT)
    return tuple(here.says(K.INACTIVE_REQUESTED, role, next_review_at=until.isoformat()) for role in roles)


def _is_back(here: Here) -> Ways:
    return (here.says(K.RETURNED, R.RESPONSE_OFFICER, at=here.at.isoformat()),)


def _offers(here: Here) -> Ways:
    return tuple(here.says(K.TRANSFER_OFFERED, R.FORCE_INCIDENT_MANAGER, force=key) for key in here.pack.forces)


def _takes(here: Here) -> Ways:
    if here.case.force is None:
        return ()
    there = here.rosters.holder(R.FORCE_INCIDENT_MANAGER, here.case.force, here.at)
    return (here.says(K.TRANSFER_ACCEPTED, R.FORCE_INCIDENT_MANAGER, person=there),)


def _declines(here: Here) -> Ways:
    asked = (s for s in here.case.live_steps() if here.pack.steps[s.key].kind in ASKED)
    return tuple(
        replace(here.says(K.DECLINED, R.DUTY_INSPECTOR), by=told.person, step=step.key)
        for step in asked
        for told in step.told[-1:]
    )


SIGNERS = (R.RESPONSE_SERGEANT, R.DUTY_INSPECTOR, R.DUTY_CHIEF_INSPECTOR)
# What changes a case as a whole, by the words in which it is told.
LIFE: Mapping[str, Callable[[Here], Ways]] = {
    "raise": _risk(1, R.FORCE_INCIDENT_MANAGER),
    "raise, to be confirmed": _risk(1, R.CONTROL_ROOM_OPERATOR),
    "confirm": _risk(0, R.DUTY_INSPECTOR),
    "lower": _risk(-1, R.DUTY_INSPECTOR, R.ON_CALL_SUPERINTENDENT),
    "decline": _declines,
    "news": _said(K.NEW_INFORMATION, R.CONTROL_ROOM_OPERATOR),
    "attended": _said(K.ATTENDED, R.RESPONSE_OFFICER),
    "nobody free": _said(K.UNRESOURCED, R.CONTROL_ROOM_OPERATOR),
    "contact": _said(K.CONTACT_MADE, R.DUTY_INSPECTOR),
    "found": _said(K.FOUND_REPORTED, R.CONTROL_ROOM_OPERATOR),
    "seen": _said(K.VERIFIED_SEEN, R.RESPONSE_OFFICER, wellbeing="safe"),
    "dead": _said(K.VERIFIED_SEEN, R.RESPONSE_OFFICER, wellbeing="deceased"),
    "back": _is_back,
    "rest": _rests,
    "ask to close": _said(K.CLOSURE_REQUESTED, R.RESPONSE_OFFICER, R.DUTY_INSPECTOR),
    "sign": _said(K.CLOSURE_SIGNED, *SIGNERS),
    "reopen": _said(K.REOPENED, R.DUTY_INSPECTOR),
    "offer": _offers,
    "take": _takes,
    "send back": _said(K.TRANSFER_BOUNCED, R.FORCE_INCIDENT_MANAGER),
}
TOGETHER = {"ask to close": ("contact", "ask to close")}  # whoever asks has spoken to the reporter (S4)
CLOSES = ("seen", "ask to close", "sign")
TRANSFERS = ("offer", "take", "send back")
# What of it a step can feel: by the words under which it is asked for, and by what it counts from.
FELT: Mapping[Condition | Anchor, tuple[str, ...]] = {
    C.STILL_MISSING: ("seen", "reopen"),
    C.ENQUIRY_LIVE: ("seen", "rest", "reopen", *TRANSFERS),
    C.UNRESOURCED: ("attended", "nobody free", "seen"),
    C.RETURNED_ALIVE: ("seen", "dead", "reopen"),
    C.CLOSED_CASE: (*CLOSES, "news", "reopen"),
    C.CONCERN_UNRESOLVED: ("seen",),
    C.RISK_TO_CONFIRM: ("raise, to be confirmed", "confirm"),
    C.SPACES_UNSEARCHED: ("seen",),
    C.HOME_UNSEARCHED: ("seen",),
    C.TRANSFER_OFFERED: TRANSFERS,
    C.OTHER_FORCE_ASKED: TRANSFERS,
    A.ACKNOWLEDGED: ("decline",),
    A.ATTENDED: ("attended",),
    A.NEW_INFO: ("news",),
    A.LAST_CONTACT: ("contact",),
    A.LAST_INVESTIGATIVE_ENTRY: ("news",),
    A.FOUND_REPORTED: ("found", "seen", "reopen"),
    A.VERIFIED_SEEN: ("seen", "dead", "reopen"),
    A.RETURNED: ("seen", "back", "reopen"),
    A.PREVENTION_INTERVIEW_DONE: ("seen", "dead", "back", "ask to close", "sign", "reopen"),
    A.NEXT_REVIEW: ("rest",),
    A.REOPENED: ("seen", "reopen"),
    A.CLOSED_CASE_CONTACT: (*CLOSES, "news"),
    A.RISK_RAISED: ("raise, to be confirmed",),
    A.TRANSFER_OFFERED: TRANSFERS,
    A.TRANSFER_ACCEPTED: TRANSFERS,
    A.CLOSED: CLOSES,
}
# What moves an anchor without any step: the record, what is said, and the change of a shift.
MOVED = frozenset(anchor for anchor in Anchor if anchor in FELT) | {
    *(A.CALL_RECEIVED, A.CMS_CREATED, A.RISK_SET, A.SHIFT_START, A.SHIFT_END, A.LAST_SUPERVISOR_ENTRY),
    A.OWNER_ASSIGNED,
}


def sets(rule: StepRule, anchor: Anchor) -> bool:
    """Tell whether completing a step sets an anchor."""
    return rule.sets is anchor or any(field.sets is anchor for field in rule.evidence)


# --- a step that is done


def done(here: Here, step: Step, *, other: bool = False) -> Ways:
    """Give the ways of completing a live step; `other` answers each question that has a telling answer so."""
    rule = here.pack.steps[step.key]
    if rule.kind is Kind.SIGN_OFF:
        return ()
    if rule.kind in ASKED:
        kind = K.ACKNOWLEDGED if rule.kind is Kind.NOTIFY else K.ACCEPTED
        there = [told.person for told in reversed(step.told) if here.rosters(here.at).duties_of(told.person, here.at)]
        return tuple(Fact(kind, person, step.key, step.occurrence) for person in dict.fromkeys(there))
    kinds = sorted(rule.done_by, key=lambda kind: kind is not K.STEP_COMPLETED)
    evidence = {field.name: _filled(field, here, other=other) for field in rule.evidence if field.required or field.yes}
    return tuple(
        replace(said, by=person, step=step.key, evidence={**said.evidence, **_level(here, kind), **evidence})
        for kind in kinds[:1]
        for said in [here.says(kind, R.DUTY_INSPECTOR)]
        for person in _able(here, step, rule)
    )


def waived(here: Here, step: Step) -> Ways:
    """Give the way of waiving a live step: from above."""
    return (replace(here.says(K.STEP_WAIVED, R.CHIEF_OFFICER), step=step.key, occurrence=step.occurrence),)


def telling(rule: StepRule) -> bool:
    """Tell whether a step's form has a question of which each answer brings about something else."""
    return any(field.yes or field.type == spaces.SPACES for field in rule.evidence)


def _level(here: Here, kind: FactKind) -> dict[str, object]:
    return {"level": here.risk.value} if kind is K.RISK_SET else {}


def _filled(field: Evidence, here: Here, *, other: bool) -> object:
    if field.type == spaces.SPACES:
        return f"{field.name} 1: {'not searched, locked' if other else 'searched'}"
    if field.yes:
        return "yes" if other else "no"
    if field.name == "level" and field.type == "choice":
        return here.risk.value
    by = here.who(field.role) if field.role else here.who(R.RESPONSE_OFFICER)
    said = answer(field, here.at, by)
    return f"{said} at {here.at:%H:%M on %d %B %Y}" if field.type in ("text", "long") else said


def _able(here: Here, step: Step, rule: StepRule) -> Iterator[str]:
    """Name who may do a step: its holder, its actor, then somebody of each rank that the step asks for."""
    there = here.rosters(here.at)
    if step.holder and there.duties_of(step.holder, here.at):
        yield step.holder
    actor = rule.actor.get(here.risk)
    wanted = rule.rank(here.risk, Rank.STAFF).weight
    for role in (*((actor,) if actor else ()), *OF_EACH_RANK):
        if (there.rank_of(here.who(role)) or Rank.STAFF).weight >= wanted:
            yield here.who(role)
