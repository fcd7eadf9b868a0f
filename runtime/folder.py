"""The watched folder HOME/intake: exports of the force's systems, taken once they are whole, and once only.

A file is whole when the last thing that happened to it was no write (its inode changed after its content: it was
renamed in, or copied with its times set at the end), or when its size and times have been still for two seconds.
So whoever can should write under a name that begins with a dot and rename it; whoever cannot need do nothing.

1. `intake/night.csv` is renamed to `intake/taking/night.csv`: of two that look, one succeeds, and holds its lock.
2. Each record goes through the door `report`, a transaction a record, the highest risk first: nobody waits for a
   long file.
3. `night.csv.report.json` is written with each row's outcome; then the file goes beside it, to `done/`, or to
   `refused/` when no row of it could be taken. Whatever was refused rings `intake_refused` once a file.

After a crash the file is still in `taking/`, without a lock: it is taken again, and the same records change nothing.
"""

import fcntl
import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from policy.errors import Busy, Fault, Invalid, Transient
from policy.terms import Route
from runtime.app import App
from runtime.clock import ago
from runtime.door_intake import refuse_intake, take_in
from runtime.folder_file import Row, rows_of, text_of
from runtime.folder_report import Outcomes
from runtime.tables import urgency

STILL = timedelta(seconds=2)
STILL_EMPTY = timedelta(seconds=60)  # somebody has opened it and is about to write
STILL_OTHER = timedelta(minutes=10)  # perhaps on its way to a name that we take, such as night.csv.part
ENDINGS = (".json", ".csv")
MOST_BYTES = 64 * 2**20
PROGRESS = 500  # rows between two lines of the log
LONGEST_NAME = 200  # bytes of a name that is put away: a disk takes 255, and its report's name is longer

log = structlog.get_logger()


@dataclass(frozen=True)
class _Look:
    """A file as it was when it was last seen to change, by real time."""

    stamp: tuple[int, int, int]
    since_at: datetime


class Again(Exception):
    """The file is to be taken again later: the store is busy, we are stopping, or somebody still writes to it."""


class Folder:
    """Watches one folder; several may watch the same."""

    def __init__(self, app: App, home: Path, stop: threading.Event) -> None:
        self._app = app
        self._folder = home / "intake"
        self._stop = stop
        self._seen: dict[str, _Look] = {}
        self._rung: set[tuple[str, str]] = set()  # files that rang and could not be put away since

    def look(self) -> int:
        """Take every file that is whole, and what a crash left behind; give the number of files dealt with."""
        for name in ("taking", "done", "refused"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        dealt_with = 0
        for path in sorted((self._folder / "taking").iterdir()):
            dealt_with += self._take(path)
        for path in self._whole():
            target = self._folder / "taking" / path.name
            if target.exists() or self._stop.is_set():
                continue  # an earlier file of this name is still being taken
            try:
                path.rename(target)
            except FileNotFoundError:
                continue  # another process was faster
            except OSError as error:  # one that cannot be moved must not stop the others
                log.warning("file_not_moved", code=error.errno)
                continue
            dealt_with += self._take(target)
        return dealt_with

    def _whole(self) -> list[Path]:
        """Give the files that nobody is writing any more, the longest still first."""
        wall, now = self._app.clock.wall(), dict[str, _Look]()
        whole = []
        for entry in os.scandir(self._folder):
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if entry.name.startswith(".") or stat.S_ISDIR(found.st_mode):
                continue
            stamp = (found.st_size, found.st_mtime_ns, found.st_ino)
            before = self._seen.get(entry.name)
            look = before if before and before.stamp == stamp else _Look(stamp, wall)
            now[entry.name] = look
            renamed = found.st_size > 0 and found.st_ctime_ns > found.st_mtime_ns and _is_ours(entry.name)
            if renamed or ago(self._app.clock, look.since_at) >= _patience(entry.name, found.st_size):
                whole.append((look.since_at, entry.name))
        self._seen = now
        return [self._folder / name for _, name in sorted(whole)]

    def _take(self, path: Path) -> int:
        """Take one file of `taking/` in, unless another process has it; 1 when it was dealt with."""
        try:
            with _alone_with(path) as ours:
                if not ours:
                    return 0
                outcomes = self._outcomes(path)
                self._ring(path, outcomes)  # before it is put away: a crash rings twice rather than never
                self._put_away(path, outcomes)
        except Again:
            return 0
        except (
            OSError
        ) as error:  # a full disk, a folder that may not be written to: the next file is tried all the same
            log.warning("file_not_put_away", code=error.errno)
            return 0
        log.info("file_taken", file=outcomes.id, count=outcomes.taken, total=outcomes.total)
        return 1

    def _ring(self, path: Path, outcomes: Outcomes) -> None:
        """Ring for what a file holds that was refused; once, also while it cannot be put away."""
        if outcomes.refused and (path.name, outcomes.id) not in self._rung:
            self._rung.add((path.name, outcomes.id))
            why = outcomes.in_words()
            what = f"in intake/{_place(outcomes)}, {why}"
            refuse_intake(self._app, f"folder: {why}", Route.SYSTEM, what=what, each=True)

    def _outcomes(self, path: Path) -> Outcomes:
        """Take each row of a file in; raise Again when it cannot be ended now."""
        found = path.lstat()
        outcomes = Outcomes(_kept_name(path.name), self._app.clock.now())
        try:
            _check(path.name, found)
            data = path.read_bytes()
            outcomes.id = hashlib.sha256(data).hexdigest()[:12]
            said = text_of(data)
            outcomes.encoding = said.encoding
            for row in sorted(rows_of(path.name, said), key=lambda row: urgency(row.record)):
                self._row(row, outcomes)
        except Invalid as error:
            outcomes.unreadable(error.faults)
        except PermissionError:
            fault = Fault("file", "may not be read by the user that runs Vigil", "give it to that user, or its group")
            outcomes.unreadable([fault])
        except OSError as error:
            log.warning("file_not_read", code=error.errno)
            raise Again from None
        after = path.lstat()
        if (found.st_size, found.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise Again
        return outcomes

    def _row(self, row: Row, outcomes: Outcomes) -> None:
        if self._stop.is_set():
            raise Again
        if row.faults:
            outcomes.refuse(row.number, row.faults)
            return
        try:
            outcomes.take(row.number, take_in(self._app, row.record, route=Route.SYSTEM))
        except Invalid as error:
            outcomes.refuse(row.number, error.faults)
        except (Busy, Transient):
            raise Again from None
        except Exception as error:  # one row that we cannot bear must not stop the rest
            log.exception("row_not_taken", file=outcomes.id, row=row.number)
            fault = Fault(
                "row", f"could not be taken ({type(error).__name__})", "enter it by hand, and tell Vigil's keeper"
            )
            outcomes.refuse(row.number, (fault,))
        if outcomes.total % PROGRESS == 0:
            log.info("folder_progress", file=outcomes.id, row=row.number, count=outcomes.taken)

    def _put_away(self, path: Path, outcomes: Outcomes) -> None:
        """Put the report where the file will be, then the file: what has a file in `done/` has its report too."""
        folder = self._folder / _place(outcomes)
        name = _free(folder, _kept_name(path.name))
        report, fresh = folder / f"{name}.report.json", folder / f".{name}.report.json"
        fresh.write_text(json.dumps(outcomes.as_dict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.rename(report)
        path.rename(folder / name)
        self._rung.discard((path.name, outcomes.id))


def _place(outcomes: Outcomes) -> str:
    return "done" if outcomes.taken or not outcomes.refused else "refused"


def _kept_name(name: str) -> str:
    """Give the name under which a file is put away: what is no text is replaced, and a long one is cut."""
    text = os.fsencode(name).decode("utf-8", errors="replace")
    stem, dot, ending = text.rpartition(".")
    if len(text.encode()) <= LONGEST_NAME:
        return text
    ending = f"{dot}{ending}" if stem and len(ending) < 10 else ""
    return text.encode()[: LONGEST_NAME - len(ending.encode())].decode(errors="ignore") + ending


def _is_ours(name: str) -> bool:
    return name.lower().endswith(ENDINGS)


def _patience(name: str, size: int) -> timedelta:
    """Say how long a file must have been still; what can be no export is refused in the end, for nobody may miss it."""
    if not _is_ours(name):
        return STILL_OTHER
    return STILL if size else STILL_EMPTY


def _check(name: str, found: os.stat_result) -> None:
    fault = None
    if not stat.S_ISREG(found.st_mode):
        fault = Fault("file", "is no plain file", "put the file itself into the folder, no link to it")
    elif not _is_ours(name):
        fault = Fault("file", "is neither .json nor .csv", "export it as JSON or CSV")
    elif found.st_size > MOST_BYTES:
        fault = Fault("file", f"is larger than {MOST_BYTES // 2**20} MiB", "put in several smaller files")
    if fault is not None:
        raise Invalid("the file cannot be read", [fault])


@contextmanager
def _alone_with(path: Path) -> Iterator[bool]:
    """Hold a file of `taking/` while the block runs; False when another process has it, or has put it away.

    The lock goes with the process, however it ends: what a crash left behind is free at once.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield False
        return
    except OSError:  # a link, or something that cannot be opened: reading it will say so
        yield True
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        there = path.exists() and path.lstat().st_ino == os.fstat(handle).st_ino
    except OSError:
        there = False
    try:
        yield there
    finally:
        os.close(handle)


def _free(folder: Path, name: str) -> str:
    """Give a name that is free in a folder: `night.csv`, then `night.2.csv` and so on."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, ending = name, ""
    number, free = 1, name
    while (folder / free).exists() or (folder / free).is_symlink():
        number += 1
        free = f"{stem}.{number}{dot}{ending}"
    return free
