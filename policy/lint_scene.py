"""The people and hours that a search plays: who is reported when, what is said at an awkward minute, who is there.

All of it is CHOSEN. The year is a leap year; its instants are those at which rosters, clocks and calendars turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policy.facts import REQUIRED, Fact
from policy.forms import lies_ahead
from policy.pack import Evidence, Pack
from policy.play import Rosters, Said, Story
from policy.record_terms import AgeBand, CallType, Earlier, ReporterKind
from policy.report import Defect, Report
from policy.spans import LOCAL
from policy.standing_roster import StandingRoster
from policy.terms import Anchor, FactKind, Risk, Role

K = FactKind
WORDS = "As it was found"
LATE_RECORD = timedelta(minutes=10)  # a call that took long: the record comes so much later


def _here(month: int, day: int, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(2028, month, day, hour, minute, tzinfo=LOCAL, fold=fold).astimezone(UTC)


INSTANTS: tuple[datetime, ...] = (
    _here(1, 12, 10),  # office hours
    _here(3, 26, 5, 50),  # the Sunday on which the clocks went forward, before the change of shift
    _here(1, 31, 10),  # a month's end
    _here(1, 15, 3, 15),  # a Saturday night
    _here(1, 12, 13, 55),  # the change of shift
    _here(3, 24, 22, 50),  # the Friday evening before the clocks change
    _here(3, 26, 0, 50),  # ten minutes before the clocks go forward
    _here(10, 29, 0, 50),  # and before they go back
    _here(10, 29, 1, 30),
    _here(10, 29, 1, 30, fold=1),  # the same time once more
    _here(10, 29, 5, 50),
    _here(11, 30, 10),  # a month's end
    _here(2, 29, 10),  # the leap day
    _here(12, 31, 23, 50),
)


@dataclass(frozen=True)
class Profile:
    """Somebody who is reported: level (None: not set), age, when, with what on the record, and which role is absent."""

    risk: Risk | None
    age: AgeBand
    recorded_at: datetime
    reported_at: datetime
    flags: frozenset[str] = frozenset()
    concern: bool = False
    defective: bool = False
    absent: Role | None = None
    again: bool = False  # there was a case about the same person, at medium risk

    def report(self, area: str | None) -> Report:
        """Give the record."""
        return Report(
            source="lint",
            source_id="LINT",
            serial=None,
            reported_at=self.reported_at,
            recorded_at=self.recorded_at,
            area=area,
            risk=self.risk,
            tagged_to=None,
            age_band=self.age,
            flags=self.flags,
            call_type=CallType.CONCERN_FOR_WELFARE if self.concern else CallType.MISSING,
            reporter_kind=ReporterKind.PARENT if self.age.is_child else ReporterKind.FAMILY,
            defects=(Defect("last_seen.at", None, "is not an instant", "correct it"),) if self.defective else (),
            earlier=Earlier("EARLIER", Risk.MEDIUM) if self.again else None,
        )


@dataclass(frozen=True)
class Move:
    """Something that somebody says: which role, what, and how it is told."""

    role: Role
    kind: FactKind
    words: str
    answers: bool = False  # it answers a notice or an offer


MOVES: Mapping[str, Move] = {
    "ack": Move(Role.DUTY_INSPECTOR, K.ACKNOWLEDGED, "acknowledges the case", answers=True),
    "accept": Move(Role.DUTY_INSPECTOR, K.ACCEPTED, "accepts the case", answers=True),
    "decline": Move(Role.DUTY_INSPECTOR, K.DECLINED, "declines", answers=True),
    "raise": Move(Role.FORCE_INCIDENT_MANAGER, K.RISK_SET, "raises the risk to {level}"),
    "lower": Move(Role.FORCE_INCIDENT_MANAGER, K.RISK_SET, "lowers the risk to {level}"),
    "news": Move(Role.CONTROL_ROOM_OPERATOR, K.NEW_INFORMATION, "records new information"),
    "attended": Move(Role.RESPONSE_OFFICER, K.ATTENDED, "attends"),
    "contact": Move(Role.DUTY_INSPECTOR, K.CONTACT_MADE, "speaks to whoever reported"),
    "found": Move(Role.CONTROL_ROOM_OPERATOR, K.FOUND_REPORTED, "records that the person was reported found"),
    "seen": Move(Role.RESPONSE_OFFICER, K.VERIFIED_SEEN, "sees the person, who is safe"),
    "interview": Move(Role.RESPONSE_OFFICER, K.INTERVIEW_HELD, "holds the prevention interview"),
    "review": Move(Role.FORCE_INCIDENT_MANAGER, K.STEP_COMPLETED, "sets the next review for two hours later"),
}
REVIEWED_AFTER = timedelta(hours=2)


@dataclass(frozen=True)
class Act:
    """A move at an instant; `level` is what a change of risk leads to."""

    at: datetime
    move: str
    level: Risk | None = None


@dataclass(frozen=True)
class Scene:
    """A profile and what is said, played until an instant."""

    profile: Profile
    acts: tuple[Act, ...] = ()
    hours: timedelta = timedelta(hours=3)  # how long the case is followed after the last that is said

    @property
    def last_at(self) -> datetime:
        """Give when the last was said, or the record made."""
        return self.acts[-1].at if self.acts else self.profile.recorded_at

    def level(self, floor: Risk) -> Risk:
        """Give the level that the timers run as in the end."""
        given = next((act.level for act in reversed(self.acts) if act.level), self.profile.risk)
        if given is None:
            return Risk.HIGH if self.profile.age.is_child else Risk.MEDIUM
        said = any(act.level for act in self.acts)  # by an inspector, who may go below the floor
        child = self.profile.age.is_child and not said
        return floor if child and given.weight < floor.weight else given

    def story(self, pack: Pack) -> Story:
        """Give the case as it can be played under a pack."""
        rosters, area = StandingRoster(tuple(pack.areas)), next(iter(pack.areas), None)
        said = tuple(Said(act.at, (_fact(act, pack, rosters, area),)) for act in self.acts)
        return Story("LINT", self.profile.report(area), self.profile.recorded_at, said, self.last_at + self.hours)

    def rosters(self, pack: Pack) -> Rosters:
        """Give who is there: every role round the clock, but the absent one."""
        everybody = StandingRoster(tuple(pack.areas))
        absent = self.profile.absent
        return everybody if absent is None else lambda at: everybody(at).without(absent)


def setter(pack: Pack) -> str | None:
    """Name the step in which somebody sets the time of the next review."""
    found = (rule.key for rule in pack.case_steps if any(_sets(field) for field in rule.evidence))
    return next(found, None)


def _sets(field: Evidence) -> bool:
    return field.sets is Anchor.NEXT_REVIEW


def _fact(act: Act, pack: Pack, rosters: StandingRoster, area: str | None) -> Fact:
    """Give what is said, with whatever the forms of the steps that it completes ask for."""
    move = MOVES[act.move]
    by = rosters.holder(move.role, area, act.at)
    step = setter(pack) if move.kind is K.STEP_COMPLETED else None
    said: dict[str, object] = dict.fromkeys(REQUIRED.get(move.kind, ()), WORDS)
    for rule in pack.case_steps:
        if rule.key == step or (step is None and move.kind in rule.done_by):
            said |= {field.name: answer(field, act.at, by) for field in rule.evidence if field.required}
    if act.level is not None:
        said["level"] = act.level.value
    if move.kind is K.VERIFIED_SEEN:
        said["wellbeing"] = "safe"
    return Fact(move.kind, by, step, evidence=said)


def answer(field: Evidence, at: datetime, by: str) -> object:
    """Give what somebody writes into a field of a form."""
    if field.type == "instant":
        return (at + (REVIEWED_AFTER if lies_ahead(field) else timedelta(0))).isoformat()
    if field.type == "choice":
        return field.choices[0]
    said = {"person": by, "yes_no": "no", "number": 1, "spaces": f"{field.name} 1: searched"}
    return said.get(field.type, WORDS)
