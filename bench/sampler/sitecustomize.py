"""Samples the threads of a part of Vigil from within, without a word of it in the product.

Python imports a module of this name when it starts. `bench/passes.py` puts this folder on the path of the processes
that it measures, and names a folder for the samples (BENCH_SAMPLES). What was counted is written there every second,
for a part may end without saying goodbye.

The worker's threads wait for others most of their time, so they are looked at every few milliseconds of real time. The
server computes in one thread, so that is looked at every few milliseconds of CPU: looked at by the clock, whatever lets
other threads run (a file, a socket, zlib) would seem to take longer than it does.
"""

import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_S = 0.004
KEEP_S = 1.0
SWITCH_S = 0.0005  # or the sampler waits 5 ms for whoever computes, and sees mostly those that wait
DEEPEST = 120
PART, SERVER = "runtime.up_part", "prefect"


def _stack(frame: FrameType | None) -> str:
    """Write a stack from its root to where it stands, `folder/folder/file:function` each."""
    found: list[str] = []
    while frame is not None and len(found) < DEEPEST:
        code = frame.f_code
        found.append("/".join(code.co_filename.split("/")[-3:]) + ":" + code.co_name)
        frame = frame.f_back
    return ";".join(reversed(found))


def _by_the_clock(seen: Counter[str]) -> None:
    sys.setswitchinterval(SWITCH_S)
    mine = threading.get_ident()
    while True:
        time.sleep(EVERY_S)
        for thread, frame in sys._current_frames().items():  # noqa: SLF001 - that is how a thread's stack is read
            if thread != mine:
                seen[_stack(frame)] += 1


def _by_cpu(seen: Counter[str]) -> None:
    def look(_number: int, frame: FrameType | None) -> None:
        seen[_stack(frame)] += 1

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)


def _keep(seen: Counter[str], file: Path) -> None:
    while True:
        time.sleep(KEEP_S)
        fresh = file.with_suffix(".new")
        fresh.write_text(json.dumps(dict(seen.copy())))
        fresh.replace(file)


def _begin(part: str, folder: Path) -> None:
    seen: Counter[str] = Counter()
    threading.Thread(target=_keep, args=(seen, folder / f"{part}.json"), name="samples", daemon=True).start()
    if part == SERVER:
        _by_cpu(seen)
    else:
        threading.Thread(target=_by_the_clock, args=(seen,), name="sampler", daemon=True).start()


if os.environ.get("BENCH_SAMPLES") and PART in sys.orig_argv:
    _begin(sys.orig_argv[sys.orig_argv.index(PART) + 1], Path(os.environ["BENCH_SAMPLES"]))
