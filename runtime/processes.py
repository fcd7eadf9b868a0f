"""Processes by name, `<machine>/<number>`: who holds a case, a message or a post; what the dead held is free again."""

import os
import platform
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlmodel import Session

from runtime.app import App
from store import meta, outbox, posts, wakes

STOPPED: Final = frozenset("TtZX")  # stopped, or dead and not yet buried by its parent


def process_name(pid: int | None = None) -> str:
    """Name a process of this machine, this one when no number is given."""
    return f"{platform.node()}/{os.getpid() if pid is None else pid}"


def free_what_it_held(app: App, process: str, *, ended: bool = True) -> None:
    """Free the cases, messages and posts of a process, so that nobody waits a minute for them.

    One that has ended is forgotten, too; one that is merely silent keeps its last heartbeat, by which it is known.
    """
    with app.sessions() as s:
        _free(s, process)
        if ended:
            meta.gone(s, process)


def free_what_the_dead_held(app: App, lives: Callable[[int], bool] | None = None) -> list[str]:
    """Free what processes of this machine hold that run no more, and name them.

    On SQLite no other machine works on the store, so there another machine's name is this one's of before.
    """
    alone = app.sessions.engine.dialect.name == "sqlite"
    with app.sessions() as s:
        named = {_process_of(holder) for holder in (*wakes.holders(s), *outbox.holders(s), *posts.holders(s))}
        dead = sorted(one for one in named if _is_dead(one, lives or is_alive, alone=alone))
        for process in dead:
            _free(s, process)
            meta.gone(s, process)
    return dead


def runs(process: str) -> bool:
    """Tell whether a process of this machine is there and not stopped; of another machine's nobody can tell: no."""
    machine, _, number = process.rpartition("/")
    return machine == platform.node() and number.isdigit() and is_alive(int(number)) and not is_stopped(int(number))


def is_alive(pid: int) -> bool:
    """Tell whether this machine runs a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        pass
    return True


def is_stopped(pid: int) -> bool:
    """Tell whether a process of this machine does nothing any more (SIGSTOP, a debugger, dead), where /proc tells."""
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return status.rpartition(")")[2].split()[0] in STOPPED
    return False


def _is_dead(process: str, lives: Callable[[int], bool], *, alone: bool) -> bool:
    machine, _, number = process.rpartition("/")
    if machine != platform.node():
        return alone
    return not (number.isdigit() and lives(int(number)))


def _process_of(holder: str) -> str:
    """Give the process in a holder's name: `<machine>/<number>/<anything>`."""
    return "/".join(holder.split("/")[:2])


def _free(s: Session, process: str) -> None:
    wakes.free_leases_of(s, f"{process}/")
    outbox.release_claims_of(s, f"{process}/")
    posts.leave(s, process)
