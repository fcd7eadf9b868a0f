"""The local hours of a team: what comes outside of them counts from their next beginning (S3: a team from 8 to 22).

Hours are those of the clock on the wall, so that 08:00 is 08:00 on both nights on which the clocks change.
"""

from datetime import UTC, datetime, time, timedelta

from policy.pack_parts import Hours
from policy.spans import LOCAL, Span
from policy.terms import Risk


def outside(hours: Hours | None, at: datetime) -> bool:
    """Tell whether an instant lies outside of a team's hours; a step without hours has none to lie outside of."""
    return hours is not None and not hours.from_local <= _wall(at) < hours.to_local


def counts_from(hours: Hours | None, at: datetime) -> datetime:
    """Give from when a step counts whose anchor is `at`: from then, or from the next beginning of the team's hours."""
    return _next_beginning(hours.from_local, at) if hours is not None and outside(hours, at) else at


def own_span(hours: Hours | None, risk: Risk, at: datetime) -> Span | None:
    """Give the time that the level has for what came outside of the hours; None where the ordinary one holds."""
    return hours.due.get(risk) if hours is not None and outside(hours, at) else None


def _wall(at: datetime) -> str:
    return f"{at.astimezone(LOCAL):%H:%M}"


def _next_beginning(from_local: str, at: datetime) -> datetime:
    """Give the next instant at which the clock on the wall shows `from_local`, or first goes past it.

    In the night on which the clocks go back some times are shown twice, in the one on which they go forward never.
    """
    today, begins = at.astimezone(LOCAL).date(), time.fromisoformat(from_local)
    days = (today, today + timedelta(days=1))
    shown = (datetime.combine(day, begins.replace(fold=fold), LOCAL).astimezone(UTC) for day in days for fold in (0, 1))
    return min(instant for instant in shown if instant > at and _wall(instant) >= from_local)
