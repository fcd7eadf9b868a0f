"""The whole of Vigil as processes: `vigil up` on a home of its own, spoken to over HTTP."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from runtime.rehearse_process import UpProcess

ROSTER_HEAD = "person,name,rank,role,area,from,to,email,webhook,phone,sms"


@dataclass
class Stack:
    """A running Vigil; `up` is the document that `--json` printed."""

    home: Path
    args: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    up: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose its ports; they stay the same when it is started again."""
        self._up = UpProcess(self.home, self.args, self.settings)

    def start(self) -> Self:
        """Start `vigil up` and wait until it says that it is ready."""
        self.up = self._up.start()
        return self

    @property
    def _process(self) -> "subprocess.Popen[str]":
        assert self._up.process is not None
        return self._up.process

    def said(self) -> str:
        """Give the end of what it said on stderr."""
        return self._up.said()

    @property
    def console(self) -> str:
        """Give the console's address."""
        return str(self.up["console"])

    @property
    def prefect_api(self) -> str:
        """Give the address of Prefect's API."""
        return str(self.up["prefect_api"])

    def client(self) -> httpx.Client:
        """Give a client with the admin token."""
        headers = {"Authorization": f"Bearer {self.up['token']}"}
        return httpx.Client(base_url=f"{self.console}/api/v1", headers=headers, timeout=15)

    def ask(self, path: str, **params: str) -> Any:
        """GET a path of the API and give its answer."""
        with self.client() as client:
            return client.get(path, params=params).raise_for_status().json()

    def post(self, path: str, body: object, expect: int | None = None) -> Any:
        """POST to a path of the API and give its answer; `expect` names the status that it must have."""
        with self.client() as client:
            answer = client.post(path, json=body)
        assert expect in (None, answer.status_code), answer.text
        return answer.json()

    def put_roster(self, rows: list[dict[str, str]]) -> None:
        """Put a roster; every row must be taken."""
        names = ROSTER_HEAD.split(",")
        text = "\n".join([ROSTER_HEAD, *(",".join(row.get(name, "") for name in names) for row in rows)])
        with self.client() as client:
            answer = client.put("/roster", content=text, headers={"content-type": "text/csv"})
        assert answer.status_code == 200, answer.text

    def now(self) -> datetime:
        """Give the procedure's clock of the running Vigil."""
        return datetime.fromisoformat(self.ask("/clock")["now"])

    def prefect(self, path: str, body: object | None = None) -> Any:
        """Ask Prefect's API: GET, or POST when there is a body."""
        url = f"{self.prefect_api}{path}"
        answer = httpx.get(url, timeout=20) if body is None else httpx.post(url, json=body, timeout=20)
        return answer.raise_for_status().json() if answer.content else None

    def stop(self) -> int:
        """Ask it to stop, wait, and give its exit code."""
        return self._up.stop()

    def kill_all(self) -> None:
        """Kill everything at once, as a power cut does."""
        mine = _family(self._process.pid)
        for pid in mine:
            _kill(pid)
        self._up.stop()

    def family(self) -> dict[int, str]:
        """Give every process of this Vigil, children first, with its command line."""
        return {pid: _command_of(pid) for pid in _family(self._process.pid)}

    def pid_of(self, part: str) -> int:
        """Give the process id of one part, from its command line."""
        for pid in _family(self._process.pid):
            if part in _command_of(pid):
                return pid
        raise AssertionError(f"there is no {part} among: {[_command_of(p) for p in _family(self._process.pid)]}")

    def kill(self, part: str) -> int:
        """Kill one part with -9 and give the process id that it had."""
        pid = self.pid_of(part)
        _kill(pid)
        return pid


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _family(pid: int) -> list[int]:
    """Give a process and all that it started, children first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    family, todo = [pid], [pid]
    while todo:
        found = parents.get(todo.pop(), [])
        family += found
        todo += found
    return family[::-1]


@contextmanager
def running(home: Path, *args: str, **settings: str) -> Iterator[Stack]:
    """Run Vigil on a home while the block runs; what it said on stderr stands in HOME/up.err."""
    stack = Stack(home, args, settings)
    try:
        yield stack.start()
    finally:
        if stack.stop() not in (0, -signal.SIGKILL):
            print(stack.said(), file=sys.stderr)  # noqa: T201 - for whoever reads the failure


def duty(
    person: str, role: str, area: str = "*", webhook: str = "", hours: int = 24, email: str = ""
) -> dict[str, str]:
    """Give a roster row that covers the next hours of any clock a test may run on."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    end = start + timedelta(days=3650 + hours)
    row = {"person": person, "role": role, "area": area, "from": start.isoformat(), "to": end.isoformat()}
    return {**row, "webhook": webhook, "email": email}
