"""How long a session lasts, a name is locked, and a password must be."""

from datetime import UTC, datetime, timedelta

import pytest

from policy.errors import Invalid
from policy.signing_in import IDLE, SHORTEST_PASSWORD, is_over, locked_for, refuse_weak

AT = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "minutes"), [(0, 0), (4, 0), (5, 15), (6, 30), (7, 60), (8, 120), (9, 240), (10, 240), (10**6, 240)]
)
def test_each_wrong_password_locks_for_longer_up_to_a_bound(wrong: int, minutes: int) -> None:
    """From the fifth on, twice as long each time, and never longer than four hours."""
    assert locked_for(wrong) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("idle_s", "left_s", "over"), [(0, 1, False), (0, 0, True), (3599, 1, False), (3600, 1, True)])
def test_a_session_is_over_by_its_time_or_unused(idle_s: int, left_s: int, over: bool) -> None:
    """At the very instant, not a second before."""
    assert timedelta(hours=1) == IDLE
    assert is_over(AT - timedelta(seconds=idle_s), AT + timedelta(seconds=left_s), AT) is over


def test_a_short_password_is_refused_with_its_remedy() -> None:
    """Eleven letters are too few, twelve are taken, and a book is no password."""
    refuse_weak("x" * SHORTEST_PASSWORD)
    for weak in ("", "x" * (SHORTEST_PASSWORD - 1), "x" * 1025):
        with pytest.raises(Invalid) as refused:
            refuse_weak(weak)
        (fault,) = refused.value.faults
        assert (fault.field, bool(fault.remedy)) == ("password", True)
        assert "xxx" not in str(refused.value)
