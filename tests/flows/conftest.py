"""A real Prefect server, once a session, and our real worker, once a module; the doors are a scripted world."""

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from socket import socket
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from prefect.settings import (
    PREFECT_API_TLS_INSECURE_SKIP_VERIFY,
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_BATCH_INTERVAL,
    temporary_settings,
)

from runtime import clock, doors, knock
from runtime.app import App, use
from runtime.engine import Engine
from runtime.engine_deployment import ROOT
from runtime.engine_pass import Pass
from runtime.engine_state import RunState
from runtime.prefect_env import prefect_env
from runtime.worker import work
from runtime.worker_hooks import Hooks
from runtime.worker_start import flush
from tests.flows.world import PATIENCE_S, World

_numbers = count(1)


@dataclass(frozen=True)
class Stage:
    """Where a test of the join plays: Prefect's API, our engine, and the world behind the doors."""

    home: Path
    api: httpx.Client
    engine: Engine
    world: World

    def a_case(self) -> str:
        """Give a reference that no other test has."""
        return f"MP-2026-{next(_numbers):06d}"

    def start(self, case: str, n: int = 1, tags: tuple[str, ...] = ("risk:medium",)) -> str:
        """Create a run and knock on the worker, as the door `report` does."""
        self.world.runs[case] = (None, n - 1)
        run_id = self.engine.start(case, n, tags)
        self.world.runs[case] = (run_id, n)
        knock.knock(self.home, "worker")
        return run_id

    def wake(self, run_id: str, reason: str) -> bool:
        """Wake a run and knock on the worker, as the timer does."""
        woken = self.engine.wake(run_id, reason)
        knock.knock(self.home, "worker")
        return woken

    def until(self, run_id: str, true: Callable[[RunState], bool]) -> RunState:
        """Wait until a run's state is so, and give it."""
        watch, never = clock.Stopwatch(), Event()
        while not watch.over(PATIENCE_S):
            state = self.engine.state(run_id)
            assert state is not None
            if true(state):
                return state
            clock.wait(never, 0.03)
        raise AssertionError(f"the run stays {self.engine.state(run_id)}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Ask Prefect's API something that the engine has no method for."""
        return self.api.request(method, path, json=body).raise_for_status().json()

    def task_runs(self, run_id: str, number: int) -> list[dict[str, Any]]:
        """Wait until a run has so many task runs that have ended, and give them in order."""
        watch, never = clock.Stopwatch(), Event()
        query = {"task_runs": {"flow_run_id": {"any_": [run_id]}}, "sort": "EXPECTED_START_TIME_ASC"}
        while not watch.over(PATIENCE_S):
            found = cast("list[dict[str, Any]]", self.ask("POST", "task_runs/filter", query))
            if len(found) == number and all(run["end_time"] for run in found):
                return found
            clock.wait(never, 0.1)
        raise AssertionError("the task runs are not there")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Prefect leave websockets to the collector: it closes them so, in this process and in ours."""
    for item in items:
        if item.get_closest_marker("prefect"):
            for left in ("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"):
                item.add_marker(pytest.mark.filterwarnings(left))


@pytest.fixture(autouse=True)
def collected(request: pytest.FixtureRequest) -> Generator[None]:
    """Collect after each test with Prefect in it, so that nothing of it is found in another test."""
    yield
    if request.node.get_closest_marker("prefect"):
        gc.collect()


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[Path, str]]:
    """Start a real Prefect server on SQLite, the way that Vigil does."""
    home = tmp_path_factory.mktemp("prefect")
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    env = os.environ | prefect_env(home, url)
    command = [sys.executable, "-m", "runtime.engine_server", "--port", str(port)]
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_until_ready(url, server)
            yield home, url
        finally:
            server.terminate()
            server.wait(20)


def _wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    watch, never = clock.Stopwatch(), Event()
    while not watch.over(90):
        assert server.poll() is None, "the server died"
        try:
            if httpx.get(f"{url}/health", timeout=1).is_success:
                return
        except httpx.TransportError:
            clock.wait(never, 0.2)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")  # no longer: the doors of this process are somebody else's meanwhile
def stage(prefect_api: tuple[Path, str]) -> Generator[Stage]:
    """Have a real worker take runs, with the world where the doors are."""
    home, url = prefect_api
    world, engine = World(), Engine(url)
    engine.deploy()
    settings = {
        PREFECT_API_URL: url,
        PREFECT_API_TLS_INSECURE_SKIP_VERIFY: True,
        PREFECT_LOGGING_TO_API_BATCH_INTERVAL: 0.2,
    }
    app = cast("App", SimpleNamespace(engine=engine, knock=partial(knock.knock, home)))
    with pytest.MonkeyPatch.context() as patch, temporary_settings(settings), use(app):
        for door in ("advance", "deliver", "called_off", "give_up", "resting", "release", "renew", "answer"):
            patch.setattr(doors, door, getattr(world, door))
        with _Worker(home, engine, world), httpx.Client(base_url=f"{url}/") as api:
            yield Stage(home, api, engine, world)
        flush()
    engine.close()


class _Worker:
    """Runs a worker in a thread of this process, in the settings of this context."""

    def __init__(self, home: Path, engine: Engine, world: World) -> None:
        def failed(this: Pass, error: BaseException) -> bool:
            world.hear("failed", this.case, type(error).__name__)
            return this.carries(*world.carried(this.case))

        def recovered(this: Pass) -> None:
            world.hear("recovered", this.case)

        hooks = Hooks(failed=failed, recovered=recovered, engine=engine, wall=clock.WallClock().wall)
        self._home, self._stop = home, Event()
        self._thread = Thread(target=copy_context().run, args=(self._run, hooks), daemon=True)

    def _run(self, hooks: Hooks) -> None:
        asyncio.run(work(self._home, hooks, self._stop, name="test"))

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        knock.knock(self._home, "worker")
        self._thread.join(20)
