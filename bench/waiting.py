"""What cases cost that wait: memory, threads and connections of worker, timer, watchdog and console.

`python -m bench.waiting`: cases that wait for their reviews are written straight to the store, each due for one pass;
the pass makes its run and leaves it PAUSED. Measured with none, with 1,000 and with 2,000. The first thousand also
fills what is built once, however many come (pools, caches, what a look at many due cases needs at its height); what
cases cost is what the second adds. Memory is each process's own share (PSS). Prefect's server does not count.
"""

import argparse
import time
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select

from bench._cases import CASE, Maker, copies, waiting_shapes, write
from bench._memory import OURS, Held, held_by, needs_linux, table
from bench._rig import Rig, arguments, keep, rig, warm_up
from store.engine import make_engine

PATIENCE_S = 3600.0
CALM_S = 20.0  # after the last pass: what is written late is written, what is not needed is given back


def measure(here: Rig, given: argparse.Namespace) -> None:
    """Have cases wait, and print what each part holds before and after."""
    engine = make_engine(here.store_url)
    fresh = held_by(here.stack)
    have_waiting(here, engine, given.warm, 1)
    before = held_by(here.stack)
    print(f"the first {given.warm}:\n{table(fresh, before, given.warm / 1000)}", flush=True)
    keep(given, {"waiting_first_mb": _grown(fresh, before) * 1000 / given.warm})
    began = time.perf_counter()
    have_waiting(here, engine, given.cases, 1 + given.warm)
    took = time.perf_counter() - began - CALM_S
    after = held_by(here.stack)
    engine.dispose()
    print(f"{given.cases} more cases went to wait in {took:.0f} s, {given.cases / took:.1f} passes/s")
    per = given.cases / 1000
    print(table(before, after, per))
    _conclude(given, before, after, per)


def have_waiting(here: Rig, engine: Engine, number: int, first: int) -> None:
    """Write so many cases whose wake has come; return when each has had its pass and waits."""
    now = datetime.now(UTC)
    maker = Maker(here.sink.address, now)
    made = copies(waiting_shapes(maker, now), number, first)
    maker.close()
    for shape in made:
        shape.case["wake_at"] = now
    write(engine, made)
    ends = time.monotonic() + PATIENCE_S
    while (left := _not_waiting(engine)) and time.monotonic() < ends:
        time.sleep(1)
    if left:
        raise SystemExit(f"{left} cases had no pass within {PATIENCE_S:.0f} s")
    time.sleep(CALM_S)


def _not_waiting(engine: Engine) -> int:
    """Count the cases that have had no pass, or are in one: a pass moves the wake on."""
    busy = CASE.c.run_id.is_(None) | CASE.c.lease_holder.is_not(None) | (CASE.c.wake_at <= datetime.now(UTC))
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(CASE).where(busy)).scalar_one())


def _conclude(given: argparse.Namespace, before: dict[str, Held], after: dict[str, Held], per: float) -> None:
    ours = [part for part in OURS if part in before and part in after]
    grown = _grown(before, after) / per
    more = sum(after[part].threads - before[part].threads for part in ours)
    sockets = sum(after[part].connections - before[part].connections for part in ours)
    print(f"{', '.join(ours)} together: {grown:+.2f} MB per 1,000 cases, {more:+d} threads, {sockets:+d} connections")
    keep(given, {"waiting_mb": grown, "waiting_threads": more, "waiting_connections": sockets})


def _grown(before: dict[str, Held], after: dict[str, Held]) -> float:
    return sum(after[part].mb - before[part].mb for part in OURS if part in before and part in after)


def main() -> None:
    """Measure on one house."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--warm", type=int, default=1000, help="cases that wait before those that are measured")
    given = parser.parse_args()
    needs_linux()
    with rig(given) as here:
        warm_up(here.stack)
        measure(here, given)


if __name__ == "__main__":
    main()
