"""A simulated case while it is drawn: what is known of it so far, and how people and delays are drawn for it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from policy.facts import REQUIRED, Fact
from policy.pack import Pack
from policy.play import Said
from policy.report import Report
from policy.standing_roster import StandingRoster
from policy.terms import Anchor, FactKind, Risk, Role

DONE_LATE = 0.10  # of the tasks and reviews are done late; CHOSEN, after S4: reviews late
IN_TIME, OVER_TIME = (0.10, 0.80), (1.05, 1.80)  # shares of a task's time; CHOSEN
LEAST = timedelta(minutes=5)  # nothing is done sooner than a share of this
RESTS_AFTER = timedelta(days=7)  # CHOSEN: by then every line is exhausted, and the case is reviewed at set times
WORDS = "As it was found"


@dataclass(frozen=True)
class Gone:
    """Somebody who went missing: their record, when they are found (None: not within a year), and how it ends."""

    report: Report
    opened_at: datetime
    found_at: datetime | None
    outcome: str
    busy: bool = False  # whether the inspector has five cases already


@dataclass
class Draft:
    """One case while its facts are drawn. `anchors` are the instants from which steps are counted."""

    gone: Gone
    pack: Pack
    rosters: StandingRoster
    random: Random
    until: datetime
    said: list[Said] = field(default_factory=list)
    anchors: dict[Anchor, datetime] = field(default_factory=dict)
    levels: list[tuple[datetime, Risk]] = field(default_factory=list)  # from when the timers run as which
    changed_at: list[datetime] = field(default_factory=list)  # when the level was set to another
    done_at: list[datetime] = field(default_factory=list)  # what the closure waits for
    owner: str = ""
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        """Begin with what the record says."""
        gone, report = self.gone, self.gone.report
        self.owned_at = gone.opened_at
        self.sought_until = min(gone.found_at or self.until, self.until)
        self.rests_at = min(gone.opened_at + RESTS_AFTER, self.sought_until)
        self.anchors = {
            Anchor.CALL_RECEIVED: report.reported_at,
            Anchor.CMS_CREATED: report.recorded_at,
            Anchor.LAST_CONTACT: report.reported_at,
            Anchor.RISK_SET: report.recorded_at,
        }

    # --- what is said, and when

    def say(self, at: datetime, kind: FactKind, by: str, step: str | None = None, **evidence: object) -> None:
        """Say something, with whatever its kind cannot be said without."""
        said = {**dict.fromkeys(REQUIRED.get(kind, ()), WORDS), **evidence}
        self.said.append(Said(at, (Fact(kind, by, step, evidence=said),)))

    def holder(self, role: Role, at: datetime) -> str:
        """Name who holds a role then."""
        return self.rosters.holder(role, self.gone.report.area, at)

    def minutes(self, curve: tuple[float, float]) -> timedelta:
        """Draw a delay."""
        return timedelta(minutes=self.random.lognormvariate(*curve))

    def after(self, at: datetime, span: timedelta) -> datetime:
        """Draw when something is done that is asked for at an instant: in its time, or late."""
        share = OVER_TIME if self.random.random() < DONE_LATE else IN_TIME
        soonest = self.gone.opened_at + LEAST / 5
        return max(at + max(span, LEAST) * self.random.uniform(*share), soonest)

    def level(self, at: datetime) -> Risk:
        """Give the level that the timers run as then."""
        return next((level for since, level in reversed(self.levels) if since <= at), self.levels[0][1])
