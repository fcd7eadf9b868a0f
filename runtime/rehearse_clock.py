"""The clock of a rehearsal without a machine: it stands still until it is moved, and it may be wrong on purpose."""

from datetime import datetime, timedelta

from policy.errors import Broken


class SimClock:
    """Shows the instant that it was moved to; never goes back by itself.

    `true()` is the instant of the story, `now()` what the machine's clock shows: the two differ by the drift.
    """

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        """Begin at `start`."""
        self._true_at = start
        self._drift = timedelta(0)

    def now(self) -> datetime:
        """Tell what the machine's clock shows."""
        return self._true_at + self._drift

    def wall(self) -> datetime:
        """Tell the same: in a simulation nothing is more real than the story."""
        return self.now()

    def true(self) -> datetime:
        """Tell the instant of the story."""
        return self._true_at

    def true_of(self, shown_at: datetime) -> datetime:
        """Give the instant of the story at which the machine's clock shows `shown_at`."""
        return shown_at - self._drift

    def advance(self, step: timedelta) -> None:
        """Move on; raise Broken when asked to go back."""
        self.jump_to(self._true_at + step)

    def jump_to(self, at: datetime) -> None:
        """Move on to `at`; raise Broken when that has passed."""
        if at < self._true_at:
            raise Broken(f"the clock stands at {self._true_at.isoformat()} and never goes back to {at.isoformat()}")
        self._true_at = at

    def drift(self, by: timedelta) -> None:
        """Let the machine's clock be off by so much more: it steps, and nobody tells Vigil."""
        self._drift += by
