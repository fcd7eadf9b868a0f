"""A night that was recorded, its lines, and how they are told again, also with a lie among them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from policy.case import Case
from policy.pack import Pack
from runtime.past import Retold, told_again
from store import roster_past
from store.journal import JournalEntry
from store.roster_past import PastRosters
from tests.support.world import World

NOTICE = "notify_local_supervisor"
CASE = "MP-2026-000001"


def a_night() -> Iterator[World]:
    """A night in which a case was told, climbed, acknowledged, accepted and raised."""
    world = World()
    case = world.report(risk="medium", tagged_to="insp-a")
    world.wait_until("19:11")
    world.fact(case, "acknowledged", "insp-a", NOTICE)
    world.fact(case, "accepted", "insp-a")
    world.fact(case, "risk_set", "fim-1", level="high", rationale="No medication")
    world.fact(case, "note", "fim-1", text="The mother has rung again")
    world.wait_until("19:20")
    yield world
    world.close()


def lines_of(world: World) -> list[JournalEntry]:
    """The journal of the case."""
    return world.journal(CASE)


def again(
    world: World,
    lines: Sequence[JournalEntry],
    *,
    packs: Callable[[Case], Pack] | None = None,
    rosters: PastRosters | None = None,
    stands: Case | None = None,
) -> Retold:
    """Tell the case again from these lines."""
    with world.sim.app.sessions.reading() as s:
        kept = rosters or roster_past.read(s)
    return told_again(CASE, lines, kept, packs or world.sim.app.pack_of, stands)


def planted(lines: Sequence[JournalEntry], kind: str, lie: Mapping[str, object]) -> list[JournalEntry]:
    """The lines with one of them saying something else."""
    place = next(place for place, line in enumerate(lines) if line.kind == kind)
    return [*lines[:place], replace(lines[place], body={**lines[place].body, **lie}), *lines[place + 1 :]]
