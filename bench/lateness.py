"""How late an act is when ten thousand cases are open: from its deadline until the phone has received it.

`python -m bench.lateness`: 10,000 open cases are written straight to the store of a running Vigil, each with its steps
and with messages that were received. 9,900 of them have nothing due for an hour; of 100 a ladder has its next rung, one
every 2 seconds. None has a run in Prefect yet: its first wake makes one, which costs a call more than waking one.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from bench._cases import LULL, Maker, Shape, copies, rung_shapes, shifted, waiting_shapes, write
from bench._rig import Figures, Rig, arguments, keep, rig, warm_up
from store.engine import make_engine
from tests.support.sink import Call

AHEAD = timedelta(seconds=20)  # from the last case written to the first deadline
PATIENCE_S = 120.0
FIRST_DUE = 100_000  # references of the cases that have a deadline begin here


def measure(here: Rig, given: argparse.Namespace) -> Figures:
    """Write the cases, let their deadlines come, and print how late each act was."""
    engine = make_engine(here.store_url)
    _fill(here, engine, given.cases - given.deadlines)
    due = _deadlines(here, engine, given)
    epoch_at = datetime.now(UTC) - timedelta(seconds=here.sink.elapsed_s())
    last_at = max(due.values())
    time.sleep(max((last_at - datetime.now(UTC)).total_seconds(), 0))
    here.sink.wait_until(lambda: due.keys() <= _first(here).keys(), PATIENCE_S, "an act for each deadline")
    first = _first(here)
    late = [
        (epoch_at + timedelta(seconds=first[case].at_s) - at).total_seconds()  # both clocks are this machine's
        for case, at in due.items()
    ]
    early = sum(seconds < 0 for seconds in late)
    if early:
        print(f"{early} acts came before their deadlines: the figures mean nothing")
    engine.dispose()
    return Figures.of(late)


def _fill(here: Rig, engine: Engine, number: int) -> None:
    """Write cases that wait for their reviews."""
    began = time.perf_counter()
    now = datetime.now(UTC)
    maker = Maker(here.sink.address, now)
    shapes = waiting_shapes(maker, now)
    maker.close()
    write(engine, copies(shapes, number, 1))
    steps = len(shapes[0].steps)
    print(f"{number} waiting cases of {steps} steps written in {time.perf_counter() - began:.0f} s", flush=True)


def _deadlines(here: Rig, engine: Engine, given: argparse.Namespace) -> dict[str, datetime]:
    """Write the cases that have a deadline; give the instant of each."""
    maker = Maker(here.sink.address, datetime.now(UTC) - timedelta(hours=1))
    first_at = datetime.now(UTC) + AHEAD
    shapes = rung_shapes(maker, first_at)
    maker.close()
    every = timedelta(seconds=given.every)
    made = [shifted(case, every * n) for n, case in enumerate(copies(shapes, given.deadlines, FIRST_DUE))]
    _check(made, first_at, every)
    write(engine, made)
    return {str(case.case["ref"]): case.wake_at for case in made}


def _check(made: list[Shape], first_at: datetime, every: timedelta) -> None:
    """Refuse to measure with cases that are not what they should be: the pack may have changed since."""
    if any(case.wake_at != first_at + every * n for n, case in enumerate(made)):
        raise SystemExit("the cases have no rung at the instant it was made for: see UNTIL_RUNG in bench/_cases.py")
    if every * len(made) + AHEAD > LULL + timedelta(seconds=60):
        raise SystemExit("so many deadlines take longer than nothing else happens: fewer, or --every less")


def _first(here: Rig) -> dict[str, Call]:
    """Give the first message of each case that was received."""
    found: dict[str, Call] = {}
    for call in here.sink.calls():
        found.setdefault(str(call.body["case"]), call)
    return found


def main() -> None:
    """Measure on one house."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--deadlines", type=int, default=100)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two deadlines")
    given = parser.parse_args()
    with rig(given) as here:
        warm_up(here.stack)
        late = measure(here, given)
        late.say(f"{given.cases} open cases, act received after its deadline")
        keep(given, {"lateness_p50": late.p50, "lateness_p99": late.p99, "lateness_longest": late.longest})


if __name__ == "__main__":
    main()
