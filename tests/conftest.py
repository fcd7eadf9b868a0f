"""What every test stands on: groups that need more than Python, and how hard Hypothesis looks."""

import pytest
import structlog
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.groups"]

# No deadline anywhere: a shared machine is slow now and then, and slow is pytest-timeout's business.
_SLOW_IS_FINE = [HealthCheck.too_slow]

settings.register_profile(
    "dev",
    max_examples=25,
    deadline=None,
    derandomize=True,  # the same commit gives the same answer
    suppress_health_check=_SLOW_IS_FINE,
)
settings.register_profile("ci", max_examples=200, deadline=None, print_blob=True, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile(
    "long", max_examples=5000, deadline=None, print_blob=True, suppress_health_check=_SLOW_IS_FINE
)
settings.load_profile("dev")  # --hypothesis-profile=ci (make test-all) or =long looks harder


@pytest.fixture(autouse=True)
def quiet_log() -> None:
    """Keep events that nobody looks at off the terminal: what a command prints is what its test reads."""
    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
