"""What comes next if nobody acts, as an inspector reads it; a changed number shows here as a diff.

The pictures stand in `outlooks/<pack>-<risk>.txt`. To draw them anew after a change that is meant:
delete the file, run this test twice, and read the difference.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from policy import outlook
from policy.case import Step
from policy.outlook import agenda, awaiting, next_wake
from policy.spans import local_time
from policy.terms import Anchor, Risk, StepStatus
from tests.policy.night import ACCEPTS, ENTRY, MAIN_LINE, NOTIFY, Night, at, baseline, clock, only, pack, staff

PICTURES = Path(__file__).parent / "outlooks"


def night_of(name: str, risk: str | None) -> Night:
    """Open the standard case (an adult, so that no floor lifts the level) under a pack."""
    rules = baseline() if name == "uk_app_baseline" else pack(name)
    return Night(rules=rules).report(risk=risk, person={"name": "Somebody", "age": 40})


def planned(night: Night) -> Night:
    """Let the FIM set the time of the next review, which is asked for first."""
    return night.says("fim-1", "step_completed", step="set_review_time", review_at="2026-01-10T23:00:00Z")


def picture(night: Night) -> str:
    """Write down what happens next, then the agenda as the run carries it."""
    ahead = [
        f"{local_time(f.at, night.now)}  {night.pack.steps[f.step].title}: {f.text}"
        for f in outlook.outlook(night.case, night.pack)
    ]
    return "\n".join([*ahead, "", agenda(night.case, night.pack, night.now), ""])


@pytest.mark.parametrize("risk", [*(level.value for level in Risk), "not_set"])
@pytest.mark.parametrize("name", MAIN_LINE)
def test_the_standard_case_as_an_inspector_reads_it(name: str, risk: str) -> None:
    """One picture per pack and level."""
    drawn = picture(night_of(name, None if risk == "not_set" else risk))
    file = PICTURES / f"{name}-{risk}.txt"
    if not file.exists():
        file.write_text(drawn, encoding="utf-8")
        pytest.fail(f"{file.name} was drawn; read it and run again")
    assert drawn == file.read_text(encoding="utf-8")


def test_the_outlook_comes_true() -> None:
    """Each rung that it tells is told at that minute, when nobody acts."""
    night = night_of("staffordshire", "medium")
    until = at("22:00")
    foreseen = [f for f in outlook.outlook(night.case, night.pack) if not f.text.startswith(("overdue", "asked for"))]
    night.wait(until)
    told = {(s.key, t.at) for s in night.case.steps for t in s.told if t.rung > 0}
    assert {(f.step, f.at) for f in foreseen if f.at <= until} == told


@pytest.mark.parametrize(
    ("now", "name", "then"),
    [
        ("19:00", "Awaiting LOI acknowledgement by 19:10", "then at 19:20: the Force Incident Manager is told"),
        ("19:10", "Awaiting LOI acknowledgement by 19:10", "then at 19:20: the Force Incident Manager is told"),
        ("19:20", "Awaiting LOI acknowledgement by 19:10", "then at 19:30: the neighbouring LOI is told"),
        ("19:30", "Awaiting LOI acknowledgement by 19:10", "then at 19:40: the Duty chief inspector is told"),
        ("19:50", "Awaiting LOI acknowledgement by 19:10", "then at 20:00: the last rungs are told again"),
        ("20:00", "Awaiting LOI acknowledgement by 19:10", "then at 20:10: the last rungs are told again"),
    ],
)
def test_what_the_case_awaits(now: str, name: str, then: str) -> None:
    """The step that falls due first, its deadline, then each rung; and what happens then."""
    night = Night().report().until(now)
    up = awaiting(night.case, night.pack, night.now)
    assert (up.name(night.now), up.then.split(" (")[0]) == (name, then)
    assert (up.step, up.since, up.overdue) == (NOTIFY, at("19:00"), now != "19:00")


def test_a_step_that_fell_overdue_goes_before_one_that_falls_due() -> None:
    """And where two fall due together, the order of the procedure."""
    night = planned(Night().report()).until("19:12").says("insp-a", "acknowledged")
    assert awaiting(night.case, night.pack, night.now).what == "STORM entry"
    night.says("fim-1", "serial_entry", recipient="insp-a", text="told")
    assert awaiting(night.case, night.pack, night.now).what == "inspector's confirmation of risk"


def test_a_case_that_awaits_nothing_says_so() -> None:
    """No deadline, no wake but the end of the owner's duty, and information still reaches a named person."""
    night = Night(rules=only(NOTIFY, ACCEPTS)).report().says("insp-a", "accepted")
    up = awaiting(night.case, night.pack, night.now)
    assert (up.name(night.now), up.step, up.by) == ("Awaiting new information", None, None)
    assert next_wake(night.case) == night.case.shift_ends_at == at("06:00", 11)
    assert agenda(night.case, night.pack, night.now).startswith("**Awaiting new information**.\n\nOwner: `insp-a`")


def test_a_case_that_awaits_only_what_is_planned() -> None:
    """It says when that is asked for, and by when it is to be done; it wakes then."""
    night = Night(rules=only("long_term_review", "superintendent_review")).report()
    up = awaiting(night.case, night.pack, night.now)
    assert (up.what, up.by, up.then) == ("superintendent review", at("19:00", 13), "asked for at 07:00 on 13 Jan")
    assert next_wake(night.case) == at("07:00", 13)


def test_what_is_planned_stands_in_the_outlook() -> None:
    """When it is asked for and when it is overdue; a watch climbs once it has lapsed."""
    night = Night(rules=only("inspector_review", "no_activity_watch")).report()
    assert [(clock(f.at), f.text.split(":")[0]) for f in outlook.outlook(night.case, night.pack)][:4] == [
        ("23:00", "overdue"),
        ("03:00", "the Force Incident Manager is asked"),
        ("03:00", "asked for"),
        ("07:00", "the Duty chief inspector is told"),
    ]


def test_the_deadline_of_another_day_has_its_date() -> None:
    """Nobody takes 00:05 for last night's."""
    night = Night(staff(), start="23:55").report(reported_at="2026-01-10T23:55:00Z", recorded_at="2026-01-10T23:55:00Z")
    assert (
        awaiting(night.case, night.pack, night.now).name(night.now) == "Awaiting LOI acknowledgement by 00:05 on 11 Jan"
    )


def test_the_agenda_says_who_has_it() -> None:
    """Offered, offered to nobody, owned; roster ids and roles only."""
    night = Night().report()
    assert "No owner yet. Offered to: `insp-a`." in agenda(night.case, night.pack, night.now)
    night.says("insp-a", "declined", step=ACCEPTS, reason="no")
    assert "No owner yet. Offered to: `nobody`." in agenda(night.case, night.pack, night.now)
    night.says("insp-a", "accepted")
    assert "Owner: `insp-a` (duty inspector)." in agenda(night.case, night.pack, night.now)


def test_the_agenda_shows_rungs_that_were_climbed() -> None:
    """Step, status, due, with whom, rung."""
    night = Night().report().until("19:35")
    assert "| FIM tells the LOI and the sergeant | overdue | 19:10 | insp-a | 2 |" in agenda(
        night.case, night.pack, night.now
    )


@pytest.mark.parametrize(
    ("now", "wake"),
    [("19:00", "19:03"), ("19:09", "19:10"), ("19:10", "19:12"), ("19:57:30", "20:00"), ("20:00", "20:03")],
)
def test_the_next_wake_is_the_next_thing_that_time_brings(now: str, wake: str) -> None:
    """A reminder, a deadline, a rung, a round."""
    up = next_wake(Night().report().until(now).case)
    assert up
    assert clock(up) == wake


def test_a_step_that_begins_later_wakes_the_case_when_it_begins() -> None:
    """Its anchor is known and has not come: it opens then, and its people are told then."""
    night = Night()
    waiting = Step(ENTRY, status=StepStatus.WAITING)
    night.case = replace(night.case, steps=(waiting,), anchors={Anchor.ACKNOWLEDGED: at("19:30")})
    assert next_wake(night.jump(at("19:00")).case) == at("19:30")
    assert night.step(ENTRY).status is StepStatus.WAITING
    assert night.until("19:30").heard("fim-1", ENTRY) == ["19:30 task"]


def test_an_overdue_step_without_a_ladder_awaits_its_deadline_still() -> None:
    """Nothing more comes of it by time alone, and the board shows it."""
    night = Night(rules=only(NOTIFY, ACCEPTS, more=f'[steps.{ACCEPTS}]\nladder = "none"\n')).report()
    night.until("19:01").says("insp-a", "acknowledged").until("19:31")
    up = awaiting(night.case, night.pack, night.now)
    assert (up.name(night.now), up.then) == ("Awaiting a named owner by 19:30", "then it stays overdue on the board")
    assert next_wake(night.case) == at("06:00", 11)  # the inspector goes home with an offer unanswered
    assert outlook.outlook(night.case, night.pack) == ()
