"""Child processes: started in a group of their own, started again when they die, stopped in order."""

import os
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from runtime.clock import Stopwatch
from runtime.up_part import PARENT
from runtime.up_parts import Part

RESTARTS = 5
WITHIN_S = 60.0
OUT_BYTES = 5_000_000

log = structlog.get_logger()


class Restarts:
    """How often a part may be started again: 5 times a minute, each time a little later, always within 5 s."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._at: deque[float] = deque()

    def next_after(self) -> float | None:
        """Count a death and give the seconds until the next start; None when it died too often."""
        now = self._elapsed()
        while self._at and now - self._at[0] >= WITHIN_S:
            self._at.popleft()
        if len(self._at) >= RESTARTS:
            return None
        self._at.append(now)
        return float(min(4.0, 0.25 * 2 ** (len(self._at) - 1)))


class Child:
    """One part's process, whichever one it is now."""

    def __init__(self, part: Part, home: Path, clock: Stopwatch) -> None:
        self.part = part
        self.given_up = False
        self.deaths = 0
        self.died: int | None = None  # the number of the process that ended last
        self._home = home
        self._out = home / "logs" / f"{part.name}.out"
        self._clock = clock
        self._restarts = Restarts(clock.elapsed)
        self._process: subprocess.Popen[bytes] | None = None
        self._start_at: float | None = None  # on the stopwatch; None when nothing is planned

    @property
    def pid(self) -> int | None:
        """The process now running, None when there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process; what it prints outside its log goes to HOME/logs/<part>.out."""
        self._out.parent.mkdir(parents=True, exist_ok=True)
        turn_over(self._out)
        with self._out.open("ab") as out:
            self._process = subprocess.Popen(
                list(self.part.command),
                env={**self.part.env, PARENT: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,  # Ctrl-C is the supervisor's; it stops its parts in order
            )
        self._start_at = None
        log.info("part_started", name=self.part.name, number=self._process.pid)

    def tend(self) -> str | None:
        """See whether the process lives and start it again when it is time; say what a person should know."""
        if self._process is None or self.given_up:
            return None
        if self._start_at is not None:
            if self._clock.elapsed() >= self._start_at:
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            turn_over(self._out)
            return None
        self.deaths += 1
        after = self._restarts.next_after()
        log.warning("part_died", name=self.part.name, exit_code=code, tries=self.deaths)
        self.died = self._process.pid
        kill_group(self.died)  # nothing of it may hold its port
        if after is None:
            self.given_up = True
            return (
                f"the {self.part.title} died {RESTARTS + 1} times within a minute and is not started again;"
                f" see {self._home / 'logs'}/{self.part.name}.log and .out"
            )
        self._start_at = self._clock.elapsed() + after
        return f"the {self.part.title} died ({explain(code)}) and is started again"

    def stop(self, hurry: Callable[[], bool]) -> bool:
        """Stop the process: SIGTERM, its grace, SIGKILL; False when it had to be killed."""
        self._start_at = None
        if self._process is None or self._process.poll() is not None:
            return True
        with suppress(ProcessLookupError):
            self._process.terminate()
        watch, willing = Stopwatch(), True
        while self._process.poll() is None and willing:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
            willing = not hurry() and not watch.over(self.part.grace_s)
        ended = self._process.poll() is not None
        kill_group(self._process.pid)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        log.info("part_stopped", name=self.part.name, elapsed_s=round(watch.elapsed(), 1))
        return ended


def turn_over(out: Path) -> None:
    """Keep what a process prints below some megabytes, while it runs: Prefect without its database prints two a minute.

    The process appends to the file, so it goes on at its new end; the part before stays as `.out.1`.
    """
    with suppress(OSError):
        if out.stat().st_size > OUT_BYTES:
            shutil.copyfile(out, out.with_suffix(".out.1"))
            os.truncate(out, 0)


def kill_group(pid: int) -> None:
    """Kill whatever is left of a process's group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def explain(code: int) -> str:
    """Say an exit code as a person would: a signal by its name."""
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def stop_all(children: Sequence[Child], hurry: Callable[[], bool]) -> None:
    """Stop the parts in the opposite of the order in which they were started."""
    for child in reversed(children):
        child.stop(hurry)
