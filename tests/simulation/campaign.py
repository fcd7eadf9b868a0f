"""Many crashes: every point at every place of every story where that list is short, then a seeded choice of several."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from random import Random

from tests.simulation.crash import HOWS, OPENERS, Crash, CrashWorld, play
from tests.support.faults import EVERY

SEED = int(os.environ.get("VIGIL_CRASH_SEED", "4"))
SHORT = 3  # places of one point in one story that are all played; of more, the first, and one by lot
CHOSEN = 25  # crashes of a story in which two or three things go wrong
FEW = 8  # of these in a fast run
MOST_AT_ONCE = 3


@cache
def meetings(story: str) -> Mapping[str, int]:
    """Give how often a story passes each point when nothing goes wrong, or when what opens the way to it does."""
    met = dict(play(Crash(story, ())).met)
    for verb, opener in OPENERS.items():
        after = play(Crash(story, (opener,), "worker")).met
        met |= {point: times for point, times in after.items() if point.startswith(f"{verb}:")}
    return met


def opened(point: str, place: int) -> tuple[tuple[str, int], ...]:
    """Give a point with what opens the way to it."""
    opener = OPENERS.get(point.partition(":")[0])
    return ((opener,) if opener else ()) + ((point, place),)


def hows(point: str) -> Sequence[str]:
    """Give who may be there afterwards; what is met after a death of the worker alone needs just that."""
    return ("worker",) if point.partition(":")[0] in OPENERS else HOWS


def enumerated(story: str) -> Iterator[Crash]:
    """Give every point at every place, or at two of its places; who is there afterwards goes round."""
    lot, number = Random(f"{SEED} {story}"), 0
    for point, times in sorted(meetings(story).items()):
        places = range(times) if times <= SHORT else sorted({0, lot.randrange(1, times)})
        for place in places:
            number += 1
            there = hows(point)
            yield Crash(story, opened(point, place), there[number % len(there)])


def chosen(story: str, count: int = CHOSEN) -> Iterator[Crash]:
    """Give crashes in which two or three things go wrong, by lot."""
    lot = Random(f"{SEED} several {story}")
    met = {point: times for point, times in meetings(story).items() if point.partition(":")[0] not in OPENERS}
    for _ in range(count):
        points = lot.sample(sorted(met), lot.randint(2, MOST_AT_ONCE))
        yield Crash(story, tuple((point, lot.randrange(met[point])) for point in points), lot.choice(HOWS))


def few() -> list[Crash]:
    """Give each point once, in one story or another, and some in which several things go wrong."""
    lot, found = Random(f"{SEED} few"), list[Crash]()
    names = ("first_notice", "decline", "raised", "two_cases")
    for number, point in enumerate(sorted(EVERY)):
        story = names[number % len(names)]
        if point in meetings(story):
            found.append(Crash(story, opened(point, lot.randrange(meetings(story)[point])), lot.choice(hows(point))))
    for story in names:
        found += chosen(story, FEW // len(names))
    return found


def play_all(crashes: Sequence[Crash], world: type[CrashWorld] = CrashWorld) -> int:
    """Play them and give how many faults really went off; raises AssertionError with each crash that broke a promise.

    A crash whose own point is never met is a failure too: it would be a test of nothing.
    """
    went_off, broken = 0, list[str]()
    for crash in crashes:
        try:
            played = play(crash, world)
            missing = {crash.points[-1][0]} - set(played.went_off)
            assert not missing or len(crash.points) > 1 + (len(opened(*crash.points[-1])) > 1), f"{missing} was not met"
        except Exception as error:  # noqa: BLE001 -- whatever it is, the others are played and each is named
            broken.append(f"VIGIL_CRASH='{crash}' pytest tests/simulation/test_crashes.py -k named\n    {error!r:.300}")
        else:
            went_off += len(played.went_off)
    assert not broken, f"{len(broken)} of {len(crashes)} (seed {SEED}):\n" + "\n".join(broken)
    return went_off
