"""The worker of a home: what it asks of the store, and how it starts as a process of its own."""

import argparse
import asyncio
import logging
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from prefect.events.worker import EventsWorker
from prefect.logging.handlers import APILogWorker

from policy.errors import Unknown
from policy.terms import Risk
from runtime import doors
from runtime.app import App, build, use
from runtime.engine_pass import Pass
from runtime.processes import process_name
from runtime.settings import load
from runtime.worker import PART, work
from runtime.worker_hooks import Hooks, Turn
from store import meta, wakes

FLUSH_S: Final = 2.0  # of real time, for each of the two
FORESIGHT: Final = 1000  # due cases whose order is asked for; Prefect offers 200 runs at the most


def hooks_of(app: App) -> Hooks:
    """Give the worker what it asks of this home's store."""

    def turns(refs: Sequence[str]) -> Mapping[str, Turn]:
        wanted = set(refs)
        with app.sessions.reading() as s:
            due = wakes.due(s, app.clock.now(), app.clock.wall(), FORESIGHT)
        return {
            case.ref: Turn(place, high=case.risk is Risk.HIGH) for place, case in enumerate(due) if case.ref in wanted
        }

    def heartbeat() -> None:
        with app.sessions() as s:
            meta.beat(s, PART, process_name(), app.clock.wall())

    def failed(this: Pass, error: BaseException) -> bool:
        try:
            carries = this.carries(*doors.run_of(app, this.case))
        except Unknown:  # somebody made the run by hand, of no case
            return False
        if carries:
            doors.pass_failed(app, this.case, type(error).__name__)
        doors.release(app, this.case, this.holder)
        return carries

    def recovered(this: Pass) -> None:
        doors.pass_went_well(app, this.case)

    return Hooks(turns, heartbeat, failed, recovered, engine=app.engine, wall=app.clock.wall)


def serve(app: App, stop: threading.Event) -> None:
    """Run the worker of this home until `stop` is set; passes under way may finish, for ten seconds at the most."""
    asyncio.run(work(app.settings.home, hooks_of(app), stop, store_url=app.settings.store_url))


def main() -> None:
    """Start the worker of a home: `python -m runtime.worker_start --home DIR`, in the env of `prefect_env`."""
    parser = argparse.ArgumentParser(prog="python -m runtime.worker_start")
    parser.add_argument("--home", type=Path, required=True)
    app = build(load({"home": parser.parse_args().home}), migrate=False)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with use(app):
        serve(app, stop)
    app.close()
    flush()
    logging.shutdown()
    os._exit(0)  # Prefect's own threads would hold the process for a minute when the server has gone first


def flush(seconds: float = FLUSH_S) -> None:
    """Let Prefect's threads hand over the events and log lines that they still hold, for so long at the most."""
    EventsWorker.drain_all(timeout=seconds)
    APILogWorker.drain_all(timeout=seconds)


if __name__ == "__main__":
    main()
