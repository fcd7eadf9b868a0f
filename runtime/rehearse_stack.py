"""The whole stack for a live rehearsal: `vigil up` on a home of its own, spoken to over HTTP as anybody would."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import httpx

from policy.errors import Refused
from runtime.clock import RehearsalClock, rehearsal_of
from runtime.rehearse_scenario import Scenario
from runtime.settings import PREFIX

ROOT = Path(__file__).resolve().parents[1]
READY_S = 240  # for the whole stack, on a slow machine
STOP_S = 30
LEADS_S = (30, 120)  # of real time between the start and the first act: the second when the first was too short
_UP = "import sys; from console.cli import main; sys.exit(main())"

Json = Mapping[str, object]


@dataclass(frozen=True)
class Stack:
    """A running Vigil, its clock, and how it is spoken to."""

    clock: RehearsalClock
    web: httpx.Client

    def get(self, path: str) -> Json:
        """Read from the API."""
        answer = self.web.get(path)
        answer.raise_for_status()
        return cast("Json", answer.json())

    def post(self, path: str, body: object) -> tuple[int, Json]:
        """Send to the API; give status and answer, refusals too."""
        answer = self.web.post(path, json=body)
        return answer.status_code, cast("Json", answer.json())

    def put_roster(self, text: str) -> None:
        """Put the roster; raise Refused when the API does not take it."""
        answer = self.web.put("roster", content=text, headers={"content-type": "text/csv"})
        if answer.status_code != 200:
            raise Refused(f"the roster was refused: {answer.text[:500]}", rule="live_roster")


@contextmanager
def stack(scenario: Scenario, speed: float) -> Iterator[Stack]:
    """Run `vigil up`, ready before the first act, and stop it afterwards; raise Refused when it does not start."""
    for lead_s in LEADS_S:
        with tempfile.TemporaryDirectory(prefix="vigil-rehearsal-", ignore_cleanup_errors=True) as folder:
            home = Path(folder) / "home"
            start_at = scenario.begins_at - timedelta(seconds=lead_s * speed)
            with _up(home, scenario, start_at, speed) as ready:
                clock = rehearsal_of(home)
                if clock is None:
                    raise Refused("the home was not marked as a rehearsal", rule="live_clock")
                if clock.now() >= scenario.begins_at:
                    continue  # the machine was slower than the lead: once more, with a longer one
                token = {"authorization": f"Bearer {ready['token']}"}
                with httpx.Client(base_url=f"{ready['console']}/api/v1", headers=token, trust_env=False) as web:
                    yield Stack(clock, web)
                return
    raise Refused("the system was not ready in time on this machine; try a lower --speed", rule="live_start")


@contextmanager
def _up(home: Path, scenario: Scenario, start_at: datetime, speed: float) -> Iterator[Json]:
    (home / "packs").mkdir(parents=True, mode=0o700)
    for name, text in scenario.own_packs.items():
        (home / "packs" / f"{name}.toml").write_text(text, encoding="utf-8")
    console, prefect = _free_ports()
    flags = {"--home": home, "--port": console, "--prefect-port": prefect, "--pack": scenario.pack}
    flags |= {"--start": start_at.isoformat(), "--speed": f"{speed:g}"}
    command = [sys.executable, "-c", _UP, "up", "--json", *(str(part) for pair in flags.items() for part in pair)]
    env = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PREFECT_"))}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [env.get("PYTHONPATH")])])
    with (home / "up.err").open("wb") as errors:
        process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            yield _ready(process, home)
        finally:
            _stop(process)


def _ready(process: "subprocess.Popen[str]", home: Path) -> Json:
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
    told = (home / "up.err").read_text(encoding="utf-8", errors="replace").strip()
    raise Refused(f"vigil up did not start: {told[-1000:] or 'it said nothing'}", rule="live_start")


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for probe in (first, second):
            probe.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
