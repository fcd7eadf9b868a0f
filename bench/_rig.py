"""What the measurements share: a Vigil of their own, phones that receive, reports to send, figures to print."""

import argparse
import json
import logging
import math
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from bench._base import Bases, ask_for_bases, bases
from tests.support.sink import Sink, open_sink
from tests.support.stack import Stack, duty, running

AREAS = ("stoke", "newcastle", "moorlands", "stafford")
EVERYWHERE = (
    ("fim-1", "force_incident_manager"),
    ("crs-1", "control_room_sergeant"),
    ("op-1", "control_room_operator"),
    ("ci-1", "duty_chief_inspector"),
    ("sup-1", "on_call_superintendent"),
)
INSPECTOR, SERGEANT = "insp-", "sgt-"


@dataclass(frozen=True)
class Rig:
    """A running Vigil, the phones of its force, and where both of them keep what they know."""

    stack: Stack
    sink: Sink
    bases: Bases

    @property
    def store_url(self) -> str:
        """Give the address of our store."""
        return self.bases.vigil or f"sqlite:///{self.stack.home / 'vigil.db'}"


@contextmanager
def rig(given: argparse.Namespace, *args: str, **settings: str) -> Iterator[Rig]:
    """Run a Vigil on a fresh home and the databases that were asked for, with everybody's phone at the sink."""
    with (
        tempfile.TemporaryDirectory(prefix="vigil-bench-", ignore_cleanup_errors=True) as home,
        open_sink() as sink,
        bases(given) as where,
    ):
        started = time.perf_counter()
        with running(Path(home), *where.flags(), *args, **settings) as stack:
            print(f"{where.kind}: ready after {time.perf_counter() - started:.1f} s", flush=True)
            stack.put_roster([duty(person, role, area, sink.address(person)) for person, role, area in people()])
            yield Rig(stack, sink, where)


def people() -> list[tuple[str, str, str]]:
    """Name everybody on duty, with role and area."""
    force = [(person, role, "*") for person, role in EVERYWHERE]
    force += [(f"{INSPECTOR}{area}", "duty_inspector", area) for area in AREAS]
    return force + [(f"{SERGEANT}{area}", "response_sergeant", area) for area in AREAS]


def report(number: int, risk: str) -> dict[str, object]:
    """Give a report that the bench can tell from the others."""
    person = {"name": f"Bench {number}", "age": 14}
    area = AREAS[number % len(AREAS)]
    return {"source": "bench", "source_id": f"B-{number:05d}", "area": area, "risk": risk, "person": person}


def warm_up(stack: Stack, reports: int = 4) -> None:
    """Have everything that is built once be built: first imports, connections and statements are no case's business."""
    for number in range(reports):
        stack.post("/reports", report(99_999 - number, "low"), 201)
        time.sleep(0.5)
    time.sleep(2)


def first_received(sink: Sink, case: str) -> float:
    """Give when the inspector's first message of a case was received, in the sink's seconds."""
    return min(c.at_s for c in sink.calls(case=case, type="notify") if c.person.startswith(INSPECTOR))


@dataclass(frozen=True)
class Figures:
    """Median, 99th percentile (the least value that 99 in a hundred do not exceed) and longest of some seconds."""

    n: int
    p50: float
    p99: float
    longest: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Figures":
        """Work them out."""
        ordered = sorted(seconds)
        p99 = ordered[math.ceil(0.99 * len(ordered)) - 1]
        return cls(len(ordered), statistics.median(ordered), p99, ordered[-1])

    def say(self, name: str) -> None:
        """Print them on a line."""
        print(
            f"{name}: n={self.n} p50={self.p50:.2f} s p99={self.p99:.2f} s longest={self.longest:.2f} s",
            flush=True,
        )


def arguments(description: str) -> argparse.ArgumentParser:
    """Give the parser that every measurement begins with."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # what was started is stopped on the way out
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    ask_for_bases(parser)
    parser.add_argument("--figures", type=Path, help="write the figures into this file, as JSON")
    return parser


def keep(given: argparse.Namespace, figures: Mapping[str, float]) -> None:
    """Write figures where they were asked for; what stands there of an earlier part stays."""
    file: Path | None = given.figures
    if file is not None:
        known = json.loads(file.read_text(encoding="utf-8")) if file.exists() and file.stat().st_size else {}
        file.write_text(json.dumps(known | dict(figures), indent=2) + "\n", encoding="utf-8")
