"""What is killed, when and at which moment of a case, and what is reported meanwhile: all drawn from one seed."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from tests.live.force import AREAS

SEED: Final = "VIGIL_CHAOS_SEED"
REPORTS: Final = 400  # more than will be needed


class Kind(StrEnum):
    """What is killed with -9."""

    CONSOLE = "console"
    WORKER = "worker"
    TIMER = "timer"
    WATCHDOG = "watchdog"
    PREFECT = "prefect"
    DATABASE = "database"
    EVERYTHING = "everything"


PARTS: Final = tuple(kind for kind in Kind if kind not in (Kind.DATABASE, Kind.EVERYTHING))
MOMENTS: Final = ("notify", "remind", "escalate")  # of a case, by the message that a phone has just received


@dataclass(frozen=True)
class Kill:
    """One kill: after a pause; where a moment is named, while a phone that received such a message holds its answer."""

    number: int
    kind: Kind
    pause_s: float
    moment: str
    down_s: float  # for how long a machine or a database stays away


@dataclass(frozen=True)
class Story:
    """One report, and who answers it when: None lets it climb to the top of its ladder first."""

    number: int
    gap_s: float
    area: str
    risk: str
    answered_after_s: float | None
    by_link: bool


@dataclass(frozen=True)
class Plan:
    """Everything that chance decides about one home's hour."""

    seed: int
    home: str
    kills: tuple[Kill, ...]
    stories: tuple[Story, ...]

    @property
    def replay(self) -> str:
        """Give the command that plays the same again."""
        file = "tests/chaos/test_kills_of_everything.py"
        return f"{SEED}={self.seed} .venv/bin/python -m pytest -q {file} -k {self.home}"


def the_seed() -> int:
    """Give the seed that the environment names, or a fresh one."""
    named = os.environ.get(SEED)
    return int(named) if named else secrets.randbelow(1_000_000)


def draw(seed: int, home: str, counts: Mapping[Kind, int]) -> Plan:
    """Draw a plan with so many kills of each kind, in an order of chance."""
    chance = Random(f"{seed}/{home}")
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    chance.shuffle(kinds)
    kills = tuple(
        Kill(
            number=number,
            kind=kind,
            pause_s=round(chance.uniform(2, 9), 1),
            moment=_moment(kind, chance),
            down_s=round(chance.uniform(1, 9), 1),
        )
        for number, kind in enumerate(kinds, 1)
    )
    return Plan(seed, home, kills, tuple(_story(number, chance) for number in range(1, REPORTS + 1)))


def _moment(kind: Kind, chance: Random) -> str:
    """A worker always dies in the middle of a pass; whatever else, in the middle of one half the time."""
    moments = MOMENTS if kind is Kind.WORKER else (*MOMENTS, "", "", "")
    return chance.choice(moments)


def _story(number: int, chance: Random) -> Story:
    answered = chance.random() < 0.3
    return Story(
        number=number,
        gap_s=round(chance.uniform(5, 12), 1),
        area=chance.choice(AREAS),
        risk=chance.choice(("low", "medium", "medium", "high")),
        answered_after_s=round(chance.uniform(1, 30), 1) if answered else None,
        by_link=chance.random() < 0.5,
    )
