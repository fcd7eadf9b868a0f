"""Where a pass spends its time: CPU by process, and the wall time of the worker's threads by what they were at.

`python -m bench.passes`: reports one after the other; each is one pass of several acts. The processes are Vigil's own;
a sampler (bench/sampler) is put on their path, which itself costs some percent: `--no-sampler` for CPU alone.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bench._base import Bases
from bench._memory import OURS, SERVER, held_by, needs_linux
from bench._rig import Rig, arguments, keep, report, rig, warm_up
from runtime.rehearse_process import ROOT

SAMPLER = Path(__file__).with_name("sampler")
PASS, SERVING = "engine_pass.py:make_pass", "engine_server.py:main"  # threads that have these are looked at
SHOWN = 14
CALM_S = 8.0  # the server writes task runs and events some seconds later

# What a sample was at, by the innermost frame that one of these words is part of; the first that fits an earlier
# frame of the stack is not asked. In the worker:
WORK = (
    ("runtime/engine.py:", "our calls to Prefect: form, name, agenda, pause"),
    ("channels/", "the message itself, until the phone has answered"),
    ("default.py:do_commit", "store: commits, synced to disk"),
    ("default.py:do_execute", "store: statements, in the database"),
    ("main/policy/", "deciding (policy)"),
    ("main/store/", "store: our rows and SQLAlchemy"),
    ("main/models/", "store: our rows and SQLAlchemy"),
    ("runtime/sending.py:send_all", "waiting for the phones of several messages"),
    ("main/runtime/", "doors, acts, sending"),
    ("logging/", "writing logs"),
    ("prefect/client/", "Prefect's engine: its call to the server (RUNNING)"),
    ("prefect/", "Prefect's engine: task runs, states, events, settings"),
)
# In Prefect's server:
SERVE = (
    ("server/events/", "events, and task runs written from them"),
    ("server/services/", "background services"),
    ("docket/", "background services (docket)"),
    ("redis/", "background services (docket)"),
    ("server/orchestration/", "orchestration of states"),
    ("server/models/", "queries"),
    ("server/database/", "sessions"),
    ("server/api/", "API: routes"),
    ("fastapi/", "web: FastAPI, request and answer models"),
    ("starlette/", "web: middleware"),
    ("uvicorn/", "web: uvicorn"),
    ("sqlalchemy/", "queries"),
    ("aiosqlite/", "queries"),
    ("selectors.py:select", "other threads (SQLite's), while this one waits"),
)


def measure(given: argparse.Namespace, here: Rig) -> float:
    """Send reports; print what CPU each process spent on one, and what it spends on none. Gives that of all of them."""
    idle = _spent_in(here, lambda: time.sleep(given.idle))
    told = len(here.sink.calls())
    busy = _spent_in(here, lambda: _send(given, here))
    messages = (len(here.sink.calls()) - told) / given.reports
    print(f"{given.reports} reports, {messages:.1f} messages each; CPU:")
    print(f"  {'process':<12} {'for one report':>15} {'with nothing to do':>20}")
    whole = 0.0
    for part, used in busy.items():
        of_one = 1000 * max(used - idle.get(part, 0.0), 0.0) / _per_s(given)
        print(f"  {part:<12} {of_one:>12.0f} ms {100 * idle.get(part, 0.0):>18.1f} %")
        whole += of_one / 1000
    return whole


def _send(given: argparse.Namespace, here: Rig) -> None:
    """Send the reports, and wait until what the server writes later is written."""
    with here.stack.client() as client:
        ends = time.monotonic()
        for number in range(given.reports):
            client.post("/reports", json=report(number, "medium")).raise_for_status()
            ends += given.every
            time.sleep(max(ends - time.monotonic(), 0))
    time.sleep(CALM_S)


def _per_s(given: argparse.Namespace) -> float:
    return float(given.reports / (given.reports * given.every + CALM_S))


def _spent_in(here: Rig, do: Callable[[], None]) -> dict[str, float]:
    """Give the share of a core that each process used meanwhile."""
    began, before = time.monotonic(), _cpu(here)
    do()
    took, after = time.monotonic() - began, _cpu(here)
    return {part: (cpu - before[part]) / took for part, cpu in after.items() if part in before}


def _cpu(here: Rig) -> dict[str, float]:
    found = {part: held.cpu_s for part, held in held_by(here.stack).items()}
    return found | ({"PostgreSQL": _cpu_of_database(here.bases)} if here.bases.prefect else {})


def _cpu_of_database(where: Bases) -> float:
    """Add up what the servers of our two databases have used; those of connections that have ended are lost."""
    names = [url.rsplit("/", 1)[1].encode() for url in (where.vigil, where.prefect) if url]
    used = 0.0
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            said = (process / "cmdline").read_bytes()
            if process.name.isdigit() and said.startswith(b"postgres:") and any(name in said for name in names):
                ticks = (process / "stat").read_text().rsplit(")", 1)[1].split()
                used += (int(ticks[11]) + int(ticks[12])) / 100
    return used


def show(name: str, counted: Mapping[str, int], words: Sequence[tuple[str, str]]) -> None:
    """Print what the samples of a process were at, and the innermost functions that they were in."""
    groups, inner = Counter[str](), Counter[str]()
    for stack, times in counted.items():
        frames = stack.split(";")
        groups[_at(frames, words)] += times
        inner[frames[-1]] += times
    total = sum(groups.values())
    print(f"\n{name}: {total} samples")
    for what, times in groups.most_common():
        print(f"  {100 * times / total:>5.1f} %  {what}")
    print("  innermost:")
    for frame, times in inner.most_common(SHOWN):
        print(f"  {100 * times / total:>5.1f} %  {frame}")


def _at(frames: Sequence[str], words: Sequence[tuple[str, str]]) -> str:
    for frame in reversed(frames):
        for word, what in words:
            if word in frame:
                return what
    return "other"


def main() -> None:
    """Measure on one house."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--reports", type=int, default=60)
    parser.add_argument("--every", type=float, default=0.7, help="seconds between two reports")
    parser.add_argument("--idle", type=float, default=15.0, help="seconds of watching it do nothing, before")
    parser.add_argument("--stacks", type=Path, help="keep the stacks: <name>.worker and <name>.prefect")
    parser.add_argument("--no-sampler", action="store_true", help="CPU alone")
    given = parser.parse_args()
    needs_linux()
    with tempfile.TemporaryDirectory(prefix="vigil-samples-") as samples:
        path = os.pathsep.join(map(str, (ROOT, SAMPLER)))
        sampled = {} if given.no_sampler else {"PYTHONPATH": path, "BENCH_SAMPLES": samples}
        with rig(given, **sampled) as here:
            warm_up(here.stack)
            before = _samples(Path(samples))
            keep(given, {"cpu_s": measure(given, here)})
            after = _samples(Path(samples))
        for part, root, words in ((OURS[0], PASS, WORK), (SERVER, SERVING, SERVE)):
            if part in after:
                counted = after[part] - before[part]
                show(part, {stack: times for stack, times in counted.items() if root in stack}, words)
                if given.stacks:
                    lines = [f"{stack} {times}" for stack, times in counted.most_common()]
                    given.stacks.with_suffix(f".{part}").write_text("\n".join(lines))


def _samples(folder: Path) -> dict[str, Counter[str]]:
    """Read what was counted so far, by part."""
    return {file.stem: Counter(json.loads(file.read_text())) for file in folder.glob("*.json")}


if __name__ == "__main__":
    main()
