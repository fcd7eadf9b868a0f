"""The timer as a part of the system: APScheduler and the knocks drive its looks."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from runtime.app import App
from runtime.clock import Leaps
from runtime.knock import Listener
from runtime.posts import Posts
from runtime.timer import BEAT_S, LOOK_S, PART, Periodic, Timer

log = structlog.get_logger()


class Looks:
    """Looks one at a time; whoever asks while a look is under way gets another one right after it."""

    def __init__(self, timer: Timer, plan: Callable[[], None], mine: Callable[[], bool] = lambda: True) -> None:
        self._timer = timer
        self._plan = plan
        self._mine = mine  # whether this is the timer that acts
        self._turn = threading.Lock()
        self._again = threading.Event()

    def look(self) -> None:
        """Look until nothing is left to see to, then plan the next look; an error is logged, never raised."""
        self._again.set()
        if not (self._mine() and self._turn.acquire(blocking=False)):
            return
        try:
            more = False
            while more or self._again.is_set():
                self._again.clear()
                more = self._timer.look()
            self._plan()
        except Exception:
            log.exception("look_failed")
        finally:
            self._turn.release()


def serve(app: App, stop: threading.Event, timer: Timer, periodic: Sequence[Periodic] = ()) -> None:
    """Run the timer in this process until `stop` is set and the listener was knocked on.

    A job that is late is never skipped (APScheduler's default after one second): one late look does for all.
    When the machine's clock is set, every job is done at once and planned anew: none waits for an instant of old.
    """
    waiting = max(1, sum(job.waits for job in periodic))
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(10), "waiting": ThreadPoolExecutor(waiting)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def plan() -> None:
        at = timer.next_look_at()
        if at is not None:
            scheduler.add_job(looks.look, "date", run_date=at, id="next", replace_existing=True)

    posts = Posts(app)
    looks = Looks(timer, plan, lambda: posts.mine(PART))
    jobs = (Periodic("look", LOOK_S, looks.look), Periodic("beat", BEAT_S, timer.beat, post=""), *periodic)
    leaps = Leaps(app.clock)
    with Listener(app.settings.home, PART, app.settings.store_url) as knocks:
        _safely("beat", timer.beat)
        scheduler.start()
        for job in jobs:
            _add(scheduler, job, app.clock.wall(), posts)
        try:
            looks.look()
            while not stop.is_set():
                if knocks.wait(LOOK_S) and not stop.is_set():
                    looks.look()
                if leap := leaps.since():
                    log.warning("clock_leapt", seconds=round(leap.total_seconds(), 1))
                    timer.begin_anew()
                    for job in jobs:  # each holds an instant of the clock that was
                        scheduler.modify_job(job.name, next_run_time=app.clock.wall())
        finally:
            scheduler.shutdown(wait=True)
            _safely("posts", posts.leave)


def _add(scheduler: BackgroundScheduler, job: Periodic, wall: datetime, posts: Posts) -> None:
    def do() -> object:
        return job.do() if not job.post or posts.mine(job.post) else None

    how = {"id": job.name, "executor": "waiting" if job.waits else "default"}
    first = {"next_run_time": wall} if job.soon else {}
    scheduler.add_job(_safely, "interval", [job.name, do], seconds=job.every_s, **how, **first)


def _safely(name: str, do: Callable[[], object]) -> None:
    try:
        do()
    except Exception:
        log.exception("periodic_failed", task=name)
