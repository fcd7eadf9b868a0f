"""Why a step is due now, and why nobody was told: each step, each level, whatever has happened; and no false sum."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from policy.case import Case
from policy.explain import Explained, explain, why_due, why_nobody
from policy.pack import Override, Pack
from policy.pack_parse import parse
from policy.spans import Span
from policy.terms import Risk
from tests.policy.explained import sound
from tests.policy.night import ACCEPTS, MAIN_LINE, NOTIFY, Night, at, on, only, pack, staff, texts

ATTEND, SEARCH, SERGEANT, WATCH = "deploy_and_attend", "search_home", "sergeant_review", "no_activity_watch"
SET_REVIEW, UPDATE, RHI, OUTCOME = "review_at_set_time", "update_reporter", "rhi_request", "rhi_outcome"
ADULT = {"name": "Quillfeather", "age": 40}
ENDS = "in Staffordshire Police, revision 1 (rule from {}, time chosen)."
LEVELS = [None, *Risk]


def of(night: Night, key: str, occurrence: int = 1) -> Explained:
    """Explain one step of a night."""
    found = [one for one in explain(night.case, night.pack, night.roster, night.now) if one.key == key]
    return next(one for one in found if one.occurrence == occurrence)


# --- every step, every level, many states ------------------------------------------------------------


@pytest.mark.parametrize("name", MAIN_LINE)
@pytest.mark.parametrize("risk", LEVELS)
@pytest.mark.parametrize("age", [13, 40, None])
def test_every_step_of_every_pack_at_every_level(name: str, risk: Risk | None, age: int | None) -> None:
    """At the record, when it is overdue, found, interviewed: the whole pack, in its order, with nothing left out."""
    night = Night(rules=pack(name)).report(risk=risk, person={"name": "Quillfeather", "age": age})
    moves: tuple[Callable[[], object], ...] = (
        lambda: night.until("19:35"),
        lambda: night.says("fim-1", "risk_set", level="high", rationale="x"),
        lambda: night.says("sgt-s", "attended", who="a patrol").until("23:30"),
        lambda: night.says("sgt-s", "verified_seen", seen_by="a patrol", where="home", wellbeing="safe"),
        lambda: night.held("sgt-s").until("23:50"),
    )
    for move in moves:
        shown = explain(night.case, night.pack, night.roster, night.now)
        assert list(dict.fromkeys(one.key for one in shown)) == list(night.pack.steps)
        assert {(one.key, one.occurrence) for one in shown} >= {step.id for step in night.case.steps}
        for one in shown:
            sound(one)
        move()


# --- situations, by hand -----------------------------------------------------------------------------


def test_due_by_the_record() -> None:
    """The main line: anchor, sum, level, force, revision, basis; who was told and what comes next."""
    night = Night().report()
    one = of(night, NOTIFY)
    assert one.due == (
        "Due 19:10: 10 minutes after the record was made (19:00), the time for medium risk, " + ENDS.format("S0")
    )
    assert one.told == (
        "Told: insp-a (LOI) and sgt-s (Area sergeant) at 19:00; nobody has acknowledged yet; "
        "next: a reminder at 19:03 and the Force Incident Manager at 19:20."
    )
    assert (one.asks_due, one.asks_told) == ("Why is this due now?", "Who was told?")
    assert why_due(night.case, night.pack, night.step(NOTIFY), night.now) == one.due
    assert why_nobody(night.case, night.pack, night.roster, night.now, NOTIFY) == one.told


def test_nobody_on_duty() -> None:
    """Each role that was asked for, where it was looked for, and who was told in its place."""
    night = Night(staff(without=("insp-a", "insp-n"))).report().until("19:31")
    assert of(night, NOTIFY).told == (
        "Nobody was on duty as LOI in Stoke-on-Trent or force-wide; nobody was on duty as neighbouring LOI in "
        "Newcastle-under-Lyme and Staffordshire Moorlands (rung 2); told: sgt-s (Area sergeant) at 19:00, fim-1 "
        "(Force Incident Manager) at 19:00 (rung 1), ci-1 (Duty chief inspector) at 19:30 (rung 3); nobody has "
        "acknowledged yet; next: a reminder at 19:33 and the On-call superintendent at 19:50."
    )


def test_nobody_at_all_on_any_rung() -> None:
    """The whole ladder is named, and that it is tried again."""
    night = Night(staff(without=[person.person for person in staff().duties])).report(person=ADULT)
    told = of(night, ACCEPTS).told
    assert told.startswith("Nobody was on duty as LOI in Stoke-on-Trent or force-wide; nobody was on duty as Force")
    assert told.endswith("(rung 3); next: the last rungs once more at 19:30.")


def test_somebody_who_has_come_on_duty_since() -> None:
    """Nobody was there then; whoever is there now is named."""
    night = Night(staff(without=("insp-a",)), only(ACCEPTS)).report()
    night.roster = staff(without=("insp-a",), extra=(on("insp-b", "duty_inspector", "stoke"),))
    assert "as LOI in Stoke-on-Trent or force-wide, though insp-b is now;" in of(night, ACCEPTS).told


def test_raised() -> None:
    """Counted anew from the risk where that comes first; what kept its time says of which level it is."""
    night = Night(rules=only(ATTEND, NOTIFY)).report(person=ADULT).until("19:04")
    night.says("fim-1", "risk_set", level="high", rationale="x")
    assert of(night, ATTEND).due == (
        "Due 19:19: 15 minutes after the risk was set (19:04), the time for high risk (a raise of the risk brings a "
        "time nearer, never farther off), " + ENDS.format("W118 and W5")
    )
    night = Night(rules=only(NOTIFY)).report(person=ADULT).until("19:08")
    night.says("fim-1", "risk_set", level="high", rationale="x")
    assert of(night, NOTIFY).due == (
        "Due 19:10: 10 minutes after the record was made (19:00), the time for medium risk, kept now that it is high "
        "risk, " + ENDS.format("S0")
    )


def test_lowered_to_what_asks_for_nothing() -> None:
    """Not asked for at that level: no time runs, nobody is told any more, and who had been is named."""
    night = Night(rules=only(ATTEND)).report(person=ADULT).until("19:10")
    night.says("fim-1", "risk_set", level="very_low", rationale="x")
    assert of(night, ATTEND).told == (
        "Nobody is told any more: it is not asked for at very low risk; before that told: sgt-s (Area sergeant) at "
        "19:00."
    )


def test_a_time_that_no_sum_gives() -> None:
    """What the pack's numbers do not lead to is said to have been kept, and no sum is made up."""
    night = Night(rules=only(NOTIFY)).report()
    night.case = night.case.with_step(replace(night.step(NOTIFY), due_at=at("19:17")))
    assert of(night, NOTIFY).due == (
        "Due 19:17: a time that was kept when the risk, the pack or what was known changed, counted once from 19:00, "
        + ENDS.format("S0")
    )


def test_waiting_for_what_has_not_happened() -> None:
    """The anchor that is missing, and what will be counted from it."""
    one = of(Night().report(person=ADULT), SEARCH)
    assert one.due == (
        "No time runs yet: it will be due 4 hours after officers have attended, which has not been recorded; that is "
        "the time for medium risk."
    )
    assert one.told == "Nobody was told: the step waits until officers have attended, which has not been recorded yet."
    assert (one.asks_due, one.asks_told) == ("Why does no time run?", "Why was nobody told?")


def test_not_for_this_person() -> None:
    """Every condition that does not hold is said, not the first alone."""
    night = Night().report(person=ADULT)
    assert of(night, RHI).told == "Nobody was told: it applies only to under 18s, and the person is 25 to 64."
    night.says("sgt-s", "verified_seen", seen_by="a patrol", where="home", wellbeing="deceased")
    assert of(night, RHI).told == (
        "Nobody was told: it applies only to under 18s, and the person is 25 to 64; the person was found dead."
    )


def test_a_series_and_its_missed_ones() -> None:
    """Which in the series it is; a missed one points to the newest, which speaks for it."""
    night = Night(rules=only(SERGEANT)).report(risk="high", person=ADULT)
    assert of(night, SERGEANT, 2).due.startswith(
        "Asked for from 23:00 and due 03:00 on 11 Jan: 2 times 4 hours after the call was received (19:00)"
    )
    night.jump(at("03:30", 11))
    assert of(night, SERGEANT, 1).told == (
        "Told: sgt-s (Area sergeant) at 19:00 on 10 Jan; it was missed, and the newest one (number 2) speaks for it."
    )
    night.jump(at("07:30", 11))
    missed = of(night, SERGEANT, 2).told
    assert missed.endswith("; it was missed, and the newest one (number 3) speaks for it."), missed


def test_a_set_time_and_a_watch() -> None:
    """The time that somebody set is no sum; a watch tells nobody while nothing is amiss."""
    night = Night().report(person=ADULT)
    assert of(night, WATCH).told == (
        "Nobody is told while nothing is amiss: this step only watches, and the LOI is told at 23:00."
    )
    night.says("fim-1", "step_completed", step="set_review_time", review_at="2026-01-10T22:00:00Z")
    assert of(night, SET_REVIEW).due.startswith(
        "Asked for from 21:00 and due 22:00: the time that was set for the next review, in Staffordshire Police"
    )


def test_done_by_a_stranger() -> None:
    """Somebody who is not on the roster may have given a name: it is not repeated."""
    night = Night().report(person=ADULT).until("19:10").says("Mrs Quillfeather", "attended", who="her brother")
    assert of(night, ATTEND).told == (
        "Done at 19:10 by somebody who is not on the roster; told: sgt-s (Area sergeant) at 19:00."
    )


def test_the_risk_is_not_set() -> None:
    """Timed as a level all the same, from the record: both are said, and why."""
    one = of(Night().report(risk=None, person={"name": "Quillfeather", "age": 13}), ATTEND)
    assert one.due.startswith(
        "Due 19:15: 15 minutes after the record was made (19:00), the time for high risk (timed so: the risk is not "
        "set)"
    )


def test_above_the_national_ceiling() -> None:
    """A number that only a named override allows says so, with whose it is."""
    rules = only(OUTCOME)
    longer = replace(rules.steps[OUTCOME], due=dict.fromkeys(Risk, Span.parse("96h")))
    rules = replace(rules, steps={OUTCOME: longer}, overrides={OUTCOME: Override("supt-1", "Quillfeather")})
    night = Night(rules=rules).report()
    night.says("sgt-s", "verified_seen", seen_by="a patrol", where="home", wellbeing="safe")
    assert of(night, OUTCOME).due.endswith(
        "(rule from W23 and W122, time from W23; above the national ceiling of 72 hours, let by supt-1)."
    )


def test_over_the_change_of_the_clocks() -> None:
    """Two hours are two hours, though the clocks on the wall say three."""
    night = Night(rules=only(UPDATE), start="19:00")
    night.now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    night.report(reported_at="2026-03-29T00:30:00Z", recorded_at="2026-03-29T00:30:00Z")
    assert of(night, UPDATE).due.startswith(
        "Due 03:30: 2 hours after whoever reported was spoken to (00:30, and the clocks change in between)"
    )


def test_a_step_of_the_force() -> None:
    """What belongs to no case says so, and is not left out."""
    more = (
        '[steps.tasking]\ntitle = "Daily tasking"\nstage = "review"\nkind = "periodic"\nanchor = "shift_start"\n'
        'at_local = "08:30"\nactor = "missing_inspector"\nbasis = { rule = "CHOSEN", time = "CHOSEN" }\n'
    )
    night = Night(rules=_of_the_force(more)).report()
    one = of(night, "tasking")
    assert one.due == "No time runs: this is a step of the force, not of a case."
    assert one.told == "Nobody was told: this is a step of the force, not of a case."


def _of_the_force(more: str) -> Pack:
    return parse("trial", {**texts(), "trial": f'pack = "trial"\ninherits = "staffordshire"\n{more}'})


def test_a_case_is_not_changed_by_explaining_it() -> None:
    """Explaining looks on; asked twice at one instant, it says the same."""
    night = Night().report()
    before: Case = night.case
    first = explain(night.case, night.pack, night.roster, night.now)
    assert explain(night.case, night.pack, night.roster, night.now) == first
    assert night.case == before
