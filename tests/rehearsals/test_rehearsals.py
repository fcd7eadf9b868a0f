"""Every rehearsal in this folder is kept, and a rehearsal that lies is found out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import rehearse

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.toml"))
LATE = HERE / "an_inspector_who_looks_late.toml"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run() -> Run:
    """Play rehearsals; give the exit code, what was printed and what was complained of."""

    def play(*files: Path, **flags: object) -> tuple[int, str, str]:
        out: list[str] = []
        err: list[str] = []
        code = rehearse.run(files, out=out.append, err=err.append, **flags)  # type: ignore[arg-type]  # flags are handed on by name
        return code, "".join(out), "".join(err)

    return play


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rehearsal(file: Path, run: Run) -> None:
    """What the file expects is what is seen."""
    code, story, faults = run(file)
    assert code == 0, story + faults


def changed(tmp_path: Path, *changes: tuple[str, str], extra: str = "") -> Path:
    """Write the contract's example with some words replaced, and more at its end."""
    text = LATE.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file = tmp_path / "changed.toml"
    file.write_text(text + extra, encoding="utf-8")
    return file


LIES = """
[[expect]]
told  = "fim-1"
about = "notify_local_supervisor"
by    = "+19m"
[[expect]]
not_told = "sgt-s"
[[expect]]
at    = "+26m"
owner = "insp-a"
[[expect]]
count = "breaches"
is    = 7
[[expect]]
told  = "insp-a"
type  = "remind"
times = 7
[[expect]]
alarm = "unreachable"
[[expect]]
refused = 3
[[expect]]
due = "notify_local_supervisor"
at  = "+11m"
[[expect]]
step = "notify_local_supervisor"
is   = "done"
at   = "+25m"
"""


def test_a_broken_expectation_says_what_was_seen(tmp_path: Path, run: Run) -> None:
    """One minute too early, a person too many, an owner too soon: each is broken, and the exit code says so."""
    code, story, _ = run(changed(tmp_path, extra=LIES))
    assert code == 1
    said = " ".join(story.split())
    for seen in (
        "told only at 19:20",
        "told of notify_local_supervisor at 19:00, 19:03,",
        "nobody at 19:26",
        "3 breaches",
        "19:21 and 19:24 (8 times)",
        "did not ring; nobody_on_duty and overdue_last_rung did",
        "not refused",
        "due at 19:10",
        "done late at 19:25",
        "5 kept, 9 broken",
    ):
        assert seen in said, story


def test_the_same_as_data(run: Run) -> None:
    """`--json` holds the story and each expectation, for machines."""
    code, text, _ = run(LATE, json=True)
    data = json.loads(text)
    assert (code, data["kept"]) == (0, True)
    played = data["rehearsals"][0]
    assert [e["result"] for e in played["expectations"]] == ["kept"] * 5
    told = [item for item in played["story"] if item["kind"] == "told" and item["person"] == "insp-a"]
    assert told[0]["at"] == "2026-01-10T19:00:00Z"
    assert {item["kind"] for item in played["story"]} >= {"report", "fact", "told", "overdue", "alarm", "end"}


WRONG = """
name  = "Everything wrong"
start = "2026-01-10T19:00:00"
weather = "fog"

[[duty]]
person = "insp-a"
role   = "duty_inspektor"
area   = "narnia"
from   = "-5h"
to     = "soon"
[[duty]]
person = "fim-1"
role   = "force_incident_manger"
area   = "*"
from   = "-5h"
to     = "+5h"

[[act]]
at = "10m"
report = { area = "stoke" }
[[act]]
at = "+1m"
fact = { kind = "aknowledged", by = "insp-a", wen = "now" }
[[act]]
at = "+1m"
[[act]]
at = "+1m"
fact = { kind = "note", by = "fim-1" }
case = 7

[[expect]]
told = "fim-2"
by   = "+1m"
at   = "+2m"
[[expect]]
tld = "fim-1"
[[expect]]
step = "notify_local_supervisr"
is   = "over"
[[expect]]
count = "told"
about = "no_such_step"
"""


def test_every_fault_of_a_file_at_once(tmp_path: Path, run: Run) -> None:
    """Each fault is named with its place, its line, what is wrong and what to do; nothing is played."""
    file = tmp_path / "wrong.toml"
    file.write_text(WRONG, encoding="utf-8")
    code, story, faults = run(file)
    assert (code, story) == (2, "")
    for said in (
        "wrong.toml: weather: is not a word of this table; use one of: name, pack, start,",
        "start: 2026-01-10T19:00:00 has no offset",
        "duty 1 (line 6): to: 'soon' is no time; write +10m, -20d or",
        "act 1 (line 19): at: '10m' is no time",
        "duty 1 (line 6): to: 'soon' is no time",
        "duty 2 (line 12): role: 'force_incident_manger' is not known",
        "act 2 (line 22): fact.kind: 'aknowledged' is not known; did you mean acknowledged?",
        "act 2 (line 22): fact.wen: is not a word of this table",
        "act 3 (line 25): says nothing that happens; write one of: report, fact,",
        "act 4 (line 27): case: there is no report 7",
        "expect 1 (line 32): has at and by",
        "expect 1 (line 32): told: 'fim-2' is on no duty of this file; did you mean fim-1?",
        "expect 2 (line 36): tld: is not a word of this table; did you mean told?",
        "expect 3 (line 38): is: 'over' is not known; did you mean overdue?",
        "expect 4 (line 41): is: is missing",
        "expect 4 (line 41): about: 'no_such_step' is not known",
    ):
        assert said in faults, faults


ODD = """
[[act]]
at   = "+5m"
fact = { kind = "note", by = "fim-1", case = 2 }
[[act]]
at      = "+6m"
propose = { base = 1 }
[[act]]
at     = "+6m"
outage = { of = "engine", until = "+5m" }
[[expect]]
told = "insp-z"
[[expect]]
told = "role:duty_inspecter"
[[expect]]
step = "notify_local_supervisr"
is   = "open"
[[expect]]
at = "+1m"
by = "+2m"
owner = "insp-a"
[[expect]]
refused = 1
is = 3
[[expect]]
due = "named_owner_accepts"
"""


def test_what_does_not_fit_together_is_a_fault(tmp_path: Path, run: Run) -> None:
    """People who are on no duty, steps that are none, cases that nobody reported, two times at once."""
    code, _, faults = run(changed(tmp_path, ('area   = "newcastle"', 'area   = "narnia"'), extra=ODD))
    assert code == 2
    for said in (
        "duty 2 (line 11): area: 'narnia' is not an area of the pack",
        "there is no report 2; count the reports from 1 to 1",
        "a revision of a pack cannot be proposed yet",
        "outage.until: is not after at",
        "'insp-z' is on no duty of this file; did you mean insp-",
        "'duty_inspecter' is not known; did you mean duty_inspector?",
        "'notify_local_supervisr' is not known; did you mean notify_local_supervisor?",
        "has at and by; write at alone",
        "is: does not belong to refused",
        "at: is missing; say when the step should be due",
    ):
        assert said in faults, faults


@pytest.mark.parametrize(
    ("file", "said"),
    [("missing.toml", "cannot be read: No such file"), ("broken.toml", "is not TOML")],
)
def test_a_file_that_is_none(tmp_path: Path, run: Run, file: str, said: str) -> None:
    """A file that is not there, or not TOML, is a fault like any other; as data it is a problem document."""
    (tmp_path / "broken.toml").write_text("name = ", encoding="utf-8")
    assert run(tmp_path / file)[0] == 2
    code, story, problem = run(LATE, tmp_path / file, json=True)
    assert (code, story) == (2, "")
    errors = json.loads(problem)["errors"]
    assert len(errors) == 1
    assert said in errors[0]["message"]


def test_speed_belongs_to_live(run: Run) -> None:
    """A simulation takes no time; a live run goes at 60 at the most; what only a simulation can do is a fault."""
    assert "leave it out" in run(LATE, speed=30.0)[2]
    assert "up to 60" in run(LATE, live=True, speed=90.0)[2]
    assert "cannot be rehearsed live" in run(HERE / "the_engine_stands_still.toml", live=True)[2]


def test_a_pack_of_the_files_own(tmp_path: Path, run: Run) -> None:
    """`[[pack]]` gives a pack that inherits from a shipped one; its times are the ones that count."""
    own = """
[[pack]]
pack     = "night"
inherits = "staffordshire"
title    = "A quicker night"
[pack.steps.notify_local_supervisor]
due = "4m"
"""
    expect = """
[[expect]]
due = "notify_local_supervisor"
at  = "+4m"
"""
    played = run(changed(tmp_path, ('pack  = "staffordshire"', ""), ("[[duty]]", own + "[[duty]]")))
    assert played[0] == 2  # the table is written once for each duty
    text = LATE.read_text(encoding="utf-8").replace('pack  = "staffordshire"', "")
    file = tmp_path / "night.toml"
    file.write_text(text + own + expect, encoding="utf-8")
    code, story, _ = run(file)
    assert (code, "A quicker night, simulated" in story) == (1, True)  # the neighbour hears at +12m now
    said = " ".join(story.split())
    assert "due at 19:04" in said
    assert "19:08 Force Incident Manager fim-1 is told (rung 1)" in said


def test_the_clock_of_the_machine_may_be_wrong(tmp_path: Path, run: Run) -> None:
    """A clock that steps back by 90 s makes what is due late by that, and nothing is lost or told twice."""
    act = '[[act]]\nat = "+5m"\nclock = { drift = "-90s" }\n'
    expect = '[[expect]]\ntold = "fim-1"\nabout = "notify_local_supervisor"\nafter = "+21m"\nby = "+22m"\ntimes = 1\n'
    code, story, faults = run(changed(tmp_path, extra=act + expect))
    assert code == 1, faults
    assert "The machine's clock steps by -90 s" in story
    assert "told at 19:21:30 (1 time)" in story


@pytest.mark.live
@pytest.mark.timeout(600)
def test_live(run: Run) -> None:
    """Done right also goes right in the real stack: Prefect, worker, timer, HTTP, webhooks, sixty times as fast."""
    code, story, faults = run(HERE / "staffordshire_done_right.toml", live=True, speed=60.0)
    assert code == 0, story + faults
    assert "live at 60 times the speed" in story
