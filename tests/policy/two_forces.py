"""A case of insp-a in Stoke, and the control rooms of two other forces, as the tests of transfers speak."""

import pytest

from policy.errors import Refused
from policy.roster import Roster
from policy.terms import Anchor
from tests.policy.night import Night, on, staff

TRANSFER, BRIEF, REVIEW = "transfer_to_force", "transfer_brief", "supervisor_first_review"
THEIR_FIM = on("wm-fim", "force_incident_manager", "west_midlands")
THEIR_DI = on("wm-di", "duty_inspector", "west_midlands")
CHESHIRE = on("ch-fim", "force_incident_manager", "cheshire")
FIRST = (Anchor.CALL_RECEIVED, Anchor.CMS_CREATED, Anchor.RISK_SET)
VOICE = "Spoke to her by phone, e-mail with the brief follows"


def both(*more: str) -> Roster:
    """Give our people and those in the control rooms of two other forces."""
    return staff(extra=(THEIR_FIM, THEIR_DI, CHESHIRE), without=more)


def owned(people: Roster | None = None, **fields: object) -> Night:
    """Give a case that insp-a has, at 19:30."""
    return Night(people or both()).report(**fields).says("insp-a", "accepted").until("19:30").forget()


def offered(people: Roster | None = None, **fields: object) -> Night:
    """Give a case that is offered to another force at 19:30."""
    return owned(people, **fields).says("insp-a", "transfer_offered", force="west_midlands")


def accepted(people: Roster | None = None, **fields: object) -> Night:
    """Give a case that a named person there accepts at 19:40."""
    return offered(people, **fields).until("19:40").says("wm-fim", "transfer_accepted", person="wm-fim")


def refused(night: Night, by: str, kind: str, **evidence: object) -> Refused:
    """Give the refusal of an act, which changes nothing."""
    before = night.case
    with pytest.raises(Refused) as refusal:
        night.says(by, kind, **evidence)
    assert night.case == before
    return refusal.value


def owner(night: Night) -> str | None:
    """Say who has the case."""
    return night.case.owner.person if night.case.owner else None
