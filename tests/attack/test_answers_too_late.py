"""Answers to what others have dealt with, and handing a case to oneself."""

import pytest

from policy.errors import Refused, UsedLink
from tests.policy.night import Night


@pytest.mark.parametrize(("kind", "evidence"), [("declined", {}), ("delegated", {"to": "insp-n"})])
def test_who_comes_after_the_owner_hears_that_it_is_over(kind: str, evidence: dict[str, str]) -> None:
    """The sergeant has accepted: the inspector's link is over (410); it is not that they were never asked."""
    night = Night().report().until("19:01").says("sgt-s", "accepted")
    with pytest.raises(UsedLink, match="sgt-s has it since 19:01"):
        night.says("insp-a", kind, reason="Busy", **evidence)


def test_nobody_delegates_to_themselves() -> None:
    """`delegated` offers to another on duty (contract section 5)."""
    with pytest.raises(Refused, match="insp-a is the one who delegates"):
        Night().report().until("19:01").says("insp-a", "delegated", to="insp-a", reason="Busy")
