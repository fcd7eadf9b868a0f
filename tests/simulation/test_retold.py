"""Whatever happened to a case, in whatever order: its journal follows from what came in, line for line.

A case that could not be told again would have to be listed with the reason; under a roster that was kept from the
beginning there is none.
"""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from policy.terms import Risk, Route
from runtime import past
from runtime.app import App
from runtime.door_intake import take_in
from tests.simulation.campaign import few
from tests.simulation.crash import Crash, CrashNight, one_after_another
from tests.simulation.machine import CASE, LEVELS, MOST_CASES
from tests.simulation.whole_machine import WholeMachine

EXAMPLES, STEPS = 12, 14
PARTS = 4


def all_told_again(app: App) -> int:
    """Tell every case again and demand the same; give how many decisions that were."""
    told = [past.retell(app, ref) for ref in past.every(app)]
    wrong = [one for one in told if not one.same]
    assert not wrong, "\n".join(f"{one.ref}: {one.why_not or one.differs}" for one in wrong)
    return sum(one.decisions for one in told)


class Retold(WholeMachine):
    """The whole machine, and records that are corrected, twins and late starts; judged by telling all again."""

    def __init__(self) -> None:
        """Begin with no record."""
        super().__init__()
        self.records: list[Mapping[str, object]] = []

    @precondition(lambda self: len(self.night.cases) < MOST_CASES)
    @rule(level=st.sampled_from((*LEVELS, None)), area=st.sampled_from((None, "stoke")), late=st.booleans())
    def report_of_one_person(self, level: Risk | None, area: str | None, late: bool) -> None:
        """The same person is reported, with little said; perhaps the record was missed at first."""
        stamp = self.night.now.isoformat()
        raw: dict[str, object] = {
            "source": "machine", "source_id": self.text("p"), "reported_at": stamp, "recorded_at": stamp,
            "person": {"name": "Somebody", "person_ref": "NOM-123"}, "flags": ["awol", "odd"],
            **({"risk": level.value} if level else {}), **({"area": area} if area else {}),
        }  # fmt: skip
        found: list[str] = []
        why = "missed start" if late else None
        app = self.night.world.sim
        self.night.survive(lambda: found.append(take_in(app.app, raw, route=Route.SYSTEM, late=why).case))
        self.night.cases.append(found[-1])
        self.night.settle()
        self.records.append(raw)

    @precondition(lambda self: self.records)
    @rule(which=CASE, level=st.sampled_from(LEVELS), age=st.sampled_from((None, 14, 40)))
    def correct_a_record(self, which: int, level: Risk, age: int | None) -> None:
        """The source says more than at first."""
        raw = self.records[which % len(self.records)]
        person = {"name": "Somebody", "person_ref": "NOM-123"} | ({"age": age} if age else {})
        self.night.report({**raw, "area": "stoke", "risk": level.value, "person": person})

    @rule(which=st.integers(0, 999))
    def replay(self, which: int) -> None:
        """Any earlier record or fact comes again."""
        said = self.said[which % len(self.said)]
        if said.case:
            self.night.say(said.case, said.raw, said.key)
        else:
            self.night.report(said.raw)

    @invariant()
    def the_promises_are_kept(self) -> None:
        """Other tests judge those; here the corrected records are beyond the oracle."""

    def teardown(self) -> None:
        """Go on for some days, then tell every case again."""
        if not hasattr(self, "night"):
            return
        try:
            self.night.recover()
            self.night.jump(self.days)
            assert all_told_again(self.night.world.sim.app) >= len(self.night.cases)
        finally:
            self.night.close()


@pytest.mark.timeout(1800)
def test_every_case_can_be_told_again() -> None:
    """Answers, work, corrections, twins, faults, crashes, people who go home: the journal follows from them."""
    short = settings().max_examples <= 25
    chosen = settings(
        max_examples=EXAMPLES if short else settings().max_examples // 4,  # each one goes on for days
        stateful_step_count=STEPS if short else 2 * STEPS,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(Retold, settings=chosen)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("crash", few()[::PARTS], ids=str)
def test_a_case_through_a_crash_can_be_told_again(crash: Crash) -> None:
    """With the real timer and worker, wherever something fails, whoever is there afterwards."""
    with one_after_another():
        night = CrashNight(crash)
        try:
            night.tell()
            night.end()
            assert all_told_again(night.world.sim.app) > 0
        finally:
            night.close()
