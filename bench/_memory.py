"""What the parts of a running Vigil hold: memory, threads and connections, from /proc (Linux only)."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import Stack

OURS = ("worker", "timer", "watchdog", "console")
SERVER = "prefect"


@dataclass(frozen=True)
class Held:
    """What one process holds; `mb` is its share of memory (PSS), `cpu_s` what it has used up since it started."""

    mb: float
    threads: int
    connections: int
    cpu_s: float


def held_by(stack: Stack) -> dict[str, Held]:
    """Give what each part holds, by name; a part that does not run is left out."""
    found = {}
    for part in (*OURS, SERVER):
        with suppress(AssertionError):
            found[part] = _of(stack.pid_of(f"runtime.up_part {part}"))
    return found


def _of(pid: int) -> Held:
    here = Path(f"/proc/{pid}")
    ticks = (here / "stat").read_text().rsplit(")", 1)[1].split()
    sockets = sum(_is_socket(entry) for entry in (here / "fd").iterdir())
    return Held(
        mb=_pss_kb(here) / 1024,
        threads=len(list((here / "task").iterdir())),
        connections=sockets,
        cpu_s=(int(ticks[11]) + int(ticks[12])) / 100,
    )


def _pss_kb(process: Path) -> int:
    """Read the share of memory, or what is resident where the kernel does not say whose it is."""
    for file, name in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
        with suppress(OSError):
            for line in (process / file).read_text().splitlines():
                if line.startswith(name):
                    return int(line.split()[1])
    raise SystemExit(f"{process} does not say how much memory it holds")


def _is_socket(entry: Path) -> bool:
    with suppress(OSError):
        return str(entry.readlink()).startswith("socket:")
    return False


def needs_linux() -> None:
    """Refuse where there is no /proc."""
    if sys.platform != "linux":
        raise SystemExit("this measurement reads /proc, which only Linux has")


def table(before: Mapping[str, Held], after: Mapping[str, Held], per: float) -> str:
    """Say by part what is held now, and how much it grew for each `per`."""
    lines = [f"{'part':<10} {'MB before':>10} {'MB after':>10} {'MB per 1,000':>13} {'threads':>9} {'connections':>12}"]
    for part in before.keys() & after.keys():
        was, now = before[part], after[part]
        grown = (now.mb - was.mb) / per
        threads, sockets = f"{was.threads}>{now.threads}", f"{was.connections}>{now.connections}"
        lines.append(f"{part:<10} {was.mb:>10.1f} {now.mb:>10.1f} {grown:>13.2f} {threads:>9} {sockets:>12}")
    return "\n".join([lines[0], *sorted(lines[1:])])
