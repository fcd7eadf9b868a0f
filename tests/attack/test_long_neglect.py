"""What weeks of neglect, odd dates and chattering systems do: nobody is forgotten, drowned, or kept waiting."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policy import record
from policy.facts import read_fact
from policy.terms import AlarmKey
from tests.attack.test_closed_on_wrong_grounds import closed, night_at_20, seen
from tests.policy.night import STAFF, Night, at, roster, round_the_clock


def test_a_case_that_nobody_attends_for_a_month_does_not_grow_without_end() -> None:
    """Each pass looks at every open step: thousands of missed ones would stop the engine for everybody else."""
    night = Night(round_the_clock()).report(risk="high")
    for _ in range(30):
        night.jump(night.now + timedelta(days=1))
    live = night.case.live_steps()
    assert len(night.breaches("unresourced_reassessment")) > 2_500  # the register has them all
    assert len(live) < 500


def test_who_comes_on_duty_after_days_without_anybody_hears_of_each_open_step() -> None:
    """An area nobody knows, and nobody on duty until the 14th: then no step is left of which nobody was told."""
    late = [replace(duty, from_at=at("14:00", 14), to_at=at("14:00", 30)) for duty in STAFF]
    night = Night(roster(*late)).report(area="nowhere").wait(at("14:00", 15))
    newest = {step.key: step for step in night.case.live_steps()}
    assert [key for key, step in newest.items() if not step.told] == []


def test_a_system_that_chatters_about_a_closed_case_does_not_drown_its_hearer() -> None:
    """A row that changes every half minute: the manager hears of it, and not a hundred times in an hour."""
    night = closed().forget()
    for number in range(100):
        night.jump(night.now + timedelta(seconds=30))
        night.says("system", "new_information", summary=f"field {number}", source="compact")
    rung = [t for t in night.tells if t.person == "fim-1" and t.type == "alarm"]
    assert night.rang(AlarmKey.CLOSED_CASE_CONTACT)
    assert 1 <= len(rung) <= 10


def said_of(night: Night, kind: str, when: datetime, **evidence: object) -> Night:
    """Record a fact of another time."""
    fact = read_fact({"kind": kind, "by": "sgt-s", "at": when.isoformat(), "evidence": evidence})
    return night.keep(record.record(night.case, fact, night.pack, night.roster, night.now))


LONG_AGO = datetime(2006, 1, 1, tzinfo=UTC)
ODD_DATES: dict[str, Callable[[Night], Night]] = {
    "attended": lambda night: said_of(night, "attended", LONG_AGO, who="PC 1"),
    "returned": lambda night: seen(night).says("sgt-s", "returned", at=LONG_AGO.isoformat()),
    "risk_set": lambda night: said_of(night, "risk_set", LONG_AGO, level="high", rationale="a raise"),
}


@pytest.mark.parametrize("kind", ODD_DATES)
def test_a_wrong_year_puts_nobody_in_breach_before_the_report(kind: str) -> None:
    """Somebody typed 2006: no deadline, and no breach in a name, lies before the case began."""
    night = night_at_20()
    ODD_DATES[kind](night).until("20:30")
    began = at("19:00")
    assert [e.body["step"] for e in night.entries if e.kind == "overdue" and e.at < began] == []
    assert [s.key for s in night.case.steps if s.due_at is not None and s.due_at < began] == []


def test_a_raise_wakes_a_case_that_rests() -> None:
    """Raised to high while inactive: somebody is asked to send officers, not only to look again tomorrow."""
    night = night_at_20()
    review_at = (night.now + timedelta(hours=20)).isoformat()
    night.says("insp-a", "inactive_requested", rationale="no lines left", next_review_at=review_at).forget()
    night.says("fim-1", "risk_set", level="high", rationale="a letter was found").until("20:30")
    assert "deploy_and_attend" in {ask.step for told in night.tells for ask in told.asks}
