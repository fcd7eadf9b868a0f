"""Acting up: what is wrong with a grant, and whose rank it takes."""

import pytest

from policy.acting import read_grant, refuse_grant
from policy.errors import Invalid, Refused
from policy.terms import Rank
from tests.policy.night import at, staff

GRANT = {"person": "sgt-s", "role": "duty_inspector", "area": "stoke", "reason": "Sick"}
AREAS = ("stoke",)


def test_what_is_over_already_is_not_granted() -> None:
    """What was is not rewritten."""
    past = {**GRANT, "from": "2026-01-10T10:00:00Z", "to": "2026-01-10T12:00:00Z"}
    with pytest.raises(Invalid) as refused:
        read_grant(past, AREAS, at("19:00"))
    assert [(fault.field, fault.message) for fault in refused.value.faults] == [("to", "is over already")]


def test_a_role_is_granted_by_its_own_rank_or_above() -> None:
    """At the rank of an inspector, a chief officer's role still brings a chief officer's rights."""
    span = {"from": "2026-01-10T19:00:00Z", "to": "2026-01-11T02:00:00Z"}
    grant = read_grant({**GRANT, **span, "role": "chief_officer", "rank": "inspector"}, AREAS, at("19:00"))
    assert grant.standing is Rank.ACC
    with pytest.raises(Refused) as refused:
        refuse_grant(grant, "insp-a", staff(), at("19:00"))
    assert refused.value.rule == "rank"
    refuse_grant(read_grant({**GRANT, **span}, AREAS, at("19:00")), "insp-n", staff(), at("19:00"))
