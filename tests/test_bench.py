"""What the measurements measure with: if it were wrong, so would be every figure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bench._cases import LULL, Maker, copies, rung_shapes, shifted, waiting_shapes, write
from bench._rig import Figures
from bench.table import table
from store import cases, messages, wakes
from store.upgrade import open_store

NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)


@pytest.fixture
def maker() -> Iterator[Maker]:
    """Give a maker of cases whose clock stands an hour before now; nobody listens at its addresses."""
    made = Maker("http://127.0.0.1:9/{}".format, NOW - timedelta(hours=1))
    yield made
    made.close()


def test_a_case_with_a_deadline_has_a_rung_at_that_instant_and_nothing_before(maker: Maker) -> None:
    """Each is due at its own instant, to the microsecond, and is not due a moment earlier."""
    due_at = NOW + timedelta(seconds=20)
    shapes = rung_shapes(maker, due_at)
    assert [shape.wake_at for shape in shapes] == [due_at] * 4
    later = shifted(shapes[0], timedelta(seconds=2))
    assert later.wake_at == due_at + timedelta(seconds=2)
    assert later.case["anchors"] != shapes[0].case["anchors"]  # what stands in JSON moves, too


def test_a_case_that_waits_has_nothing_due_for_most_of_an_hour(maker: Maker) -> None:
    """It waits for its reviews, and everybody who was told has received it."""
    maker.run_to(NOW)
    for shape in waiting_shapes(maker, NOW):
        assert shape.wake_at - NOW > timedelta(minutes=45)
        assert {message["state"] for message in shape.messages} == {"received"}


def test_copies_are_cases_that_the_store_gives_back(maker: Maker) -> None:
    """A copy is read, and found when its time has come, as one that came through a door."""
    shapes = rung_shapes(maker, NOW + LULL)
    sessions = open_store("sqlite://")
    write(sessions.engine, copies(shapes, 6, 1))
    with sessions.reading() as s:
        due = wakes.due(s, NOW + LULL, NOW)
        assert [case.ref for case in due] == [f"MP-2000-{number:06d}" for number in range(1, 7)]
        stored = cases.load(s, "MP-2000-000005")
        assert len(stored.case.steps) == len(shapes[0].steps)
        assert messages.of_case(s, "MP-2000-000005")
        assert not wakes.due(s, NOW + LULL - timedelta(seconds=1), NOW)
    sessions.close()


def test_the_99th_of_a_hundred_is_the_last_but_one() -> None:
    """One value in a hundred may be longer than the 99th percentile, no more."""
    figures = Figures.of([float(n) for n in range(1, 101)])
    assert (figures.p50, figures.p99, figures.longest) == (50.5, 99.0, 100.0)


def test_the_table_says_what_was_missed_and_what_was_not_measured() -> None:
    """A bar that is missed stands out; one that was not measured is not taken for one that was met."""
    text = table({"SQLite": {"latency_p50": 1.25, "latency_p99": 3.0, "stock_ratio": 44}})
    assert "**p50 1.25 s** (<= p50 1.00 s), **missed**; p99 3.00 s (<= p99 4.00 s)" in text
    assert "44 x (>= 5 x)" in text
    assert "not measured (<= 15.0 s)" in text
