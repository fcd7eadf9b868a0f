"""How often one address, one name or one machine may ask: moving windows, in this process's memory."""

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from policy.errors import Busy

SIGN_INS_OF_ADDRESS: Final = RateLimitItemPerMinute(20, namespace="address")
SIGN_INS_OF_NAME: Final = RateLimitItemPerMinute(10, namespace="name")
CALLS_OF_TOKEN: Final = RateLimitItemPerMinute(6000, namespace="token")  # a runaway script, not a busy feed


class Rates:
    """Counts, and refuses what comes too often."""

    def __init__(self, wall: Callable[[], datetime]) -> None:
        """Count anew; `wall` tells the real time."""
        self._wall = wall
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, rate: RateLimitItem, who: str) -> None:
        """Count one more of `who`; raise Busy, with how long to wait, when it is one too many."""
        if self._limiter.hit(rate, who):
            return
        left = self._limiter.get_window_stats(rate, who).reset_time - self._wall().timestamp()
        wait = min(max(ceil(left), 1), rate.get_expiry())
        raise Busy(f"too many at once; wait {wait} seconds", retry_after_s=wait)
