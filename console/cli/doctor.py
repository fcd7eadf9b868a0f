"""`vigil doctor`: what is wrong with a home, and what to do about it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from console.cli.way import Local, Means
from policy.errors import VigilError

if TYPE_CHECKING:
    from runtime.app import App

ENOUGH_BYTES = 500 * 1024 * 1024
FRESH = timedelta(seconds=15)


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, object]:
        """Give the check for programs."""
        return {"name": self.name, "ok": self.ok, "detail": self.detail, "remedy": self.remedy}


def examine(means: Means) -> list[Check]:
    """Look at everything; what cannot be looked at is a check that failed, never an end."""
    checks = [_python(), _zone()]
    with means.open() as way:
        assert isinstance(way, Local)
        looks = (_home, _store, _journal, _roster, _alarms, _parts, _prefect)
        checks += [_safely(look, way.app) for look in looks]
    return checks


def _safely(look: "Callable[[App], Check]", app: "App") -> Check:
    try:
        return look(app)
    except VigilError as error:
        return Check(look.__name__.strip("_"), ok=False, detail=str(error), remedy="see the detail")


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Check("python", sys.version_info >= (3, 11), version, "install Python 3.11 or later")


def _zone() -> Check:
    from policy.spans import LOCAL

    summer = datetime.fromisoformat("2026-07-01T12:00:00+00:00").astimezone(LOCAL).hour == 13
    return Check("time zone", summer, f"{LOCAL.key} is known", "install tzdata")


def _home(app: "App") -> Check:
    home = app.settings.home
    free = shutil.disk_usage(home).free
    ok = os.access(home, os.W_OK) and free > ENOUGH_BYTES
    detail = f"{home}, {free // 2**20} MiB free"
    return Check("home", ok, detail, "give it room, and to the user that runs Vigil the right to write")


def _store(app: "App") -> Check:
    from store import listing

    with app.sessions.reading() as s:
        totals = listing.totals(s)
    return Check("store", ok=True, detail=f"{totals.open} open cases, {totals.overdue_steps} overdue steps")


def _journal(app: "App") -> Check:
    from store import journal

    with app.sessions.reading() as s:
        broken = journal.verify(s)
        last, _ = journal.head(s)
    detail = f"{last} lines, the chain is whole" if broken is None else f"line {broken} was changed or is gone"
    return Check("journal", broken is None, detail, "keep a copy of the home as it is, and tell your auditor")


def _roster(app: "App") -> Check:
    from store import roster

    now = app.clock.now()
    used = [app.packs[app.settings.pack]]
    with app.sessions.reading() as s:
        known = roster.snapshot(s, now)
    needed = {need for pack in used for need in pack.needed()}
    gaps = sorted({str(role) for role, area in needed if known.choose(role, (area,), now).chosen is None})
    people = len({duty.person for duty in known.on_duty(now)})
    detail = f"{people} on duty" + (f"; nobody as {', '.join(gaps)} in some area" if gaps else "")
    return Check("roster", not gaps, detail, "vigil roster import FILE, with somebody for each role and area")


def _alarms(app: "App") -> Check:
    from store import alarms

    with app.sessions.reading() as s:
        standing = alarms.listing(s, standing=True)
    detail = ", ".join(sorted({alarm.key for alarm in standing})) or "none stands"
    return Check("alarms", not standing, detail, "see GET /api/v1/alarms")


def _parts(app: "App") -> Check:
    from store import meta

    wall = app.clock.wall()
    with app.sessions.reading() as s:
        beats = meta.beats(s)
    silent = [name for name in ("timer", "worker") if name not in beats or wall - beats[name].beat_at > FRESH]
    detail = f"{', '.join(silent)} silent" if silent else "all alive"
    return Check("parts", not silent, detail, "start Vigil: vigil up")


def _prefect(app: "App") -> Check:
    ok = app.engine is not None and app.engine.ready()
    detail = app.settings.prefect_api + (" answers" if ok else " does not answer")
    return Check("prefect", ok, detail, "start Vigil: vigil up; meanwhile cases are safe in the store")


def show(checks: list[Check]) -> None:
    """Show the checks to a person."""
    from console.cli import shown

    for line in _lines(checks):
        shown.out.print(line)


def _lines(checks: list[Check]) -> Iterator[str]:
    from rich.markup import escape

    for check in checks:
        mark = "[green]ok[/]     " if check.ok else "[bold red]wrong[/]  "
        yield f"{mark}{check.name}: {escape(check.detail)}"
        if not check.ok and check.remedy:
            yield f"         -> {escape(check.remedy)}"
