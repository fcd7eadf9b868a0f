"""The way from found to closed, as the tests of it speak: a case that has been looked after, seen, ready to close."""

from collections.abc import Mapping

import pytest

from policy.errors import Refused
from policy.pack import Pack
from tests.policy.night import Night, round_the_clock

SIGN, SEEN, INTERVIEW = "closure_sign_off", "verify_seen", "prevention_interview"
RHI, OUTCOME, CANCEL, CONTACT = "rhi_request", "rhi_outcome", "cancel_circulation", "closed_case_watch"
ADULT = {"name": "Somebody", "age": 40}
SIGHTING: Mapping[str, object] = {"seen_by": "a patrol", "where": "at home", "wellbeing": "safe"}
CHECKS = ("national_computer", "intelligence", "local_systems", "previous_episodes", "travel")


def looked_after(rules: Pack | None = None, **fields: object) -> Night:
    """Open a case at 19:00 with an owner, the serial entry, the checks, and the time of the next review."""
    night = Night(round_the_clock(), rules).report(**fields)
    night.says("insp-a", "accepted").says("fim-1", "serial_entry", recipient="insp-a", text="told at 19:00")
    level = night.case.risk.value if night.case.risk else "medium"
    night.says("fim-1", "risk_set", level=level, rationale="confirmed")
    checks = {**dict.fromkeys(CHECKS, "nothing known"), "researched_by": "fim-1"}
    night.says("fim-1", "step_completed", step="system_research", **checks)
    return night.says("fim-1", "step_completed", step="set_review_time", review_at="2026-01-10T23:00:00Z")


def seen(night: Night, by: str = "sgt-s", **fields: object) -> Night:
    """Let somebody whom the force knows see the person."""
    return night.says(by, "verified_seen", **{**SIGHTING, **fields})


def ready(rules: Pack | None = None, **fields: object) -> Night:
    """Give a case at 20:00 that only awaits its closure: the sergeant interviewed."""
    night = seen(looked_after(rules, **fields).until("19:30")).until("20:00").held("sgt-s", "sgt-s")
    night.says("sgt-s", "contact_made", **{"with": "mother"})
    night.says("fim-1", "step_completed", step=CANCEL, reference="none made")
    if night.case.is_child:
        night.says("sgt-s", "step_completed", step=RHI, asked_of="the council")
    return night


def asks(night: Night, by: str = "insp-a", **more: object) -> Night:
    """Let somebody ask for the closure."""
    return night.says(by, "closure_requested", rationale="home and well", **more)


def signs(night: Night, by: str = "crs-1") -> Night:
    """Let somebody sign it."""
    return night.says(by, "closure_signed", rationale="read and agreed")


def closed(rules: Pack | None = None, **fields: object) -> Night:
    """Give a case closed at 20:10, with nothing said so far."""
    return signs(asks(ready(rules, **fields)).until("20:10")).forget()


def missing_of(night: Night, by: str = "insp-a", **more: object) -> list[str]:
    """Give what a closure is refused for, which must be refused and change nothing."""
    before = night.case
    with pytest.raises(Refused) as refusal:
        asks(night, by, **more)
    assert (refusal.value.rule, night.case) == (SIGN, before)
    return [lack.what for lack in refusal.value.missing]
