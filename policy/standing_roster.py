"""A force in which every role is held round the clock: who is on duty in a year that never was.

Three shifts a day by the clock on the wall in London (06, 14 and 22 o'clock), so that the night on which the clocks
change is an hour shorter or longer. Each stays half an hour to hand over. All of it is CHOSEN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from policy.roster import FORCE_WIDE, Duty, Roster
from policy.spans import LOCAL
from policy.terms import RANK_OF_ROLE, Rank, Role
from policy.values import once

BEGINS = (6, 14, 22)  # o'clock, on the wall
SHIFTS = ("early", "late", "night")
HANDOVER = timedelta(minutes=30)
LOCAL_ROLES = (Role.DUTY_INSPECTOR, Role.RESPONSE_SERGEANT, Role.RESPONSE_OFFICER)  # one in each area
NEVER = (Role.POLICY_ADMIN, Role.AUDITOR, Role.SYSTEM)  # roles in which nobody is on duty


@dataclass(frozen=True)
class StandingRoster:
    """The roster of such a force at any instant; the same people come back to the same shift each day."""

    areas: tuple[str, ...]
    forces: tuple[str, ...] = ()  # other forces, each with its control room

    def __call__(self, at: datetime) -> Roster:
        """Give the roster at an instant: the shift that is on, the one before it and the one to come."""
        for from_at, to_at, roster in self._latest:  # the instants that are asked for come one after the other
            if from_at <= at < to_at:
                return roster
        shift = shift_at(at)
        roster = _roster(self.areas, self.forces, *shift)
        self._latest[:] = [(begins_at(*shift), begins_at(*next_shift(*shift)), roster)]
        return roster

    @once
    def _latest(self) -> list[tuple[datetime, datetime, Roster]]:
        return []

    def holder(self, role: Role, area: str | None, at: datetime) -> str:
        """Name who holds a role at an instant, here or in another force's control room: whoever came on duty last."""
        exact = role in LOCAL_ROLES or area in self.forces
        return person(role, area if exact and area else FORCE_WIDE, SHIFTS[shift_at(at)[1]])


def person(role: Role, area: str, shift: str) -> str:
    """Give the roster id of whoever has a role on a shift."""
    place = "" if area == FORCE_WIDE else f"-{area}"
    return f"{role.replace('_', '-')}{place}-{shift}"


def shift_at(at: datetime) -> tuple[date, int]:
    """Give the shift that came on duty last: the day on which it began, and its number."""
    here = at.astimezone(LOCAL)
    if here.hour < BEGINS[0]:
        return here.date() - timedelta(days=1), len(BEGINS) - 1
    return here.date(), (here.hour - BEGINS[0]) // 8


def begins_at(day: date, number: int) -> datetime:
    """Give when a shift begins."""
    return datetime.combine(day, time(BEGINS[number]), LOCAL).astimezone(UTC)


def next_shift(day: date, number: int) -> tuple[date, int]:
    """Give the shift that comes after one."""
    return (day, number + 1) if number + 1 < len(BEGINS) else (day + timedelta(days=1), 0)


@cache
def _roster(areas: tuple[str, ...], forces: tuple[str, ...], day: date, number: int) -> Roster:
    before = (day, number - 1) if number else (day - timedelta(days=1), len(BEGINS) - 1)
    shifts = ((day, number), before, next_shift(day, number))
    duties = tuple(duty for shift in shifts for duty in _duties(areas, forces, *shift))
    return Roster(duties, _known(areas, forces), elsewhere=frozenset(forces))


@cache
def _duties(areas: tuple[str, ...], forces: tuple[str, ...], day: date, number: int) -> tuple[Duty, ...]:
    from_at, to_at = begins_at(day, number), begins_at(*next_shift(day, number)) + HANDOVER
    return tuple(
        Duty(person(role, area, SHIFTS[number]), role, RANK_OF_ROLE[role], area, from_at, to_at)
        for role, area in _posts(areas, forces)
    )


@cache
def _known(areas: tuple[str, ...], forces: tuple[str, ...]) -> Mapping[str, Rank]:
    return {person(role, area, shift): RANK_OF_ROLE[role] for role, area in _posts(areas, forces) for shift in SHIFTS}


@cache
def _posts(areas: tuple[str, ...], forces: tuple[str, ...]) -> tuple[tuple[Role, str], ...]:
    local = [(role, area) for role in LOCAL_ROLES for area in areas or (FORCE_WIDE,)]
    local += [(Role.FORCE_INCIDENT_MANAGER, force) for force in forces]
    return (*local, *((role, FORCE_WIDE) for role in Role if role not in (*LOCAL_ROLES, *NEVER)))
