"""A process that was stopped in the middle of a write holds SQLite's write lock for ever: it is found and ended.

Whoever is only stopped cannot let go, and nobody else may write, the watchdog included. PostgreSQL ends such a
session by itself (`store/engine.py`). A living process is never touched, however long it writes.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from runtime.processes import is_stopped

LOCKS: Final = Path("/proc/locks")
WRITE_LOCK: Final = 120  # SQLite's WAL_WRITE_LOCK: the byte of the -shm file that whoever writes has locked

log = structlog.get_logger()


def end_the_frozen_writer(database: Path) -> int | None:
    """End the process that holds the write lock of a SQLite file and is stopped; give its number, None without one.

    Read from /proc, never by opening the file: closing it again would give away this process's own locks.
    """
    holder = _holder(database.with_name(database.name + "-shm"))
    if holder is None or holder == os.getpid() or not is_stopped(holder):
        return None
    log.error("frozen_writer_ended", number=holder)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(holder, signal.SIGKILL)
    return holder


def _holder(shared: Path) -> int | None:
    """Find who has the write lock: `1: POSIX ADVISORY WRITE <pid> <major>:<minor>:<inode> <first> <last>`."""
    with suppress(OSError):
        inode = str(shared.stat().st_ino)
        for line in LOCKS.read_text(encoding="ascii").splitlines():
            words = line.split()
            if len(words) != 8 or words[3] != "WRITE" or words[5].rpartition(":")[2] != inode:
                continue
            last = WRITE_LOCK if words[7] == "EOF" else int(words[7])
            if int(words[6]) <= WRITE_LOCK <= last:
                return int(words[4])
    return None
