"""Records come in by every road, through the real processes: dropped as a file, read from a database and a list."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.live.force import START, Force
from tests.runtime.intake_world import QUERY, Database, record, row
from tests.support.sink import open_sink
from tests.support.stack import running

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(240)]

# Shorter periods than a force has, by the settings that a force has.
SETTINGS = """
[sources.compact]
url = "{database}"
query = "{query}"
mark = "changed_at"
every = "1s"
missed_every = "3s"

[sources.niche]
url = "{address}"
every = "1s"
old_after = "3s"
"""


@dataclass
class Roads:
    """A force whose records come from a database, a list and a folder."""

    force: Force
    database: Database
    list: "List"

    @property
    def intake(self) -> Path:
        """Give the watched folder."""
        return self.force.stack.home / "intake"

    def case_of(self, source_id: str, *, but: str = "", within_s: float = 20) -> dict[str, Any]:
        """Wait until a record is a case, and give it."""
        for _ in self.force.ticks(within_s):
            found = self.force.stack.ask("/cases", q=source_id)["cases"]
            fresh: list[dict[str, Any]] = [case for case in found if case["case"] != but]
            if fresh:
                return fresh[0]
        raise AssertionError(f"{source_id} did not become a case")

    def alarm(self, key: str, *, cleared: bool = False, case: str | None = None) -> dict[str, Any]:
        """Wait for an alarm of this kind, and give it."""
        for _ in self.force.ticks(20):
            for alarm in self.force.stack.ask("/alarms")["alarms"]:
                stands = (alarm["cleared_at"] is not None) is cleared
                if alarm["key"] == key and alarm["case"] == case and stands:
                    found: dict[str, Any] = alarm
                    return found
        raise AssertionError(f"{key} did not ring")

    def told_alarm(self, *words: str) -> None:
        """Wait until the Force Incident Manager was told of an alarm in these words; one message may hold several."""

        def there() -> bool:
            calls = self.force.sink.calls("fim-1", type="alarm")
            return any(all(word in f"{c.body['case']} {c.body['ask']}" for word in words) for c in calls)

        self.force.sink.wait_until(there, 20, f"alarm with {words}")


@dataclass
class List:
    """A list over HTTP that answers as it is told to."""

    records: list[dict[str, object]] = field(default_factory=list)
    status: int = 200

    @property
    def body(self) -> bytes:
        """Give the document."""
        return json.dumps({"records": self.records, "next": None}).encode()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[List, str]]:
    """The list, and where it is."""
    said = List()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = said.body
            self.send_response(said.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield said, f"http://127.0.0.1:{server.server_address[1]}/missing"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory, served: tuple[List, str]) -> Iterator[Roads]:
    """A force on a fresh home, on a fast clock that begins on its night."""
    folder = tmp_path_factory.mktemp("roads")
    home, database = folder / "home", Database(folder / "force.db")
    database.put(row(1, **{"person.name": "First Person"}))
    home.mkdir(mode=0o700)
    text = SETTINGS.format(database=database.url, query=QUERY, address=served[1])
    (home / "vigil.toml").write_text(text)
    with open_sink() as sink, running(home, "--start", START, "--speed", "20") as stack:
        force = Force(stack, sink)
        force.man()
        yield Roads(force, database, served[0])


def test_a_file_renamed_into_the_folder_tells_somebody(roads: Roads) -> None:
    """Within seconds, with a report of each row beside it; the bad row rings at the Force Incident Manager."""
    records = [record(101, area="stoke"), record(102, person={})]
    fresh = roads.intake / ".night.json"
    fresh.write_text(json.dumps(records))
    fresh.rename(roads.intake / "night.json")
    case = roads.case_of("CMP-0101")["case"]
    roads.force.sink.wait_for("insp-stoke", within_s=10, case=case, type="notify")
    for _ in roads.force.ticks(10):
        if (roads.intake / "done" / "night.json").exists():
            break
    said = json.loads((roads.intake / "done" / "night.json.report.json").read_text())
    assert [(o["row"], o["outcome"]) for o in said["outcomes"]] == [(1, "opened"), (2, "refused")]
    assert said["outcomes"][0]["case"] == case
    roads.alarm("intake_refused")
    roads.told_alarm("intake refused")


def test_a_row_put_into_the_database_is_opened_within_a_turn(roads: Roads) -> None:
    """And a changed one raises the risk of its case."""
    roads.database.put(row(40, area="newcastle", changed_at="2026-01-10T23:00:00Z"))
    case = roads.case_of("CMP-0040")
    assert case["late"] is None
    roads.force.sink.wait_for("insp-newcastle", within_s=10, case=case["case"], type="notify")
    roads.database.put(row(40, area="newcastle", changed_at="2026-01-10T23:01:00Z", risk="high"))
    for _ in roads.force.ticks(10):
        if roads.force.stack.ask(f"/cases/{case['case']}")["risk"] == "high":
            break
    assert roads.force.stack.ask(f"/cases/{case['case']}")["risk"] == "high"


def test_a_case_deleted_behind_vigils_back_is_opened_again_and_rings(roads: Roads) -> None:
    """Late, under another reference, and the Force Incident Manager is told."""
    gone = roads.case_of("CMP-0001")["case"]
    with closing(sqlite3.connect(roads.force.stack.home / "vigil.db", timeout=10)) as store, store:
        store.execute("PRAGMA foreign_keys = ON")
        assert store.execute("DELETE FROM case_record WHERE ref = ?", (gone,)).rowcount == 1
    again = roads.case_of("CMP-0001", but=gone)
    assert again["late"] == "missed start"
    alarm = roads.alarm("missed_start", case=again["case"])
    assert alarm["to"] == "fim-1"
    roads.force.sink.wait_for("insp-stoke", within_s=10, case=again["case"], type="notify")
    roads.told_alarm(f"{again['case']}", "missed start")


def test_a_row_under_an_old_mark_is_noticed(roads: Roads) -> None:
    """The high-water mark has passed it; the count of starts has not."""
    roads.case_of("CMP-0001")
    roads.database.put(row(50, area="cannock"))
    roads.case_of("CMP-0050")
    roads.database.put(row(2, area="cannock"))
    late = roads.case_of("CMP-0002")
    assert late["late"] == "missed start"
    roads.alarm("missed_start", case=late["case"])


def test_a_list_that_falls_silent_rings_and_is_cleared_when_it_answers(roads: Roads) -> None:
    """Its records come in; its silence shows on the board and in an alarm."""
    roads.list.records.append(record(301, source="niche", area="lichfield"))
    roads.case_of("CMP-0301")
    assert roads.force.stack.ask("/board")["feed_age_s"] < 30
    roads.list.status = 503
    roads.alarm("feed_old")
    assert roads.force.stack.ask("/board")["feed_age_s"] > 2
    roads.list.status = 200
    roads.alarm("feed_old", cleared=True)


def test_two_reports_of_one_person_by_two_roads_need_one_answer(roads: Roads) -> None:
    """The parent's call and the school's: linked, and one acknowledgement serves both."""
    person = {"name": "Twice Reported", "date_of_birth": "2012-05-01"}
    roads.list.records.append(record(401, source="niche", area="moorlands", person=person))
    first = roads.case_of("CMP-0401")["case"]
    said = {"person.name": "REPORTED, Twice", "person.date_of_birth": "2012-05-01"}
    roads.database.put(row(59, area="moorlands", **said))
    second = roads.case_of("CMP-0059")
    assert second["linked"] == [first]
    for case in (first, second["case"]):
        roads.force.sink.wait_for("insp-moorlands", within_s=10, case=case, type="notify")
    roads.force.fact(first, "acknowledged", "insp-moorlands")
    assert roads.force.step(second["case"])["status"].startswith("done")
    roads.force.sink.wait_for("sgt-moorlands", within_s=10, case=second["case"], type="cancel")


def test_a_timer_killed_in_the_middle_of_a_file_loses_and_doubles_nothing(roads: Roads) -> None:
    """The next one takes the file again: what was in is known, the rest comes in."""
    numbers = range(501, 541)
    fresh = roads.intake / ".long.json"
    fresh.write_text(json.dumps([record(number, area="tamworth", risk="low") for number in numbers]))
    fresh.rename(roads.intake / "long.json")
    roads.case_of("CMP-0501")
    roads.force.stack.kill("timer")
    report = roads.intake / "done" / "long.json.report.json"
    for _ in roads.force.ticks(60):
        if report.exists():
            break
    said = json.loads(report.read_text())
    assert (said["rows"], said["refused"]) == (40, 0)
    assert said["known"] >= 1
    assert len({outcome["case"] for outcome in said["outcomes"]}) == 40
    assert len(roads.force.stack.ask("/cases", q="CMP-05", limit="200")["cases"]) == 40
