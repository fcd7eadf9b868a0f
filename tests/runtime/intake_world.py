"""A force whose records come in by themselves: its folder and its sources, on a clock that a test moves."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from policy.terms import AlarmKey
from runtime.app import App
from runtime.folder import Folder
from runtime.source import Watch
from runtime.source_read import Reader
from runtime.source_setting import SourceSetting
from store import alarms, cases, journal
from store.alarms import Rung
from store.cases import Stored
from store.journal import JournalEntry
from store.listing import Wanted, listing
from tests.support.world import World

QUERY = "SELECT * FROM missing"


@dataclass
class Intake:
    """The force's app, its home, and what came in."""

    world: World
    app: App
    home: Path
    stop: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.world.sim.clock.advance(timedelta(seconds=seconds))

    def folder(self) -> Folder:
        """Give one that watches the home's folder."""
        return Folder(self.app, self.home, self.stop)

    def drop(self, name: str, content: bytes | str) -> Path:
        """Write a file into the folder as a careless program does."""
        path = self.home / "intake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def report(self, where: str, name: str) -> dict[str, Any]:
        """Read the report beside a file that was put away."""
        assert (self.home / "intake" / where / name).exists()
        text = (self.home / "intake" / where / f"{name}.report.json").read_text(encoding="utf-8")
        said: dict[str, Any] = json.loads(text)
        return said

    def source(self, reader: Reader | None = None, name: str = "compact", **said: Any) -> Watch:
        """Put a source into the settings and give its watch."""
        setting = SourceSetting.model_validate({"url": "http://127.0.0.1:9/list", **said})
        sources = {**self.app.settings.sources, name: setting}
        self.app = replace(self.app, settings=self.app.settings.model_copy(update={"sources": sources}))
        return Watch(self.app, name, self.stop, reader)

    def cases(self) -> list[Stored]:
        """Give every case, the first to come in first."""
        with self.app.sessions.reading() as s:
            return listing(s, Wanted(), 500)[0][::-1]

    def case(self, ref: str) -> Stored:
        """Give one case."""
        with self.app.sessions.reading() as s:
            return cases.load(s, ref)

    def ids(self) -> list[str]:
        """Give the source ids of the cases."""
        return [stored.source_id for stored in self.cases()]

    def rung(self, key: AlarmKey, *, standing: bool = False) -> list[Rung]:
        """Give the alarms of one kind."""
        with self.app.sessions.reading() as s:
            return [a for a in alarms.listing(s, standing=standing) if a.key is key]

    def journal(self, case: str | None = None) -> list[JournalEntry]:
        """Give the journal of a case, or all of it."""
        with self.app.sessions.reading() as s:
            return journal.read(s, case, limit=100_000)


@contextmanager
def open_intake(home: Path) -> Iterator[Intake]:
    """Open a force on a home."""
    world = World()
    try:
        yield Intake(world, world.sim.app, home)
    finally:
        world.close()


def record(number: int, **fields: object) -> dict[str, object]:
    """Give a record of the night on which the tests' clock stands."""
    return {
        "source": "compact",
        "source_id": f"CMP-{number:04d}",
        "reported_at": "2026-01-10T18:58:00Z",
        "recorded_at": "2026-01-10T18:59:00Z",
        "area": "stoke",
        "risk": "medium",
        "person": {"name": f"Somebody Number{number}", "age": 30},
        **fields,
    }


def csv_of(*rows: Mapping[str, object]) -> str:
    """Give rows as a table; the first names the columns."""
    head = list(rows[0])
    return "\n".join([",".join(head), *(",".join(str(row.get(name, "")) for name in head) for row in rows)]) + "\n"


def row(number: int, **fields: object) -> dict[str, object]:
    """Give a row as a CSV or a view has it."""
    return {
        "source_id": f"CMP-{number:04d}",
        "changed_at": f"2026-01-10T18:{number:02d}:00Z",
        "recorded_at": f"2026-01-10T18:{number:02d}:00Z",
        "area": "stoke",
        "risk": "medium",
        "person.name": f"Somebody Number{number}",
        **fields,
    }


@dataclass
class Database:
    """A force's database as a SQLite file; the test is the system that writes to it."""

    path: Path

    @property
    def url(self) -> str:
        """Give its address."""
        return f"sqlite:///{self.path}"

    def put(self, *rows: Mapping[str, object]) -> None:
        """Write rows, each over the one of the same source_id."""
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS missing (source_id TEXT PRIMARY KEY)")
            for said in rows:
                there = {str(column[1]) for column in db.execute("PRAGMA table_info(missing)")}
                for name in set(said) - there:
                    db.execute(f'ALTER TABLE missing ADD COLUMN "{name}"')
                names = ", ".join(f'"{name}"' for name in said)
                marks = ", ".join("?" for _ in said)
                db.execute(f"INSERT OR REPLACE INTO missing ({names}) VALUES ({marks})", list(said.values()))
