"""The example of `make run`: a roster that covers every role, and an export whose instants are offsets from now.

Each force that ships has its own, with its areas; a force of one's own has that of the pack from which it inherits.
Its cases can be removed again; the roster stays until another is imported.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from policy.errors import Fault, Invalid, Refused, Transient
from policy.intents import Entry
from policy.terms import Route
from runtime.app import App
from runtime.door_intake import Reported, report
from runtime.door_roster import put_roster, read_roster
from runtime.tables import Record, records_of_csv
from store import alarms, cases, journal, meta
from store.roster_file import RosterFile

FOLDER = Path(__file__).resolve().parents[1] / "examples"  # Staffordshire's; the other forces' lie in `forces`
LOADED = "example_loaded"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
_OFFSET = re.compile(r"^([+-])(\d+)([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_INSTANTS = ("reported_at", "recorded_at")


def refuse_beside_real_cases(app: App) -> None:
    """Refuse the example in a home that holds a real case: nobody may have to tell the two apart at 3 a.m."""
    with app.sessions.reading() as s:
        if cases.has_real(s):
            raise Refused(
                "this home holds real cases; the example needs a home of its own: give another --home",
                rule="example_home",
            )


def is_example(s: Session) -> bool:
    """Tell whether the example was loaded into this home and no real case has come since."""
    return meta.get(s, LOADED) is not None and not cases.has_real(s)


def load(app: App, folder: Path | None = None) -> list[Reported]:
    """Import the example's roster and take its export in, once a home; give what became of each record."""
    refuse_beside_real_cases(app)
    with app.sessions.reading() as s:
        if meta.get(s, LOADED):
            return []
    folder, file = _fitting(app, [folder] if folder else list(folders(app)))
    if not put_roster(app, file, partial=False, route=Route.SYSTEM):
        faults = [Fault(f"row {bad.row}: {bad.field}", bad.message, bad.remedy) for bad in file.refused]
        raise Invalid("the example's roster cannot be taken", faults)
    text = (folder / "compact-export.csv").read_text(encoding="utf-8")
    taken = [
        report(app, _at_instants(record, app.clock.now()), route=Route.SYSTEM) for _, record in records_of_csv(text)
    ]
    with app.sessions() as s:
        meta.put(s, LOADED, app.clock.now().isoformat())
    return taken


def folders(app: App) -> Iterator[Path]:
    """Give where an example for the pack in use may lie: its own, its parents', the nation's, which names no area."""
    name: str | None = app.settings.pack
    while name is not None:
        own = FOLDER / "forces" / name
        yield own if own.is_dir() else FOLDER
        name = app.packs[name].inherits
    yield FOLDER / "forces" / "uk_app_baseline"


def _fitting(app: App, known: Sequence[Path]) -> tuple[Path, RosterFile]:
    """Give the first example whose areas are those of the pack, with its roster; the last where none fits."""
    read = ((one, read_roster(app, (one / "roster.csv").read_bytes(), relative=True)) for one in known)
    *others, last = [*read]
    return next((found for found in others if not found[1].refused), last)


@dataclass(frozen=True)
class Removed:
    """The references of the cases that went, and how many of their runs still show in Prefect, which did not answer."""

    cases: tuple[str, ...]
    runs_left: int


def remove(app: App, route: Route) -> Removed:
    """Remove the example's cases with their alarms, write it down, and cancel their runs; a real case never goes."""
    now = app.clock.now()
    with app.sessions() as s:
        gone = cases.examples(s)
        if not gone:
            return Removed((), 0)
        refs = tuple(one.ref for one in gone)
        cases.remove_examples(s)
        for ref in refs:
            for rung in alarms.listing(s, standing=True, case=ref):
                alarms.clear_one(s, rung.id, now)
        journal.append(s, [Entry("examples_removed", now, {"cases": refs})], case=None, route=route, written_at=now)
    return Removed(refs, _cancelled(app, [one.run_id for one in gone if one.run_id]))


def _cancelled(app: App, runs: Sequence[str]) -> int:
    """Cancel the runs that have not ended; give how many could not be: they carry nothing, and tell nobody."""
    if app.engine is None:
        return len(runs)
    for number, run_id in enumerate(runs):
        try:
            state = app.engine.state(run_id)
            if state is not None and state.type not in ENDED:
                app.engine.cancelled(run_id, "The example was removed.")
        except Transient:
            return len(runs) - number
    return 0


def _at_instants(record: Record, now: datetime) -> Record:
    placed: Record = {**record, "example": True}
    for name in _INSTANTS:
        placed[name] = instant(str(record[name]), now).isoformat()
    seen = record.get("last_seen")
    if isinstance(seen, dict):
        placed["last_seen"] = {**seen, "at": instant(str(seen["at"]), now).isoformat()}
    return placed


def instant(offset: str, now: datetime) -> datetime:
    """Give the instant that an offset such as `-40m` means at `now`; raise ValueError for anything else."""
    match = _OFFSET.match(offset)
    if match is None:
        raise ValueError(f"{offset!r} is no offset such as -40m")
    span = timedelta(**{_UNITS[match[3]]: int(match[2])})
    return now - span if match[1] == "-" else now + span
