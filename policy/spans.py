"""Spans of time as packs write them: `90s 10m 2h 3d 3mo`."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import total_ordering
from zoneinfo import ZoneInfo

from policy.values import once

LOCAL = ZoneInfo("Europe/London")
SKEW = timedelta(seconds=5)  # a sender's clock may run ahead by this much before an instant counts as future

_PATTERN = re.compile(r"^(\d{1,6})(s|m|h|d|mo)$")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_NOMINAL_MONTH = timedelta(days=28)  # the shortest month: an order between spans errs on the early side
SANE_YEARS = range(1900, 3000)  # outside them a slip of the pen, and local time does not always exist
_LONGEST = timedelta(days=36_525)  # a hundred years: whatever is longer is a slip of the pen and breaks calendars


@total_ordering
@dataclass(frozen=True)
class Span:
    """A length of time: elapsed seconds, or whole calendar months.

    A day is 24 elapsed hours; a month is a calendar month in UTC (domain 8.1).
    """

    months: int = 0
    elapsed: timedelta = timedelta(0)

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read `90s`, `10m`, `2h`, `3d` or `3mo`; raise ValueError with the remedy otherwise."""
        match = _PATTERN.match(text.strip())
        if match is None or int(match[1]) == 0:
            raise ValueError(f"{text!r} is not a span; write a whole number and s, m, h, d or mo, such as 10m")
        number, unit = int(match[1]), match[2]
        span = cls(months=number) if unit == "mo" else cls(elapsed=timedelta(seconds=number * _SECONDS[unit]))
        if span.nominal > _LONGEST:
            raise ValueError(f"{text!r} is longer than a hundred years; write a shorter span")
        return span

    def after(self, instant: datetime, times: int = 1) -> datetime:
        """Give the instant `times` spans after `instant`; a day that the month has not got becomes its last."""
        if not self.months:
            return instant + self.elapsed * times
        months = instant.month - 1 + self.months * times
        year, month = instant.year + months // 12, months % 12 + 1
        day = min(instant.day, monthrange(year, month)[1])
        return instant.replace(year=year, month=month, day=day) + self.elapsed * times

    def fits(self, start: datetime, end: datetime) -> int:
        """Give how often the span fits between two instants: 0 when not once."""
        if not self.months:
            return max((end - start) // self.elapsed, 0)
        times = 0
        while self.after(start, times + 1) <= end:
            times += 1
        return times

    @property
    def nominal(self) -> timedelta:
        """Give a duration to compare by; a month counts as 28 days."""
        return self.elapsed + self.months * _NOMINAL_MONTH

    def __lt__(self, other: "Span") -> bool:
        return (self.nominal, self.months) < (other.nominal, other.months)  # 28d is never longer than 1mo

    def __str__(self) -> str:
        return self._text

    @once
    def _text(self) -> str:
        if self.months:
            return f"{self.months}mo"
        seconds = int(self.elapsed.total_seconds())
        unit = next(u for u in ("d", "h", "m", "s") if seconds % _SECONDS[u] == 0)
        return f"{seconds // _SECONDS[unit]}{unit}"


def read_instant(text: str) -> datetime | None:
    """Read an instant with its offset, as UTC; None for anything else, such as a time without an offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None and at.year in SANE_YEARS else None


def local_time(instant: datetime, today: datetime) -> str:
    """Say an instant as a person on duty reads it: `19:10`, with its date when that is not today."""
    here, now = instant.astimezone(LOCAL), today.astimezone(LOCAL)
    if here.date() == now.date():
        return f"{here:%H:%M}"
    return f"{here:%H:%M} on {here.day} {here:%b}" + ("" if here.year == now.year else f" {here.year}")
