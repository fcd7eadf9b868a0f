"""What the page of a run says of who has the case: roster ids of our own, and nobody's name."""

from runtime.acts import state_message
from tests.policy.night import Night


def test_a_name_from_another_force_does_not_reach_prefect() -> None:
    """Who accepts there may be given by name: the run says which force has the case, and no more."""
    night = Night().report().says("insp-a", "accepted")
    assert "owner insp-a" in state_message(night.case, night.pack, night.now)
    night.says("fim-1", "transfer_offered", force="west_midlands")
    night.says("fim-1", "transfer_accepted", person="Inspector Jane Smith")
    text = state_message(night.case, night.pack, night.now)
    assert "; with West Midlands Police." in text
    assert "Smith" not in text
