"""The watched folder: a file is taken when it is whole, once, and each row's outcome stands beside it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from policy.errors import Busy
from policy.terms import AlarmKey
from runtime import door_intake
from tests.runtime.intake_world import Intake, csv_of, open_intake, record, row


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    """A force with an empty folder."""
    with open_intake(tmp_path) as opened:
        yield opened


def csv_rows(*numbers: int) -> str:
    """A table of sound rows."""
    return csv_of(*({"source": "compact", **row(n)} for n in numbers))


def test_a_file_is_taken_when_it_has_been_still_for_two_seconds(intake: Intake) -> None:
    """Not before: somebody may still be writing it."""
    folder = intake.folder()
    path = intake.drop("night.csv", csv_rows(1, 2))
    assert folder.look() == 0
    intake.wait(1.9)
    assert folder.look() == 0
    assert path.exists()
    intake.wait(0.1)
    assert folder.look() == 1
    assert intake.ids() == ["CMP-0001", "CMP-0002"]
    said = intake.report("done", "night.csv")
    assert (said["rows"], said["opened"], said["refused"], said["encoding"]) == (2, 2, 0, "utf-8")
    assert [(o["row"], o["outcome"]) for o in said["outcomes"]] == [(2, "opened"), (3, "opened")]
    assert not path.exists()


def test_a_file_that_grows_is_not_still(intake: Intake) -> None:
    """Each write begins the two seconds anew."""
    folder, whole = intake.folder(), csv_rows(1, 2)
    intake.drop("night.csv", whole[:60])
    folder.look()
    intake.wait(1.5)
    intake.drop("night.csv", whole)
    folder.look()
    intake.wait(1.5)
    assert folder.look() == 0
    intake.wait(0.5)
    assert folder.look() == 1
    assert len(intake.cases()) == 2


def test_a_file_that_was_renamed_in_is_taken_at_once(intake: Intake) -> None:
    """The last thing that happened to it was no write, so it is whole; a name with a dot in front is nobody's."""
    folder = intake.folder()
    written = intake.drop(".night.json", json.dumps([record(1)]))
    assert folder.look() == 0
    written.rename(intake.home / "intake" / "night.json")
    assert folder.look() == 1
    assert intake.ids() == ["CMP-0001"]


def test_two_that_look_take_it_once(intake: Intake) -> None:
    """Of eight that look at the same moment one takes each file."""
    for number in range(6):
        intake.drop(f"{number}.json", json.dumps(record(number)))
    folders = [intake.folder() for _ in range(8)]
    for each in folders:
        each.look()
    intake.wait(2)
    with ThreadPoolExecutor(8) as at_once:
        dealt_with = list(at_once.map(lambda each: each.look(), folders))
    assert sum(dealt_with) == 6
    assert len(intake.cases()) == 6
    assert len(list((intake.home / "intake" / "done").glob("*.report.json"))) == 6


def test_a_crash_in_the_middle_takes_the_file_again_and_changes_nothing(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken before is known; the rest comes in."""
    real, taken = door_intake.take_in, list[object]()

    def dies_at_the_third(*args: object, **more: object) -> object:
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(args)
        return real(*args, **more)  # type: ignore[arg-type]  # passed on as they came

    intake.drop("night.csv", csv_rows(1, 2, 3))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    with monkeypatch.context() as patch:
        patch.setattr("runtime.folder.take_in", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            folder.look()
    assert (intake.home / "intake" / "taking" / "night.csv").exists()
    assert intake.folder().look() == 1
    said = intake.report("done", "night.csv")
    assert [o["outcome"] for o in said["outcomes"]] == ["unchanged", "unchanged", "opened"]
    assert len(intake.cases()) == 3


def test_a_store_that_is_busy_costs_nothing(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file waits in taking/ and is taken again; nothing rings."""

    def busy(*_: object, **__: object) -> None:
        raise Busy("the store is busy")

    intake.drop("night.csv", csv_rows(1))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    with monkeypatch.context() as patch:
        patch.setattr("runtime.folder.take_in", busy)
        assert folder.look() == 0
    assert folder.look() == 1
    assert intake.ids() == ["CMP-0001"]
    assert intake.rung(AlarmKey.INTAKE_REFUSED) == []


def test_asked_to_stop_it_stops_and_goes_on_later(intake: Intake) -> None:
    """A long file never holds up the end of Vigil."""
    intake.drop("night.csv", csv_rows(1))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    intake.stop.set()
    assert folder.look() == 0
    intake.stop.clear()
    assert folder.look() == 1


def test_one_bad_row_among_many_is_reported_and_rings_once(intake: Intake) -> None:
    """Good rows in, the bad ones with field, fault and remedy, one alarm for the file."""
    rows = [{"source": "compact", **row(n)} for n in range(1, 40)]
    rows[7]["source_id"] = rows[11]["source_id"] = ""
    intake.drop("night.csv", csv_of(*rows))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    folder.look()
    said = intake.report("done", "night.csv")
    assert (said["opened"], said["refused"]) == (37, 2)
    bad = [o for o in said["outcomes"] if o["outcome"] == "refused"]
    assert [o["row"] for o in bad] == [9, 13]
    assert set(bad[0]["errors"][0]) == {"field", "message", "remedy"}
    assert bad[0]["errors"][0]["field"] == "source_id"
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1
    why = [e.body["why"] for e in intake.journal() if e.kind == "refused"]
    assert why == [f"folder: file {said['id']}: 2 of 39 rows refused"]
    (rung,) = intake.rung(AlarmKey.INTAKE_REFUSED)
    assert rung.detail == f"in intake/done, file {said['id']}: 2 of 39 rows refused, at 19:00:02"


def test_files_refused_within_a_second_ring_one_by_one(intake: Intake) -> None:
    """Also where nothing tells them apart: each is somebody's to mend."""
    for name in ("Zebedee.xlsx", "Quillfeather.xlsx", "night.json", "day.json"):
        intake.drop(name, "nonsense")
    (folder := intake.folder()).look()
    intake.wait(601)
    assert folder.look() == 4
    details = [alarm.detail for alarm in intake.rung(AlarmKey.INTAKE_REFUSED)]
    assert len(set(details)) == 4
    assert sum("in intake/refused, a file: file is neither" in detail for detail in details) == 2
    assert not any("Zebedee" in detail or "Quill" in detail for detail in details)


def test_the_highest_risk_of_a_file_comes_in_first(intake: Intake) -> None:
    """And what has no level yet; the report keeps the file's order."""
    risks = ("low", "medium", "", "high")
    intake.drop("night.csv", csv_of(*({"source": "compact", **row(n, risk=risk)} for n, risk in enumerate(risks, 1))))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    folder.look()
    assert intake.ids() == ["CMP-0003", "CMP-0004", "CMP-0002", "CMP-0001"]
    assert [o["row"] for o in intake.report("done", "night.csv")["outcomes"]] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("list.json", "nonsense", "is cut off"),
        ("empty.csv", "\n\n", "holds nothing"),
        ("night.xlsx", "PK\x03\x04", "is neither .json nor .csv"),
        ("one.json", '{"source": "compact", "source_id": "1", "person": {"na', "is cut off"),
    ],
)
def test_what_cannot_be_read_at_all_goes_to_refused(intake: Intake, name: str, content: str, says: str) -> None:
    """Whole, with a report that says why, and an alarm."""
    intake.drop(name, content)
    folder = intake.folder()
    folder.look()
    intake.wait(601)
    assert folder.look() == 1
    assert intake.report("refused", name)["errors"][0]["message"] == says
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1
    assert intake.cases() == []


def test_the_same_name_twice_overwrites_nothing(intake: Intake) -> None:
    """The second export of a night stands beside the first."""
    folder = intake.folder()
    for number in (1, 2):
        intake.drop("night.json", json.dumps(record(number)))
        folder.look()
        intake.wait(2)
        folder.look()
    assert intake.report("done", "night.json")["opened"] == 1
    assert intake.report("done", "night.2.json")["opened"] == 1


def test_a_link_is_not_followed(intake: Intake, tmp_path: Path) -> None:
    """Whatever it points to stays unread."""
    folder = intake.folder()
    folder.look()
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(record(1)))
    (intake.home / "intake" / "night.json").symlink_to(elsewhere)
    folder.look()
    intake.wait(2)
    folder.look()
    assert intake.cases() == []
    said = json.loads((intake.home / "intake" / "refused" / "night.json.report.json").read_text())
    assert said["errors"][0]["message"] == "is no plain file"


def test_a_file_that_is_written_to_while_it_is_taken_is_taken_again(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that paused for two seconds goes on in the same file, wherever it was moved to."""
    real, written = door_intake.take_in, list[int]()
    intake.drop("night.csv", csv_rows(1))
    folder = intake.folder()
    folder.look()
    intake.wait(2)

    def goes_on(*args: object, **more: object) -> object:
        if not written:
            written.append((intake.home / "intake" / "taking" / "night.csv").write_text(csv_rows(1, 2)))
        return real(*args, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr("runtime.folder.take_in", goes_on)
    assert folder.look() == 0
    assert folder.look() == 1
    assert [o["outcome"] for o in intake.report("done", "night.csv")["outcomes"]] == ["unchanged", "opened"]


def test_a_row_that_we_cannot_bear_stops_no_other(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours is reported with the row that brought it out, and rings."""
    real = door_intake.take_in

    def breaks(app: object, raw: dict[str, object], **more: object) -> object:
        if raw["source_id"] == "CMP-0002":
            raise ZeroDivisionError
        return real(app, raw, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr("runtime.folder.take_in", breaks)
    intake.drop("night.csv", csv_rows(1, 2, 3))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    assert folder.look() == 1
    said = intake.report("done", "night.csv")
    assert [o["outcome"] for o in said["outcomes"]] == ["opened", "refused", "opened"]
    assert said["outcomes"][1]["errors"][0]["message"] == "could not be taken (ZeroDivisionError)"
    assert len(intake.rung(AlarmKey.INTAKE_REFUSED)) == 1


def test_an_earlier_file_of_the_same_name_comes_first(intake: Intake) -> None:
    """What a crash left behind is put away before its namesake is taken."""
    folder = intake.folder()
    folder.look()
    (intake.home / "intake" / "taking" / "night.json").write_text(json.dumps(record(1)))
    intake.drop("night.json", json.dumps(record(2)))
    assert folder.look() == 1
    intake.wait(2)
    assert folder.look() == 1
    assert intake.report("done", "night.json")["outcomes"][0]["case"] == intake.cases()[0].ref
    assert intake.report("done", "night.2.json")["opened"] == 1


def test_neither_name_nor_content_of_a_file_reaches_the_journal(intake: Intake) -> None:
    """A file may be named after the person: the journal knows it by a digest, the report beside it by its name."""
    intake.drop("Quillfeather.json", json.dumps({"source": "compact", "person": {"name": "Zebediah Quillfeather"}}))
    folder = intake.folder()
    folder.look()
    intake.wait(2)
    folder.look()
    assert "Quillfeather" not in str([entry.body for entry in intake.journal()])
    assert intake.report("refused", "Quillfeather.json")["refused"] == 1
