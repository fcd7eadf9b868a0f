"""Packs are read from where they lie; whatever is wrong with any of them is told at once."""

from pathlib import Path

import pytest

from policy.pack_parse import PackInvalid
from store import packs


def _home(folder: Path, **texts: str) -> Path:
    (folder / "packs").mkdir()
    for name, content in texts.items():
        (folder / "packs" / f"{name}.toml").write_text(content, encoding="utf-8")
    return folder


def test_the_shipped_packs_are_there() -> None:
    """By name, each as its file says."""
    found = packs.load_packs(None)
    assert {"uk_app_baseline", "staffordshire", "derbyshire_mpt", "metropolitan"} <= set(found)
    assert all(found[name].name == name for name in found)


def test_a_home_may_bring_its_own(tmp_path: Path) -> None:
    """One that inherits is read with its parent; a home without packs is no fault."""
    assert packs.load_packs(tmp_path) == packs.load_packs(None)
    home = _home(tmp_path, ours='pack = "ours"\ninherits = "staffordshire"\n')
    found = packs.load_packs(home)
    assert found["ours"].name == "ours"
    assert set(found["ours"].steps) == set(found["staffordshire"].steps)


def test_all_faults_of_all_packs_are_told(tmp_path: Path) -> None:
    """One that is no TOML, one that takes a shipped name, one that is not UTF-8."""
    home = _home(tmp_path, broken="pack = ", staffordshire='pack = "staffordshire"\n')
    (home / "packs" / "latin.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(PackInvalid) as refused:
        packs.load_packs(home)
    said = {fault.field for fault in refused.value.faults}
    assert {"staffordshire.toml", "latin.toml"} <= said
    assert any("broken" in field for field in said)
    assert all(fault.remedy for fault in refused.value.faults)
