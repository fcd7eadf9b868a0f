"""What the doors of a pass cost without Prefect: CPU and SQL statements of each, at the median of many cases.

`python -m bench.statements`: in this process, on a store in memory; with `--postgres` the statements are those of
PostgreSQL. `--show` writes the statements out, to find one that is not needed.
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import event

from bench._base import bases
from bench._cases import house
from bench._rig import AREAS, INSPECTOR, arguments, keep, report
from policy.terms import Route
from runtime import doors
from runtime.app import App
from runtime.rehearse_app import MEMORY
from runtime.rehearse_clock import SimClock

Result = TypeVar("Result")
HOLDER = "bench/1/pass"


@dataclass
class Tally:
    """What each door took, by its name."""

    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _now: list[str] = field(default_factory=list)

    def hear(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        """Note a statement; SQLAlchemy calls this before each."""
        self._now.append(" ".join(statement.split())[:100])

    def of(self, door: str, do: Callable[[], Result]) -> Result:
        """Go through a door and note what it took."""
        self._now.clear()
        began = time.process_time()
        result = do()
        self.cpu_ms[door].append(1000 * (time.process_time() - began))
        self.counts[door].append(len(self._now))
        self.said[door] = Counter(self._now)
        return result


def one_case(app: App, number: int, tally: Tally) -> None:
    """Take a report in, make the pass that tells its people, and take the inspector's answer."""
    ref = tally.of("report", lambda: doors.report(app, report(number, "medium"), route=Route.API)).case
    due = tally.of("advance, something due", lambda: doors.advance(app, ref, HOLDER))
    for act in due.acts if due else ():
        tally.of("deliver, each act", lambda act=act: doors.deliver(app, act))  # type: ignore[misc]  # a default binds
    tally.of("advance, nothing due", lambda: doors.advance(app, ref, HOLDER))
    tally.of("resting", lambda: doors.resting(app, ref, HOLDER))
    tally.of("release", lambda: doors.release(app, ref, HOLDER))
    said = {"kind": "acknowledged", "by": f"{INSPECTOR}{AREAS[number % len(AREAS)]}"}
    tally.of("record, acknowledged", lambda: doors.record(app, ref, said, route=Route.API))


def _print(given: argparse.Namespace, tally: Tally) -> None:
    print(f"{'door':<26} {'CPU':>8} {'statements':>11}")
    for door, spent in tally.cpu_ms.items():
        print(f"{door:<26} {statistics.median(spent):>5.1f} ms {statistics.median(tally.counts[door]):>11.0f}")
        for statement, times in tally.said[door].most_common() if given.show else ():
            print(f"    {times} x {statement}")
    keep(given, {f"cpu_ms_{door.partition(',')[0]}": statistics.median(s) for door, s in tally.cpu_ms.items()})


def main() -> None:
    """Count for some cases, and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--show", action="store_true", help="write the statements out")
    given = parser.parse_args()
    with bases(given) as where:
        app = house(SimClock(datetime.now(UTC)), "http://127.0.0.1:9/{}".format, where.vigil or MEMORY)
        tally = Tally()
        event.listen(app.sessions.engine, "before_cursor_execute", tally.hear)
        for number in range(given.cases):
            one_case(app, number, tally)
        app.close()
    print(where.kind)
    _print(given, tally)


if __name__ == "__main__":
    main()
