"""What is wrong with a home, and what to do about it; looking changes nothing."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from policy.errors import VigilError
from policy.pack import Pack
from policy.roster import Duty
from policy.spans import LOCAL, local_time
from runtime import source_check
from runtime.clock import Clock, WallClock, rehearsal_of
from runtime.engine import Engine
from runtime.example import is_example
from runtime.keys import SECRET_FILES, prefect_auth
from runtime.settings import Settings
from runtime.up_home import in_use, is_free
from store import alarms, journal, meta, roster
from store.engine import Sessions, is_postgres, make_engine, reason
from store.listing import Wanted, listing, totals
from store.packs import load_packs
from store.roster_file import Gap, gaps
from store.roster_row import Row
from store.upgrade import alembic_config, schema_of

LEAST_PYTHON = (3, 11)
LEAST_ROOM = 500 * 2**20
SILENT_AFTER = timedelta(seconds=15)
AHEAD = timedelta(hours=24)
SHOWN = 8  # of a long list; the rest is counted
FIRST_RUN = "start it: vigil up --home "


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; `remedy` says what to do when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, object]:
        """Give the check for programs."""
        return asdict(self)


def examine(settings: Settings, clock: Clock | None = None) -> list[Check]:
    """Look at everything; what cannot be looked at is a check that failed, never the end of the others."""
    checks = [_python(), _time_zone(), *_safely("home", lambda: _home(settings))]
    checks += _safely("packs", lambda: _packs(settings))
    if not settings.home.is_dir():
        return checks
    running = in_use(settings.home)
    checks += _safely("secrets", lambda: _secrets(settings))
    checks += _safely("ports", lambda: _ports(settings, running=running))
    clock = clock or rehearsal_of(settings.home) or WallClock()
    sessions = Sessions(make_engine(settings.store_url))
    try:
        checks += _safely("store", lambda: _store(settings, sessions))
        if all(check.ok for check in checks if check.name == "store"):
            for name, look in _LOOKS.items():
                checks += _safely(name, lambda look=look: look(settings, sessions, clock))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    finally:
        sessions.close()
    if running or settings.prefect_api_url:
        checks += _safely("prefect", lambda: _prefect(settings))
    return checks


def _safely(name: str, look: Callable[[], Sequence[Check]]) -> list[Check]:
    try:
        return list(look())
    except VigilError as error:
        return [Check(name, ok=False, detail=str(error), remedy="see what it says")]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Check("python", sys.version_info >= LEAST_PYTHON, version, "install Python 3.11 or later")


def _time_zone() -> Check:
    summer = datetime.fromisoformat("2026-07-01T12:00:00+00:00").astimezone(LOCAL).hour == 13
    return Check("time zone", summer, f"{LOCAL.key} is known", "install tzdata")


def _home(settings: Settings) -> list[Check]:
    home = settings.home
    if not home.is_dir():
        return [Check("home", ok=False, detail=f"there is no home at {home}", remedy=f"{FIRST_RUN}{home}")]
    checks = [
        Check("home", os.access(home, os.W_OK), str(home), "let the user that runs Vigil write there"),
        _mode("home's mode", home.stat().st_mode, 0o077, f"chmod 700 {home}"),
    ]
    free = shutil.disk_usage(home).free
    room = f"{free // 2**20} MiB free"
    return [*checks, Check("room", free > LEAST_ROOM, room, "free 500 MiB: a full disk stops messages")]


def _packs(settings: Settings) -> list[Check]:
    packs = load_packs(settings.home)
    wanted = {settings.pack, *(area.pack for area in settings.areas.values())}
    lacking = sorted(wanted - set(packs))
    detail = f"no pack {_few(lacking)}" if lacking else f"{_few(sorted(packs))} can be read"
    return [Check("packs", not lacking, detail, f"name one of: {_few(sorted(packs))}")]


def _secrets(settings: Settings) -> list[Check]:
    files = [settings.home / name for name in SECRET_FILES]
    return [
        _mode(f"secret {file.name}", file.stat().st_mode, 0o077, f"chmod 600 {file}") for file in files if file.exists()
    ]


def _mode(name: str, mode: int, forbidden: int, remedy: str) -> Check:
    return Check(name, not mode & forbidden, f"mode {stat.S_IMODE(mode):o}", remedy)


def _ports(settings: Settings, *, running: bool) -> list[Check]:
    if running:
        return []
    wanted = {"port": settings.port} | ({} if settings.prefect_api_url else {"prefect-port": settings.prefect_port})
    return [_port(flag, port, free=is_free(settings.host, port)) for flag, port in wanted.items()]


def _port(flag: str, port: int, *, free: bool) -> Check:
    detail = f"{port} is {'free' if free else 'taken'}"
    return Check(flag, free, detail, f"stop what uses it, or give --{flag} another port")


def _store(settings: Settings, sessions: Sessions) -> list[Check]:
    try:
        with sessions.engine.connect() as connection:
            present = schema_of(connection)
            wanted = ScriptDirectory.from_config(alembic_config(connection)).get_current_head()
    except DBAPIError as error:
        detail = f"the database does not answer, or is not one: {reason(error)}"
        return [Check("store", ok=False, detail=detail, remedy="see that it runs, or correct database_url")]
    ok = present == wanted
    detail = f"schema {present or 'none yet'}" + ("" if ok else f", this version needs {wanted}")
    return [Check("store", ok, detail, f"{FIRST_RUN}{settings.home}; it brings the store up to date")]


def _journal(_settings: Settings, sessions: Sessions, _clock: Clock) -> list[Check]:
    with sessions.reading() as s:
        broken = journal.verify(s)
        last, _ = journal.head(s)
    detail = f"{last} lines, the chain is whole" if broken is None else f"line {broken} was changed or is gone"
    return [Check("journal", broken is None, detail, "keep a copy of the home as it is, and tell your auditor")]


def _roster(settings: Settings, sessions: Sessions, clock: Clock) -> list[Check]:
    now = clock.now()
    with sessions.reading() as s:
        duties = [d for d in roster.duties(s) if d.to_at > now and d.from_at < now + AHEAD]
        example = is_example(s)
    remedy = "vigil roster import FILE, with somebody for each role and area"
    if not duties:
        return [Check("roster", ok=False, detail="nobody is on duty in the next 24 hours", remedy=remedy)]
    packs = load_packs(settings.home)
    used = {settings.pack, *(area.pack for area in settings.areas.values())}
    left = _gaps([packs[name] for name in sorted(used) if name in packs], duties, now)
    mute = sorted({duty.person for duty in duties if not duty.contacts})
    on_duty = len({duty.person for duty in duties if duty.holds(now)})
    return [
        Check("roster", not left, f"{on_duty} on duty" + (f"; nobody: {_few(left)}" if left else ""), remedy),
        _addresses(mute, example=example),
    ]


def _addresses(mute: Sequence[str], *, example: bool) -> Check:
    remedy = "give them an address in the roster: an inbox that must be looked at tells nobody"
    if example and mute:
        detail = f"a note: the example's {len(mute)} made-up people have no webhook, text or e-mail, only their inbox"
        return Check("addresses", ok=True, detail=detail, remedy=remedy)
    detail = f"no webhook, text or e-mail: {_few(mute)}" if mute else "everybody on duty can be pushed to"
    return Check("addresses", not mute, detail, remedy)


def _gaps(packs: Sequence[Pack], duties: Sequence[Duty], now: datetime) -> list[str]:
    needed = [need for pack in packs for need in pack.needed()]
    found = gaps(cast("Sequence[Row]", duties), now, needed)  # a duty has all that a row needs for this
    by_role: dict[tuple[str, str], list[Gap]] = {}
    for gap in found:
        when = f"{local_time(gap.from_at, now)} to {local_time(gap.to_at, now)}"
        by_role.setdefault((gap.role, when), []).append(gap)
    return [
        f"{role} in {areas[0].area if len(areas) == 1 else f'{len(areas)} areas'}, {when}"
        for (role, when), areas in by_role.items()
    ]


def _clock(settings: Settings, sessions: Sessions, clock: Clock) -> list[Check]:
    wall = clock.wall()
    with sessions.reading() as s:
        last, _ = journal.head(s)
        lines = journal.read(s, after=last - 1, limit=1) if last else []
        ahead = [beat.name for beat in meta.beats(s).values() if beat.beat_at > wall + SILENT_AFTER]
    rehearsal = clock.speed != 1 or rehearsal_of(settings.home) is not None
    back = any(line.written_at > clock.now() + SILENT_AFTER for line in lines) or bool(ahead)
    mode = f"a rehearsal at {clock.speed:g} times" if rehearsal else "the real time"
    detail = f"{mode}, {clock.now():%Y-%m-%d %H:%M:%S} UTC" + ("; it went back since the last entry" if back else "")
    return [Check("clock", not back, detail, "set the machine's clock right and keep it so (NTP)")]


def _alarms(settings: Settings, sessions: Sessions, _clock: Clock) -> list[Check]:
    with sessions.reading() as s:
        standing = sorted({str(alarm.key) for alarm in alarms.listing(s, standing=True)})
    return [Check("alarms", not standing, _few(standing) or "none stands", f"see {settings.console_address}/alarms")]


def _parts(settings: Settings, sessions: Sessions, clock: Clock) -> list[Check]:
    with sessions.reading() as s:
        beats = meta.beats(s)
    wall = clock.wall()
    if not in_use(settings.home):
        others = {beat.process for beat in beats.values() if wall - beat.beat_at <= SILENT_AFTER}
        if not others or not is_postgres(settings.store_url):
            return [_stopped(settings, sessions)]
    must = ("timer", "watchdog", "worker")
    silent = [name for name in must if name not in beats or wall - beats[name].beat_at > SILENT_AFTER]
    detail = f"{_few(silent)} silent" if silent else "all alive"
    detail += "" if in_use(settings.home) else ", on another home of this database"
    return [Check("parts", not silent, detail, f"see {settings.home}/logs, and start Vigil again")]


def _stopped(settings: Settings, sessions: Sessions) -> Check:
    """Say that Vigil does not run: a fault while somebody is missing, for then nobody is told."""
    with sessions.reading() as s:
        count, examples = totals(s).open, listing(s, Wanted(live=True), 1)[0]
    remedy = f"vigil up --home {settings.home}"
    if count:
        are = "1 case is" if count == 1 else f"{count} cases are"
        return Check("parts", ok=False, detail=f"Vigil does not run; {are} open and nobody is told", remedy=remedy)
    left = "; a note: only examples are open" if examples else "; no case is open"
    return Check("parts", ok=True, detail=f"Vigil does not run{left}", remedy=remedy)


def _prefect(settings: Settings) -> list[Check]:
    engine = Engine(settings.prefect_api, prefect_auth(settings))
    ok = engine.ready()
    engine.close()
    detail = f"{settings.prefect_api} {'answers' if ok else 'does not answer'}"
    return [
        Check("prefect", ok, detail, f"see {settings.home}/logs/prefect.out; cases are safe in the store meanwhile")
    ]


def _sources(settings: Settings, _sessions: Sessions, clock: Clock) -> list[Check]:
    return [Check(*found) for found in source_check.look(settings, clock)]


_LOOKS: dict[str, Callable[[Settings, Sessions, Clock], list[Check]]] = {
    "journal": _journal,
    "roster": _roster,
    "clock": _clock,
    "alarms": _alarms,
    "parts": _parts,
    "sources": _sources,
}


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
