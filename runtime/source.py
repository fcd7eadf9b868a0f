"""The source watch: reads a force's database or list every so often, and takes in what is new or has changed.

1. Rows are read from the high-water mark on (`runtime/source_progress.py`); nothing is written to the source.
2. Each row goes through the door `report`, a transaction a record; the same record again changes nothing.
3. A row that cannot be a case is journalled and rings `intake_refused`; it never stops the others, and never
   rings twice for what it says.
4. Of several processes on one store one watches; another takes over when it has been silent for a while.
5. At the first turn only the last 48 hours are opened: a system with years of records is no night of reports.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from policy.errors import Broken, Busy, Invalid, Transient
from policy.terms import Route
from runtime.app import App
from runtime.door_intake import refuse_intake, take_in
from runtime.processes import process_name
from runtime.source_progress import Progress, progress_of
from runtime.source_read import Reader, SourceFailed, reader_of
from runtime.source_rows import Read, read_row
from runtime.tables import urgency
from store import cases, feeds, posts
from store.feeds import Feed

WINDOW = timedelta(hours=48)
MISSED = "missed start"
TURNS_MISSED = 3  # by the process that watches a source, until another takes over
SHOWN = 20  # refused rows that one line of the journal names

log = structlog.get_logger()


class Watch:
    """Watches one source; its two jobs may run side by side, but take rows in one at a time."""

    def __init__(self, app: App, name: str, stop: threading.Event, reader: Reader | None = None) -> None:
        self._app = app
        self._name = name
        self._stop = stop
        self._setting = app.settings.sources[name]
        self._reader = reader or reader_of(self._setting, app.settings.home)
        self._turn = threading.Lock()
        self._later: set[str] = set()  # digests of what the last turn could not take
        self._rung: set[str] = set()  # digests of what broke something of ours, and has rung

    def turn(self) -> bool:
        """Read what is new and take it in; False when the source did not answer, or another process watches it."""
        with self._turn:
            if not self._mine():
                return False
            progress = self._progress()
            rows = self._read(progress, recent=False)
            if rows is None:
                return False
            self._take_new(rows, progress)
        return True

    def count_starts(self) -> list[str]:
        """Count the source's last 48 hours against the cases; open what is missing, late, and give the cases.

        The whole list is read first and a turn comes second, so that what is merely new is not called missed.
        """
        rows = self._read(Progress(), recent=True) if self._mine() else None
        if rows is None or not self.turn():
            return []
        since = self._app.clock.now() - WINDOW
        recent = [r for r in rows if r.id and (r.recorded_at is None or r.recorded_at >= since)]
        with self._turn:
            progress = self._progress()
            with self._app.sessions.reading() as s:
                missing = {r.id: r for r in recent if r.id and cases.find(s, *r.id) is None}
            known = {*self._later, *progress.refused}
            taken = self._take_in([r for r in missing.values() if r.digest not in known], late=MISSED)
            if taken.refused:
                wall = self._app.clock.wall()
                self._keep(replace(progress, refused={**progress.refused, **dict.fromkeys(taken.refused, wall)}))
        for case in taken.opened:
            log.warning("missed_start", case=case, source=self._name)
        return taken.opened

    def _mine(self) -> bool:
        """Tell whether this process is to watch the source: marks that two move, and alarms that two ring, go wrong."""
        hold_s = TURNS_MISSED * self._setting.seconds("every")
        with self._app.sessions() as s:
            return posts.hold(s, f"source/{self._name}", process_name(), self._app.clock.wall(), hold_s)

    def _progress(self) -> Progress:
        """Give how far it has come; another column for a mark begins anew."""
        with self._app.sessions.reading() as s:
            kept = feeds.progress(s, self._name)
        return progress_of(kept) if kept.get("column") == self._setting.mark else Progress()

    def _keep(self, progress: Progress) -> None:
        with self._app.sessions() as s:
            feeds.put_progress(s, self._name, {**progress.as_dict(), "column": self._setting.mark})

    def _read(self, progress: Progress, *, recent: bool) -> list[Read] | None:
        """Read the rows, and write down that the source answered, or how it did not."""
        try:
            rows = self._reader.rows(progress.mark, recent=recent)
            read = [read_row(row, self._name, self._setting) for row in rows]
            progress.after(read, (), (), self._app.clock.wall())  # marks without an order are no answer
        except SourceFailed as error:
            self._note(error.code)
        except Broken:
            self._note("marks_without_order")
        else:
            self._note(None)
            return read
        return None

    def _note(self, fault: str | None) -> None:
        wall = self._app.clock.wall()
        with self._app.sessions() as s:
            feed = feeds.get(s, self._name) or Feed(self._name, wall)
            feeds.put(s, replace(feed, answered_at=wall if fault is None else feed.answered_at, fault=fault))
        if fault != feed.fault:
            log.warning("source_answers" if fault is None else "source_failed", source=self._name, code=fault)

    def _take_new(self, rows: Sequence[Read], progress: Progress) -> None:
        """Take in what is new, and move the mark as far as it may go."""
        new = progress.new(rows)
        if not progress.begun:
            since = self._app.clock.now() - WINDOW
            new = [r for r in new if r.recorded_at is None or r.recorded_at >= since]
        taken = self._take_in(new)
        self._later = {r.digest for r in new} - taken.dealt_with
        after = progress.after(rows, self._later, taken.refused, self._app.clock.wall())
        if after != progress:
            self._keep(after)
        if new:
            log.info("source_read", source=self._name, count=len(new), total=len(rows))

    def _take_in(self, rows: Sequence[Read], late: str | None = None) -> "_Taken":
        """Take rows in, each in its own transaction; those that could not be a case ring once for all of them."""
        taken = _Taken()
        for r in sorted(rows, key=lambda r: urgency(r.record)):
            if self._stop.is_set():
                break
            try:
                reported = take_in(self._app, r.record, route=Route.SYSTEM, late=late)
            except Invalid as error:
                taken.refused[r.digest] = f"{r.record.get('source_id')}: {error}"
            except (Busy, Transient):
                continue  # the next turn tries again
            except Exception as error:  # one row that we cannot bear must not stop the rest
                log.exception("row_not_taken", source=self._name)
                self._ring_once(r, error)
            else:
                taken.done.add(r.digest)
                taken.opened += [reported.case] if reported.created else []
        if taken.refused:
            why = f"source {self._name}: {_few(list(taken.refused.values()))}"
            what = f"source {self._name}: {len(taken.refused)} rows"
            refuse_intake(self._app, why, Route.SYSTEM, what=what)
        return taken

    def _ring_once(self, r: Read, error: Exception) -> None:
        if r.digest not in self._rung:
            self._rung.add(r.digest)
            why = f"source {self._name}: {r.record.get('source_id')}: {type(error).__name__}"
            refuse_intake(self._app, why, Route.SYSTEM, what=f"source {self._name}: a row")


@dataclass
class _Taken:
    """What became of some rows: digests dealt with, why others were refused, and the cases that were opened."""

    done: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)

    @property
    def dealt_with(self) -> set[str]:
        """Give what need not be tried again."""
        return {*self.done, *self.refused}


def _few(whys: Sequence[str]) -> str:
    more = f" and {len(whys) - SHOWN} more" if len(whys) > SHOWN else ""
    return f"{len(whys)} rows refused: " + "; ".join(whys[:SHOWN]) + more
