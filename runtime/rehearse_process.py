"""A `vigil up` of its own in a process of its own: what live rehearsals and live tests are played on."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policy.errors import Refused
from runtime.settings import PREFIX

ROOT = Path(__file__).resolve().parents[1]
READY_S = 240  # for the whole stack, on a slow machine
STOP_S = 30
_UP = "import sys; from console.cli import main; sys.exit(main())"


def free_port() -> int:
    """Give a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class UpProcess:
    """One `vigil up` on a home; may be started again on it after it has ended. What it says stands in HOME/up.err."""

    home: Path
    args: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)  # as environment variables; no other reaches it
    port: int = field(default_factory=free_port)
    prefect_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> dict[str, Any]:
        """Start it, wait until it is ready and give what it printed then; raise Refused when it does not start."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        ports = ("--port", str(self.port), "--prefect-port", str(self.prefect_port))
        command = [sys.executable, "-c", _UP, "up", "--home", str(self.home), "--json", *ports, *self.args]
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=self.home,
                env=self._environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,  # a Ctrl-C for us is not one for it: we stop it ourselves
            )
        return self._ready(self.process)

    def stop(self) -> int:
        """Ask it to stop, wait, and give its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return self.process.returncode

    def said(self) -> str:
        """Give the end of what it said on its way."""
        return self._errors.read_text(encoding="utf-8", errors="replace").strip()[-2000:]

    @property
    def _errors(self) -> Path:
        return self.home / "up.err"

    def _environment(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_", "COV_"))}
        path = os.pathsep.join([str(ROOT), *filter(None, [env.get("PYTHONPATH")])])
        return env | {"PYTHONPATH": path} | dict(self.settings)

    def _ready(self, process: "subprocess.Popen[str]") -> dict[str, Any]:
        assert process.stdout is not None
        alarm = threading.Timer(READY_S, process.kill)
        alarm.start()
        try:
            for line in process.stdout:
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict) and said.get("ready"):
                        return said
        finally:
            alarm.cancel()
        raise Refused(f"vigil up did not start: {self.said() or 'it said nothing'}", rule="live_start")
