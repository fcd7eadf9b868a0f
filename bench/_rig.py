"""What the measurements share: a Vigil of their own, phones that receive, reports to send, figures to print."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.sink import Sink, open_sink
from tests.support.stack import Stack, duty, running

AREAS = ("stoke", "newcastle", "moorlands", "stafford")


@contextmanager
def rig(*args: str) -> Iterator[tuple[Stack, Sink]]:
    """Run a Vigil on a fresh home, with everybody's phone at the sink."""
    with tempfile.TemporaryDirectory(prefix="vigil-bench-") as home, open_sink() as sink:
        started = time.perf_counter()
        with running(Path(home), *args) as stack:
            print(f"ready after {time.perf_counter() - started:.1f} s")
            people = [("fim-1", "force_incident_manager", "*"), ("ci-1", "duty_chief_inspector", "*")]
            people += [("sup-1", "on_call_superintendent", "*")]
            people += [(f"insp-{area}", "duty_inspector", area) for area in AREAS]
            people += [(f"sgt-{area}", "response_sergeant", area) for area in AREAS]
            stack.put_roster([duty(p, role, area, sink.address(p)) for p, role, area in people])
            yield stack, sink


def report(number: int, risk: str) -> dict[str, object]:
    """Give a report that the bench can tell from the others."""
    person = {"name": f"Bench {number}", "age": 14}
    area = AREAS[number % len(AREAS)]
    return {"source": "bench", "source_id": f"B-{number:05d}", "area": area, "risk": risk, "person": person}


def first_received(sink: Sink, case: str) -> float:
    """Give when the inspector's first message of a case was received, in the sink's seconds."""
    return min(c.at_s for c in sink.calls(case=case, type="notify") if c.person.startswith("insp-"))


def figures(name: str, seconds: Sequence[float]) -> str:
    """Say the median, the 99th percentile and the longest."""
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
    p50 = statistics.median(ordered)
    return f"{name}: n={len(ordered)} p50={p50:.2f} s p99={p99:.2f} s longest={ordered[-1]:.2f} s"


def arguments(description: str) -> argparse.ArgumentParser:
    """Give the parser that every measurement begins with."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--database-url", help="our store; SQLite in a fresh home when left out")
    parser.add_argument("--prefect-database-url", help="Prefect's store; SQLite in the same home when left out")
    return parser


def databases(given: argparse.Namespace) -> list[str]:
    """Give the flags of `vigil up` that the arguments ask for."""
    flags = (("--database-url", given.database_url), ("--prefect-database-url", given.prefect_database_url))
    return [part for flag, url in flags if url for part in (flag, url)]
