"""How long the same job takes as Prefect's documentation suggests it: a work pool of type `process`, a plain flow.

`python -m bench.stock`: 10 reports, each posted some seconds after the message of the one before was received, so
that no two are ever under way together (at once they slow each other down: each starts a Python of its own). Measured
as for Vigil: from the report's POST, here the call that creates the flow run, until the phone has received it. Server
and worker are stock, with their default settings; only what would call home is switched off.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench._base import Bases, another, bases
from bench._rig import Figures, arguments, keep
from bench.stock_flow import POOL
from runtime.rehearse_process import free_port
from tests.support.sink import Sink, open_sink

FLOW = Path(__file__).with_name("stock_flow.py")
SILENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
# `deploy()` makes the deployment too, then asks for the pool's workers in a way that this server refuses.
DEPLOY = (
    "import sys; from prefect import flow; "
    "flow.from_source(source=sys.argv[1], entrypoint=sys.argv[2])"
    ".to_deployment(name='stock').apply(work_pool_name=sys.argv[3])"
)
START_S, RECEIVED_S, STOP_S = 180.0, 180.0, 15.0


@dataclass(frozen=True)
class Stock:
    """A stock Prefect that waits for reports."""

    api: str
    deployment: str

    def post(self, address: str, case: str) -> None:
        """Have a report carried: create a run of the flow."""
        body = {"parameters": {"address": address, "case": case}, "state": {"type": "SCHEDULED"}}
        path = f"{self.api}/deployments/{self.deployment}/create_flow_run"
        httpx.post(path, json=body, timeout=30).raise_for_status()


def ask_for_stock(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the comparison."""
    parser.add_argument("--stock-reports", type=int, default=10)
    parser.add_argument("--stock-every", type=float, default=5.0, help="seconds from a message to the next report")


def measure_stock(given: argparse.Namespace, sink: Sink, beside: Bases) -> Figures:
    """Send the reports to a stock Prefect and print how long each took to be received."""
    received = []
    with (
        another(beside) as database,
        tempfile.TemporaryDirectory(prefix="vigil-stock-", ignore_cleanup_errors=True) as home,
        stock(Path(home), database) as prefect,
    ):
        for number in range(-1, given.stock_reports):  # the first warms it up and does not count
            began, case = sink.elapsed_s(), f"STOCK-{number}"
            prefect.post(sink.address("stock"), case)
            (call, *_) = sink.wait_for("stock", within_s=RECEIVED_S, case=case)
            if number >= 0:
                received.append(call.at_s - began)
            time.sleep(given.stock_every)
    figures = Figures.of(received)
    figures.say("stock Prefect: message received (from POST sent)")
    return figures


@contextmanager
def stock(home: Path, database: str | None) -> Iterator[Stock]:
    """Run a stock server and a stock process worker in a home of their own."""
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    own = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_UI_STATIC_DIRECTORY": str(home / "ui"),
        "PREFECT_API_URL": api,
        **({"PREFECT_API_DATABASE_CONNECTION_URL": database} if database else {}),
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "VIGIL_"))}
    env |= SILENT | own
    prefect = (sys.executable, "-m", "prefect")
    with _process((*prefect, "server", "start", "--host", "127.0.0.1", "--port", str(port)), env, home, "server"):
        _until(lambda: httpx.get(f"{api}/health", timeout=2).is_success, "the stock server")
        _run((*prefect, "work-pool", "create", POOL, "--type", "process"), env, home)
        _run((sys.executable, "-c", DEPLOY, str(FLOW.parent), f"{FLOW.name}:tell_and_wait", POOL), env, home)
        found = httpx.get(f"{api}/deployments/name/tell-and-wait/stock", timeout=10).raise_for_status().json()
        with _process((*prefect, "worker", "start", "--type", "process", "--pool", POOL), env, home, "worker"):
            _until(lambda: _works(api), "the stock worker")
            yield Stock(api, found["id"])


def _works(api: str) -> bool:
    answer = httpx.post(f"{api}/work_pools/{POOL}/workers/filter", json={}, timeout=5)
    return answer.is_success and bool(answer.json())


def _run(command: Sequence[str], env: Mapping[str, str], home: Path) -> None:
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=START_S, check=False)
    if done.returncode:
        raise SystemExit(f"{command[-4:]} failed:\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}")


@contextmanager
def _process(command: Sequence[str], env: Mapping[str, str], home: Path, name: str) -> Iterator[None]:
    """Run a process, with all that it starts, while the block runs."""
    with (home / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=env, cwd=home, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield
    except BaseException:
        print((home / f"{name}.log").read_text(errors="replace")[-2000:], file=sys.stderr)
        raise
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _until(there: Callable[[], bool], what: str) -> None:
    """Wait until something is there; an error of the connection means not yet."""
    ends = time.monotonic() + START_S
    while time.monotonic() < ends:
        with suppress(httpx.HTTPError):
            if there():
                return
        time.sleep(0.3)
    raise SystemExit(f"{what} did not start within {START_S:.0f} s")


def main() -> None:
    """Measure the stock way alone."""
    parser = arguments(__doc__ or "")
    ask_for_stock(parser)
    given = parser.parse_args()
    with open_sink() as sink, bases(given) as where:
        print(f"{where.kind}: a stock server and a stock worker", flush=True)
        keep(given, {"stock_p50": measure_stock(given, sink, where).p50})


if __name__ == "__main__":
    main()
