"""Risk not set, raised, lowered, confirmed: what it does to deadlines that run (design section 4)."""

import pytest

from policy.case import Case
from policy.errors import Refused
from policy.record_terms import AgeBand
from policy.terms import Anchor, Rank, Risk, StepStatus
from tests.policy.night import ACCEPTS, ASSESS, CONFIRM, NOTIFY, Night, at, pack

ADULT = {"name": "Somebody", "age": 40}
EXTRA = """
[steps.extra]
title = "Search the home"
stage = "respond"
kind = "task"
anchor = "call_received"
due = { very_low = "-", low = "-", medium = "4h", high = "1h" }
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""
AFTER_ACK = EXTRA.replace("call_received", "acknowledged")


def sets(night: Night, level: str, by: str = "fim-1", **more: str) -> Night:
    """Let somebody set the risk, with a reason."""
    return night.says(by, "risk_set", level=level, rationale="new facts", **more)


@pytest.mark.parametrize(
    ("given", "band", "rank", "timers"),
    [
        (None, AgeBand.B25_64, None, Risk.MEDIUM),
        (None, AgeBand.B13_15, None, Risk.HIGH),
        (None, AgeBand.UNKNOWN, None, Risk.HIGH),
        (Risk.LOW, AgeBand.B25_64, Rank.STAFF, Risk.LOW),
        (Risk.LOW, AgeBand.B13_15, Rank.STAFF, Risk.MEDIUM),
        (Risk.VERY_LOW, AgeBand.UNKNOWN, Rank.SERGEANT, Risk.MEDIUM),
        (Risk.LOW, AgeBand.B13_15, None, Risk.MEDIUM),
        (Risk.LOW, AgeBand.B13_15, Rank.INSPECTOR, Risk.LOW),
        (Risk.HIGH, AgeBand.B13_15, Rank.STAFF, Risk.HIGH),
    ],
)
def test_what_the_timers_run_as(given: Risk | None, band: AgeBand, rank: Rank | None, timers: Risk) -> None:
    """A child is never below medium without an inspector's named decision."""
    case = Case("MP-1", "staffordshire", 1, "stoke", band, risk=given, risk_rank=rank)
    assert case.timer_risk() is timers


@pytest.mark.parametrize(
    ("before", "when", "after", "due"),
    [
        ("medium", "19:02", "high", "19:07"),  # risk_set + 5m is earlier than 19:10
        ("medium", "19:06", "high", "19:10"),  # what it was is earlier
        ("low", "19:04", "medium", "19:14"),
        ("low", "19:04", "high", "19:09"),
        ("very_low", "19:14", "high", "19:15"),
        ("low", "19:12", "very_low", "19:15"),
        ("high", "19:02", "medium", "19:10"),  # anchor + 10m is later
        ("high", "19:02", "very_low", "19:15"),
        ("high", "19:06", "low", "19:05"),  # overdue stays overdue
        ("medium", "19:11", "high", "19:10"),
        ("medium", "19:05", "medium", "19:10"),
        (None, "19:05", "high", "19:10"),  # an adult's timers ran as medium
        (None, "19:05", "low", "19:15"),
    ],
)
def test_a_deadline_after_a_change_of_risk(before: str | None, when: str, after: str, due: str) -> None:
    """Raised: the earlier of what it was and risk_set + new span. Lowered: the later. Overdue: as it was."""
    night = Night().report(risk=before, person=ADULT).until(when)
    overdue = night.step(NOTIFY).status
    sets(night, after)
    assert night.due(NOTIFY) == due
    assert night.step(NOTIFY).status is overdue


@pytest.mark.parametrize(("spoken_of", "due"), [("19:00:30", "19:05:30"), ("18:50", "19:05"), (None, "19:10")])
def test_a_raise_counts_from_when_it_was_decided_and_never_into_the_past(spoken_of: str | None, due: str) -> None:
    """Recorded at 19:05 for an earlier minute: due then, or now when that has gone by."""
    night = sets(Night().report().until("19:05"), "high", **({"when": spoken_of} if spoken_of else {}))
    assert night.due(NOTIFY) == due


def test_lowering_never_brings_a_deadline_nearer() -> None:
    """Even where a pack has, by a slip, less time for the lower level."""
    rules = pack(more=f'[steps.{NOTIFY}]\ndue = {{ low = "5m", medium = "10m" }}\n')
    night = Night(rules=rules).report(person=ADULT).until("19:02")
    assert sets(night, "low").due(NOTIFY) == "19:10"


def test_a_raise_quickens_reminders_and_rungs() -> None:
    """Nobody waits the old time for the next message."""
    rules = pack(more=f'[steps.{NOTIFY}]\nretry = {{ low = "10m", high = "1m" }}\n')
    night = Night(rules=rules).report(risk="low", person=ADULT).until("19:04")
    sets(night, "high")
    assert night.until("19:06").heard("insp-a", type_="remind") == ["19:05 remind", "19:06 remind"]
    assert night.until("19:14").rungs()[-1] == "19:14 1 fim-1"


def test_reminders_begin_with_the_level_that_asks_for_them() -> None:
    """None at medium, every minute from the raise on."""
    rules = pack(more=f'[steps.{NOTIFY}]\nretry = {{ high = "1m" }}\n')
    night = Night(rules=rules).report().until("19:04")
    assert night.heard("insp-a") == ["19:00 notify"]
    assert sets(night, "high").until("19:06").heard("insp-a") == ["19:00 notify", "19:05 remind", "19:06 remind"]


def test_reminders_end_with_the_level_that_asks_for_none() -> None:
    """The ladder goes on; nothing falls over."""
    rules = pack(more=f'[steps.{NOTIFY}]\nretry = {{ high = "2m" }}\n')
    night = Night(rules=rules).report(risk="high", person=ADULT).until("19:06")
    sets(night, "low").until("20:00")
    assert night.heard("insp-a") == ["19:00 notify", "19:02 remind", "19:04 remind", "19:06 remind"]
    assert night.step(NOTIFY).remind_at is None
    assert night.rungs()[-1] == "19:50 3 ci-1"


def test_a_raise_never_puts_a_round_off() -> None:
    """The round of 20:00 comes by 20:00."""
    night = sets(Night().report().until("19:59"), "high").until("20:00")
    assert night.heard("supt-1") == ["19:50 escalate", "20:00 escalate"]


def test_a_step_that_only_the_new_level_asks_for_opens_now() -> None:
    """It counts from the raise at the earliest, whenever the call was and whatever minute the fact speaks of."""
    night = Night(rules=pack(more=EXTRA)).report(risk="low", person=ADULT).until("19:30")
    assert (night.step("extra").status, night.step("extra").reason) == (
        StepStatus.NOT_REQUIRED,
        "not asked for at low risk",
    )
    sets(night, "high", when="17:00")
    assert (night.step("extra").status, night.due("extra"), night.heard("sgt-s", "extra")) == (
        StepStatus.OPEN,
        "20:30",
        ["19:30 task"],
    )


def test_what_the_new_level_does_not_ask_for_is_not_required_and_comes_back() -> None:
    """With the reason; on a raise as a new occurrence, so that those told before are told again."""
    night = Night(rules=pack(more=EXTRA)).report(person=ADULT).until("19:05")
    sets(night, "low").forget()
    gone = night.step("extra")
    assert (gone.status, gone.reason) == (StepStatus.NOT_REQUIRED, "not asked for at low risk")
    assert (gone.remind_at, gone.climb_at) == (None, None)
    sets(night.until("19:30"), "medium")
    assert [(s.occurrence, s.status) for s in night.case.steps if s.key == "extra"] == [
        (1, StepStatus.NOT_REQUIRED),
        (2, StepStatus.OPEN),
    ]
    assert night.message("sgt-s", "task").attempt_part == "extra/2/0/0/sgt-s"
    sets(night, "very_low")
    sets(night, "high")
    assert [s.occurrence for s in night.case.steps if s.key == "extra"] == [1, 2, 3]


def test_what_waits_for_its_anchor_is_let_go_and_comes_back_waiting() -> None:
    """It wakes nobody until the anchor is known."""
    night = Night(rules=pack(more=AFTER_ACK)).report(person=ADULT).until("19:05")
    assert sets(night, "low").step("extra").status is StepStatus.NOT_REQUIRED
    assert sets(night, "high").step("extra").status is StepStatus.WAITING
    assert night.until("19:06").step("extra").due_at is None
    assert night.until("19:08").says("insp-a", "acknowledged").due("extra") == "20:08"


def test_an_overdue_step_stays_overdue_when_the_level_no_longer_asks_for_it() -> None:
    """A breach is never unmade, and somebody still has to answer for it."""
    night = Night(rules=pack(more=EXTRA)).report(person=ADULT).wait(at("23:30"))
    before = night.step("extra")
    assert before.status is StepStatus.OVERDUE
    assert sets(night, "low").step("extra") == before


def test_a_finished_step_is_not_moved() -> None:
    """What was done at medium was done at medium."""
    night = Night().report().until("19:04").says("insp-a", "acknowledged")
    done = night.step(NOTIFY)
    assert sets(night, "high").step(NOTIFY) == done


def test_who_sets_and_who_confirms() -> None:
    """The sergeant's level is set, the inspector's is confirmed; the anchor moves when the level does."""
    night = Night().report(risk=None).until("19:01")
    sets(night, "medium", by="sgt-s")
    assert (night.step(ASSESS).status, night.step(CONFIRM).status) == (StepStatus.DONE, StepStatus.OPEN)
    assert night.case.anchors[Anchor.RISK_SET] == at("19:01")
    sets(night.until("19:02"), "medium", by="fim-1")
    assert (night.step(CONFIRM).status, night.case.risk_rank) == (StepStatus.DONE, Rank.INSPECTOR)
    assert night.case.anchors[Anchor.RISK_SET] == at("19:01")
    sets(night.until("19:03"), "medium", by="sgt-s")
    assert night.case.risk_rank is Rank.INSPECTOR


def test_an_inspector_may_put_a_child_below_medium() -> None:
    """A named decision: the timers follow it then, and not before."""
    night = Night().report(risk="low").until("19:01")
    assert night.due(NOTIFY) == "19:10"
    assert sets(night, "low", by="insp-a").due(NOTIFY) == "19:15"


def test_lowering_takes_an_inspector() -> None:
    """The refusal says who may; raising takes nobody's leave."""
    night = Night().report()
    with pytest.raises(Refused) as refusal:
        sets(night, "low", by="sgt-s")
    assert refusal.value.rule == "downgrade_rank"
    assert "insp-a" in refusal.value.who_may
    assert sets(night, "low", by="insp-a").case.risk is Risk.LOW


@pytest.mark.parametrize("by", ["sgt-s", "somebody"])
def test_raising_is_information(by: str) -> None:
    """From somebody off duty or unknown it is taken, and marked unverified where nobody knows them."""
    night = sets(Night().report().goes_off_duty("sgt-s"), "high", by=by)
    assert night.case.risk is Risk.HIGH
    assert [e.body["verified"] for e in night.entries if e.kind == "fact"] == [by == "sgt-s"]


def test_the_change_is_journalled_with_before_and_after() -> None:
    """Each deadline that moved, and each level, with who stands behind it."""
    night = Night().report().until("19:02").forget()
    sets(night, "high")
    (level,) = [e for e in night.entries if e.kind == "risk"]
    assert (level.by, level.body) == ("fim-1", {"before": Risk.MEDIUM, "after": Risk.HIGH, "rank": Rank.INSPECTOR})
    moved = {e.body["step"]: (e.body["before"], e.body["after"]) for e in night.entries if e.kind == "retimed"}
    assert moved[NOTIFY] == (at("19:10"), at("19:07"))
    assert moved[ACCEPTS] == (at("19:30"), at("19:17"))


def test_a_step_without_a_ladder_is_moved_as_well() -> None:
    """Its deadline comes nearer; no rung is invented."""
    rules = pack(more=f'[steps.{ACCEPTS}]\nladder = "none"\n')
    night = sets(Night(rules=rules).report().until("19:01"), "high")
    assert (night.due(ACCEPTS), night.step(ACCEPTS).climb_at) == ("19:16", None)
