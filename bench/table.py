"""All measurements on SQLite and on PostgreSQL, one after the other, and the table of what was promised and measured.

`make bench`, or `python -m bench.table`: about 40 minutes on two cores. Nothing else should run on the machine
meanwhile: the figures are of real time. `--quick` takes small numbers, to see that everything works. Each measurement
is a process of its own; what it printed and its figures are kept in `--out`; one that fails leaves its lines empty.
"""

import argparse
import json
import operator
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATABASES: Mapping[str, tuple[str, ...]] = {"PostgreSQL": ("--postgres",), "SQLite": ()}
BENCHES: Mapping[str, tuple[str, ...]] = {
    "latency": ("--stock",),
    "burst": (),
    "lateness": (),
    "waiting": (),
    "retime": (),
    "replay": (),
}
OF_NO_DATABASE = frozenset({"replay"})  # policy alone: measured once
QUICK: Mapping[str, tuple[str, ...]] = {
    "latency": ("--reports", "10", "--every", "1", "--stock-reports", "2"),
    "burst": ("--sizes", "5", "25"),
    "lateness": ("--cases", "500", "--deadlines", "10"),
    "waiting": ("--cases", "50", "--warm", "20"),
    "retime": ("--cases", "40"),
    "replay": ("--cases", "200", "--days", "2"),
}
LONGEST_S = 3600.0
Figures = Mapping[str, float]


@dataclass(frozen=True)
class Promise:
    """One figure: where it stands, how it is written, and what it must be on either database."""

    key: str
    write: str
    postgres: float
    sqlite: float
    holds: Callable[[float, float], bool] = operator.le

    def say(self, figures: Figures, database: str) -> str:
        """Write the figure beside its bar; in bold where the bar is missed."""
        bar = self.postgres if database == "PostgreSQL" else self.sqlite
        sign = "<=" if self.holds is operator.le else ">="
        wanted = f"({sign} {self.write.format(bar)})"
        if self.key not in figures:
            return f"not measured {wanted}"
        value = figures[self.key]
        said = self.write.format(value)
        return f"{said} {wanted}" if self.holds(value, bar) else f"**{said}** {wanted}, **missed**"


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    title: str
    promises: Sequence[Promise]


LINES = (
    Line(
        "A report until its first message is received: 100 reports, one every 3 s",
        (Promise("latency_p50", "p50 {:.2f} s", 0.6, 1.0), Promise("latency_p99", "p99 {:.2f} s", 1.5, 4.0)),
    ),
    Line(
        "The same as Prefect's documentation suggests (process worker, `suspend_flow_run`): times slower at the median",
        (Promise("stock_ratio", "{:.0f} x", 10, 5, operator.ge),),
    ),
    Line("25 reports at the same moment: the last one told", (Promise("burst_25", "{:.1f} s", 8, 15),)),
    Line("100 reports at the same moment: the last one told", (Promise("burst_100", "{:.1f} s", 30, 60),)),
    Line(
        "An act after its deadline: 10,000 open cases, one deadline every 2 s for 200 s",
        (Promise("lateness_p99", "p99 {:.2f} s", 1.5, 4.0),),
    ),
    Line(
        "1,000 more cases that wait: memory of worker, timer, watchdog and console together",
        (Promise("waiting_mb", "{:+.1f} MB", 5, 5),),
    ),
    Line(
        "A timing edited, 1,000 open cases: what would move is previewed",
        (Promise("retime_preview_s", "{:.1f} s", 3, 3),),
    ),
    Line("The same approved: the last case follows in the store", (Promise("retime_store_s", "{:.1f} s", 30, 30),)),
    Line("The last page in Prefect follows", (Promise("retime_pages_s", "{:.0f} s", 900, 900),)),
    Line("10,000 past cases played under two revisions", (Promise("replay_past_s", "{:.0f} s", 60, 60),)),
    Line("A year of the Met simulated, 37,000 cases", (Promise("replay_year_s", "{:.0f} s", 180, 180),)),
)
BESIDES = {
    "answered_p50": "a report is answered after {:.2f} s (p50)",
    "stock_p50": "the stock way takes {:.1f} s (p50)",
    "burst_25_high": "of 25 at once the last of high risk is told after {:.1f} s",
    "burst_100_high": "of 100 at once the last of high risk is told after {:.1f} s",
    "lateness_p50": "an act is received {:.2f} s after its deadline (p50)",
    "waiting_first_mb": "the first 1,000 cases that wait add {:+.1f} MB, what is built once included",
    "waiting_threads": "{:+.0f} threads for cases that wait",
    "waiting_connections": "{:+.0f} connections for cases that wait",
}


def table(figures: Mapping[str, Figures]) -> str:
    """Write the table in Markdown, and what else was measured under it."""
    names = list(figures)
    rows = [["", *names], ["---"] * (1 + len(names))]
    for line in LINES:
        said = ["; ".join(p.say(figures[name], name) for p in line.promises) for name in names]
        rows.append([line.title, *said])
    out = [f"| {' | '.join(cells)} |" for cells in rows]
    for name in names:
        besides = [text.format(figures[name][key]) for key, text in BESIDES.items() if key in figures[name]]
        out += ["", f"{name}: {'; '.join(besides)}."] if besides else []
    return "\n".join(out)


def measure(bench: str, database: str, given: argparse.Namespace, figures: Path) -> bool:
    """Run one measurement as a process of its own and keep what it says; tell whether it went well."""
    base = () if bench in OF_NO_DATABASE else DATABASES[database]
    flags = (*BENCHES[bench], *base, *(QUICK[bench] if given.quick else ()))
    command = [sys.executable, "-m", f"bench.{bench}", *flags, "--figures", str(figures)]
    print(f"\n{bench} on {database}: {' '.join(command[1:-2])}", flush=True)
    kept = given.out / f"{bench}-{database.lower()}.txt"
    with kept.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        code = process.wait(LONGEST_S)
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        _end(process)
    text = kept.read_text(encoding="utf-8", errors="replace").rstrip()
    print(text if not code else f"{text[-3000:]}\nFAILED ({code}); all of it in {kept}", flush=True)
    return not code


def _end(process: subprocess.Popen[bytes]) -> None:
    """Have a measurement that still runs stop what it started, then end."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Measure everything and print the table; 1 when a measurement failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that everything works")
    parser.add_argument("--only", nargs="+", choices=BENCHES, default=list(BENCHES), help="these measurements alone")
    parser.add_argument("--on", nargs="+", choices=DATABASES, default=list(DATABASES), help="on these databases alone")
    parser.add_argument("--out", type=Path, help="keep what was said and measured in this folder")
    given = parser.parse_args()
    given.out = given.out or Path(tempfile.mkdtemp(prefix="vigil-bench-figures-"))
    given.out.mkdir(parents=True, exist_ok=True)
    well = True
    for bench in given.only:
        for database in given.on[:1] if bench in OF_NO_DATABASE else given.on:
            well &= measure(bench, database, given, given.out / f"{database}.json")
    files = {database: given.out / f"{database}.json" for database in given.on}
    figures = {database: json.loads(file.read_text()) if file.exists() else {} for database, file in files.items()}
    said = f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores ({platform.machine()}), Python "
    said += (
        platform.python_version() + (", with small numbers (`--quick`) that prove nothing" if given.quick else "") + "."
    )
    text = f"{table(figures)}\n\n{said}\n"
    (given.out / "table.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nkept in {given.out}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
