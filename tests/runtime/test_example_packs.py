"""The example of `make run` under each force's pack: its own areas and people, and somebody is told of every case."""

from pathlib import Path

import pytest

from runtime import app as runtime_app
from runtime import example
from runtime.app import App
from runtime.settings import load
from store import cases
from store.packs import load_packs

FORCES = sorted(load_packs(None))


def begun(home: Path, pack: str) -> App:
    """Begin a home under a pack."""
    return runtime_app.build(load({"home": home, "pack": pack}))


@pytest.mark.parametrize("pack", FORCES)
def test_each_force_has_an_example(tmp_path: Path, pack: str) -> None:
    """No row refused, no defect but those of a nation without areas, and each notice told to a named person."""
    app = begun(tmp_path, pack)
    taken = example.load(app)
    assert len(taken) == 3
    known = set() if app.packs[pack].areas else {"area"}
    assert {str(defect["field"]) for one in taken for defect in one.defects} <= known
    with app.sessions.reading() as s:
        views = [cases.load(s, one.case).case for one in taken]
    assert {case.pack for case in views} == {pack}
    told = [case.step("notify_local_supervisor") for case in views]
    assert all(step is not None and step.holder for step in told)
    app.close()


OURS = 'pack = "ours"\ninherits = "metropolitan"\n'
ALONE = 'pack = "alone"\ninherits = "uk_app_baseline"\n[areas.here]\ntitle = "Here"\n'


@pytest.mark.parametrize(
    ("text", "areas"), [(OURS, {"central_north", "south_east", "west"}), (ALONE, {None})], ids=["ours", "alone"]
)
def test_a_force_of_ones_own_takes_the_example_of_its_parent(tmp_path: Path, text: str, areas: set[str | None]) -> None:
    """Where the areas are the parent's; where they are its own, the nation's, in which everybody is force-wide."""
    name = text.split('"')[1]
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / f"{name}.toml").write_text(text, encoding="utf-8")
    app = begun(tmp_path, name)
    taken = example.load(app)
    with app.sessions.reading() as s:
        assert {cases.load(s, one.case).case.area for one in taken} == areas
    app.close()
