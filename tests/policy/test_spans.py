"""Spans as packs write them, instants as records give them, times as people on duty read them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.spans import Span, local_time, read_instant
from tests.policy.night import at

SPANS = st.builds(
    lambda number, unit: Span.parse(f"{number}{unit}"),
    st.integers(1, 1_000),
    st.sampled_from(["s", "m", "h", "d", "mo"]),
)
# Hypothesis wants its bounds without a zone.
NAIVE_FROM, NAIVE_TO = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (2000, 2100))
INSTANTS = st.datetimes(NAIVE_FROM, NAIVE_TO, timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "elapsed"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        (" 2h ", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
    ],
)
def test_a_span_is_a_number_and_a_unit(text: str, elapsed: timedelta) -> None:
    """Seconds, minutes, hours and days are elapsed time."""
    assert Span.parse(text).after(at("19:00")) == at("19:00") + elapsed


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "0m", "1.5h", "10 m", "10min", "1w", "immediate", "10m2s"])
def test_what_is_no_span_is_refused_with_the_remedy(text: str) -> None:
    """The message names the forms that would do."""
    with pytest.raises(ValueError, match="such as 10m"):
        Span.parse(text)


@pytest.mark.parametrize("text", ["999999d", "999999mo", "36526d"])
def test_a_span_of_centuries_is_a_slip_of_the_pen(text: str) -> None:
    """What no calendar could hold is refused where it is read, not where it is added."""
    with pytest.raises(ValueError, match="hundred years"):
        Span.parse(text)


@given(SPANS)
def test_a_span_reads_back_as_it_is_written(span: Span) -> None:
    """`parse` and `str` are each other's inverse."""
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "1mo", datetime(2026, 2, 28, 12, tzinfo=UTC)),
        (datetime(2024, 1, 31, 12, tzinfo=UTC), "1mo", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (datetime(2026, 11, 30, 12, tzinfo=UTC), "3mo", datetime(2027, 2, 28, 12, tzinfo=UTC)),
        (datetime(2026, 3, 28, 22, tzinfo=UTC), "1d", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), "1d", datetime(2026, 10, 25, 22, tzinfo=UTC)),
    ],
)
def test_months_are_calendar_months_and_days_are_24_hours(start: datetime, text: str, end: datetime) -> None:
    """A day that the month has not got becomes its last; the nights on which clocks change are 24 hours long."""
    assert Span.parse(text).after(start) == end


@given(SPANS, INSTANTS, st.integers(0, 5))
def test_a_span_fits_as_often_as_it_was_added(span: Span, start: datetime, times: int) -> None:
    """`fits` counts what `after` added, to the second."""
    end = span.after(start, times)
    assert span.fits(start, end) >= times
    assert span.after(start, span.fits(start, end)) <= end < span.after(start, span.fits(start, end) + 1)


def test_a_span_does_not_fit_into_time_that_runs_backwards() -> None:
    """An end before the start holds nothing."""
    assert Span.parse("1m").fits(at("19:00"), at("18:00")) == 0


def test_spans_are_ordered_and_a_month_is_at_least_28_days() -> None:
    """28 days never exceed a month; 29 might."""
    in_order = [Span.parse(text) for text in ("59s", "1m", "47h", "2d", "28d", "1mo", "29d", "3mo")]
    shuffled = [in_order[i] for i in (5, 2, 7, 0, 4, 1, 6, 3)]
    assert sorted(shuffled) == in_order
    assert Span.parse("28d") < Span.parse("1mo")
    assert not Span.parse("28d") > Span.parse("1mo")
    assert Span.parse("60m") == Span.parse("1h")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-10T19:00:00Z", at("19:00")),
        ("2026-01-10T20:00:00+01:00", at("19:00")),
        ("20260110T190000Z", at("19:00")),
        ("2026-01-10T19:00:00", None),
        ("2026-01-10", None),
        ("yesterday", None),
        ("", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:59:59-05:00", None),
    ],
)
def test_an_instant_has_an_offset_and_lies_in_our_time(text: str, instant: datetime | None) -> None:
    """It comes out in UTC; a time without its offset is nobody's time."""
    assert read_instant(text) == instant


@given(st.text())
def test_reading_an_instant_never_raises(text: str) -> None:
    """Whatever is written there, the answer is an instant in UTC or None."""
    read = read_instant(text)
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (datetime(2026, 7, 10, 18, 10, tzinfo=UTC), "19:10"),
        (datetime(2026, 7, 10, 23, 10, tzinfo=UTC), "00:10 on 11 Jul"),
        (datetime(2027, 1, 1, 9, 0, tzinfo=UTC), "09:00 on 1 Jan 2027"),
    ],
)
def test_people_read_local_time_with_the_date_when_it_is_not_today(instant: datetime, said: str) -> None:
    """Shown in London, whatever the season."""
    assert local_time(instant, datetime(2026, 7, 10, 17, 0, tzinfo=UTC)) == said
