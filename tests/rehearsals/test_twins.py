"""Each control that a rehearsal shows at work is missed when it is switched off; each failure has its rehearsal."""

from pathlib import Path

import pytest

from policy import ladder
from policy.errors import Invalid
from tests.rehearsals.play import FILES, LATE, TWIN, TWINS, changed
from tests.rehearsals.twins import Twin, marks, missing_marks, read_twin, twin_of
from tests.support.house import ROOT

SCENARIOS = ("4", "5", "9", "10", "12", "13", "15", "16", "18")
FAILURES = (*(f"F{number}" for number in range(1, 28)), "F29")
# Held by another test than a rehearsal: where, and why.
ELSEWHERE = {
    "F20": ("tests/runtime/test_missed.py", "a log without a case is seen by the reader of the log, before any case"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("file", TWINS, ids=lambda file: file.name.removesuffix(TWIN))
def test_without_its_control(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its control switched off a rehearsal breaks, at the expectations that its twin names."""
    twin = read_twin(file)
    assert twin.faults(twin.play(monkeypatch)) == []


def test_each_rehearsal_of_a_failure_has_a_twin() -> None:
    """One that shows no control could be kept by a Vigil that has none."""
    assert [file.name for file in FILES if marks(file) and not twin_of(file).exists()] == []


def test_each_scenario_and_each_failure_is_rehearsed() -> None:
    """What went wrong once is played in the tests, or another test holds it and says why."""
    missing = missing_marks(FILES, (*SCENARIOS, *FAILURES))
    assert [mark for mark in missing if mark not in ELSEWHERE] == []
    assert [file for file, _ in ELSEWHERE.values() if not (ROOT / file).exists()] == []


# --- twins that are wrong


def _twin(tmp_path: Path, text: str) -> Twin:
    night = changed(tmp_path)
    file = night.with_name(night.stem + TWIN)
    file.write_text(text, encoding="utf-8")
    return read_twin(file)


HEAD = 'control = "The ladder of the notification"\n'
OFF = 'overlay.steps.notify_local_supervisor.ladder = [{ role = "duty_inspector" }]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("control = ", "is not TOML"),
        (HEAD, "breaks: Field required"),
        (HEAD + "breaks = []\n", "breaks"),
        (HEAD + 'breaks = [1]\nwithot = ["steps.x"]\n', "withot"),
        (HEAD + "breaks = [1]\n", "nothing is switched off"),
        (HEAD + "breaks = [1, 6]\n" + OFF, "there is no expect 6"),
        (HEAD + 'breaks = [1]\nwithout = ["steps.nobody"]\n', "the pack has no steps.nobody"),
        (HEAD + 'breaks = [1]\nwithout = ["steps.closure_sign_off.gate.lokated"]\n', "the pack has no steps.clo"),
        (HEAD + 'breaks = [1]\npatch = ["policy.shifts:nobody"]\n', "there is no policy.shifts:nobody"),
        (HEAD + 'breaks = [1]\npatch = ["policy.nowhere:nobody"]\n', "there is no policy.nowhere:nobody"),
        (HEAD + 'breaks = [1]\npatch = ["policy.terms:Kind"]\n', "is no plain function"),
        (HEAD + 'breaks = [1]\noverlay.steps.notify_local_supervisr.due = "5m"\n', "no step `notify_local_supervisr`"),
    ],
)
def test_a_twin_that_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    """A word that is not known, an expectation that is not there, a control that is none: it fails, and says why."""
    with pytest.raises(Invalid, match=said.replace(".", r"\.")):
        _twin(tmp_path, text)


def test_a_twin_of_nothing(tmp_path: Path) -> None:
    """A twin whose rehearsal was renamed is found out."""
    (tmp_path / f"alone{TWIN}").write_text(HEAD + "breaks = [1]\n" + OFF, encoding="utf-8")
    with pytest.raises(Invalid, match="there is no alone"):
        read_twin(tmp_path / f"alone{TWIN}")


def test_a_control_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where what must break is kept or, with `only`, something else breaks, the twin says what was seen."""
    twin = _twin(tmp_path, HEAD + "breaks = [1]\nonly = true\n" + OFF)
    kept, broken = twin.faults(twin.play(monkeypatch))
    assert kept == f"expect 1 is kept without this control: {twin.text.control}; seen was: told at 19:00"
    assert broken.startswith("expect 2 breaks too: never told of this")
    twin = _twin(tmp_path, HEAD + "breaks = [2]\nonly = true\n" + OFF)
    assert twin.faults(twin.play(monkeypatch)) == []


def test_a_word_taken_out_of_a_list(tmp_path: Path) -> None:
    """A step keeps its other gates."""
    gates = _twin(tmp_path, HEAD + 'breaks = [1]\nwithout = ["steps.closure_sign_off.gate.located"]\n').scenario.rules
    assert "located" not in gates.steps["closure_sign_off"].gate
    assert "wellbeing_confirmed" in gates.steps["closure_sign_off"].gate


def test_a_function_that_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has imported it calls the idle one, and what yields gives nothing; afterwards it is as it was."""
    text = HEAD + 'breaks = [2]\nonly = true\n[patch]\n"policy.ladder:climb_after" = {}\n'
    before = ladder.climb_after.__code__
    with pytest.raises(TypeError):  # a table is no instant: what was given is what is got
        _twin(tmp_path, text.format("{}")).play(monkeypatch)
    twin = _twin(tmp_path, HEAD + 'breaks = [2]\nonly = true\npatch = ["policy.ladder:climb_after"]\n')
    assert twin.faults(twin.play(monkeypatch)) == []
    assert ladder.climb_after.__code__ is before


def test_a_generator_that_is_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What gives one thing after another gives nothing at all, as its callers can bear."""
    twin = _twin(
        tmp_path, HEAD + 'breaks = [5]\npatch = ["policy.unfold:_plan_next", "policy.retime_pack:_ladder_times"]\n'
    )
    assert twin.faults(twin.play(monkeypatch))[0].startswith("expect 5 is kept without this control")


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("# Scenario 12; F10", ("12", "F10")),
        ("# F2a; GP", ("F2a", "GP")),
        ("# Domain scenario 1: the LOI has the child at once", ()),
        ('name = "x"', ()),
    ],
)
def test_first_lines(tmp_path: Path, first: str, found: tuple[str, ...]) -> None:
    """A first line names scenarios and failures, or none."""
    file = tmp_path / "night.toml"
    file.write_text(f"{first}\nrest", encoding="utf-8")
    assert marks(file) == found


def test_a_first_line_that_cannot_be_read(tmp_path: Path) -> None:
    """A line that means to name a failure, and says more, is a fault and not a rehearsal without a name."""
    file = tmp_path / "night.toml"
    file.write_text("# Scenario 12, F10: the Force Incident Manager\n", encoding="utf-8")
    with pytest.raises(Invalid, match="first line"):
        marks(file)


def test_the_example_of_the_contract_has_no_mark() -> None:
    """It shows how a rehearsal is written, not a failure."""
    assert marks(LATE) == ()
