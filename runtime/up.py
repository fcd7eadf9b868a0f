"""`vigil up`: starts every part on this machine, keeps it running, stops it in order.

1. Checks: the home is ours alone, its secrets are there, the ports are free.
2. Starts Prefect first, for it takes longest; the store is migrated and the others started meanwhile.
3. Waits until each part says that it is ready, then says so.
4. Starts again what dies; what dies too often is left, the rest goes on, and the exit code tells.
"""

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import structlog

from policy.errors import Fault, Invalid, Refused, VigilError
from policy.terms import Route
from runtime import example, logs
from runtime.app import App, build, use
from runtime.clock import Stopwatch
from runtime.databases import check_prefects
from runtime.door_roster import put_roster, read_roster
from runtime.keys import open_keys
from runtime.one_store import agree_on_time, agree_to_sign
from runtime.processes import free_what_it_held, free_what_the_dead_held, process_name
from runtime.settings import Settings
from runtime.up_children import Child, stop_all
from runtime.up_home import alone_on, check_ports, make_home, remember
from runtime.up_parts import parts_of
from runtime.up_ready import await_all, steps_of
from runtime.up_show import Show

TEND_S = 0.25

log = structlog.get_logger()


def up(settings: Settings) -> int:
    """Run Vigil until it is asked to stop; 0 when stopped on request, 1 when it could not start or a part died."""
    show = Show(as_json=settings.json_line)
    try:
        make_home(settings.home)
        logs.configure(settings.home, "up", terminal=logging.CRITICAL)  # `show` speaks to people
        with alone_on(settings.home):
            check_ports(settings)
            remember(settings)
            return _Up(settings, show).run()
    except VigilError as error:
        log.error("up_refused", error=type(error).__name__)
        show.refused(error)
        return 1
    except Exception as error:  # a fault of ours: its place stands in the log, no stack trace on the screen
        log.exception("up_broke")
        show.broke(error, settings.home)
        return 1


class _Up:
    """One run of the supervisor."""

    def __init__(self, settings: Settings, show: Show) -> None:
        self._settings = settings
        self._show = show
        self._watch = Stopwatch()
        self._stop = threading.Event()
        self._signals = 0
        self._children: list[Child] = []
        self._app: App | None = None

    def run(self) -> int:
        """Start, watch, stop."""
        before = {number: signal.signal(number, self._on_signal) for number in _STOPS}
        self._show.beginning(str(self._settings.home))
        try:
            return self._started()
        finally:
            watch = Stopwatch()
            if self._stop.is_set():
                self._show.stopping()
            stop_all(self._children, hurry=lambda: self._signals > 1)
            if self._stop.is_set():
                self._show.stopped(watch.elapsed())
            for number, handler in before.items():
                signal.signal(number, handler)

    def _started(self) -> int:
        open_keys(self._settings)  # before Prefect: a fault in a secret should not cost a start
        if not self._settings.prefect_api_url:
            check_prefects(self._settings.prefect_database_url)
        parts = parts_of(self._settings)
        self._children = [Child(part, self._settings.home, self._watch) for part in parts]
        self._start(lambda child: child.part.name == "prefect")
        self._app = app = build(self._settings)
        agree_to_sign(self._settings, app.keys, app.sessions)
        agree_on_time(app.clock, app.sessions)
        with use(app):
            _prepare(app, self._show)
            since = app.clock.wall()
            self._start(lambda child: child.part.name != "prefect")
            missing = await_all(steps_of(app, since), self._stop, self._tend, self._show)
            if not self._stop.is_set():
                self._ready(app, missing)
            while not self._stop.wait(TEND_S):
                self._tend()
        app.close()
        return 1 if any(child.given_up for child in self._children) else 0

    def _start(self, which: Callable[[Child], bool]) -> None:
        for child in filter(which, self._children):
            child.start()

    def _ready(self, app: App, missing: list[str]) -> None:
        if missing:
            raise Refused(f"not ready: {', '.join(missing)}; see {self._settings.home}/logs", rule="not_ready")
        if self._settings.example or self._settings.demo:
            example.load(app)
        log.info("ready", elapsed_s=round(self._watch.elapsed(), 1))
        self._show.ready(app, self._watch.elapsed())

    def _tend(self) -> bool:
        """See to every child; False when one has died for good."""
        for child in self._children:
            news = child.tend()
            if news:
                self._show.note(news)
                self._after_death_of(child)
        return not any(child.given_up for child in self._children)

    def _after_death_of(self, child: Child) -> None:
        if self._app is None or child.died is None:
            return
        try:
            free_what_it_held(self._app, process_name(child.died))
        except VigilError as error:  # the leases run out by themselves
            log.warning("leases_not_freed", error=type(error).__name__)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1
        self._stop.set()


_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def _prepare(app: App, show: Show) -> None:
    """Bring the home up to what was asked for, before anything acts on it."""
    if app.settings.example:
        example.refuse_beside_real_cases(app)
    free_what_the_dead_held(app)
    if app.settings.roster is not None:
        import_roster(app, app.settings.roster, show)


def import_roster(app: App, path: Path, show: Show) -> None:
    """Import a roster file, or raise Invalid with every bad row: half a roster is none."""
    try:
        file = read_roster(app, path.read_bytes(), relative=True)
    except OSError as error:
        fault = Fault("roster", f"{path} cannot be read ({error.strerror})", "give the roster's file with --roster")
        raise Invalid("could not start", [fault]) from None
    if not put_roster(app, file, partial=False, route=Route.CLI):
        faults = [Fault(f"roster row {bad.row}, {bad.field}", bad.message, bad.remedy) for bad in file.refused]
        raise Invalid("the roster has faults", faults)
    if file.gaps:
        show.note(f"the roster leaves {len(file.gaps)} gaps in the next 24 hours: vigil doctor names them")
