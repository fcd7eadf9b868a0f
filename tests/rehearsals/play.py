"""How rehearsals are played in tests, and how one is changed for a test."""

from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
LATE = HERE / "an_inspector_who_looks_late.toml"
TWIN = ".twin.toml"
TWINS = sorted(HERE.glob(f"*{TWIN}"))
FILES = sorted(set(HERE.glob("*.toml")) - set(TWINS))
LONG = frozenset({"a_friday_night"})  # too many cases for each of them to be told again beside the rest
Run = Callable[..., tuple[int, str, str]]


def changed(tmp_path: Path, *changes: tuple[str, str], extra: str = "") -> Path:
    """Write the contract's example with some words replaced, and more at its end."""
    text = LATE.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / "changed.toml"
    file.write_text(text + extra, encoding="utf-8")
    return file
