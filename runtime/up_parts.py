"""The parts that `vigil up` runs, each in a process of its own: what starts it, and how long it may take to stop."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtime.keys import prefect_auth
from runtime.prefect_env import prefect_env
from runtime.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Part:
    """One process of the system."""

    name: str
    title: str
    command: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    grace_s: float  # from SIGTERM to SIGKILL; all of them together stay below 20 s


def parts_of(settings: Settings) -> tuple[Part, ...]:
    """Give the parts in the order in which they are started; they are stopped in the opposite order."""
    env = environment(settings)
    ours = env | settings.as_env()
    prefect = Part("prefect", "Prefect server", _command("prefect"), env, 4)
    parts = (
        Part("console", "console and API", _command("console"), ours, 3),
        Part("timer", "timer", _command("timer"), ours, 1.5),
        Part("watchdog", "watchdog", _command("watchdog"), ours, 1),
        Part("worker", "worker", _command("worker"), ours, 10),
    )
    return parts if settings.prefect_api_url else (prefect_with_ports(prefect, settings), *parts)


def prefect_with_ports(part: Part, settings: Settings) -> Part:
    """Give the Prefect server's part with its home, host and port."""
    where = (str(settings.home), settings.host, str(settings.prefect_port))
    return Part(part.name, part.title, (*part.command, *where), part.env, part.grace_s)


def environment(settings: Settings) -> dict[str, str]:
    """Give the environment that all parts share: no setting of Vigil or Prefect but those of this home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_"))}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    prefect = prefect_env(settings.home, settings.prefect_api, settings.prefect_database_url, prefect_auth(settings))
    # Many threads, each with an arena of its own, keep what ten thousand cases once took: two arenas give it back.
    memory = {"MALLOC_ARENA_MAX": "2", "MALLOC_TRIM_THRESHOLD_": "131072"}
    return memory | kept | prefect | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def _command(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "runtime.up_part", name)
