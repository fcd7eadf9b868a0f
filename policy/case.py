"""The whole case as the procedure sees it: references, roles and instants, and no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, NamedTuple

from policy.record_terms import AgeBand
from policy.step import FINISHED, LIVE, PENDING, Step, Told, finished, let_go, waiting
from policy.terms import Anchor, CaseStatus, Rank, Risk, Role, StepStatus
from policy.values import once, replace

__all__ = [
    "ACCEPTED_ELSEWHERE",
    "DECEASED",
    "FINISHED",
    "LIVE",
    "NOT_MISSING",
    "OFFERED_ELSEWHERE",
    "PENDING",
    "Case",
    "Owner",
    "Seen",
    "Step",
    "Told",
    "finished",
    "let_go",
    "waiting",
]

DECEASED = "deceased"
OFFERED_ELSEWHERE, ACCEPTED_ELSEWHERE = "offered", "accepted"  # how a transfer to another force stands
NOT_MISSING = "not_missing"  # the reason of a closure: nobody had been missing


def _weight(risk: Risk) -> int:
    return risk.weight


def _in_order(step: Step) -> int:
    return step.occurrence


class Seen(NamedTuple):
    """Upon what the last look at the steps of a case rested: while that is as it was, another look finds nothing."""

    pack: object
    risk: Risk
    against: Mapping[str, str | None]  # why a step is not asked for, by key
    steps: Mapping[str, tuple[Step, ...]]  # by key
    anchors: Mapping[Anchor, datetime]


@dataclass(frozen=True)
class Owner:
    """Who has accepted the case: set by `accepted`, by nothing else."""

    person: str
    role: Role
    offered_at: datetime
    accepted_at: datetime


@dataclass(frozen=True)
class Case:
    """One episode of one missing person, from the record to the signed-off closure."""

    WORKED_OUT_OF: ClassVar = dict.fromkeys(("by_key", "stirred", "pending", "_live"), ("steps",)) | {
        "moved": {"anchors"},
        "wakes_at": {"steps", "shift_ends_at"},
        "_runs_as": {"risk", "risk_rank", "age_band", "risk_floor"},
        "seen": {"ref"},  # of every case that comes of this one
    }

    ref: str
    pack: str
    revision: int
    area: str | None
    age_band: AgeBand
    risk: Risk | None = None
    risk_rank: Rank | None = None  # the rank that stands behind the level
    status: CaseStatus = CaseStatus.OPEN
    anchors: Mapping[Anchor, datetime] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    owner: Owner | None = None
    offered_to: str | None = None
    offered_at: datetime | None = None
    tagged_to: str | None = None
    flags: frozenset[str] = frozenset()
    call_type: str = "missing"
    defective: bool = False
    non_compliant: bool = False
    example: bool = False
    resourced: bool = False  # a unit is going or has attended (W42)
    wellbeing: str | None = None  # safe, harmed or deceased, as the one who saw the person said
    do_not_disclose: bool = False  # an adult who asked that nobody be told where they are (W121)
    interviewer: str | None = None
    closure_by: str | None = None  # who asked for the closure, and may not sign it
    closure_reason: str | None = None
    linked: tuple[str, ...] = ()  # cases that may be about the same person; nothing is merged without a person
    late: str | None = None  # why the case began late, such as `missed start`
    ringing: frozenset[tuple[str, str]] = field(default=frozenset(), compare=False)  # alarms that stand: key and detail
    risk_floor: Risk | None = None  # of its flags, or of the earlier case about the same person
    to_confirm: bool = False  # the risk was raised by somebody below a supervisor, who confirms it in time
    re_report_of: str | None = None  # the earlier case about the same person, at the most 12 months old (S2, W34)
    unsearched: bool = False  # spaces of the home were recorded as not searched, and nobody has searched them since
    force: str | None = None  # the other force to which the case was last offered, or which has accepted it
    transfer: str | None = None  # offered or accepted; None: the case is ours and nobody else was asked
    bounces: int = 0  # how often another force has sent it back (W41)
    shift_ends_at: datetime | None = None  # when the next of those who were asked, or own the case, goes off duty

    @once
    def wakes_at(self) -> datetime | None:
        """Give the next instant at which time alone changes the case; None when only a fact can."""
        coming = [at for step in self.pending if (at := step.wakes_at) is not None]
        if self.shift_ends_at is not None:
            coming.append(self.shift_ends_at)
        return min(coming, default=None)

    def settle(self, pack: object, roster: object) -> None:
        """Keep in mind what a decision that has left this very case rested on: any change makes another case of it."""
        self.__dict__["left_under"] = (pack, roster)

    @once
    def left_under(self) -> tuple[object, object]:
        """Give the pack and the roster under which a decision has left the case so: only time brings anything about.

        The roster is None where there was none yet, or somebody on it is waited for.
        """
        return None, None

    def look(self, pack: object, risk: Risk, against: Mapping[str, str | None]) -> None:
        """Keep in mind, for whatever this case becomes, that its steps were brought up to what it is now."""
        self.__dict__["seen"] = Seen(pack, risk, against, self.by_key, self.anchors)
        self.__dict__["stirred"] = self.__dict__["moved"] = frozenset()

    @once
    def stirred(self) -> frozenset[str]:
        """Give the keys of the steps that are not as the last look had them."""
        now, then = self.by_key, self.seen.steps if self.seen is not None else {}
        return frozenset(key for key in now if now[key] is not then.get(key))

    @once
    def moved(self) -> frozenset[Anchor]:
        """Give the anchors that are not as the last look had them."""
        now, then = self.anchors, self.seen.anchors if self.seen is not None else {}
        return frozenset(anchor for anchor in (*now, *then) if now.get(anchor) != then.get(anchor))

    @once
    def seen(self) -> Seen | None:
        """Give upon what the last look at the steps rested, at this case or one that it came of."""
        return None

    @property
    def is_child(self) -> bool:
        """Tell whether timers treat the person as a child."""
        return self.age_band.is_child

    @property
    def closed(self) -> bool:
        """Tell whether the case has been signed off."""
        return self.status is CaseStatus.CLOSED

    @property
    def still_missing(self) -> bool:
        """Tell whether nobody whom the force knows has seen the person."""
        return self.status in (CaseStatus.OPEN, CaseStatus.INACTIVE)

    @property
    def enquiry_live(self) -> bool:
        """Tell whether we seek the person at this moment: still missing, not inactive, with no other force."""
        return self.status is CaseStatus.OPEN and self.transfer != ACCEPTED_ELSEWHERE

    def timer_risk(self, child_floor: Risk = Risk.MEDIUM) -> Risk:
        """Give the level that the timers run as.

        Until risk is set: medium, for a child or unknown age high, from the first second.
        Neither a child nor a case with a floor of its own is ever below it without an inspector's named decision.
        """
        risk, has_floor = self._runs_as
        return child_floor if has_floor and risk.weight < child_floor.weight else risk

    @once
    def _runs_as(self) -> tuple[Risk, bool]:
        floor = self.risk_floor or Risk.VERY_LOW
        if self.risk is None:
            unset = Risk.HIGH if self.is_child else Risk.MEDIUM
            return max(unset, floor, key=_weight), False
        if self.risk_rank is not None and self.risk_rank.weight >= Rank.INSPECTOR.weight:
            return self.risk, False
        return max(self.risk, floor, key=_weight), self.is_child

    def step(self, key: str, occurrence: int | None = None) -> Step | None:
        """Give a step by key: that occurrence, or the latest."""
        group = self.by_key.get(key)
        if not group or occurrence is None:
            return group[-1] if group else None
        for step in reversed(group):
            if step.occurrence == occurrence:
                return step
        return None

    def begun(self, key: str, occurrence: int | None = None) -> Step | None:
        """Give the occurrence that people have to do with now: that one, or the latest that is more than planned."""
        opened = [s for s in self.steps if s.key == key and s.status is not StepStatus.WAITING]
        if occurrence is not None or not opened:
            return self.step(key, occurrence)
        return max(opened, key=lambda s: s.occurrence)

    def occurrences(self, key: str) -> tuple[Step, ...]:
        """Give every occurrence of a step, the first one first."""
        return self.by_key.get(key, ())

    @once
    def by_key(self) -> Mapping[str, tuple[Step, ...]]:
        """Give the occurrences of each step, the first one first."""
        groups: dict[str, list[Step]] = {}
        for step in self.steps:
            groups.setdefault(step.key, []).append(step)
        return {
            key: tuple(group) if len(group) == 1 else tuple(sorted(group, key=_in_order))
            for key, group in groups.items()
        }

    @once
    def pending(self) -> tuple[Step, ...]:
        """Give the steps that are not over: those that wait for somebody, and those that are planned."""
        return tuple([step for step in self.steps if step.status in PENDING])

    def live_steps(self) -> tuple[Step, ...]:
        """Give the steps that still wait for somebody."""
        return self._live

    @once
    def _live(self) -> tuple[Step, ...]:
        return tuple([step for step in self.pending if step.live])

    def overdue_steps(self) -> tuple[Step, ...]:
        """Give the steps whose deadline has passed without their act."""
        return tuple(step for step in self.steps if step.status is StepStatus.OVERDUE)

    def with_step(self, changed: Step) -> "Case":
        """Give the case with one step put in the place of its namesake, or added at the end."""
        group, known = self.by_key.get(changed.key, ()), self.step(changed.key, changed.occurrence)
        if known is not None:
            steps = tuple([changed if step is known else step for step in self.steps])
            group = tuple([changed if step is known else step for step in group])
        else:
            steps = (*self.steps, changed)
            group = tuple(sorted((*group, changed), key=_in_order))
        case = replace(self, steps=steps)
        case.__dict__["by_key"] = {**self.by_key, changed.key: group}
        case.__dict__["stirred"] = self.stirred | {changed.key}
        return case

    def without_anchors(self, *gone: Anchor) -> "Case":
        """Give the case with some anchors not known any more."""
        return replace(self, anchors={a: at for a, at in self.anchors.items() if a not in gone})

    def with_anchor(self, anchor: Anchor, at: datetime) -> "Case":
        """Give the case with an anchor set."""
        case = replace(self, anchors={**self.anchors, anchor: at})
        case.__dict__["moved"] = self.moved | {anchor}
        return case
