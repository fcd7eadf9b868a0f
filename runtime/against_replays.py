"""The three cases that the IOPC looked into, as they ship: as it was, and as Vigil would have had it."""

from functools import cache
from pathlib import Path

from policy.errors import Unknown
from runtime.rehearse_against import Comparison, compare_was
from runtime.rehearse_file import read
from runtime.rehearse_scenario import Scenario

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "replays"
ORDER = ("staffordshire_2025", "met_ix_68_18", "staffordshire_2017")


def told(name: str) -> Scenario:
    """Give what a replay tells, without playing it; raise Unknown when there is none of that name."""
    if name not in ORDER:
        raise Unknown(f"there is no replay {name[:40]!r}; the replays are: {', '.join(ORDER)}")
    return _read(name)


def played(name: str) -> Comparison:
    """Give a replay side by side; raise Unknown when there is none of that name."""
    told(name)
    return _played(name)


@cache
def _read(name: str) -> Scenario:
    return read(FOLDER / f"{name}.toml")


@cache
def _played(name: str) -> Comparison:
    return compare_was(_read(name))
