"""The source watch: what is new is opened, what changed is journalled, and no row is ever skipped."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from policy.errors import Busy
from policy.terms import AlarmKey
from runtime import door_intake
from runtime.feeds import FeedCheck, oldest_age_s
from runtime.source import Watch
from runtime.source_read import SourceFailed
from runtime.source_rows import Mark, Row
from store import posts
from tests.runtime.intake_world import QUERY, Database, Intake, open_intake, row


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force without a source."""
    with open_intake(tmp_path) as opened:
        yield opened


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """The force's own database, with one row."""
    made = Database(tmp_path / "force.db")
    made.put(row(1))
    return made


def watch_of(intake: Intake, database: Database) -> Watch:
    """A watch of the database by its change stamp."""
    return intake.source(url=database.url, query=QUERY, mark="changed_at")


def test_a_new_row_is_a_case_and_the_same_row_changes_nothing(intake: Intake, database: Database) -> None:
    """The section's name is the record's source; the change stamp is no part of the record."""
    watch = watch_of(intake, database)
    assert watch.turn()
    (case,) = intake.cases()
    assert (case.source, case.source_id) == ("compact", "CMP-0001")
    assert case.defects == ()
    database.put(row(2))
    watch.turn()
    watch.turn()
    assert intake.ids() == ["CMP-0001", "CMP-0002"]


def test_a_changed_row_is_journalled_field_by_field(intake: Intake, database: Database) -> None:
    """A raised risk is a risk set; a stamp that moved by itself is no news."""
    watch = watch_of(intake, database)
    watch.turn()
    (case,) = intake.cases()
    before = len(intake.journal(case.ref))
    database.put(row(1, changed_at="2026-01-10T19:30:00Z"))
    watch.turn()
    assert len(intake.journal(case.ref)) == before
    database.put(row(1, changed_at="2026-01-10T19:31:00Z", risk="high"))
    watch.turn()
    assert intake.case(case.ref).case.risk == "high"
    changed = [e.body["field"] for e in intake.journal(case.ref) if e.kind == "record_changed"]
    assert changed == ["risk"]


def test_rows_under_the_mark_of_the_last_one_are_not_skipped(intake: Intake, database: Database) -> None:
    """Two records of one second, the second of which is written later."""
    watch = watch_of(intake, database)
    watch.turn()
    database.put(row(2, changed_at=row(1)["changed_at"]))
    watch.turn()
    assert intake.ids() == ["CMP-0001", "CMP-0002"]


def test_a_bad_row_rings_once_and_is_taken_once_it_is_mended(intake: Intake, database: Database) -> None:
    """It stops nobody else, it holds the mark, and no stamp need move for it to be read again."""
    database.put(row(2, **{"person.name": ""}), row(3))
    watch = watch_of(intake, database)
    for _ in range(3):
        watch.turn()
    assert intake.ids() == ["CMP-0001", "CMP-0003"]
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1
    (why,) = [str(e.body["why"]) for e in intake.journal() if e.kind == "refused"]
    assert why.startswith("source compact: 1 rows refused: CMP-0002: ")
    assert [a.detail for a in intake.rung(AlarmKey.INTAKE_REFUSED)] == ["source compact: 1 rows, at 19:00:00"]
    database.put(row(2))
    watch.turn()
    assert sorted(intake.ids()) == ["CMP-0001", "CMP-0002", "CMP-0003"]


def test_what_could_not_be_taken_now_is_taken_at_the_next_turn(
    intake: Intake, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy store, or a fault of ours: neither skips a row, and the fault rings once."""
    database.put(row(2), row(3))
    watch, real = watch_of(intake, database), door_intake.take_in

    def fails(app: object, raw: dict[str, object], **more: object) -> object:
        if raw["source_id"] == "CMP-0001":
            raise Busy("the store is busy")
        if raw["source_id"] == "CMP-0002":
            raise ZeroDivisionError
        return real(app, raw, **more)  # type: ignore[arg-type]  # passed on as they came

    with monkeypatch.context() as patch:
        patch.setattr("runtime.source.take_in", fails)
        watch.turn()
        watch.turn()
    assert intake.ids() == ["CMP-0003"]
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1
    watch.turn()
    assert sorted(intake.ids()) == ["CMP-0001", "CMP-0002", "CMP-0003"]


def test_the_first_turn_opens_the_last_48_hours_only(intake: Intake, database: Database) -> None:
    """A system with years of records is no night of reports; what changes there afterwards is taken."""
    database.put(row(2, recorded_at="2025-11-01T10:00:00Z"))
    watch = watch_of(intake, database)
    watch.turn()
    assert intake.ids() == ["CMP-0001"]
    database.put(row(2, recorded_at="2025-11-01T10:00:00Z", changed_at="2026-01-10T19:40:00Z", risk="high"))
    watch.turn()
    assert intake.ids() == ["CMP-0001", "CMP-0002"]


def test_their_columns_are_renamed(intake: Intake, tmp_path: Path) -> None:
    """By `map`, with dots for nesting; instants without an offset are those of the source's zone."""
    database = Database(tmp_path / "theirs.db")
    said = {
        "source_id": "1",
        "NAME": "A. Person",
        "made": "2026-01-10 18:30:00",
        "secret": "x",
        "flags": "awol;no_phone",
    }
    database.put(said)
    columns = {"NAME": "person.name", "made": "recorded_at", "secret": ""}
    intake.source(url=database.url, query=QUERY, map=columns, zone="Europe/London").turn()
    (case,) = intake.cases()
    assert case.record["person"] == {"name": "A. Person"}
    assert case.record["recorded_at"] == "2026-01-10T18:30:00+00:00"
    assert "secret" not in case.record
    assert case.case.flags == {"awol", "no_phone"}
    assert [d["field"] for d in case.defects if isinstance(d, dict)] == ["area"]


def test_nothing_is_written_to_the_source_and_no_file_is_made(intake: Intake, database: Database) -> None:
    """A query that writes fails; a database that is not there is not made."""
    watch = intake.source(url=database.url, query="DELETE FROM missing RETURNING *")
    assert watch.turn() is False
    with closing(sqlite3.connect(database.path)) as db:
        assert db.execute("SELECT count(*) FROM missing").fetchone() == (1,)
    absent = Database(database.path.with_name("absent.db"))
    assert intake.source(url=absent.url, query=QUERY, name="other").turn() is False
    assert not absent.path.exists()


class Fails:
    """A source that answers or does not, as it is told."""

    def __init__(self) -> None:
        self.rows_of: list[Row] | None = []
        self.asked: list[Mark | None] = []

    def rows(self, mark: Mark | None, *, recent: bool = False) -> Iterator[Row]:
        """Give what was put, or fail."""
        self.asked.append(mark if not recent else None)
        if self.rows_of is None:
            raise SourceFailed("http_503")
        yield from self.rows_of


def test_a_source_that_is_silent_for_two_minutes_rings_until_it_answers(intake: Intake) -> None:
    """Once, with the feed's age on the board; cleared by the first answer."""
    reader = Fails()
    watch = intake.source(reader)
    check = FeedCheck(intake.app, intake.app.clock.wall())
    watch.turn()
    reader.rows_of = None
    for _ in range(5):
        intake.wait(30)
        watch.turn()
        check.look()
    (alarm,) = intake.rung(AlarmKey.FEED_OLD)
    assert (alarm.detail, alarm.cleared_at, alarm.case) == ("compact: no answer for 2m", None, None)
    with intake.app.sessions.reading() as s:
        assert oldest_age_s(intake.app, s) == 150.0
    reader.rows_of = []
    watch.turn()
    check.look()
    (alarm,) = intake.rung(AlarmKey.FEED_OLD)
    assert alarm.cleared_at is not None
    with intake.app.sessions.reading() as s:
        assert oldest_age_s(intake.app, s) == 0.0


def test_silence_while_vigil_stood_still_is_nobodys(intake: Intake) -> None:
    """After an outage of ours a source has two minutes to answer, and what rang before goes on ringing."""
    reader = Fails()
    watch = intake.source(reader)
    watch.turn()
    intake.wait(3600)
    check = FeedCheck(intake.app, intake.app.clock.wall())
    check.look()
    assert intake.rung(AlarmKey.FEED_OLD) == []
    reader.rows_of = None
    intake.wait(121)
    watch.turn()
    check.look()
    assert len(intake.rung(AlarmKey.FEED_OLD, standing=True)) == 1
    FeedCheck(intake.app, intake.app.clock.wall()).look()
    assert len(intake.rung(AlarmKey.FEED_OLD, standing=True)) == 1


def test_no_source_no_feed(intake: Intake) -> None:
    """The age is null, and an alarm of a source that was taken out of the settings is cleared."""
    with intake.app.sessions.reading() as s:
        assert oldest_age_s(intake.app, s) is None


def test_marks_without_an_order_are_no_answer(intake: Intake) -> None:
    """They would let rows be skipped, so the feed counts as silent and the doctor says why."""
    reader = Fails()
    reader.rows_of = [row(1, changed_at=1), row(2, changed_at="two")]
    assert intake.source(reader, mark="changed_at").turn() is False


def test_marks_of_every_kind_are_kept(intake: Intake) -> None:
    """What the source is asked from is what it gave."""
    marks: list[Mark] = [7, "b", 2.5, datetime(2026, 1, 10, 19, tzinfo=UTC), date(2026, 1, 10), Decimal("7.25")]
    for number, mark in enumerate(marks):
        reader = Fails()
        reader.rows_of = [row(number, changed_at=mark)]
        watch = intake.source(reader, mark="changed_at", name=f"s{number}")
        watch.turn()
        watch.turn()
        assert reader.asked == [None, mark]


def test_of_two_processes_one_watches(intake: Intake, database: Database) -> None:
    """Another machine reads the same list: this one leaves it alone until the other has been silent for a while."""
    watch = watch_of(intake, database)
    with intake.app.sessions() as s:
        assert posts.hold(s, "source/compact", "elsewhere/1", intake.app.clock.wall(), 90)
    assert watch.turn() is False
    assert watch.count_starts() == []
    assert intake.ids() == []
    intake.wait(91)
    assert watch.turn()
    assert intake.ids() == ["CMP-0001"]
