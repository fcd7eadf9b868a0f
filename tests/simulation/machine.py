"""The machine: records, answers, news, time and faults, in any order; judged after each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from policy.case import Step
from policy.terms import Risk
from runtime.door_facts import RESENT
from tests.simulation.night import Night
from tests.support.faults import POINTS

MOST_CASES = 3
CASE = st.integers(0, MOST_CASES - 1)
PERSON = st.integers(0, 99)
LEVELS = tuple(Risk)


@dataclass(frozen=True)
class Said:
    """One act as it was put; a report has no case yet."""

    case: str
    raw: Mapping[str, object]
    key: str | None
    at: datetime


class Machine(RuleBasedStateMachine):
    """One force, up to three cases, everything that can happen to them."""

    packs: Sequence[str] = ("staffordshire", "uk_app_baseline")
    points: Sequence[str] = sorted(POINTS)  # where faults are armed
    horizons: Sequence[int] = (1, 1, 30)  # days for which nobody is there at the end
    night: Night  # begins with the first report

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.said: list[Said] = []  # each act that was taken
        self.number = 0
        self.broken = False
        self.days = self.horizons[0]

    def begin(self, pack: str) -> Night:
        """Make the world; who plants a bug makes another."""
        return Night(pack)

    def teardown(self) -> None:
        """Demand liveness, unless something is broken already."""
        if not hasattr(self, "night"):
            return
        try:
            if not self.broken:
                self.night.check_the_end(self.days)
        finally:
            self.night.close()

    # --- words

    def case(self, number: int) -> str:
        """Give one of the cases."""
        return self.night.cases[number % len(self.night.cases)]

    def person(self, number: int) -> str:
        """Name one of the people."""
        people = self.night.force.people()
        return people[number % len(people)]

    def of(self, role: str) -> str:
        """Name the first person of a role."""
        return next(person for person in self.night.force.people() if person.startswith(role))

    def text(self, text: str) -> str:
        """Say it in words that were not used before: the same said twice changes nothing."""
        self.number += 1
        return f"{text} {self.number}"

    def say(self, case: str, kind: str, by: str, told: Mapping[str, object], step: Step | None = None) -> bool:
        """Say a fact; False when a rule refuses it."""
        raw: dict[str, object] = {"kind": kind, "by": by, "evidence": dict(told)}
        if step is not None:
            raw |= {"step": step.key, "occurrence": step.occurrence}
        said = Said(case, raw, f"key-{self.number}" if self.number % 2 else None, self.night.now)
        taken = self.night.say(case, raw, said.key)
        if taken:
            self.said.append(said)
        return taken

    # --- records

    @initialize(
        draw=st.integers(0, 99), level=st.sampled_from((*LEVELS, None)), child=st.booleans(), tagged=st.booleans()
    )
    def the_first_report(self, draw: int, level: Risk | None, child: bool, tagged: bool) -> None:
        """A night begins with a report."""
        self.night = self.begin(self.packs[draw % len(self.packs)])
        self.days = self.horizons[draw % len(self.horizons)]
        self._report("stoke", level, child=child, tagged=tagged)

    @precondition(lambda self: len(self.night.cases) < MOST_CASES)
    @rule(
        area=st.sampled_from(("stoke", "newcastle", "nowhere")),
        level=st.sampled_from((*LEVELS, None)),
        child=st.booleans(),
        tagged=st.booleans(),
    )
    def report(self, area: str, level: Risk | None, child: bool, tagged: bool) -> None:
        """Somebody is reported missing."""
        self._report(area, level, child=child, tagged=tagged)

    def _report(self, area: str, level: Risk | None, *, child: bool, tagged: bool) -> None:
        stamp = self.night.now.isoformat()
        raw: dict[str, object] = {
            "source": "machine",
            "source_id": self.text("r"),
            "reported_at": stamp,
            "recorded_at": stamp,
            "area": area,
            "person": {"name": "Somebody", "date_of_birth": "2012-05-01" if child else "1980-05-01"},
            **({"risk": level.value} if level else {}),
            **({"tagged_to": self.of("duty-inspector")} if tagged else {}),
        }
        self.night.cases.append(self.night.report(raw))
        self.said.append(Said("", raw, None, self.night.now))

    # --- answers

    @rule(number=CASE, who=PERSON)
    def acknowledge(self, number: int, who: int) -> None:
        """Somebody who was told acknowledges."""
        self._answer(number, who, "acknowledged")

    @rule(number=CASE, who=PERSON)
    def accept(self, number: int, who: int) -> None:
        """Somebody who was told accepts."""
        self._answer(number, who, "accepted")

    @rule(number=CASE, who=PERSON)
    def decline(self, number: int, who: int) -> None:
        """Somebody who was told declines."""
        self._answer(number, who, "declined", reason=self.text("At a fatal collision"))

    def _answer(self, number: int, who: int, kind: str, **evidence: object) -> None:
        case = self.night.case(self.case(number))
        asked = [(told.person, step) for step in case.live_steps() for told in step.told]
        person, step = asked[who % len(asked)] if asked else (self.person(who), None)
        self.say(case.ref, kind, person, evidence, None if kind == "accepted" else step)

    # --- information

    @rule(number=CASE, who=PERSON)
    def new_information(self, number: int, who: int) -> None:
        """Something new is heard; on a closed case too."""
        self.say(
            self.case(number),
            "new_information",
            self.person(who),
            {"summary": self.text("Seen"), "source": "a friend"},
        )

    # --- time and the world

    @rule(minutes=st.sampled_from((1, 2, 5, 10, 15, 30)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.night.wait(minutes)

    @rule()
    def wait_until_next(self) -> None:
        """Time passes to the very instant at which something is due."""
        coming = self.night.world.sim.engine.next_at()
        if coming is not None:
            self.night.wait(max((coming - self.night.world.sim.clock.true()).total_seconds() / 60, 0))

    @precondition(lambda self: not self.night.in_trouble)
    @rule(which=st.integers(0, 999))
    def replay(self, which: int) -> None:
        """Any earlier act comes again: nothing new. Without a key the same words are the same fact for minutes only."""
        said = self.said[which % len(self.said)]
        before = [self.night.state(ref) for ref in self.night.cases]
        if not said.case:
            assert self.night.report(said.raw) in self.night.cases
        elif said.key or self.night.now - said.at <= RESENT:
            assert self.night.say(said.case, said.raw, said.key), f"{said} was taken, and is refused now"
        after = [self.night.state(ref) for ref in self.night.cases]
        assert after == before, f"{said} again has changed something"

    @rule()
    def restart(self) -> None:
        """The process is lost and another one starts."""
        self.night.survive(self.night.world.restart)

    @rule(which=st.integers(0, 999))
    def arm_fault(self, which: int) -> None:
        """The next send, or the next commit, fails in its own way."""
        self.night.faults.arm(self.points[which % len(self.points)])
        self.night.in_trouble = True

    @precondition(lambda self: self.night.in_trouble)
    @rule()
    def recover(self) -> None:
        """What failed is mended."""
        self.night.recover()

    @invariant()
    def the_promises_are_kept(self) -> None:
        """Judge after each step."""
        self.broken = True
        self.night.check()
        self.broken = False
