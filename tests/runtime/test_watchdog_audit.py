"""The audit: the heartbeat goes out only when nothing could be forgotten; the sheet of each hour."""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from policy.errors import Busy
from policy.terms import AlarmKey, Channel
from runtime import doors, watchdog_audit
from runtime.processes import process_name
from runtime.settings import Settings
from runtime.sheets import KEPT, write_sheet
from runtime.watchdog_audit import Audit
from runtime.watchdog_engine import EngineWatch
from runtime.watchdog_part import AUDIT, Rounds
from store import audit, journal, meta, posts, roster, wakes
from store.roster_file import RosterFile, read_csv
from tests.runtime.alarm_world import World


class Watched:
    """A home under audit whose engine beats."""

    def __init__(self, home: Path | None = None) -> None:
        self.world = World()
        if home is not None:
            settings = Settings.model_construct(home=home, pack="staffordshire", heartbeat_url=None)
            self.world.app = replace(self.world.app, settings=settings)
        self.engine = EngineWatch(self.world.app)
        self.audit = Audit(self.world.app, self.engine)
        self.beat()

    def beat(self) -> None:
        """Let the engine give a sign of life."""
        with self.world.app.sessions() as s:
            for part in ("worker", "timer"):
                meta.beat(s, part, "elsewhere/1", self.world.clock.wall())

    def look(self) -> str:
        """Give what the audit finds, in one text; the clock's stopwatch does not know the test's time."""
        self.audit._looked = None
        return "; ".join(self.audit.look())


@pytest.fixture
def watched() -> Watched:
    """A force with one case that is in order."""
    made = Watched()
    made.world.report()
    return made


def test_a_home_in_order_is_clean(watched: Watched) -> None:
    """Nothing is overdue beyond its grace, the parts live, the chain is whole."""
    assert watched.look() == ""


def test_an_act_that_nobody_performs_is_found(watched: Watched) -> None:
    """It is past its instant by more than was promised."""
    watched.world.forward(60 * 20 + 31)
    watched.beat()
    assert "past its instant and nobody acts" in watched.look()


def test_a_case_that_nobody_would_look_at_is_found(watched: Watched) -> None:
    """An open step and no wake: it would be silent for ever."""
    with watched.world.app.sessions() as s:
        wakes.set_wake(s, "MP-2026-000001", None)
    assert "MP-2026-000001 has an open step and no instant" in watched.look()


def test_a_message_that_nobody_sends_is_found(watched: Watched) -> None:
    """It has been queued for more than two minutes."""
    watched.world.busy("insp-n", Channel.WEBHOOK)
    watched.world.report(area="newcastle")
    watched.world.forward(121)
    watched.beat()
    assert "the oldest message waits since" in watched.look()


def test_a_silent_part_is_found(watched: Watched) -> None:
    """Worker or timer: each is named."""
    watched.world.forward(16)
    assert "worker gives no sign of life; timer gives no sign of life" in watched.look()


def test_a_clock_that_leaps_is_found(watched: Watched) -> None:
    """The wall clock and the stopwatch disagree; or the clock lies behind what was written last."""
    watched.audit.look()
    watched.world.clock.drift(timedelta(seconds=-20))
    assert any("leapt by -20 s" in found for found in watched.audit.look())
    watched.world.clock.drift(timedelta(minutes=-5))
    assert "the clock is behind the last line of the journal" in watched.look()


def test_a_database_with_another_time_is_found(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above two seconds, either way."""
    apart = timedelta(0)

    def told(_s: object) -> datetime:
        return watched.world.clock.wall() + apart

    monkeypatch.setattr(audit, "database_clock", told)
    apart = timedelta(seconds=2)
    assert watched.look() == ""
    apart = timedelta(seconds=3)
    assert watched.look() == "this machine's clock is 3.0 s behind the database's"
    apart = -apart
    assert watched.look() == "this machine's clock is 3.0 s ahead of the database's"


def test_a_changed_journal_rings_once(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is named, in batches however long the journal is; the alarm rings once, the audit stays unclean."""
    monkeypatch.setattr(watchdog_audit, "LINES", 2)
    with watched.world.app.sessions() as s:
        s.connection().execute(text("DROP TRIGGER journal_no_update"))
        s.connection().execute(text("UPDATE journal SET by = 'somebody else' WHERE seq = 5"))
        lines = journal.head(s)[0]
    said = [watched.look() for _ in range(lines)]
    assert said[0] == said[1] == ""
    assert said[-1] == "line 5 of the journal was changed or is gone"
    rang = [rung for rung in watched.world.standing() if rung.key == AlarmKey.JOURNAL_BROKEN]
    assert len(rang) == 1


def test_a_ring_that_meets_a_busy_store_is_tried_again(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit fails, so no heartbeat goes out; the next one rings."""

    def busy(*_all: object, **_more: object) -> None:
        raise Busy("the store is busy")

    with watched.world.app.sessions() as s:
        s.connection().execute(text("DROP TRIGGER journal_no_update"))
        s.connection().execute(text("UPDATE journal SET by = 'somebody else' WHERE seq = 1"))
    with monkeypatch.context() as patch:
        patch.setattr(doors, "ring", busy)
        with pytest.raises(Busy):
            watched.look()
    assert "line 1 of the journal" in watched.look()
    assert [rung.key for rung in watched.world.standing()].count(AlarmKey.JOURNAL_BROKEN) == 1


def test_a_line_changed_later_is_found_within_the_hour(watched: Watched) -> None:
    """The chain is followed from its beginning again."""
    assert watched.look() == ""
    with watched.world.app.sessions() as s:
        s.connection().execute(text("DROP TRIGGER journal_no_update"))
        s.connection().execute(text("UPDATE journal SET by = 'somebody else' WHERE seq = 1"))
    assert "journal" not in watched.look()
    watched.world.forward(3601)
    assert "line 1 of the journal" in watched.look() + watched.look()


def test_the_heartbeat_goes_out_only_after_a_clean_audit(tmp_path: Path) -> None:
    """To a file and to the store; what was found stands beside the last clean one."""
    watched = Watched(tmp_path)
    rounds = Rounds(watched.world.app, lambda: True, threading.Event())
    file = tmp_path / "run" / "heartbeat"
    assert rounds.audit() == []
    first = file.read_text(encoding="ascii")
    assert first.strip() == watched.world.clock.wall().isoformat()
    watched.world.forward(60)
    assert rounds.audit() != []
    assert file.read_text(encoding="ascii") == first
    with watched.world.app.sessions.reading() as s:
        noted = json.loads(meta.get(s, AUDIT) or "")
    assert (noted["clean"], noted["clean_at"]) == (False, first.strip())


def test_a_console_that_hangs_is_found(tmp_path: Path) -> None:
    """It beats nowhere: it is asked. What was found can be read where the console does not answer."""
    rounds = Rounds(Watched(tmp_path).world.app, lambda: True, threading.Event(), lambda: False)
    assert rounds.audit() == ["the console does not answer"]
    assert "the console does not answer" in (tmp_path / "run" / "audit.json").read_text(encoding="ascii")


def test_the_outside_address_hears_it_once_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And an address that does not answer is no reason to stop."""
    watched = Watched(tmp_path)
    settings = watched.world.app.settings.model_copy(update={"heartbeat_url": "http://127.0.0.1:9/beat"})
    rounds = Rounds(replace(watched.world.app, settings=settings), lambda: True, threading.Event())
    asked: list[str] = []

    def get(url: str, **_more: object) -> object:
        asked.append(url)
        raise httpx.ConnectError("nobody there")

    monkeypatch.setattr(httpx, "get", get)
    assert rounds.audit() == rounds.audit() == []
    assert asked == ["http://127.0.0.1:9/beat"]


def test_the_sheet_names_whom_to_ring(tmp_path: Path) -> None:
    """Each live case with its deadline and a number; never the missing person; readable by the owner alone."""
    watched = Watched(tmp_path)
    watched.world.report(risk="high")
    rows = ["person,name,rank,role,area,from,to,email,webhook,phone"]
    rows += [
        "fim-1,Fay Long,inspector,force_incident_manager,*,2026-01-10T14:00:00Z,2026-01-11T02:00:00Z,,,07700900001"
    ]
    with watched.world.app.sessions() as s:
        roster.replace(s, roster_of(rows, watched))
    sheet = write_sheet(watched.world.app)
    page = sheet.read_text(encoding="utf-8")
    assert sheet.name == "2026-01-10-19.html"
    assert (sheet.parent / "latest.html").read_text(encoding="utf-8") == page
    assert sheet.stat().st_mode & 0o077 == 0
    for said in (
        "MP-2026-000001",
        "(insp-a), no number in the roster",
        "high",
        "Stoke",
        "Fay Long (fim-1), 07700900001",
        "1 open",
        "Force Incident Manager",
    ):
        assert said in page
    assert "Somebody" not in page
    for hour in range(KEPT + 5):
        watched.world.forward(3600 if hour else 0)
        write_sheet(watched.world.app)
    assert len(list(sheet.parent.glob("[0-9]*.html"))) == KEPT


def roster_of(rows: list[str], watched: Watched) -> RosterFile:
    """Read a roster's text."""
    return read_csv("\n".join(rows), watched.world.clock.now(), areas=["stoke"])


def test_of_two_watchdogs_one_acts(tmp_path: Path) -> None:
    """The other stands by while the first holds the post."""
    watched = Watched(tmp_path)

    def holds_post() -> bool:
        return Rounds(watched.world.app, lambda: True, threading.Event())._posts.mine("watchdog")

    with watched.world.app.sessions() as s:
        assert posts.hold(s, "watchdog", "elsewhere/9", watched.world.clock.wall(), 15)
    assert not holds_post()
    watched.world.forward(16)
    assert holds_post()
    with watched.world.app.sessions.reading() as s:
        assert posts.holder_of(s, "watchdog", watched.world.clock.wall()) == process_name()
