"""The whole case as the procedure sees it: references, roles and instants, and no personal data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from policy.record_terms import AgeBand
from policy.terms import Anchor, CaseStatus, Rank, Risk, Role, StepStatus

LIVE = frozenset({StepStatus.OPEN, StepStatus.OVERDUE})
DECEASED = "deceased"
NOT_MISSING = "not_missing"  # the reason of a closure: nobody had been missing
FINISHED = frozenset({StepStatus.DONE, StepStatus.DONE_LATE, StepStatus.WAIVED})


@dataclass(frozen=True)
class Told:
    """One person told of a step, on which rung (0 is the first message) and when it fell due."""

    person: str
    role: Role
    rung: int
    at: datetime


@dataclass(frozen=True)
class Step:
    """One occurrence of one step of one case.

    It opens at `opens_at`. `span` lies between its rungs under the risk in force: rung n stands at `due_at + n * span`.
    `rung` is the highest rung told (-1: nobody yet), `rounds` how often the last two rungs were told again,
    `reminders` the number of the latest reminder, `warned` how many of the pack's warnings have been given.
    """

    key: str
    occurrence: int = 1
    status: StepStatus = StepStatus.OPEN
    anchor_at: datetime | None = None
    due_at: datetime | None = None
    span: timedelta | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    holder: str | None = None
    role: Role | None = None
    rung: int = -1
    rounds: int = 0
    reminders: int = 0
    remind_at: datetime | None = None
    climb_at: datetime | None = None
    told: tuple[Told, ...] = ()
    reason: str | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    opens_at: datetime | None = None
    warn_at: datetime | None = None
    warned: int = 0
    ladder_at: datetime | None = None  # from when its rungs count, where that is not its own deadline

    @property
    def live(self) -> bool:
        """Tell whether somebody still has to do something."""
        return self.status in LIVE

    @property
    def id(self) -> tuple[str, int]:
        """Give what names the step within its case."""
        return (self.key, self.occurrence)

    def told_person(self, person: str) -> bool:
        """Tell whether this person has been told of the step on any rung."""
        return any(told.person == person for told in self.told)


def finished(step: Step, at: datetime, by: str) -> Step:
    """Give the step as done: *done late* where its deadline had passed, which is not *done*."""
    late = step.due_at is not None and at >= step.due_at
    status = StepStatus.DONE_LATE if late else StepStatus.DONE
    return replace(step, status=status, done_at=at, done_by=by, remind_at=None, climb_at=None, warn_at=None)


def let_go(step: Step, reason: str) -> Step:
    """Give the step as one that is not asked for any more, with the reason."""
    status = StepStatus.NOT_REQUIRED
    return replace(step, status=status, reason=reason, remind_at=None, climb_at=None, warn_at=None)


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
    shift_ends_at: datetime | None = None  # when the next of those who were asked, or own the case, goes off duty

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
        """Tell whether the person is sought at this moment: still missing, and the case is not inactive."""
        return self.status is CaseStatus.OPEN

    def timer_risk(self, child_floor: Risk = Risk.MEDIUM) -> Risk:
        """Give the level that the timers run as.

        Until risk is set: medium, for a child or unknown age high, from the first second.
        A child is never below the floor without an inspector's named decision.
        """
        if self.risk is None:
            return Risk.HIGH if self.is_child else Risk.MEDIUM
        by_inspector = self.risk_rank is not None and self.risk_rank.weight >= Rank.INSPECTOR.weight
        if self.is_child and not by_inspector and self.risk.weight < child_floor.weight:
            return child_floor
        return self.risk

    def step(self, key: str, occurrence: int | None = None) -> Step | None:
        """Give a step by key: that occurrence, or the latest."""
        found = [s for s in self.steps if s.key == key and occurrence in (None, s.occurrence)]
        return max(found, key=lambda s: s.occurrence) if found else None

    def begun(self, key: str, occurrence: int | None = None) -> Step | None:
        """Give the occurrence that people have to do with now: that one, or the latest that is more than planned."""
        opened = [s for s in self.steps if s.key == key and s.status is not StepStatus.WAITING]
        if occurrence is not None or not opened:
            return self.step(key, occurrence)
        return max(opened, key=lambda s: s.occurrence)

    def occurrences(self, key: str) -> tuple[Step, ...]:
        """Give every occurrence of a step, the first one first."""
        return tuple(sorted((s for s in self.steps if s.key == key), key=lambda s: s.occurrence))

    def live_steps(self) -> tuple[Step, ...]:
        """Give the steps that still wait for somebody."""
        return tuple(step for step in self.steps if step.live)

    def overdue_steps(self) -> tuple[Step, ...]:
        """Give the steps whose deadline has passed without their act."""
        return tuple(step for step in self.steps if step.status is StepStatus.OVERDUE)

    def with_step(self, changed: Step) -> "Case":
        """Give the case with one step put in the place of its namesake, or added at the end."""
        for place, known in enumerate(self.steps):
            if known.key == changed.key and known.occurrence == changed.occurrence:
                return replace(self, steps=(*self.steps[:place], changed, *self.steps[place + 1 :]))
        return replace(self, steps=(*self.steps, changed))

    def without_anchors(self, *gone: Anchor) -> "Case":
        """Give the case with some anchors not known any more."""
        return replace(self, anchors={a: at for a, at in self.anchors.items() if a not in gone})

    def with_anchor(self, anchor: Anchor, at: datetime) -> "Case":
        """Give the case with an anchor set."""
        return replace(self, anchors={**self.anchors, anchor: at})
