"""Found, seen by somebody whom the force knows, interviewed: what opens, what is over, and what a tick does not do."""

import pytest

from policy.errors import Invalid, Refused
from policy.terms import Anchor, CaseStatus, StepStatus
from tests.policy.closing_time import (
    ADULT,
    CANCEL,
    INTERVIEW,
    OUTCOME,
    RHI,
    SEEN,
    SIGN,
    asks,
    looked_after,
    missing_of,
    seen,
    signs,
)
from tests.policy.night import Night, at


def test_found_is_a_report_and_opens_the_step_to_see_the_person() -> None:
    """From anybody; the owner is asked to see them, and nobody stops looking."""
    night = looked_after().until("21:00").says("a friend", "found_reported", where="at a friend's")
    assert (night.case.status, night.due(SEEN), night.step(SEEN).holder) == (CaseStatus.OPEN, "01:00", "insp-a")
    assert night.step("sergeant_review", 1).status is StepStatus.OPEN


def test_seen_by_somebody_whom_the_force_knows() -> None:
    """Located; what sought the person is over with its reason, and the interviews and the circulation are asked for."""
    night = looked_after().until("21:00").says("a friend", "found_reported").until("21:30")
    seen(night)
    assert (night.case.status, night.case.wellbeing, night.step(SEEN).status) == (CaseStatus.LOCATED, "safe", "done")
    for key in ("no_activity_watch", "deploy_and_attend", "sergeant_review", "update_reporter", "long_term_review"):
        gone = night.step(key)
        assert gone.status is StepStatus.NOT_REQUIRED
        assert "the person has been seen" in (gone.reason or "")
    open_now = {step.key: night.due(step.key) for step in night.case.live_steps()}
    assert open_now == {INTERVIEW: "21:30", RHI: "01:30", CANCEL: "22:30"}


def test_a_stranger_who_says_so_has_only_reported_it() -> None:
    """A case is never closed on a belief (W34)."""
    night = seen(looked_after().until("21:00"), by="a neighbour")
    assert (night.case.status, night.case.wellbeing) == (CaseStatus.OPEN, None)
    assert Anchor.VERIFIED_SEEN not in night.case.anchors
    assert night.step(SEEN).status is StepStatus.OPEN
    assert "verified_seen" in missing_of(night)


def test_what_a_stranger_says_again_does_not_put_the_clock_back() -> None:
    """The first report counts."""
    night = seen(looked_after().until("21:00"), by="a neighbour")
    assert seen(night.until("21:20"), by="a neighbour").due(SEEN) == "01:00"


@pytest.mark.parametrize("kind", ["found_reported", "verified_seen"])
def test_nobody_is_found_before_being_reported(kind: str) -> None:
    """A contradiction is refused, and says how to send it."""
    night = Night().report()
    with pytest.raises(Refused, match=r"found at 18:30, before the report of 19:00") as refusal:
        seen(night, when="18:30") if kind == "verified_seen" else night.says("sgt-s", kind, when="18:30")
    assert (refusal.value.rule, refusal.value.missing[0].what) == ("found_before_reported", "at")


def test_returned_moves_what_is_open_and_what_is_planned() -> None:
    """They came back at 20:15, it was seen at 21:00: all three are counted from the door, the 72 hours too."""
    night = seen(looked_after().until("21:00")).says("sgt-s", "returned", at="2026-01-10T20:15:00Z")
    assert [night.dues(key) for key in (INTERVIEW, RHI, OUTCOME)] == [["11 20:15"], ["11 00:15"], ["13 20:15"]]
    moved = {e.body["step"]: e.body["after"] for e in night.entries if e.kind == "retimed"}
    assert moved[INTERVIEW] == at("20:15", 11)


def test_returned_in_the_very_minute_that_was_known_moves_nothing() -> None:
    """No line for the journal."""
    night = seen(looked_after().until("21:00")).forget().says("sgt-s", "returned", at="2026-01-10T21:00:00Z")
    assert [entry.kind for entry in night.entries if entry.kind == "retimed"] == []


def test_an_overdue_interview_is_not_moved() -> None:
    """A breach stays where it fell."""
    night = seen(looked_after(risk="high").until("21:00")).wait(at("02:00", 11))
    night.says("sgt-s", "returned", at="2026-01-10T20:00:00Z")
    assert (night.dues(INTERVIEW), night.statuses(INTERVIEW)) == (["11 01:00"], ["overdue"])


def test_an_adult_who_asks_that_nobody_be_told() -> None:
    """It stands until somebody says otherwise; a child's whereabouts are not the child's to withhold."""
    night = seen(looked_after(person=ADULT), do_not_disclose="yes")
    assert night.case.do_not_disclose
    assert seen(night).case.do_not_disclose
    assert not seen(night, do_not_disclose="no").case.do_not_disclose
    assert not seen(looked_after(), do_not_disclose=True).case.do_not_disclose


# --- the interview (scenario 7) -----------------------------------------------------------------------------


def test_a_tick_is_no_interview() -> None:
    """Refused; the case stays as it was."""
    night = seen(looked_after().until("19:30"))
    with pytest.raises(Refused, match="interview_held, not by a tick"):
        night.says("sgt-s", "step_completed", step=INTERVIEW)
    assert "interview_held" in missing_of(night)


def test_an_interview_without_time_place_and_method_names_them() -> None:
    """All at once, each with what to do about it."""
    night = seen(looked_after().until("19:30"))
    with pytest.raises(Invalid) as refusal:
        night.held("sgt-s", when=" ", where="", method="")
    assert [f.field for f in refusal.value.faults] == ["evidence.when", "evidence.where", "evidence.method"]
    assert night.step(INTERVIEW).status is StepStatus.OPEN


@pytest.mark.parametrize(
    ("when", "says"),
    [("2026-01-10T18:00:00Z", "before the person was found"), ("2026-01-10T23:00:00Z", "in the future")],
)
def test_an_interview_cannot_have_been_held_then(when: str, says: str) -> None:
    """Before anybody was missing, or tomorrow."""
    with pytest.raises(Invalid, match=f"lies {says}"):
        seen(looked_after().until("19:30")).held("sgt-s", when=when)


def test_the_interview_names_the_interviewer_and_asks_for_the_closure() -> None:
    """Its form is kept; whoever may sign is asked within a day."""
    night = seen(looked_after().until("19:30")).until("20:00").held("sgt-s", "pc-9", own_words="I was fed up")
    assert (night.case.interviewer, night.step(INTERVIEW).status) == ("pc-9", StepStatus.DONE)
    assert night.step(INTERVIEW).evidence["own_words"] == "I was fed up"
    assert (night.dues(SIGN), night.step(SIGN).holder) == (["11 20:00"], "sgt-s")


def test_the_dead_are_not_interviewed() -> None:
    """Neither interview is asked for, and the closure does not wait for one."""
    night = seen(looked_after().until("19:30"), wellbeing="deceased")
    assert {key: night.statuses(key) for key in (INTERVIEW, RHI, OUTCOME)} == {
        key: ["not_required"] for key in (INTERVIEW, RHI, OUTCOME)
    }
    assert night.step(INTERVIEW).reason == "the person was found dead, or had never been missing"
    assert Anchor.RETURNED not in night.case.anchors
    night.says("fim-1", "step_completed", step=CANCEL, reference="none made")
    night.says("sgt-s", "contact_made", **{"with": "mother"})
    assert signs(asks(night)).case.status is CaseStatus.CLOSED


def test_found_dead_by_mistake() -> None:
    """Seen alive after all: the interview is asked for again."""
    night = seen(looked_after().until("19:30"), wellbeing="deceased")
    assert seen(night.until("19:40")).statuses(INTERVIEW) == ["open"]
