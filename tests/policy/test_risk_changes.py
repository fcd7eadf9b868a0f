"""Every change of risk and what it does: to a step that comes once, a series, a watch, a step asked each time."""

import pytest

from policy import outlook
from policy.terms import AlarmKey, StepStatus
from tests.policy.night import Night, at, clock, only, pack, round_the_clock, staff

ATTEND, SERGEANT, DETECTIVE = "deploy_and_attend", "sergeant_review", "detective_review"
WATCH, SET_TIME, UNSENT = "no_activity_watch", "set_review_time", "unresourced_reassessment"
ADULT = {"name": "Somebody", "age": 40}
GONE = ["not_required"]


def night_of(risk: str | None, *keys: str) -> Night:
    """Open the case of an adult at 19:00, so that no floor lifts the level."""
    return Night(round_the_clock(), only(*keys)).report(risk=risk, person=ADULT)


def sets(night: Night, level: str, when: str | None = None) -> Night:
    """Let the FIM set the risk, at a minute of this evening."""
    if when:
        night.until(when)
    return night.says("fim-1", "risk_set", level=level, rationale="new facts")


# Attendance from risk_set at 19:00: never at very low, 8 h at low, 60 min at medium, 15 min at high; changed at 19:10.
ONCE = [
    ("very_low", "low", "11 03:10"),
    ("very_low", "medium", "10 20:10"),
    ("very_low", "high", "10 19:25"),
    ("low", "very_low", None),
    ("low", "medium", "10 20:10"),
    ("low", "high", "10 19:25"),
    ("medium", "very_low", None),
    ("medium", "low", "11 03:00"),
    ("medium", "high", "10 19:25"),
    ("high", "very_low", None),
    ("high", "low", "11 03:00"),
    ("high", "medium", "10 20:00"),
    (None, "very_low", None),
    (None, "low", "11 03:00"),
    (None, "medium", "10 20:00"),
    (None, "high", "10 19:25"),
    ("medium", "medium", "10 20:00"),
]


@pytest.mark.parametrize(("before", "after", "due"), ONCE)
def test_a_step_that_comes_once(before: str | None, after: str, due: str | None) -> None:
    """Raised: the earlier of what it was and now + the new span. Lowered: the later. Not asked for: let go."""
    night = sets(night_of(before, ATTEND), after, "19:10")
    if due is None:
        assert (night.statuses(ATTEND), night.step(ATTEND).reason) == (GONE, "not asked for at very low risk")
    else:
        assert (night.dues(ATTEND), night.statuses(ATTEND)) == ([due], ["open"])


# The sergeant's reviews from the call at 19:00: every 24 h, 24 h, 8 h, 4 h; changed at 19:10.
SERIES = [
    ("very_low", "low", ["11 19:00", "12 19:10"]),  # the open one stands for the first of the new series
    ("very_low", "medium", ["11 03:10", "11 11:10"]),
    ("very_low", "high", ["10 23:10", "11 03:10"]),
    ("low", "medium", ["11 03:10", "11 11:10"]),
    ("low", "high", ["10 23:10", "11 03:10"]),
    ("medium", "high", ["10 23:10", "11 03:10"]),
    ("medium", "low", ["11 03:00", "11 19:10"]),
    ("medium", "very_low", ["11 03:00", "11 19:10"]),
    ("high", "medium", ["10 23:00", "11 03:10"]),
    ("high", "low", ["10 23:00", "11 19:10"]),
    (None, "high", ["10 23:10", "11 03:10"]),
    (None, "medium", ["11 03:00", "11 11:00"]),  # an adult's timers ran as medium: nothing changes
    ("medium", "medium", ["11 03:00", "11 11:00"]),
]


@pytest.mark.parametrize(("before", "after", "dues"), SERIES)
def test_a_series(before: str | None, after: str, dues: list[str]) -> None:
    """A new one from the change; the occurrence that is open keeps the earlier due."""
    night = sets(night_of(before, SERGEANT), after, "19:10")
    assert (night.dues(SERGEANT), night.statuses(SERGEANT)) == (dues, ["open", "waiting"])


# The detective's reviews from risk_set: never, 7 d, 24 h then 48 h, 4 h then 24 h; each opens 8 h before its due.
@pytest.mark.parametrize(
    ("before", "after", "dues", "statuses"),
    [
        ("very_low", "low", ["17 19:10"], ["waiting"]),
        ("very_low", "medium", ["11 19:10"], ["waiting"]),
        ("very_low", "high", ["10 23:10", "11 23:10"], ["open", "waiting"]),
        ("low", "high", ["10 23:10", "11 23:10"], ["open", "waiting"]),
        ("medium", "very_low", ["11 19:00"], GONE),
        ("medium", "high", ["10 23:10", "11 23:10"], ["open", "waiting"]),
        ("high", "medium", ["10 23:00", "11 19:10"], ["open", "waiting"]),
        ("high", "very_low", ["10 23:00", "11 23:00"], [*GONE, *GONE]),
    ],
)
def test_a_series_that_some_levels_do_not_ask_for(
    before: str, after: str, dues: list[str], statuses: list[str]
) -> None:
    """What only the new level asks for begins now; what it does not ask for is let go, planned ones too."""
    night = sets(night_of(before, DETECTIVE), after, "19:10")
    assert (night.dues(DETECTIVE), night.statuses(DETECTIVE)) == (dues, statuses)


@pytest.mark.parametrize(
    ("before", "after", "due"),
    [
        ("very_low", "high", "10 20:10"),  # the change and an hour
        ("medium", "high", "10 20:10"),
        ("low", "medium", "10 23:10"),
        ("high", "medium", "10 23:00"),  # the last entry and four hours
        ("high", "very_low", "11 19:00"),
        (None, "high", "10 20:10"),
    ],
)
def test_a_watch(before: str | None, after: str, due: str) -> None:
    """It tells nobody until it lapses, whatever the level was before."""
    night = sets(night_of(before, WATCH), after, "19:10")
    assert (night.dues(WATCH), night.statuses(WATCH)) == ([due], ["open"])
    assert [tell for tell in night.tells if tell.step == WATCH] == []


def test_a_step_that_is_asked_each_time_the_risk_changes() -> None:
    """The time of the next review: set for the first level, asked for again at the second, not for the same one."""
    night = night_of("medium", SET_TIME).until("19:05")
    night.says("fim-1", "step_completed", step=SET_TIME, review_at="2026-01-10T22:00:00Z")
    sets(night, "medium", "19:10")
    assert night.dues(SET_TIME) == ["10 19:15"]
    sets(night, "high", "19:20")
    assert (night.dues(SET_TIME), night.statuses(SET_TIME)) == (["10 19:15", "10 19:35"], ["done", "open"])
    assert night.heard("fim-1", SET_TIME) == ["19:00 task", "19:20 task"]


def test_up_and_down_and_up_again() -> None:
    """Told at high, let go at very low, asked of the same people again under a new occurrence."""
    night = sets(night_of("low", ATTEND, DETECTIVE), "high", "19:10")
    sets(night, "very_low", "19:12")
    assert (night.statuses(ATTEND), night.step(DETECTIVE, 1).status) == (GONE, StepStatus.NOT_REQUIRED)
    sets(night, "high", "19:20")
    assert (night.dues(ATTEND), night.statuses(ATTEND)) == (["10 19:25", "10 19:35"], [*GONE, "open"])
    assert night.heard("sgt-s", ATTEND, "task") == ["19:00 task", "19:20 task"]
    keys = [tell.attempt_part for tell in night.tells]
    assert len(keys) == len(set(keys))


def test_what_is_overdue_stays_overdue_at_every_level() -> None:
    """A breach is never unmade: attendance of 19:15 at high, also at very low, and it climbs on."""
    night = night_of("high", ATTEND, SERGEANT).until("19:16")
    for minute, level in (("19:20", "medium"), ("19:21", "very_low"), ("19:22", "low"), ("19:23", "high")):
        sets(night, level, minute)
        assert (night.dues(ATTEND), night.statuses(ATTEND)) == (["10 19:15"], ["overdue"])
    assert night.breaches(ATTEND) == ["1 10 19:15 sgt-s"]
    assert night.until("19:59").step(ATTEND).rung > 0


def test_a_change_of_risk_does_not_wake_what_was_missed() -> None:
    """Two assessments missed, then raised: the newest climbs alone, and no wake lies behind."""
    night = sets(night_of("medium", UNSENT), "high", "21:10")
    assert [step.climb_at for step in night.case.occurrences(UNSENT)[:1]] == [None]
    wake = outlook.next_wake(night.until("21:24").case)
    assert (wake, night.dues(UNSENT)[:3]) == (at("21:25"), ["10 20:00", "10 21:00", "10 21:25"])
    assert night.until("23:00").breaches(UNSENT)[-1] == "9 10 22:55 fim-1"


def test_a_warning_keeps_to_the_new_deadline() -> None:
    """Raised at 19:10, due 23:10: half of it at 21:05, four fifths at 22:20; each once."""
    night = sets(night_of("medium", SERGEANT), "high", "19:10").until("23:09")
    assert night.heard("sgt-s", SERGEANT) == ["19:00 task", "21:05 remind", "22:20 remind"]


def test_the_change_and_each_deadline_that_moved_are_on_the_record() -> None:
    """Before and after, for each occurrence; what was let go with its reason."""
    night = night_of("high", ATTEND, SERGEANT, DETECTIVE).until("19:10").forget()
    sets(night, "very_low")
    retimed = [entry.body for entry in night.entries if entry.kind == "retimed"]
    moved = {(b["step"], b["occurrence"]): b["after"] for b in retimed if b["before"] != b["after"]}
    assert moved == {(SERGEANT, 2): at("19:10", 11)}
    gone = [(e.body["step"], e.body["reason"]) for e in night.entries if e.kind == "not_required"]
    assert gone == [(ATTEND, "not asked for at very low risk"), *[(DETECTIVE, "not asked for at very low risk")] * 2]


def test_a_listed_series_is_no_matter_of_the_level() -> None:
    """28 days are 28 days."""
    night = sets(night_of("low", "long_term_review"), "high", "19:10")
    assert night.dues("long_term_review") == ["07 19:00"]


def test_a_raise_counts_from_the_minute_it_speaks_of() -> None:
    """Said at 19:30 of 19:20: the series begins at 19:20."""
    night = night_of("medium", SERGEANT).until("19:30")
    night.says("insp-a", "risk_set", when="19:20", level="high", rationale="new facts")
    assert [clock(s.due_at) for s in night.case.occurrences(SERGEANT) if s.due_at] == ["23:20", "03:20"]


LOOK = """
[steps.look]
title = "Look again"
stage = "review"
kind = "task"
anchor = "call_received"
due = "8h"
actor = { medium = "response_sergeant", high = "duty_inspector" }
ladder = "default"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""


@pytest.mark.parametrize(("absent", "holder"), [((), "insp-a"), (("insp-a",), "sgt-s")])
def test_a_raise_calls_upon_whoever_must_do_it_now(absent: tuple[str, ...], holder: str) -> None:
    """What a sergeant had is an inspector's at high: told at once, or rung for where none is on duty."""
    night = Night(staff(without=absent), pack(more=LOOK)).report(person=ADULT)
    assert night.step("look").holder == "sgt-s"
    sets(night.forget(), "high", "19:10")
    assert (night.step("look").holder, night.step("look").role) == (holder, "duty_inspector")
    assert bool(night.heard("insp-a", "look")) is not bool(absent)
    assert bool([d for d in night.rang(AlarmKey.NOBODY_ON_DUTY) if d.startswith("look")]) is bool(absent)


def test_what_stayed_overdue_at_a_lower_level_ends_with_the_person_seen() -> None:
    """Attendance overdue at medium, then very low, which asks for none: once she is seen it is over."""
    night = sets(night_of("medium", ATTEND), "very_low", "20:30")
    assert night.statuses(ATTEND) == ["overdue"]
    night.says("sgt-s", "verified_seen", seen_by="PC 1", where="home", wellbeing="safe")
    assert night.statuses(ATTEND) == GONE
