"""No case is woken again and again for something that cannot happen: it would take the engine from all others."""

from tests.attack.test_closed_on_wrong_grounds import closed, night_at_20, seen
from tests.policy.night import at


def test_what_waited_for_a_return_that_was_forgotten_wakes_nobody() -> None:
    """Seen, so an outcome is planned for two days later; missing again: at that time there is nothing to open."""
    night = seen(night_at_20()).until("21:00").says("crs-1", "reopened", reason="gone again")
    night.wait(at("20:00", 14))  # fails when the case would be woken for ever
    assert "rhi_outcome" not in {ask.step for told in night.tells for ask in told.asks}


def test_nor_does_it_where_the_case_had_been_closed() -> None:
    """The same after a closure."""
    night = closed().until("21:00").says("crs-1", "reopened", reason="gone again")
    night.wait(at("20:00", 14))
    assert "rhi_outcome" not in {ask.step for told in night.tells for ask in told.asks}
