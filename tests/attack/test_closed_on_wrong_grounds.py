"""Ways to close a case that must stay open: old evidence, another spelling, a step's name."""

from contextlib import suppress
from datetime import timedelta

import pytest

from policy.errors import Invalid, Refused
from policy.terms import CaseStatus, MessageType, StepStatus
from tests.policy.night import Night, at, on, round_the_clock


def seen(night: Night, wellbeing: str = "safe", when: str | None = None) -> Night:
    """Let the sergeant say that the person has been seen."""
    return night.says("sgt-s", "verified_seen", seen_by="PC 1", where="the park", wellbeing=wellbeing, when=when)


def done(night: Night) -> Night:
    """Do all that is asked but the interview and the closure."""
    for step in night.case.live_steps():
        kinds = night.pack.steps[step.key].done_by
        if "step_completed" in kinds:
            form = {f.name: f.choices[0] if f.choices else "done" for f in night.pack.steps[step.key].evidence}
            night.says("supt-1", "step_completed", step=step.key, occurrence=step.occurrence, **form)
        elif "risk_set" in kinds:
            night.says("fim-1", "risk_set", level="medium", rationale="no change")
    return night


def answered(night: Night) -> Night:
    """Let the inspector take the case, the serial be written, and whoever reported be spoken to."""
    night.says("insp-a", "acknowledged").says("insp-a", "accepted")
    night.says("fim-1", "serial_entry", recipient="insp-a", text="told by push")
    return night.says("insp-a", "contact_made", **{"with": "the mother"})


def night_at_20(**fields: object) -> Night:
    """A case that the inspector has, an hour old."""
    return answered(Night(round_the_clock()).report(**fields).until("20:00"))


def close(night: Night, requester: str = "sgt-s", signer: str = "insp-a") -> Night:
    """Ask for the closure and sign it."""
    night.says(requester, "closure_requested", rationale="seen and well")
    return night.says(signer, "closure_signed", rationale="seen and well")


def closed() -> Night:
    """A case that was closed as it should be."""
    return close(done(seen(night_at_20()).held("sgt-s", interviewer="sgt-s")))


@pytest.mark.parametrize(
    "spelling", ["INSP-A", "insp-a.", "Insp-A", ["insp-a"], "insp-a (Ann Archer)", "pc-1 and insp-a"]
)
def test_an_interviewer_under_another_spelling_does_not_sign(spelling: object) -> None:
    """Whoever interviewed does not sign, however they were written down (W33)."""
    night = done(seen(night_at_20()))
    with pytest.raises((Refused, Invalid)):
        close(night.held("sgt-s", interviewer=spelling))  # type: ignore[arg-type]  # what a form or a program may send
    assert not night.case.closed


def test_who_recorded_the_interview_of_an_unnamed_officer_does_not_sign() -> None:
    """`Ann Archer` is nobody's roster id: then at least the one who wrote the interview down is barred (W33)."""
    night = done(seen(night_at_20()))
    with pytest.raises((Refused, Invalid)):
        close(night.held("insp-a", interviewer="Ann Archer"))
    assert not night.case.closed


def test_a_sighting_before_the_reopening_locates_nobody() -> None:
    """Missing again since 21:00: that she was seen at 20:00 says nothing of where she is now."""
    night = closed().wait(at("21:00")).says("crs-1", "reopened", reason="gone again").until("21:30")
    with suppress(Refused):
        seen(night, when="20:00")
    assert night.case.status is CaseStatus.OPEN
    assert night.case.still_missing


def test_an_interview_held_before_she_was_found_is_none() -> None:
    """Recorded as held while she was still missing: it was not held (W33)."""
    night = seen(night_at_20())
    with pytest.raises((Refused, Invalid)):
        night.held("sgt-s", when=at("19:05").isoformat())


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("closure_requested", {"rationale": "again"}),
        ("handover_offered", {"to": "insp-n"}),
        ("risk_set", {"level": "low", "rationale": "over"}),
    ],
)
def test_naming_an_open_step_is_no_way_into_a_closed_case(kind: str, said: dict[str, str]) -> None:
    """What outlives the closure may be done; the case itself stays closed to acts."""
    night = closed().wait(at("20:00", 13))
    assert night.step("rhi_outcome").live
    with pytest.raises(Refused):
        night.says("insp-a", kind, step="rhi_outcome", **said)
    assert night.case.closed


@pytest.mark.parametrize("role", ["home_contact", "local_authority"])
def test_the_family_or_the_home_does_not_locate_a_person(role: str) -> None:
    """The roster knows whom to tell at a home; their word is a report that somebody was found (W34)."""
    night = Night(round_the_clock(on("home-1", role, since=at("14:00"), until=at("14:00", 30)))).report().until("20:00")
    night.says("home-1", "verified_seen", seen_by="the night staff", where="her room", wellbeing="safe")
    assert night.case.status is CaseStatus.OPEN
    assert night.step("verify_seen").status is StepStatus.OPEN


def test_somebody_is_asked_to_close_the_case_of_a_person_found_dead() -> None:
    """Without an interview there is nothing that the closure would wait for: it must not lie there for ever."""
    night = done(seen(night_at_20(), wellbeing="deceased")).wait(at("20:00", 13))
    assert [t.type for t in night.tells if t.step == "closure_sign_off"][:1] == [MessageType.TASK]


def test_the_next_review_of_a_case_that_rests_is_not_waived() -> None:
    """A case may rest until a set review; without one nobody looks at it for weeks."""
    night = night_at_20()
    review_at = (night.now + timedelta(hours=20)).isoformat()
    night.says("insp-a", "inactive_requested", rationale="no lines left", next_review_at=review_at)
    with suppress(Refused):
        night.says("supt-1", "step_waived", step="review_at_set_time", reason="no need")
    assert [s for s in night.case.occurrences("review_at_set_time") if s.live or s.status is StepStatus.WAITING]
