"""A rehearsal file that is wrong is never played: every fault of it is named, with what to do."""

import json
from pathlib import Path

import pytest

from tests.rehearsals.play import HERE, LATE, Run, changed

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
propose = { changes = [], pack = {}, by = "adm-1", approver = "supt-1" }
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
        "propose.by: 'adm-1' is on no duty of this file",
        "propose.changes: and pack: exactly one of them says what changes",
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


def test_a_breach_is_counted_in_the_name_of_its_holder(tmp_path: Path, run: Run) -> None:
    """`to` beside a count names whose breaches, or who was told; a run is nobody's."""
    expect = '\n[[expect]]\ncount = "breaches"\nabout = "notify_local_supervisor"\nto = "{}"\nis = 1\n'
    code, story, faults = run(changed(tmp_path, extra=expect.format("insp-a")))
    assert code == 0, story + faults
    assert "breaches about notify_local_supervisor of insp-a: 1" in " ".join(story.split())
    code, story, _ = run(changed(tmp_path, extra=expect.format("insp-n")))
    assert (code, "0 breaches" in story) == (1, True)
    assert (
        "does not belong to runs"
        in run(changed(tmp_path, extra='\n[[expect]]\ncount = "runs"\nto = "insp-a"\nis = 1\n'))[2]
    )
