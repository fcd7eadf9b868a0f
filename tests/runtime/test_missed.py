"""Missed starts: what the source has and Vigil has not is opened, marked late and rung, whatever went wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from policy.terms import AlarmKey, Route
from runtime import doors, readings
from runtime.source import Watch
from tests.runtime.intake_world import QUERY, Database, Intake, open_intake, row


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force without a source."""
    with open_intake(tmp_path) as opened:
        yield opened


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """The force's own database, with two rows of tonight."""
    made = Database(tmp_path / "force.db")
    made.put(row(1), row(50))
    return made


@pytest.fixture
def watch(intake: Intake, database: Database) -> Watch:
    """A watch that has had its first turn."""
    made = intake.source(url=database.url, query=QUERY, mark="changed_at")
    made.turn()
    return made


def test_nothing_is_missing_after_a_turn(intake: Intake, database: Database, watch: Watch) -> None:
    """What is merely new is opened by the turn and is not late."""
    database.put(row(51))
    assert watch.count_starts() == []
    assert [c.case.late for c in intake.cases()] == [None, None, None]
    assert intake.rung(AlarmKey.MISSED_START) == []


def test_a_case_that_was_deleted_behind_our_back_is_opened_again(intake: Intake, watch: Watch) -> None:
    """Late, journalled, shown, and rung at the Force Incident Manager once."""
    gone = intake.cases()[0].ref
    with intake.app.sessions.engine.begin() as connection:
        connection.execute(text("DELETE FROM case_record WHERE ref = :ref"), {"ref": gone})
    (ref,) = watch.count_starts()
    assert ref != gone
    assert intake.case(ref).source_id == "CMP-0001"
    assert readings.case_view(intake.app, ref)["late"] == "missed start"
    assert [e.body for e in intake.journal(ref) if e.kind == "late_start"] == [{"why": "missed start"}]
    assert watch.count_starts() == []
    (alarm,) = intake.rung(AlarmKey.MISSED_START)
    assert (alarm.case, alarm.to, alarm.cleared_at) == (ref, "fim-1", None)
    intake.world.sim.refs[1] = ref
    intake.world.sim.settle()
    assert [t for t in intake.world.phone("fim-1").told() if t.type == "alarm" and "missed start" in t.texts[0]]


def test_a_row_under_an_old_mark_is_noticed(intake: Intake, database: Database, watch: Watch) -> None:
    """Written late by a slow system, or by hand: the high-water mark has passed it."""
    database.put(row(2))
    watch.turn()
    assert len(intake.cases()) == 2
    (ref,) = watch.count_starts()
    assert intake.case(ref).source_id == "CMP-0002"
    assert intake.case(ref).case.late == "missed start"


def test_whoever_acknowledges_clears_the_alarm_and_the_mark_stays(
    intake: Intake, database: Database, watch: Watch
) -> None:
    """Somebody has it; that it began late is never unsaid."""
    database.put(row(2))
    (ref,) = watch.count_starts()
    holder = intake.world.holder(ref, "notify_local_supervisor")
    doors.record(intake.app, ref, {"kind": "acknowledged", "by": holder}, route=Route.API)
    assert intake.rung(AlarmKey.MISSED_START, standing=True) == []
    assert intake.case(ref).case.late == "missed start"


def test_what_is_older_than_48_hours_is_not_counted(intake: Intake, database: Database, watch: Watch) -> None:
    """One without a time is: nobody can tell that it is old."""
    database.put(row(2, recorded_at="2026-01-01T10:00:00Z"), row(3, recorded_at=""))
    (ref,) = watch.count_starts()
    assert intake.case(ref).source_id == "CMP-0003"


def test_a_bad_row_under_an_old_mark_rings_once(intake: Intake, database: Database, watch: Watch) -> None:
    """It cannot be opened, so a person must."""
    database.put(row(2, **{"person.name": ""}))
    for _ in range(3):
        assert watch.count_starts() == []
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1


def test_a_source_that_does_not_answer_counts_nothing(intake: Intake, database: Database, watch: Watch) -> None:
    """And breaks nothing."""
    database.path.unlink()
    assert watch.count_starts() == []


def test_the_list_of_the_last_48_hours_may_be_asked_for_by_itself(intake: Intake, database: Database) -> None:
    """Where reading the whole would be too much, `recent` says how to read less."""
    recent = "SELECT * FROM missing WHERE source_id <> 'CMP-0001'"
    watch = intake.source(url=database.url, query="SELECT * FROM missing WHERE 0", recent=recent, mark="changed_at")
    (ref,) = watch.count_starts()
    assert intake.case(ref).source_id == "CMP-0050"
