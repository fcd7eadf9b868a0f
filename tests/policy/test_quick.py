"""What makes policy quick never makes it different: copies, what is worked out once, and cases left as they are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import ClassVar

import pytest

from policy import decide, record, values
from policy.book import Book
from policy.case import Case, Step, waiting
from policy.conditions import state_of
from policy.errors import Refused
from policy.intents import Outcome
from policy.pack import Pack
from policy.play import Rosters, Story
from policy.record_terms import AgeBand, CallType, Flag
from policy.standing_roster import StandingRoster
from policy.terms import CaseStatus, Condition, StepStatus
from policy.unfold import reason_against
from tests.policy.night import at, pack, staff
from tests.policy.test_load_model import drawn


@dataclass(frozen=True)
class Sides:
    """A value of which something is worked out."""

    WORKED_OUT_OF: ClassVar = {"area": {"length", "width"}}

    length: int
    width: int
    colour: str = "red"

    @values.once
    def area(self) -> int:
        """Give the area."""
        return self.length * self.width

    @values.once
    def words(self) -> str:
        """Say it."""
        return f"{self.colour} {self.area}"


def test_a_copy_is_what_dataclasses_would_make_of_it() -> None:
    """Equal, hashed alike, and the original is what it was."""
    sides = Sides(2, 3)
    copy = values.replace(sides, width=4)
    assert copy == replace(sides, width=4)
    assert hash(copy) == hash(Sides(2, 4))
    assert sides == Sides(2, 3)
    with pytest.raises(TypeError, match="Sides has no field height"):
        values.replace(sides, height=4)  # type: ignore[call-arg]  # what a slip of the pen would be


def test_what_was_worked_out_is_forgotten_with_what_it_was_worked_out_of() -> None:
    """A copy never says what was true of the original alone."""
    sides = Sides(2, 3)
    assert (sides.area, sides.words) == (6, "red 6")
    assert vars(values.replace(sides, colour="blue")) == {"length": 2, "width": 3, "colour": "blue", "area": 6}
    assert values.replace(sides, length=5).area == 15
    assert values.replace(sides, length=5).words == "red 15"
    assert sides == Sides(2, 3)
    assert Sides.area.__doc__ == "Give the area."


class Forgetful:
    """Plays a story as `policy.play` does, and forgets each time what a decision has found of the case it left."""

    def __init__(self, story: Story, rules: Pack, rosters: Rosters, *, forgets: bool) -> None:
        self.forgets = forgets
        self.rules, self.rosters = rules, rosters
        self.outcomes: list[Outcome] = []
        self.keep(decide.open_case(story.report, rules, rosters(story.opened_at), story.opened_at, story.ref))
        for said in story.said:
            self.wait(said.at)
            try:
                self.keep(record.record_all(self.case, said.facts, rules, rosters(said.at), said.at))
            except Refused:
                continue
        self.wait(story.until)

    def keep(self, outcome: Outcome) -> None:
        """Go on from an outcome."""
        self.case = replace(outcome.case) if self.forgets else outcome.case
        self.outcomes.append(outcome)

    def wait(self, until: datetime) -> None:
        """Go from wake to wake."""
        before = None
        while (wake_at := self.case.wakes_at) is not None and wake_at <= until and wake_at != before:
            before = wake_at
            self.keep(decide.decide(self.case, self.rules, self.rosters(wake_at), wake_at))


def test_a_case_left_as_it_is_comes_out_as_one_that_is_looked_at_anew() -> None:
    """What has not changed since the last look is not asked again: every outcome is the same for who looks at all."""
    people = StandingRoster(tuple(pack().areas))
    for story in drawn("derbyshire", 2):
        quick, slow = (Forgetful(story, pack(), people, forgets=forgets) for forgets in (False, True))
        assert quick.outcomes == slow.outcomes


def test_a_step_that_is_planned_is_one_that_waits() -> None:
    """It is made from a pattern, and is no other step for it."""
    made = waiting("confirm_risk", 2, at("19:00"))
    assert made == Step("confirm_risk", 2, StepStatus.WAITING, anchor_at=at("19:00"))
    assert waiting("confirm_risk") == Step("confirm_risk", status=StepStatus.WAITING)


def test_time_brings_nothing_about_for_what_is_over() -> None:
    """A case looks only at its pending steps for when it wakes; the others would not wake it either."""
    opened = Step("confirm_risk", due_at=at("19:00"), climb_at=at("19:10"))
    assert opened.wakes_at == at("19:00")
    assert replace(opened, status=StepStatus.NOT_REQUIRED).wakes_at is None


def cases() -> Iterator[Case]:
    """Give a case in every state that a condition may ask about."""
    ages, flags = (AgeBand.B13_15, AgeBand.B25_64), (frozenset(), *(frozenset({flag}) for flag in Flag))
    ways = product(ages, flags, CallType, (False, True), CaseStatus, (False, True))
    for age, flag, call, defective, status, resourced in ways:
        for wellbeing, reason in product((None, "safe", "deceased"), (None, "found", "not_missing")):
            case = Case("MP-1", "staffordshire", 1, "stoke", age, flags=flag, call_type=call, status=status)
            known = replace(case, wellbeing=wellbeing, closure_reason=reason)
            yield replace(known, defective=defective, resourced=resourced)


def test_cases_of_one_state_are_asked_for_the_same() -> None:
    """Why a step is not asked for is worked out once for all cases of a state: no condition asks for anything else."""
    rule = pack().steps["deploy_and_attend"]
    rules = [replace(rule, when=(word,), outlives_closure=word is Condition.CLOSED_CASE) for word in Condition]
    known: dict[object, list[str | None]] = {}
    for case in cases():
        book = Book(case, pack(), staff(), at("19:00"))
        reasons = [reason_against(book, rule) for rule in rules]
        assert known.setdefault((state_of(case), book.risk), reasons) == reasons
