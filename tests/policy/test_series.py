"""Steps that come again: due at fixed instants, each with a named holder, and each missed one a breach with a name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policy import series
from policy.case import Step
from policy.errors import Refused
from policy.spans import local_time
from policy.terms import Anchor, Risk, StepStatus
from tests.policy.night import Night, at, clock, on, only, pack, roster, round_the_clock, staff

SERGEANT, INSPECTOR = "sergeant_review", "inspector_review"
LONG, UNSENT = "long_term_review", "unresourced_reassessment"
ADULT = {"name": "Somebody", "age": 40}
LISTED = """
[steps.looks]
title = "Looks"
stage = "review"
kind = "review"
anchor = "call_received"
series = ["1h", "3h"]
rung_every = "30m"
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""


def night_of(*keys: str, more: str = "", **fields: object) -> Night:
    """Open the standard case, medium, under some steps alone, with people on duty round the clock."""
    return Night(round_the_clock(), only(*keys, more=more)).report(**fields)


def reviews(night: Night, key: str = SERGEANT, by: str = "sgt-s", **which: object) -> Night:
    """Let somebody record a review."""
    return night.says(by, "reviewed", step=key, decision="go on", rationale="no trace yet", **which)


# --- fixed instants -----------------------------------------------------------------------------------------


def test_reviews_stay_where_they_are_whatever_was_done_when() -> None:
    """The first six hours early, the second never, the third an hour late: 03:00, 11:00, 19:00, 03:00 all the same."""
    night = reviews(night_of(SERGEANT).until("21:00")).wait(at("20:00", 11))
    reviews(night).wait(at("00:00", 12))
    assert night.dues(SERGEANT) == ["11 03:00", "11 11:00", "11 19:00", "12 03:00", "12 11:00"]
    assert night.statuses(SERGEANT) == ["done", "not_required", "done_late", "open", "waiting"]
    assert night.breaches(SERGEANT) == ["2 11 11:00 sgt-s", "3 11 19:00 sgt-s"]


def test_the_newest_that_is_done_ends_those_missed_before_it() -> None:
    """With the reason; the breach of each stays."""
    night = reviews(night_of(SERGEANT).wait(at("20:00", 11)))
    missed = night.step(SERGEANT, 1)
    assert (missed.status, missed.reason) == (StepStatus.NOT_REQUIRED, "missed; occurrence 3 was done instead")
    assert night.breaches(SERGEANT) == ["1 11 03:00 sgt-s", "2 11 11:00 sgt-s", "3 11 19:00 sgt-s"]


def test_a_missed_occurrence_is_done_late_by_naming_it() -> None:
    """Before the newest is done, and after it was let go; never as if it had been done in time."""
    night = reviews(night_of(SERGEANT).wait(at("12:00", 11)), occurrence=1)
    assert night.statuses(SERGEANT) == ["done_late", "overdue", "open", "waiting"]
    reviews(night.wait(at("20:00", 11)))
    late = reviews(night, occurrence=2).step(SERGEANT, 2)
    assert (late.status, late.done_at, late.reason) == (StepStatus.DONE_LATE, at("20:00", 11), None)


def test_an_occurrence_that_has_not_opened_is_not_done() -> None:
    """Nobody reviews tomorrow's decisions tonight."""
    with pytest.raises(Refused) as refusal:
        reviews(night_of(SERGEANT), occurrence=2)
    assert (refusal.value.rule, refusal.value.missing[0].what) == (SERGEANT, "an open step")


@pytest.mark.parametrize(("key", "opens", "due"), [(SERGEANT, "03:00", "11:00"), (INSPECTOR, "15:00", "19:00")])
def test_when_an_occurrence_opens(key: str, opens: str, due: str) -> None:
    """At the former one's deadline, or as long before its own as the pack says; its holder is asked then."""
    night = night_of(key).wait(at("23:59", 11))
    second = night.step(key, 2)
    assert second.opens_at is not None
    assert (clock(second.opens_at), night.dues(key)[1]) == (opens, f"11 {due}")
    assert f"{opens} task" in night.heard(second.holder or "", key)


def test_each_occurrence_has_the_holder_of_the_minute_in_which_it_opens() -> None:
    """The late sergeant has the first until going off duty, then the early one; the breach names whose it was."""
    early = on("sgt-n", "response_sergeant", "stoke", since=at("02:00", 11), until=at("22:00", 11))
    late = on("sgt-s", "response_sergeant", "stoke", until=at("02:00", 11))
    night = Night(roster(late, early), only(SERGEANT)).report().wait(at("12:00", 11))
    assert [e.body["person"] for e in night.entries if e.kind == "holder"][:3] == ["sgt-s", "sgt-n", "sgt-n"]
    assert night.breaches(SERGEANT) == ["1 11 03:00 sgt-n", "2 11 11:00 sgt-n"]
    assert night.heard("sgt-n", SERGEANT)[:2] == ["02:00 remind", "03:00 task"]


def test_an_occurrence_that_nobody_holds_says_so() -> None:
    """No sergeant on duty: the breach has the role, and the ladder starts at the opening."""
    night = Night(staff(without=["sgt-s"]), only(SERGEANT)).report()
    assert [(one.person, one.rung) for one in night.step(SERGEANT, 1).told] == [("fim-1", 1)]
    night.wait(at("03:00", 11))
    (breach,) = [e for e in night.entries if e.kind == "overdue"]
    assert (breach.body["holder"], breach.body["role"]) == (None, "response_sergeant")


# --- missed, after an outage and without one ----------------------------------------------------------------


def test_after_an_outage_each_missed_one_is_on_the_record_and_one_message_goes_out() -> None:
    """Four due times in an outage: four breaches with their instants and names, one message to each, for the newest."""
    night = night_of(UNSENT, risk="high", person=ADULT).until("19:10").forget().jump(at("20:05"))
    assert night.breaches(UNSENT) == [
        "1 10 19:15 fim-1",
        "2 10 19:30 fim-1",
        "3 10 19:45 fim-1",
        "4 10 20:00 fim-1",
    ]
    assert sorted(tell.person for tell in night.tells) == ["fim-1", "sgt-s"]
    (tell,) = [tell for tell in night.tells if tell.person == "fim-1"]
    assert (tell.person, tell.title) == ("fim-1", "Ask for the re-assessment without a unit 5")
    assert [ask.occurrence for ask in tell.asks] == [5, 4]  # the one that is open, and the newest that was missed


def test_the_newest_carries_the_ladder_on() -> None:
    """FIM 05:00, chief inspector 07:00, superintendent 09:00; the second missed one does not begin at the bottom."""
    night = night_of(SERGEANT).wait(at("19:30", 11))
    assert night.heard("fim-1", SERGEANT) == ["05:00 escalate"]
    assert night.heard("ci-1", SERGEANT)[:3] == ["07:00 escalate", "11:00 escalate", "13:00 escalate"]
    assert night.heard("supt-1", SERGEANT)[:3] == ["09:00 escalate", "11:00 escalate", "13:00 escalate"]
    assert [step.climb_at is not None for step in night.case.occurrences(SERGEANT)[:3]] == [False, False, True]


def test_an_outage_does_not_put_a_ladder_back_to_its_foot() -> None:
    """On the first rung at 05:00, stopped until noon: the newest goes on with the second and the third."""
    night = night_of(SERGEANT).wait(at("05:00", 11)).forget().jump(at("12:00", 11))
    assert night.heard("fim-1", SERGEANT) == []
    assert {tell.person for tell in night.tells} == {"sgt-s", "ci-1", "supt-1"}


def test_what_nobody_answers_for_days_does_not_grow() -> None:
    """Each person stands once on each rung of the newest occurrence, and twenty missed ones are enough."""
    night = night_of(UNSENT).wait(at("19:00", 13))
    overdue = [step for step in night.case.occurrences(UNSENT) if step.status is StepStatus.OVERDUE]
    told = [(one.person, one.rung) for one in overdue[-1].told]
    assert len(told) == len(set(told))
    assert len(overdue) == series.MOST_KEPT
    assert len(night.breaches(UNSENT)) > series.MOST_KEPT


def test_a_record_from_years_ago_is_not_a_hundred_pages_of_breaches() -> None:
    """The last hundred one by one; one line says how many there were before them."""
    night = night_of(SERGEANT, reported_at="2024-01-10T19:00:00Z", recorded_at="2024-01-10T19:00:00Z")
    (line,) = [entry for entry in night.entries if entry.kind == "missed"]
    breaches = night.breaches(SERGEANT)
    assert 100 <= len(breaches) <= series.MOST_MISSED + 2
    assert line.body["times"] == 731 * 3 - len(breaches)
    assert night.dues(SERGEANT)[-1] == "11 11:00"
    assert len([tell for tell in night.tells if tell.person == "sgt-s"]) == 1


# --- when -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "then"),
    [
        ("2026-10-24T22:00:00+00:00", "06:00 on 25 Oct"),  # 23:00 BST, and the night has an hour more
        ("2026-03-28T22:00:00+00:00", "07:00 on 29 Mar"),  # 22:00 GMT, and the night has an hour less
    ],
)
def test_eight_hours_are_eight_hours_in_the_nights_when_the_clocks_change(call: str, then: str) -> None:
    """Elapsed time, not what the clock on the wall says."""
    night = Night(round_the_clock(), only(SERGEANT))
    night.now = datetime.fromisoformat(call)
    due_at = night.report(reported_at=call, recorded_at=call).step(SERGEANT, 1).due_at
    assert due_at is not None
    assert (due_at - night.now, local_time(due_at, night.now)) == (timedelta(hours=8), then)


def test_a_listed_series_counts_months_from_its_anchor_and_goes_on() -> None:
    """28 days, 3, 6, 12 months, then yearly; the 29th of February comes back in the leap year."""
    rule, called_at = pack().steps[LONG], datetime(2024, 2, 29, 12, tzinfo=UTC)
    dues, after = [], called_at
    while after.year < 2028:
        after = series.due_after(rule, Risk.LOW, called_at, after) or after
        dues.append(f"{after:%Y-%m-%d}")
    yearly = ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    assert dues == ["2024-03-28", "2024-05-29", "2024-08-29", *yearly]


def test_a_listed_series_without_more_ends() -> None:
    """An hour, three hours, and no third time."""
    night = night_of("looks", more=LISTED).wait(at("23:00"))
    assert (night.dues("looks"), night.statuses("looks")) == (["10 20:00", "10 22:00"], ["overdue", "overdue"])
    assert reviews(night, "looks").statuses("looks") == ["not_required", "done_late"]
    assert night.wait(at("12:00", 11)).dues("looks") == ["10 20:00", "10 22:00"]


def test_a_level_that_asks_for_no_review_has_no_next_one() -> None:
    """Nor has a series whose anchor nobody knows yet."""
    rule = pack().steps["detective_review"]
    assert series.due_after(rule, Risk.VERY_LOW, at("19:00"), at("19:00")) is None
    untimed = Step("detective_review", status=StepStatus.WAITING)
    assert series.planned(untimed, rule, Risk.HIGH, at("19:00")) is None
    assert (
        series.planned(replace(untimed, anchor_at=at("19:00"), due_at=at("20:00")), rule, Risk.VERY_LOW, at("19:00"))
        is None
    )
    assert series.rung_span(untimed, rule, Risk.HIGH, at("19:00")) is None


@pytest.mark.parametrize(
    ("numbers", "dues"),
    [
        ('every = "2h"', ["10 21:00", "10 23:00", "11 01:00"]),
        ('due = "1h"\nevery = "2h"', ["10 20:00", "10 22:00", "11 00:00"]),
        ('first = "30m"\nevery = "2h"', ["10 19:30", "10 21:30", "10 23:30"]),
    ],
)
def test_where_a_series_begins(numbers: str, dues: list[str]) -> None:
    """After `first`, else after `due`, else after one interval."""
    rules = LISTED.replace('series = ["1h", "3h"]', numbers)
    assert night_of("looks", more=rules).until("23:00").dues("looks")[:3] == dues


def test_a_series_that_waits_for_its_anchor() -> None:
    """It has no deadline until then."""
    night = night_of("looks", more=LISTED.replace("call_received", "attended"))
    assert night.dues("looks") == ["-"]
    assert night.until("19:20").says("sgt-s", "attended").dues("looks") == ["10 20:20", "10 22:20"]


# --- warnings -----------------------------------------------------------------------------------------------


def test_the_holder_is_warned_at_half_time_and_at_four_fifths_once_each() -> None:
    """Eight hours from 19:00: 23:00 and 01:24; then the deadline."""
    night = night_of(SERGEANT).wait(at("02:59", 11))
    assert night.heard("sgt-s", SERGEANT) == ["19:00 task", "23:00 remind", "01:24 remind"]
    warned = [(clock(e.at), e.body["holder"], e.body["due_at"]) for e in night.entries if e.kind == "warned"]
    assert warned == [("23:00", "sgt-s", at("03:00", 11)), ("01:24", "sgt-s", at("03:00", 11))]
    assert night.step(SERGEANT, 1).warn_at is None


def test_warnings_that_an_outage_let_pass_become_one() -> None:
    """Both were due before two o'clock; one message."""
    night = night_of(SERGEANT).forget().jump(at("02:00", 11))
    assert [tell.person for tell in night.tells] == ["sgt-s"]
    assert night.step(SERGEANT, 1).warned == 2


def test_what_is_done_is_not_warned_of() -> None:
    """Reviewed at nine: silence until the next opens."""
    night = reviews(night_of(SERGEANT).until("21:00")).forget().wait(at("02:59", 11))
    assert night.tells == []


def test_the_relief_is_warned_when_the_holder_has_gone() -> None:
    """The sergeant goes home at 22:00; at 23:00 the one on duty now is warned, and holds it."""
    night = Night(staff(extra=[on("sgt-n", "response_sergeant", "stoke", since=at("21:00"))]), only(SERGEANT)).report()
    night.until("22:00").goes_off_duty("sgt-s").forget().until("23:30")
    assert (night.heard("sgt-n", SERGEANT), night.heard("sgt-s", SERGEANT)) == (["23:00 remind"], [])
    assert night.step(SERGEANT, 1).holder == "sgt-n"


@pytest.mark.parametrize("more", ["warn_at = []\n", f"[steps.{SERGEANT}]\nwarn_at = []\n"], ids=["pack", "step"])
def test_warnings_can_be_turned_off(more: str) -> None:
    """For the pack or for one step."""
    assert night_of(SERGEANT, more=more).wait(at("02:59", 11)).heard("sgt-s", SERGEANT) == ["19:00 task"]


def test_a_step_says_for_itself_when_it_warns() -> None:
    """In any order: the earliest first."""
    night = night_of(SERGEANT, more=f"[steps.{SERGEANT}]\nwarn_at = [75, 25]\n").wait(at("02:59", 11))
    assert night.heard("sgt-s", SERGEANT) == ["19:00 task", "21:00 remind", "01:00 remind"]


def test_the_report_itself_is_the_first_contact_and_the_first_entry() -> None:
    """A case in which nothing is ever done is watched too."""
    night = Night(rules=only("no_activity_watch")).report(reported_at="2026-01-10T18:50:00Z")
    anchors = night.case.anchors
    assert anchors[Anchor.LAST_CONTACT] == at("18:50")
    assert anchors[Anchor.LAST_INVESTIGATIVE_ENTRY] == at("19:00")


def test_a_missed_one_is_reminded_of_no_more() -> None:
    """Overdue and reminded of every five minutes; once the next is overdue too, that one speaks for both."""
    more = f'[steps.{UNSENT}]\nretry = "5m"\n'
    night = Night(None, only(UNSENT, more=more)).report(risk="high", person=ADULT).until("19:16")
    assert night.step(UNSENT, 1).remind_at is not None
    assert night.until("19:31").step(UNSENT, 1).remind_at is None
    assert night.statuses(UNSENT)[:2] == ["overdue", "overdue"]
