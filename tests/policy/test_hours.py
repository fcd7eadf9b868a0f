"""A team's hours: what comes when it has gone home counts from its next morning; somebody else is asked meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from policy import hours
from policy.explain_due import from_body, why_due
from policy.explain_journal import why_line
from policy.outlook import awaiting
from policy.pack import Pack
from policy.pack_parse import PackInvalid
from policy.pack_parts import Hours
from policy.retime_pack import repin
from policy.spans import Span
from policy.terms import AlarmKey, Risk
from tests.policy.night import Night, at, on, only, pack, roster, round_the_clock

DAY = Hours("08:00", "22:00", {Risk.HIGH: Span.parse("30m")})
TEAM = """
[steps.allocate]
title  = "Allocate an officer"
stage  = "ownership"
kind   = "task"
anchor = "cms_created"
due    = { very_low = "-", low = "2h", medium = "60m", high = "20m" }
hours  = { from = "08:00", to = "22:00", due = { medium = "45m" } }
actor  = "missing_sergeant"
ladder = "default"
basis  = { rule = "SOURCED(S3)", time = "CHOSEN" }
"""
MORNINGS = [at("08:00", day) for day in (10, 11, 12)]
TEAM_ON_DUTY = tuple(
    on(f"mpt-{role}", f"missing_{role}", since=since, until=since + timedelta(hours=14))
    for since in MORNINGS
    for role in ("sergeant", "inspector", "officer")
)
DERBY = (
    on("insp-d", "duty_inspector", "derby_city", at("06:00"), at("06:00", 14)),
    on("sgt-d", "response_sergeant", "derby_city", at("06:00"), at("06:00", 14)),
    on("fim-1", "force_incident_manager", since=at("06:00"), until=at("06:00", 14)),
    on("supt-1", "on_call_superintendent", since=at("06:00"), until=at("06:00", 14)),
)


def instant(text: str) -> datetime:
    """Read an instant of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def team() -> Pack:
    """Give a pack whose one step belongs to a team with hours."""
    return only("allocate", more=TEAM)


def came_at(text: str, rules: Pack | None = None, **fields: object) -> Night:
    """Open a case that was recorded at a time of the evening, with everybody on duty round the clock."""
    recorded = {"reported_at": at(text).isoformat(), "recorded_at": at(text).isoformat()}
    return Night(round_the_clock(), rules or team(), start=text).report(**recorded, **fields)


def in_derby(text: str, *keys: str, **fields: object) -> Night:
    """Open a case of Derby, whose team goes home at 22:00."""
    recorded = {"reported_at": at(text).isoformat(), "recorded_at": at(text).isoformat()}
    rules = only(*keys, name="derbyshire_mpt")
    return Night(roster(*DERBY, *TEAM_ON_DUTY), rules, start=text).report(
        **{"area": "derby_city", **recorded, **fields}
    )


# --- the clock on the wall ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "counts"),
    [
        ("2026-01-10T08:00", "2026-01-10T08:00"),  # the hours begin
        ("2026-01-10T21:59", "2026-01-10T21:59"),
        ("2026-01-10T22:00", "2026-01-11T08:00"),  # and end
        ("2026-01-11T07:59", "2026-01-11T08:00"),
        ("2026-07-10T21:30", "2026-07-11T07:00"),  # 22:30 in summer
        ("2026-07-10T06:59", "2026-07-10T07:00"),
        ("2026-03-28T23:10", "2026-03-29T07:00"),  # the night that is an hour shorter
        ("2026-03-29T00:30", "2026-03-29T07:00"),
        ("2026-10-24T22:10", "2026-10-25T08:00"),  # the one that is longer: 23:10 in summer time
        ("2026-10-25T01:30", "2026-10-25T08:00"),
    ],
)
def test_the_next_morning_is_that_of_the_clock_on_the_wall(came: str, counts: str) -> None:
    """Eight o'clock is eight o'clock, whatever the clocks do in the night before."""
    assert hours.counts_from(DAY, instant(came)) == instant(counts)
    outside = came != counts
    assert hours.outside(DAY, instant(came)) is outside
    assert hours.own_span(DAY, Risk.HIGH, instant(came)) == (Span.parse("30m") if outside else None)
    assert hours.own_span(DAY, Risk.LOW, instant(came)) is None


@pytest.mark.parametrize(
    ("begins", "came", "counts"),
    [
        ("01:30", "2026-03-28T23:00", "2026-03-29T01:30"),  # 01:30 is left out: half past two by the wall
        ("01:30", "2026-10-24T23:00", "2026-10-25T00:30"),  # shown twice: the first of them
        ("01:30", "2026-10-25T01:10", "2026-10-25T01:30"),  # ten past one once more: the second
    ],
)
def test_a_beginning_within_the_hour_that_changes(begins: str, came: str, counts: str) -> None:
    """A time that the night leaves out is passed all the same; of two alike the next one counts."""
    assert hours.counts_from(Hours(begins, "22:00"), instant(came)) == instant(counts)


def test_a_step_without_hours_counts_as_ever() -> None:
    """At any hour."""
    night = instant("2026-01-10T03:00")
    assert (hours.counts_from(None, night), hours.own_span(None, Risk.HIGH, night)) == (night, None)
    assert not hours.outside(None, night)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ('hours = { from = "22:00", to = "08:00" }', "write the hours of one day"),
        ('hours = { from = "8", to = "22:00" }', "should match pattern"),
        ('hours = { from = "08:00", to = "22:00", due = "30m" }', "hours.due names levels that due has not"),
        ('at_anchor = true\ndue = "-"\nrung_every = "1h"\nhours = { from = "08:00", to = "22:00" }', "know no team"),
    ],
)
def test_hours_that_contradict_themselves(said: str, wrong: str) -> None:
    """Each names the fault and what to write."""
    rules = "\n".join(line for line in TEAM.splitlines() if not line.startswith("hours"))
    rules = rules.replace("due    = {", "#") if "at_anchor" in said else rules
    with pytest.raises(PackInvalid) as refusal:
        pack(more=f"{rules}\n{said}")
    assert any(wrong in fault.message for fault in refusal.value.faults), refusal.value.faults


# --- a step of a team --------------------------------------------------------------------------------


def test_in_hours_nothing_is_different() -> None:
    """Recorded at 19:00: asked at once, due after the ordinary time."""
    night = came_at("19:00")
    assert (night.dues("allocate"), night.heard("ds-1", "allocate")) == (["10 20:00"], ["19:00 task"])


def test_what_comes_at_night_is_the_first_thing_in_the_morning() -> None:
    """Recorded at 23:10: nobody is asked before 08:00; due 08:45, and its ladder stands 45 minutes apart."""
    night = came_at("23:10")
    assert (night.dues("allocate"), night.statuses("allocate")) == (["11 08:45"], ["waiting"])
    assert awaiting(night.case, night.pack, night.now).then == "asked for at 08:00 on 11 Jan"
    night.wait(at("07:59", 11))
    assert night.heard("ds-1", "allocate") == []
    night.wait(at("09:30", 11))
    assert night.heard("ds-1", "allocate")[0] == "08:00 task"
    assert night.breaches("allocate") == ["1 11 08:45 ds-1"]
    assert night.rungs("allocate")[-1] == "09:30 1 fim-1"


@pytest.mark.parametrize(("risk", "due"), [("low", "11 10:00"), ("medium", "11 08:45"), ("high", "11 08:20")])
def test_a_level_that_has_no_time_of_its_own_has_the_ordinary_one(risk: str, due: str) -> None:
    """After the morning's eight o'clock, that is."""
    person = {"name": "Somebody", "age": 40}
    assert came_at("23:10", risk=risk, person=person).dues("allocate") == [due]


def test_done_before_it_is_asked_for_is_done() -> None:
    """A sergeant who allocates from home is not asked again in the morning."""
    night = came_at("23:10").until("23:20").says("ds-1", "step_completed", step="allocate")
    assert night.statuses("allocate") == ["done"]
    assert night.wait(at("12:00", 11)).heard("ds-1", "allocate") == []


def test_a_raise_at_night_waits_for_the_morning_too() -> None:
    """The level's time counts from eight o'clock, and the sentence in the journal is the one of that level."""
    night = came_at("23:10").until("23:30").says("fim-1", "risk_set", level="high", rationale="x")
    assert night.dues("allocate") == ["11 08:20"]


def test_a_raise_of_what_was_asked_in_hours_never_moves_it_away() -> None:
    """Asked at 21:30, raised at 22:30, outside of the hours: the earlier time stands."""
    night = came_at("21:30").until("22:20").says("fim-1", "risk_set", level="high", rationale="x")
    assert night.dues("allocate") == ["10 22:30"]
    night = came_at("21:30").until("21:40").says("fim-1", "risk_set", level="high", rationale="x")
    assert night.dues("allocate") == ["10 22:00"]


def test_a_lowering_counts_from_the_morning() -> None:
    """Lowered at 08:10: the longer time after eight o'clock."""
    night = came_at("23:10", person={"name": "Somebody", "age": 40}).wait(at("08:10", 11))
    assert night.says("fim-1", "risk_set", level="low", rationale="x").dues("allocate") == ["11 10:00"]


def test_another_revision_counts_from_the_same_morning() -> None:
    """Waiting or open, the new number is added to eight o'clock; what is equal stays."""
    changed = only("allocate", more=TEAM.replace('medium = "45m"', 'medium = "50m"'))
    night = came_at("23:10").wait(at("08:10", 11))
    night.keep(repin(night.case, night.pack, changed, night.roster, night.now))
    assert night.dues("allocate") == ["11 08:50"]
    night = came_at("23:10")
    night.keep(repin(night.case, night.pack, changed, night.roster, night.now))
    assert night.dues("allocate") == ["11 08:50"]


# --- what people read --------------------------------------------------------------------------------


def test_the_sum_says_from_when_it_counts() -> None:
    """On the page of the case, and in the journal for ever after."""
    night = came_at("23:10").wait(at("08:10", 11))
    said = (
        "45 minutes after 08:00, when the team's hours begin (the record was made at 23:10 on 10 Jan, outside of them),"
        " the time for medium risk"
    )
    assert said in why_due(night.case, night.pack, night.step("allocate"), night.now)
    (opened,) = [e for e in night.entries if e.kind == "step_opened"]
    assert said in why_line(opened.kind, opened.body, opened.at)
    because = opened.body["because"]
    assert isinstance(because, dict)
    kept = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in because.items()}
    assert (read := from_body(kept, at("08:45", 11))) is not None
    assert said in read.sentence("Due", night.now)


def test_before_its_anchor_is_known_no_sum_is_promised() -> None:
    """Whether it comes in the team's hours is not known yet."""
    rules = only("allocate", more=TEAM.replace('anchor = "cms_created"', 'anchor = "attended"'))
    night = came_at("19:00", rules)
    assert why_due(night.case, night.pack, night.step("allocate"), night.now) == (
        "No time runs yet: it counts from when officers have attended, which has not been recorded."
    )


# --- a series of a team ------------------------------------------------------------------------------

REVIEW = "detective_review"


def test_a_review_of_a_case_of_the_night_comes_in_the_morning_and_then_every_day() -> None:
    """High risk at 23:10: the team's inspector is asked at 08:00, by 08:30, and each morning after."""
    night = in_derby("23:10", REVIEW, risk="high")
    assert night.dues(REVIEW) == ["11 08:30"]
    night.wait(at("08:00", 11))
    assert night.heard("mpt-inspector", REVIEW) == ["08:00 task"]
    night.says("mpt-inspector", "reviewed", step=REVIEW, decision="x", rationale="y")
    night.wait(at("08:00", 12))
    assert night.dues(REVIEW)[:2] == ["11 08:30", "12 08:30"]
    assert night.heard("mpt-inspector", REVIEW)[-1] == "08:00 task"
    assert "24 hours" in why_due(night.case, night.pack, night.step(REVIEW, 2), night.now)
    assert night.heard("insp-d", REVIEW) == []
    assert night.rang(AlarmKey.NOBODY_ON_DUTY) == []


def test_a_review_in_hours_counts_as_ever() -> None:
    """High risk at 15:00: by 17:00; medium at 19:00: by 07:00, and the team is asked before it goes home."""
    assert in_derby("15:00", REVIEW, risk="high").dues(REVIEW)[0] == "10 17:00"
    night = in_derby("13:00", REVIEW, risk="medium")
    assert night.dues(REVIEW) == ["11 01:00"]
    assert night.until("17:00").heard("mpt-sergeant", REVIEW) == ["17:00 task"]


def test_a_deadline_at_night_is_said_by_nobody_twice() -> None:
    """What is due before the team comes back is asked of whoever stands in, not of an empty office."""
    night = in_derby("20:00", REVIEW, risk="medium").wait(at("00:00", 11))
    assert night.dues(REVIEW)[0] == "11 08:00"
    assert night.heard("insp-d", REVIEW) == ["00:00 task"]
