"""The tests' clock: the rehearsal's own, begun at a fixed odd instant."""

from datetime import UTC, datetime

from runtime.rehearse_clock import SimClock

# The evening before Europe's clocks go forward: whoever forgets the offset stumbles at once. Never the real now.
START = datetime(2025, 3, 29, 22, 17, tzinfo=UTC)

__all__ = ["START", "SimClock", "sim_clock"]


def sim_clock() -> SimClock:
    """Give a clock that stands at the odd instant."""
    return SimClock(START)
