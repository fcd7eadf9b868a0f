"""`vigil rehearse --against`: what a person types, what they read, and how a wrong word is refused."""

import json

import pytest

from console.cli.commands import run
from tests.console.world import NAME, STORY, World
from tests.rehearsals.play import LATE

TOLD = ("rehearse", str(LATE), "--against", "told=+5m")


def test_in_words_first_then_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """The differences are said before the first minute is shown; the legend says what the marks mean."""
    assert run(TOLD) == 0
    said = capsys.readouterr().out
    words, minutes = said.index("- FIM tells the LOI and the sergeant: insp-n is told as well."), said.index("19:25")
    assert words < minutes
    assert "Each answer 5 minutes later" in said
    assert "the same on both sides" in said
    assert "insp-a acknowledges [5 minutes later]" in said


def test_several_changes_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    """Each `--against` is a comparison of its own."""
    assert run([*TOLD, "--against", "pack=uk_app_baseline", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["comparisons"]
    assert [one["against"] for one in found] == ["told=+5m", "pack=uk_app_baseline"]
    assert found[0]["summary"][0].startswith("STORM entry of who was told: fim-1 is told 5 minutes later")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("rehearse",), "name a rehearsal file"),
        (("rehearse", str(LATE), "--against", "weather"), "use one of: told=+5m"),
        (("rehearse", "--case", "MP-2026-000001", "--against", "was"), "cannot be laid beside this"),
        (("rehearse", str(LATE), "--case", "MP-2026-000001", "--against", "told=+5m"), "one of the two"),
        (("rehearse", "--case", "MP-2026-000001"), "say what to change"),
        ((*TOLD, "--live"), "leave --live and --speed out"),
    ],
)
def test_what_was_typed_wrong(typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, with what to type instead."""
    assert run(typed) == 2
    assert said in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_a_recorded_case(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A case of a home is replayed without a server; what was written about the person is not printed.

    It has lain there since: of what nobody touches for months two days are told.
    """
    ref, home = world.report(), str(world.app.settings.home)
    assert run(["rehearse", "--home", home, "--case", ref, "--against", "pack=uk_app_baseline"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Under the pack National baseline (APP, England and Wales)" in said
    assert "Both are played until 2 days after the last thing that was recorded." in said
    assert NAME not in said
    assert STORY not in said
    assert run(["rehearse", "--home", home, "--case", "MP-1999-000001", "--against", "told=+5m"]) == 1
    assert run(["rehearse", "--home", home, "--case", ref, "--against", "told=+5m"]) == 2
    assert "nobody has answered in this case yet" in capsys.readouterr().err
