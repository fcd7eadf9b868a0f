"""The whole stack for a live rehearsal: `vigil up` on a home of its own, spoken to over HTTP as anybody would."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import httpx

from policy.errors import Refused
from runtime.clock import RehearsalClock, rehearsal_of
from runtime.rehearse_process import UpProcess
from runtime.rehearse_scenario import Scenario

LEADS_S = (30, 120)  # of real time between the start and the first act: the second when the first was too short

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
    flags = ("--pack", scenario.pack, "--start", start_at.isoformat(), "--speed", f"{speed:g}")
    process = UpProcess(home, flags)
    try:
        yield process.start()
    finally:
        process.stop()
