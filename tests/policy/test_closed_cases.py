"""Cases that rest or are closed, and what brings them back: nobody works on them, and nothing about them is lost."""

import pytest

from policy import outlook
from policy.errors import Refused
from policy.terms import AlarmKey, Anchor, CaseStatus, MessageType, Risk, StepStatus
from tests.policy.closing_time import (
    ADULT,
    CANCEL,
    CONTACT,
    INTERVIEW,
    OUTCOME,
    RHI,
    SEEN,
    SIGN,
    asks,
    closed,
    looked_after,
    missing_of,
    ready,
    seen,
    signs,
)
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, pack

NEWS = {"summary": "she needs her insulin", "source": "her mother"}
RESTED = "review_at_set_time"


def rests(night: Night, until: str, by: str = "insp-a") -> Night:
    """Let somebody make the case inactive, with its next review."""
    return night.says(by, "inactive_requested", rationale="no lines of enquiry", next_review_at=until)


# --- inactive -----------------------------------------------------------------------------------------------


def test_an_inactive_case_rests_until_its_review() -> None:
    """Only the set review, the long-term one and what the whole country is told are asked for; it is never closed."""
    night = rests(looked_after().until("21:00"), "2026-01-11T20:00:00Z")
    assert night.case.status is CaseStatus.INACTIVE
    for key in ("sergeant_review", "no_activity_watch", "update_reporter", "deploy_and_attend"):
        assert (
            night.step(key).reason == "the person has been seen, the case is inactive, or another force has accepted it"
        )
    assert {s.key for s in night.case.live_steps()} == {"national_circulation"}
    assert night.dues(RESTED) == ["11 20:00"]
    night.wait(at("19:00", 11))
    assert (night.statuses(RESTED), night.heard("insp-a", RESTED)) == (["open"], ["19:00 task"])
    assert night.step("long_term_review").status is StepStatus.WAITING


def test_the_review_of_an_inactive_case_sets_the_next() -> None:
    """A review that says until when; missed, it is a breach as any other."""
    night = rests(looked_after().until("21:00"), "2026-01-11T20:00:00Z").wait(at("19:30", 11))
    night.says(
        "insp-a", "reviewed", step=RESTED, decision="rests", rationale="none", next_review_at="2026-01-12T19:00:00Z"
    )
    assert (night.dues(RESTED), night.statuses(RESTED)) == (["11 20:00", "12 19:00"], ["done", "waiting"])
    assert night.wait(at("19:00", 12)).breaches(RESTED) == ["2 12 19:00 insp-a"]


@pytest.mark.parametrize(
    ("risk", "until", "fits"),
    [
        ("high", "2026-01-11T21:00:00Z", True),
        ("high", "2026-01-11T21:00:01Z", False),
        ("medium", "2026-01-11T21:00:01Z", False),
        ("low", "2026-01-17T21:00:00Z", True),
        ("low", "2026-01-17T21:00:01Z", False),
        ("very_low", "2026-02-07T21:00:00Z", True),
        ("very_low", "2026-02-07T21:00:01Z", False),
        ("medium", "2026-01-10T21:00:00Z", False),
        ("medium", "2026-01-10T20:59:00Z", False),
    ],
)
def test_within_what_an_inactive_case_is_reviewed(risk: str, until: str, fits: bool) -> None:
    """24 hours at medium and high, 7 and 28 days below; never in the past."""
    night = looked_after(person=ADULT, risk=risk).until("21:00")
    if fits:
        assert rests(night, until).case.status is CaseStatus.INACTIVE
        return
    with pytest.raises(Refused) as refusal:
        rests(night, until)
    assert (refusal.value.rule, [lack.what for lack in refusal.value.missing]) == ("inactive", ["next_review_at"])


def test_a_force_may_set_no_bound() -> None:
    """Then the review lies ahead, and that is all."""
    rules = pack(more='[inactive]\nwithin = "-"\n')
    night = rests(Night(rules=rules).report(), "2027-01-01T00:00:00Z")
    assert night.case.status is CaseStatus.INACTIVE


def test_who_lets_a_case_rest() -> None:
    """An inspector; after 28 days a superintendent; the refusal says who is there."""
    night = looked_after(risk="low", person=ADULT).until("21:00")
    with pytest.raises(Refused) as refusal:
        rests(night, "2026-01-11T20:00:00Z", by="sgt-s")
    assert refusal.value.missing[0].what == "a person of rank inspector or above"
    night.jump(at("19:00") + (at("19:00", 29) - at("19:00", 1)))
    with pytest.raises(Refused) as refusal:
        rests(night, "2026-02-10T20:00:00Z")
    assert (refusal.value.missing[0].what, "supt-1" in refusal.value.who_may) == (
        "a person of rank superintendent or above",
        True,
    )
    assert rests(night, "2026-02-10T20:00:00Z", by="supt-1").case.status is CaseStatus.INACTIVE


def test_who_has_been_seen_does_not_rest() -> None:
    """The person is interviewed, and the case closed."""
    with pytest.raises(Refused) as refusal:
        rests(seen(looked_after().until("21:00")), "2026-01-11T20:00:00Z")
    assert [lack.what for lack in refusal.value.missing] == ["a person still missing"]


@pytest.mark.parametrize(("kind", "said"), [("new_information", NEWS), ("reopened", {"reason": "a sighting"})])
def test_new_information_wakes_an_inactive_case(kind: str, said: dict[str, object]) -> None:
    """All that seeks the person is asked for again, of the owner it has."""
    night = rests(looked_after().until("21:00"), "2026-01-11T20:00:00Z").wait(at("09:00", 11)).forget()
    night.says("a friend", kind, **said)
    assert (night.case.status, night.case.owner is not None) == (CaseStatus.OPEN, True)
    assert night.step("no_activity_watch").status is StepStatus.OPEN
    assert "sergeant_review" in {step.key for step in night.case.live_steps()}


def test_an_inactive_case_whose_person_is_seen() -> None:
    """Located, as any other."""
    night = rests(looked_after().until("21:00"), "2026-01-11T20:00:00Z")
    assert seen(night).case.status is CaseStatus.LOCATED


# --- closed, and somebody is in touch -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("new_information", NEWS),
        ("found_reported", {}),
        ("verified_seen", {"seen_by": "x", "where": "y", "wellbeing": "harmed"}),
        ("contact_made", {"with": "mother"}),
        ("risk_set", {"level": "high", "rationale": "diabetic"}),
    ],
)
def test_information_on_a_closed_case_reaches_a_named_person(kind: str, said: dict[str, object]) -> None:
    """W35: an alarm to the FIM at once, and the inspector decides within half an hour; the case stays closed."""
    night = closed().until("22:00").says("her mother", kind, **said)
    assert (night.case.status, night.dues(CONTACT)) == (CaseStatus.CLOSED, ["10 22:30"])
    assert [(a.key, a.to) for a in night.alarms] == [(AlarmKey.CLOSED_CASE_CONTACT, "fim-1")]
    task = night.message("insp-a", MessageType.TASK)
    assert task.asks[0].text.startswith("The case is closed and no one is working on it")
    assert outlook.awaiting(night.case, night.pack, night.now).what == "decision on a closed case"


@pytest.mark.parametrize(
    ("kind", "said"),
    [("note", {"text": "filed"}), ("log_entry", {"source": "STORM", "text": "closed"}), ("serial_closed", {})],
)
def test_what_is_for_the_record_only_rings_at_nobody(kind: str, said: dict[str, object]) -> None:
    """A line in the log is no contact."""
    night = closed().until("22:00").says("fim-1", kind, **said)
    assert (night.alarms, night.tells, night.case.live_steps()) == ([], [], ())


def test_the_decision_on_a_closed_case() -> None:
    """Overdue after half an hour and climbing; left closed with a reason, by a sergeant at the least."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS).until("23:00")
    assert (night.breaches(CONTACT), night.rungs(CONTACT)[-1]) == (["1 10 22:30 insp-a"], "23:00 1 fim-1")
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "step_completed", step=CONTACT)
    assert [lack.what for lack in refusal.value.missing] == ["reason"]
    night.says("insp-a", "step_completed", step=CONTACT, reason="the insulin is with her")
    assert (night.case.status, night.step(CONTACT).status) == (CaseStatus.CLOSED, StepStatus.DONE_LATE)


def test_a_second_contact_is_a_second_decision() -> None:
    """What comes while the first is open rings no second time and is decided with it; later ones are asked anew."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS)
    night.until("22:10").says("her aunt", "new_information", **NEWS)
    assert len(night.rang(AlarmKey.CLOSED_CASE_CONTACT)) == 1
    night.until("22:15").says("insp-a", "step_completed", step=CONTACT, reason="known")
    assert night.statuses(CONTACT) == ["done"]
    night.until("23:00").says("her aunt", "new_information", **NEWS)
    assert len(night.rang(AlarmKey.CLOSED_CASE_CONTACT)) == 2
    assert (night.dues(CONTACT), night.statuses(CONTACT)) == (["10 22:30", "10 23:30"], ["done", "open"])


def test_a_childs_interview_outlives_the_closure() -> None:
    """72 hours from the return (W23), asked of the owner a day before, done on the closed case."""
    night = closed().wait(at("19:30", 12))
    assert (night.dues(OUTCOME), night.statuses(OUTCOME)) == (["13 19:30"], ["open"])
    assert night.heard("insp-a", OUTCOME)[0] == "19:30 task"
    night.wait(at("20:00", 13)).says("insp-a", "step_completed", step=OUTCOME, outcome="declined_by_child", reason="no")
    assert (night.case.status, night.statuses(OUTCOME)) == (CaseStatus.CLOSED, ["done_late"])
    assert night.breaches(OUTCOME) == ["1 13 19:30 insp-a"]


def test_an_adult_is_offered_no_return_home_interview() -> None:
    """Under 18 only."""
    night = closed(person=ADULT)
    assert (night.case.step(RHI), night.case.step(OUTCOME)) == (None, None)
    assert outlook.next_wake(night.case) is None


def test_nobody_slips_another_act_in_beside_it() -> None:
    """Naming a step that outlives the closure opens the door for that step alone."""
    night = closed().wait(at("20:00", 12))
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "step_completed", step="search_home")
    assert refusal.value.rule == "closed_case"


# --- reopened -----------------------------------------------------------------------------------------------


def test_a_reopened_case_is_told_sought_and_owned_anew() -> None:
    """The inspector and the sergeant are told at once, nobody owns it, and what was known of the find is forgotten."""
    night = closed().until("22:00").says("her mother", "reopened", reason="gone again")
    assert (night.case.status, night.case.owner, night.case.offered_to) == (CaseStatus.OPEN, None, "insp-a")
    assert (night.case.wellbeing, night.case.interviewer, night.case.closure_by) == (None, None, None)
    assert {t.person for t in night.tells if t.type is MessageType.NOTIFY} == {"insp-a", "sgt-s"}
    assert [night.dues(key)[-1] for key in (NOTIFY, ACCEPTS)] == ["10 22:10", "10 22:30"]
    live = {step.key for step in night.case.live_steps()}
    assert {"deploy_and_attend", "supervisor_first_review", "no_activity_watch", "sergeant_review"} <= live
    assert live & {SEEN, INTERVIEW, RHI, CANCEL, SIGN, CONTACT} == set()
    assert Anchor.VERIFIED_SEEN not in night.case.anchors


def test_a_reopened_case_is_not_closed_on_the_old_interview() -> None:
    """Everything that the gate asks for is asked for again, the contact with whoever reported too."""
    night = closed(person=ADULT).until("22:00").says("her mother", "reopened", reason="gone again")
    lacks = missing_of(night)
    assert {"verified_seen", "wellbeing", "interview_held", "contact_made", NOTIFY, ACCEPTS} <= set(lacks)
    night.says("insp-a", "accepted").says("fim-1", "serial_entry", recipient="insp-a", text="told again")
    seen(night.until("22:30"))
    assert {"interview_held", CANCEL} <= set(missing_of(night))
    assert signs(asks(again(night)), "insp-n").case.closed


def again(night: Night) -> Night:
    """Do once more what the closure waits for."""
    night.until("22:40").held("sgt-s", "sgt-s").says("sgt-s", "contact_made", **{"with": "mother"})
    return night.says("fim-1", "step_completed", step=CANCEL, reference="none made")


def test_missing_again_before_it_was_closed() -> None:
    """Nobody is asked to cancel the circulation of somebody who is missing."""
    night = seen(looked_after().until("21:00")).until("21:30").says("her mother", "reopened", reason="gone again")
    for key in (INTERVIEW, RHI, CANCEL):
        assert night.statuses(key) == ["not_required", "waiting"]
        assert night.step(key, 1).reason == "the person is missing again"
    seen(night.until("22:00"))
    assert [night.dues(key)[-1] for key in (INTERVIEW, RHI, OUTCOME)] == ["11 22:00", "11 02:00", "13 22:00"]


def test_a_second_return_has_a_return_home_interview_of_its_own() -> None:
    """Also where that of the first was held."""
    night = closed().wait(at("20:00", 12)).says("insp-a", "step_completed", step=OUTCOME, outcome="held", reason="well")
    night.says("her mother", "reopened", reason="gone again")
    seen(night.wait(at("21:00", 12)))
    assert night.dues(OUTCOME)[-1] == "15 21:00"


def test_reopening_answers_the_decision_on_a_closed_case() -> None:
    """It is what the decision was about."""
    night = closed().until("22:00").says("her mother", "new_information", **NEWS)
    assert night.until("22:10").says("insp-a", "reopened", reason="diabetic").step(CONTACT).status is StepStatus.DONE


def test_a_case_that_awaits_its_signature_is_reopened() -> None:
    """Gone again while the paper lay there."""
    night = asks(ready()).says("her mother", "reopened", reason="gone again")
    assert night.case.status is CaseStatus.OPEN
    with pytest.raises(Refused, match="nobody has asked"):
        signs(night)


def test_an_open_case_cannot_be_more_open() -> None:
    """Taken, journalled, and nothing changes."""
    night = looked_after()
    before = night.case
    assert night.says("her mother", "reopened", reason="still gone").case == before


def test_risk_of_a_closed_case_is_kept() -> None:
    """What was said of it stands when it comes back."""
    night = closed(person=ADULT).until("22:00").says("her mother", "risk_set", level="high", rationale="diabetic")
    assert night.says("insp-a", "reopened", reason="diabetic").case.risk is Risk.HIGH
