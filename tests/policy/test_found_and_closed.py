"""Closed: refused with the exact list of what is missing, then signed by another hand of the right rank."""

import pytest

from policy.errors import Refused
from policy.terms import AlarmKey, Anchor, CaseStatus, MessageType, Rank, Risk, StepStatus
from tests.policy.closing_time import (
    ADULT,
    CANCEL,
    OUTCOME,
    RHI,
    SIGN,
    asks,
    looked_after,
    missing_of,
    ready,
    seen,
    signs,
)
from tests.policy.night import Night, at, on, only, pack, round_the_clock

# --- refused, with the list ---------------------------------------------------------------------------------


def test_closed_on_a_belief() -> None:
    """Scenario 4: not located, well-being, the home search, the travel checks; live or inactive are what is left."""
    night = looked_after(person=ADULT).until("21:00")
    lacks = missing_of(night)
    assert lacks[:3] == ["verified_seen", "wellbeing", "interview_held"]
    assert {"contact_made", "search_home", "deploy_and_attend", "sergeant_review"} <= set(lacks)
    with pytest.raises(Refused) as refusal:
        asks(Night(round_the_clock()).report(person=ADULT))
    said = {lack.what: lack.why for lack in refusal.value.missing}
    assert said["search_home"].startswith("Search of the home was never begun; it asks for Officers who searched")
    assert "Travel and border checks" in said["system_research"]
    assert "made inactive with a next review by insp-a (duty inspector), ci-1" in refusal.value.who_may


def test_what_is_missing_becomes_less() -> None:
    """The exact list at each point of the way, in the order of the gate."""
    night = seen(looked_after().until("19:30"))
    assert missing_of(night) == ["interview_held", "contact_made", RHI, CANCEL]
    night.until("20:00").held("sgt-s")
    assert missing_of(night) == ["contact_made", RHI, CANCEL]
    night.says("sgt-s", "contact_made", **{"with": "mother"})
    night.says("fim-1", "step_completed", step=CANCEL, reference="LEDS 4711")
    assert missing_of(night) == [RHI]
    night.says("sgt-s", "step_completed", step=RHI, asked_of="the council")
    assert asks(night).case.status is CaseStatus.CLOSING


def test_only_an_overdue_step_is_named_as_overdue() -> None:
    """The one who asks reads where it stands."""
    night = seen(looked_after().until("19:30")).until("21:00")
    with pytest.raises(Refused) as refusal:
        asks(night)
    said = {lack.what: lack.why for lack in refusal.value.missing}
    assert said[CANCEL].startswith("Cancel the circulation is overdue; it asks for Reference of the cancellation")


def test_never_missing_is_an_inspectors_word() -> None:
    """No interview is asked for, all the rest is; a sergeant does not sign it, also at low risk."""
    night = seen(looked_after(person=ADULT, risk="low").until("19:30"))
    night.says("fim-1", "step_completed", step=CANCEL, reference="none made")
    night.says("sgt-s", "contact_made", **{"with": "mother"})
    assert missing_of(night) == ["interview_held"]
    asks(night, "sgt-s", reason="not_missing")
    with pytest.raises(Refused, match="signed by inspector or above"):
        signs(night, "crs-1")
    assert signs(night, "insp-a").case.closure_reason == "not_missing"


# --- asked for by one, signed by another --------------------------------------------------------------------


def test_whoever_may_sign_is_asked_and_the_case_is_closing() -> None:
    """The first on duty who neither asked nor interviewed: here the FIM of the ladder, for the sergeant interviewed."""
    night = ready().forget()
    asks(night)
    assert (night.case.status, night.case.closure_by) == (CaseStatus.CLOSING, "insp-a")
    (tell,) = [t for t in night.tells if t.type is not MessageType.CANCEL]
    assert (tell.person, tell.asks[0].text) == ("fim-1", "Read the evidence and sign the closure, or say why not")
    assert night.step(SIGN).holder == "fim-1"


def test_nobody_on_duty_who_may_sign() -> None:
    """An alarm says so; the case stays closing."""
    night = ready()
    for person in ("fim-1", "ci-1", "supt-1"):
        night.goes_off_duty(person)
    asks(night)
    assert night.rang(AlarmKey.NOBODY_ON_DUTY) == [f"{SIGN}: nobody who may sign"]
    assert night.case.status is CaseStatus.CLOSING


@pytest.mark.parametrize(
    ("by", "what", "why"),
    [
        ("sgt-s", "another signer", "interview"),
        ("insp-a", "another signer", "asked for"),
        ("op-1", "a person of rank sergeant or above", "the pack says"),
    ],
)
def test_who_may_not_sign(by: str, what: str, why: str) -> None:
    """Not the interviewer, not the one who asked, not too low a rank; the refusal names who may."""
    night = asks(ready())
    night.roster = round_the_clock(on("op-1", "control_room_operator"))
    with pytest.raises(Refused) as refusal:
        signs(night, by)
    (lack,) = refusal.value.missing
    assert (lack.what, why in lack.why, "crs-1" in refusal.value.who_may) == (what, True, True)
    assert night.case.status is CaseStatus.CLOSING


@pytest.mark.parametrize(("risk", "rank"), [*[(r, Rank.SERGEANT) for r in list(Risk)[:3]], (Risk.HIGH, Rank.INSPECTOR)])
def test_the_rank_that_signs_follows_the_risk(risk: Risk, rank: Rank) -> None:
    """A sergeant up to medium, an inspector at high."""
    night = asks(ready(person=ADULT, risk=risk.value))
    if rank is Rank.INSPECTOR:
        with pytest.raises(Refused, match="signed by inspector or above"):
            signs(night, "crs-1")
        signs(night, "fim-1")
    else:
        signs(night, "crs-1")
    assert night.case.status is CaseStatus.CLOSED


def test_signed() -> None:
    """Closed, with who signed, in which role and of which rank; nothing but what outlives the closure is left."""
    night = signs(asks(ready()).until("20:10"))
    (line,) = [entry for entry in night.entries if entry.kind == "closed"]
    assert (line.by, line.body["role"], line.body["rank"]) == ("crs-1", "control_room_sergeant", Rank.SERGEANT)
    assert (night.step(SIGN).done_by, night.step(SIGN).status) == ("crs-1", StepStatus.DONE)
    assert night.case.anchors[Anchor.CLOSED] == at("20:10")
    assert {s.key for s in night.case.steps if s.live or s.status is StepStatus.WAITING} == {
        OUTCOME,
        "closed_case_watch",
    }
    assert set(night.cleared) >= {AlarmKey.UNOWNED_AFTER_SHIFT, AlarmKey.NOBODY_ON_DUTY}


def test_nothing_is_signed_that_nobody_asked_for() -> None:
    """One person asks, another signs: there is no shorter way."""
    with pytest.raises(Refused, match="nobody has asked") as refusal:
        signs(ready())
    assert refusal.value.missing[0].what == "closure_requested"


def test_it_is_asked_for_once() -> None:
    """A second person who asks would free the first one to sign."""
    night = asks(ready())
    with pytest.raises(Refused, match="insp-a has asked") as refusal:
        asks(night, "ci-1")
    assert "crs-1" in refusal.value.who_may
    with pytest.raises(Refused, match="may not be closed"):
        signs(night, "insp-a")


def test_what_opens_while_it_awaits_its_signature_is_asked_for() -> None:
    """New information after the request: the closure waits for the re-assessment."""
    night = asks(ready()).says("a friend", "new_information", summary="she was hurt", source="friend")
    with pytest.raises(Refused) as refusal:
        signs(night)
    assert [lack.what for lack in refusal.value.missing] == ["reassess_on_new_information"]


def test_sent_back() -> None:
    """Whoever may sign refuses: located again, the one who asked hears of it, and may ask anew."""
    night = asks(ready()).forget().says("fim-1", "declined", step=SIGN, reason="no address in it")
    assert (night.case.status, night.case.closure_by) == (CaseStatus.LOCATED, None)
    assert [(t.person, t.title) for t in night.tells] == [("insp-a", "Tell that the closure was not signed")]
    assert signs(asks(night.until("20:20")), "crs-1").case.closed


def test_sent_back_by_somebody_who_may_not_sign() -> None:
    """Nobody else stops a closure."""
    night = asks(ready())
    night.roster = round_the_clock(on("op-1", "control_room_operator"))
    with pytest.raises(Refused, match="op-1 was not asked to sign") as refusal:
        night.says("op-1", "declined", step=SIGN, reason="no")
    assert refusal.value.rule == SIGN


def test_a_level_whose_pack_asks_nobody_to_sign() -> None:
    """It is still signed by another hand."""
    rules = pack(more=f'[steps.{SIGN}]\ndue = {{ low = "24h" }}\n')
    night = ready(rules).forget()
    assert [t.person for t in asks(night).tells if t.type is MessageType.TASK] == []
    with pytest.raises(Refused, match="may not be closed"):
        signs(night, "insp-a")
    assert signs(night, "crs-1").case.closed


@pytest.mark.parametrize("kind", ["closure_requested", "closure_signed"])
def test_a_force_whose_pack_has_no_closure(kind: str) -> None:
    """It says so, instead of closing by another way."""
    with pytest.raises(Refused, match="staffordshire has no closure"):
        Night(rules=only("notify_local_supervisor")).report().says("insp-a", kind, rationale="home")
