"""Two machines on one PostgreSQL under bursts of reports: killing any one process loses nothing and delays little."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from runtime.clock import RehearsalClock, WallClock
from runtime.databases import for_prefect
from store.engine import Sessions, make_engine
from tests.chaos.aloud import loud
from tests.chaos.database import own_database
from tests.chaos.judge import Judge
from tests.chaos.machines import Machines, Victim, share_secrets
from tests.chaos.pack import NAME, put_pack
from tests.chaos.phones import Phones
from tests.chaos.plan import SEED, Story, the_seed
from tests.live.force import AREAS, Force
from tests.support.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.postgres, pytest.mark.timeout(900)]

BURST = 25
LATE = timedelta(seconds=30)  # of real time beyond what the burst takes when nothing is killed
RETRY = "2h"  # on the real clock: nobody is reminded
VICTIMS = (
    *(("worker of A", "worker", 0), ("worker of B", "worker", 1), ("console of A", "console", 0)),
    *(("console of B", "console", 1), ("timer that acts", "timer", None), ("watchdog that acts", "watchdog", None)),
    *(("up of B", "up", 1),),
)
FILE = "tests/chaos/test_two_machines_under_fire.py"
_SEED = the_seed()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """Two machines on one store, their force on duty."""
    with own_database() as database, Phones() as phones, ExitStack() as ends:
        ours, theirs = database.create("vigil"), for_prefect(database.create("prefect"))
        pack = put_pack(tmp_path / "A", RETRY)
        put_pack(tmp_path / "B", RETRY)
        flags = ("--pack", NAME, "--database-url", ours)
        first = Stack(tmp_path / "A", (*flags, "--prefect-database-url", theirs)).start()
        ends.callback(first.stop)
        share_secrets(tmp_path / "A", tmp_path / "B")
        second = Stack(tmp_path / "B", (*flags, "--prefect-api-url", first.prefect_api)).start()
        ends.callback(second.stop)
        sessions = Sessions(make_engine(ours))
        ends.callback(sessions.close)
        Force(first, phones).man()
        yield Machines((first, second), phones, sessions, pack)


def test_any_one_process_is_killed(machines: Machines, capsys: pytest.CaptureFixture[str]) -> None:
    """Each burst loses one process: every report is told, at the most thirty seconds later than without the kill."""
    chance = Random(f"{_SEED}/machines")
    victims = [Victim(name, part, machine, round(chance.uniform(0.1, 1.2), 1)) for name, part, machine in VICTIMS]
    chance.shuffle(victims)
    say = loud(capsys)
    say(f"seed {_SEED}; again: {SEED}={_SEED} .venv/bin/python -m pytest -q {FILE}")
    usual = max(_took(machines, chance, 0, None))
    faults: list[str] = []
    for number, victim in enumerate(victims, 1):
        slowest = max(_took(machines, chance, number, victim))
        row = f"{number}/{len(victims)}  {victim.name:<20} killed after {victim.after_s:.1f} s"
        say(f"{row}; all told after {slowest.total_seconds():5.1f} s, undisturbed {usual.total_seconds():.1f} s")
        if slowest > usual + LATE:
            faults.append(f"{victim.name} killed: told after {slowest}, {usual} when nothing is killed")
        victim.bring_back(machines)
        machines.wait_until_all_live()
    now = WallClock().wall()
    clock = RehearsalClock(now, 1, now)  # any: only what was told twice and what is stored is judged
    judge = Judge(machines.pack, clock, machines.phones, machines.sessions, machines.outages)
    faults += [*judge.told_twice(), *judge.store_is_sound(machines.told)]
    assert not faults, "\n".join(["", *faults, f"seed {_SEED}"])


def _took(machines: Machines, chance: Random, number: int, victim: Victim | None) -> list[timedelta]:
    """Play one burst and give for each report how long after its taking it was told."""
    stories = [
        Story(number * BURST + n, 0, chance.choice(AREAS), chance.choice(("low", "medium", "high")), None, False)
        for n in range(1, BURST + 1)
    ]
    told = machines.burst(stories, victim)
    heard = [(machines.told_at(one), one.taken_at) for one in told]
    return [at - taken_at for at, taken_at in heard if at is not None]
