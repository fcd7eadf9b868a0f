"""When each part is ready: it is asked, never assumed."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx
import structlog

from policy.errors import Transient, VigilError
from runtime.app import App
from runtime.clock import Stopwatch
from runtime.engine_deployment import TIMING
from runtime.timing_form import form_of
from runtime.up_show import Show
from store import meta

PATIENCE_S = 180.0
LOOK_S = 0.1

log = structlog.get_logger()


@dataclass(frozen=True)
class Step:
    """One thing that must be ready; it is asked only when those before it that it needs are."""

    title: str
    ready: Callable[[], bool]
    needs: tuple[str, ...] = ()


def steps_of(app: App, since: datetime) -> list[Step]:
    """Give what must be ready until a report posted now would be told."""
    settings = app.settings
    web = httpx.Client(timeout=2.0, trust_env=False)
    console = settings.console_here
    return [
        Step("Prefect server", lambda: answers(web, f"{settings.prefect_api}/health", settings.prefect_auth)),
        Step("deployment of the flow", lambda: _deployed(app), ("Prefect server",)),
        Step("console and API", lambda: answers(web, f"{console}/healthz")),
        Step("timer", lambda: _beats(app, "timer", since)),
        Step("watchdog", lambda: _beats(app, "watchdog", since)),
        Step("worker", lambda: _beats(app, "worker", since), ("deployment of the flow",)),
        Step(
            "reports are told",
            lambda: answers(web, f"{console}/readyz"),
            ("console and API", "timer", "watchdog", "worker"),
        ),
    ]


def await_all(steps: Sequence[Step], stop: threading.Event, tend: Callable[[], bool], show: Show) -> list[str]:
    """Wait until every step is ready, and give those that are not: time is up, a part died for good, or `stop`."""
    watch, done = Stopwatch(), set[str]()
    pending = list(steps)
    while pending and not watch.over(PATIENCE_S):
        for step in list(pending):
            if done.issuperset(step.needs) and step.ready():
                done.add(step.title)
                pending.remove(step)
                show.progress(step.title, watch.elapsed())
        if not pending or not tend() or stop.wait(LOOK_S):
            break
    return [step.title for step in pending]


def answers(web: httpx.Client, url: str, auth: str | None = None) -> bool:
    """Tell whether an address answers with 200."""
    user, _, password = (auth or "").partition(":")
    try:
        return web.get(url, auth=(user, password) if auth else None).status_code == 200
    except httpx.HTTPError:
        return False


def _deployed(app: App) -> bool:
    if app.engine is None:
        return False
    try:
        app.engine.deploy()
        app.engine.deploy_form(TIMING, form_of(app.packs, app.settings.pack))
    except Transient:
        return False
    return True


def _beats(app: App, part: str, since: datetime) -> bool:
    try:
        with app.sessions.reading() as s:
            beat = meta.beats(s).get(part)
    except VigilError:
        return False
    return beat is not None and beat.beat_at >= since
