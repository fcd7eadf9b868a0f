"""The floor under a level: what a record says of the person may keep its timers from running as lower (W59).

The risk itself stays what was set. Only an inspector's named decision lets the timers run below a floor.
"""

from collections.abc import Iterable

from policy.case import Case
from policy.pack import Pack
from policy.terms import Risk
from policy.values import replace


def floor_of(flags: Iterable[str], pack: Pack) -> Risk | None:
    """Give the highest floor that the pack lays under these flags; None where it lays none."""
    return highest(*(pack.floors[flag] for flag in flags if flag in pack.floors))


def with_floor(case: Case, pack: Pack) -> Case:
    """Give the case with the floor of its flags, or with the one it has where that is higher: a floor never sinks."""
    return replace(case, risk_floor=highest(case.risk_floor, floor_of(case.flags, pack)))


def highest(*levels: Risk | None) -> Risk | None:
    """Give the highest of the levels that are there; None where none is."""
    return max((level for level in levels if level is not None), key=lambda level: level.weight, default=None)
