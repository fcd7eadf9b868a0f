"""Explanations of what is rare: lines of old, steps that nobody is named for, what an outage let pass."""

from dataclasses import replace

from policy.case import let_go
from policy.explain import explain
from policy.explain_due import from_body
from policy.explain_journal import why_line
from policy.explain_words import lacks
from policy.load_work import _who_does
from policy.terms import CaseStatus, Condition, Rank, Risk, Role, StepStatus
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, only, pack, staff

ADULT = Condition.ADULT
REVIEW, SET_TIME = "sergeant_review", "review_at_set_time"


def told(night: Night, key: str) -> str:
    """Say who was told of a step."""
    return next(one.told for one in explain(night.case, night.pack, night.roster, night.now) if one.key == key)


def due(night: Night, key: str) -> str:
    """Say why a step is due."""
    return next(one.due for one in explain(night.case, night.pack, night.roster, night.now) if one.key == key)


def test_a_line_of_old_says_what_it_can() -> None:
    """It held no reasons and no instants: then only that something was counted anew."""
    assert why_line("retimed", {}, at("19:00")) == "Counted anew at 19:00."
    assert from_body({}, at("19:00")) is None


def test_a_planned_step_says_from_when_it_is_asked_for() -> None:
    """Nobody is told yet, and who will be."""
    night = Night(staff()).report()
    assert "it is asked for from" in told(night, "ukmpu_notification")


def test_a_planned_step_that_is_not_asked_for_any_more_says_why() -> None:
    """The person has been seen since it was planned; the next look lets it go."""
    night = Night(staff()).report()
    night.case = replace(night.case, status=CaseStatus.LOCATED)
    assert told(night, "ukmpu_notification") == "Nobody was told: the person has been seen."


def test_a_step_whose_own_beginning_is_not_known_is_explained() -> None:
    """What an older store left without its anchor counts from what the case still knows."""
    night = Night(staff()).report()
    night.case = night.case.with_step(replace(night.step(NOTIFY), anchor_at=None))
    assert due(night, NOTIFY)


def test_what_waits_for_a_set_time_or_for_a_series_to_begin() -> None:
    """No sum can be given yet: it says for what it waits."""
    night = Night(staff()).report()
    bare = replace(night.step(REVIEW), status=StepStatus.WAITING, due_at=None, anchor_at=None)
    others = tuple(step for step in night.case.steps if step.key not in (REVIEW, SET_TIME))
    blank = replace(night.case, steps=others).without_anchors(*night.case.anchors)
    night.case = blank.with_step(replace(bare, occurrence=1)).with_step(replace(bare, key=SET_TIME, occurrence=1))
    assert due(night, REVIEW).startswith("No time runs yet")
    assert due(night, SET_TIME) == "No time runs yet: it is due at the time that is set for it, and none is set."


def test_a_step_that_was_let_go_and_not_asked_for_again_yet() -> None:
    """Nothing stands against it at this moment; until the next look it is not asked for."""
    night = Night(staff()).report()
    gone = let_go(replace(night.step(ACCEPTS), due_at=None, anchor_at=None), "the person has been seen")
    night.case = night.case.with_step(gone)
    assert due(night, ACCEPTS) == "No time runs: it is not asked for any more."


def test_a_level_at_which_nobody_is_named() -> None:
    """The step is open, its role left out at this level: that is why nobody was told."""
    night = Night(staff(), only(ACCEPTS)).report()
    rule = replace(night.pack.steps[ACCEPTS], actor={}, tells=(), ladder=())
    night.pack = replace(night.pack, steps={ACCEPTS: rule})
    night.case = night.case.with_step(replace(night.step(ACCEPTS), told=(), rung=0))
    assert "names nobody to tell first" in told(night, ACCEPTS)


def test_an_opening_that_an_outage_let_pass() -> None:
    """Open, and nobody told: it says why, and who is told when it is due."""
    night = Night(staff(), only(ACCEPTS)).report()
    night.case = night.case.with_step(replace(night.step(ACCEPTS), told=(), rung=-1))
    assert told(night, ACCEPTS).startswith("Nobody was told when it opened, for an outage had let that pass")


def test_a_rung_that_was_passed_over() -> None:
    """After a change of risk a rung below the one that was climbed may never have been told."""
    night = Night(staff(), only(NOTIFY)).report().until("19:41")
    step = night.step(NOTIFY)
    assert step.rung == 3
    night.case = night.case.with_step(replace(step, told=tuple(one for one in step.told if one.rung != 2)))
    assert "(rung 2) was not told" in told(night, NOTIFY)


def test_an_unknown_age_counts_as_a_child() -> None:
    """What is for adults alone is not asked for, and it says that the age is not known."""
    night = Night(staff()).report(person={"name": "Somebody"})
    rule = replace(night.pack.steps[REVIEW], when=(*night.pack.steps[REVIEW].when, ADULT))
    (why,) = lacks(night.case, night.pack, rule)
    assert why == "it applies only to adults, and the person's age is not known, which counts as a child"


def test_whoever_does_a_step_in_the_load_model_has_its_rank() -> None:
    """Where the role that is asked is below it, somebody of that rank does it."""
    rule = replace(pack().steps["search_home"], done_rank=Rank.SUPERINTENDENT)
    assert _who_does(rule, Risk.MEDIUM) is Role.ON_CALL_SUPERINTENDENT
