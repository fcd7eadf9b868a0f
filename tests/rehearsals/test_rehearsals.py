"""Every rehearsal in this folder is kept, and a rehearsal that lies is found out."""

import json
from pathlib import Path

import pytest

from runtime.past import Retold
from tests.rehearsals.play import FILES, HERE, LATE, LONG, Run, changed

# What the story of a rehearsal must tell in words, besides what its file expects.
TOLD = {
    "a_whole_case": (
        "19:15 Force Incident Manager fim-1 is warned: Research the systems and record what was found (by 19:30)",
        "19:20 Force Incident Manager fim-1 is told (rung 1): Speak to the inspector by voice "
        "(FIM tells the LOI and the sergeant, overdue since 19:10)",
        "fim-1 completes Set the time of the next review (00:00 on 11 Jan)",
        "Not asked for any more (a unit is going or has attended, or nobody is sought): Re-assessment while no unit",
        "The case is LOCATED: the person has been seen, safe",
        "off-2 records that the person was back at 12:30 on 11 Jan",
        "The case is CLOSING: another person has to sign",
        "The case is CLOSED, signed by sgt-d (sergeant)",
    ),
    "a_closure_on_a_belief": ("The case is INACTIVE, not closed; next review 09:00 on 20 Jul",),
    "a_shift_ends_unanswered": ("insp-a has gone off duty without an answer to FIM tells the LOI and the sergeant",),
    "a_risk_up_down_and_up_again": (
        "Officers attend is due 19:45 now, and not 03:00 on 11 Jan",
        "Not asked for any more (not asked for at very low risk): Re-assessment while no unit attends, Search",
        "Asked for again: Detective review (2)",
    ),
    "a_closed_case_that_is_reopened": (
        "The signature is refused: the case goes on as before",
        "The case is OPEN again; it was closed",
        "with your reason. The information is medical, severity high: check the risk first",
    ),
    "a_woman_reported_again": (
        "It is a re-report: MP-2018-000001 was an earlier case of the same person",
        "The risk is medium, as it had been in MP-2018-000001",
    ),
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rehearsal(file: Path, run: Run, retold: list[Retold]) -> None:
    """What the file expects is what is seen, its story says what came of the case, and its journal tells it again."""
    code, story, faults = run(file)
    assert code == 0, story + faults
    said = " ".join(story.split())
    assert [words for words in TOLD.get(file.stem, ()) if words not in said] == [], story
    assert [one for one in retold if not one.same] == []
    assert sum(one.decisions for one in retold) > 0 or file.stem in LONG


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
is    = 70
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
        "told of notify_local_supervisor, deploy_and_attend, unresourced_reassessment, supervisor_first_review and",
        "nobody at 19:26",
        ": 8 breaches",
        "19:21, 19:24 and 1 more (9 times)",
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
@pytest.mark.long
@pytest.mark.timeout(600)
def test_live(run: Run) -> None:
    """Done right also goes right in the real stack: Prefect, worker, timer, HTTP, webhooks, sixty times as fast."""
    code, story, faults = run(HERE / "staffordshire_done_right.toml", live=True, speed=60.0)
    assert code == 0, story + faults
    assert "live at 60 times the speed" in story
