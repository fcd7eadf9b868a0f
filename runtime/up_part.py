"""The other end of `vigil up`: `python -m runtime.up_part <part>` is one part's process.

A part dies with the supervisor, however that ends: on Linux the kernel sees to it, elsewhere a thread looks.
"""

import ctypes
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from runtime import logs
from runtime.clock import beats
from runtime.settings import load

PR_SET_PDEATHSIG = 1
HOME_MESSAGES_S = 1.0  # what is about the home itself belongs to no case and so to no pass
ALARMS_S = 30.0  # who has come on duty hears what nobody heard; what is over is cleared
PARENT = "VIGIL_UP_PID"


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends: the ports are free for the next start at once."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def _watch(parent: int) -> None:
    for _ in beats(threading.Event(), 1.0):
        if os.getppid() != parent:
            os._exit(1)


def prefect() -> None:
    """Run Prefect's server; what it prints goes where its output goes, its log is not ours to shape."""
    home, host, port = sys.argv[2:5]
    (Path(home) / "prefect").mkdir(parents=True, exist_ok=True)
    url = os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL", "")
    if url.startswith("postgresql"):  # it would end with a trace, and six deaths in a minute are for good
        from runtime.databases import prefects

        database = prefects(url)
        wait_for(database.answers)
        database.close()
    from runtime import engine_server

    sys.argv = [sys.argv[0], "--host", host, "--port", port]
    engine_server.main()


def console() -> None:
    """Run the console and the API."""
    import uvicorn

    from runtime.app import build, use

    settings = load()
    logs.configure(settings.home, "console")
    # Named, not imported: rooms import downward only, and the console stands above us.
    create = importlib.import_module("console.server").create
    app = build(settings, migrate=False)
    wait_for(app.sessions.answers)  # a database that is away for a while is no reason to die
    with use(app):
        uvicorn.run(
            create(app),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,  # addresses hold tokens
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,  # a board that listens to /stream would hold us for ever
        )
    app.close()


def timer() -> None:
    """Run the timer."""
    from runtime import doors, intake, repair, settle, timer_part
    from runtime.app import build, use
    from runtime.timer import Periodic, Timer

    settings = load()
    logs.configure(settings.home, "timer")
    app = build(settings, migrate=False)
    if app.engine is None:
        return
    stop = threading.Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()
        app.knock("timer")

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    periodic = [Periodic("home_messages", HOME_MESSAGES_S, lambda: doors.deliver_home(app))]
    periodic += [Periodic("alarms", ALARMS_S, lambda: doors.look_at_alarms(app))]
    periodic += intake.jobs(app, stop)
    the_timer = Timer(app, app.engine)
    periodic += repair.jobs(app, app.engine, the_timer)
    periodic += settle.jobs(app, app.engine, the_timer)
    with use(app):
        timer_part.serve(app, stop, the_timer, periodic)
    app.close()


def watchdog() -> None:
    """Run the watchdog; nothing of Prefect is imported here, nor by what this imports."""
    import httpx

    from runtime.app import build, use
    from runtime.up_ready import answers
    from runtime.watchdog_part import Rounds

    settings = load()
    logs.configure(settings.home, "watchdog")
    app = build(settings, migrate=False)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    web = httpx.Client(timeout=3.0, trust_env=False)
    prefect = app.engine.ready if app.engine is not None else lambda: True
    with use(app):
        Rounds(app, prefect, stop, partial(answers, web, settings.console_here + "/healthz")).serve()
    logging.shutdown()
    os._exit(0)  # a telephone that does not answer would hold the process for as long


def worker() -> None:
    """Run the resident worker, once Prefect is there: what it needs is imported meanwhile."""
    settings = load()
    logs.configure(settings.home, "worker")
    from runtime.app import build, use
    from runtime.worker_start import flush, serve

    logs.quieten()  # Prefect has brought its own ways to the terminal
    app = build(settings, migrate=False)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if app.engine is not None:
        wait_for_engine(app.engine.ready, stop)
    if not stop.is_set():
        with use(app):
            serve(app, stop)
    app.close()
    flush()
    logging.shutdown()
    os._exit(0)  # Prefect's own threads would hold the process for a minute when its server has gone first


def wait_for(ready: Callable[[], bool]) -> None:
    """Wait until what we cannot begin without is there, for as long as it takes."""
    for _ in beats(threading.Event(), 0.5):
        if ready():
            return


def wait_for_engine(ready: Callable[[], bool], stop: threading.Event) -> None:
    """Wait until Prefect answers and knows our deployment; the supervisor gives up, not we."""
    for _ in beats(stop, 0.1):
        if ready():
            return


PARTS = {"prefect": prefect, "console": console, "timer": timer, "watchdog": watchdog, "worker": worker}


def main() -> None:
    """Run the part that the first argument names."""
    parent = int(os.environ.pop(PARENT, "0")) or os.getppid()
    die_with(parent)
    PARTS[sys.argv[1]]()


if __name__ == "__main__":
    main()
