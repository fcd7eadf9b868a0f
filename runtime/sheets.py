"""The printed sheet: every live case with whom to ring, each hour into HOME/sheets: a total outage leaves the list.

It names officers and their numbers, never the missing person; only the home's owner can read the file.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from policy.roster import FORCE_WIDE, Roster
from policy.spans import LOCAL, local_time
from policy.terms import Role
from runtime.app import App
from runtime.readings import board
from runtime.whole_file import put_whole
from store import roster as store_roster

KEPT: Final = 72  # sheets: three days
NEWEST: Final = "latest.html"
FORCE_ROLES: Final = (
    Role.FORCE_INCIDENT_MANAGER,
    Role.CONTROL_ROOM_SERGEANT,
    Role.DUTY_CHIEF_INSPECTOR,
    Role.ON_CALL_SUPERINTENDENT,
)
_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(["html", "j2"]),
    undefined=StrictUndefined,
    trim_blocks=True,
)


def write_sheet(app: App) -> Path:
    """Write the sheet of this hour, and the same as `latest.html`; whole or not at all. Gives its path."""
    now = app.clock.now()
    folder = app.settings.home / "sheets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = _text(app, now)
    path = folder / f"{now.astimezone(LOCAL):%Y-%m-%d-%H}.html"
    for file in (path, folder / NEWEST):
        put_whole(file, text, mode=0o600)
    for old in sorted(folder.glob("[0-9]*.html"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def next_sheet_at(now: datetime) -> datetime:
    """Give the next full hour."""
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _text(app: App, now: datetime) -> str:
    found = board(app)
    listed = found["rows"]
    assert isinstance(listed, list)
    with app.sessions.reading() as s:
        duties = store_roster.snapshot(s, now)
        named = {str(row[who]) for row in listed for who in ("owner", "offered_to", "responsible") if row[who]}
        rings = Rings({duty.person for duty in duties.on_duty(now)} | named)
        pack = app.rules(s)
        rings.fill(store_roster.names_of(s, sorted(rings.people)), store_roster.phones_of(s, sorted(rings.people)))
    rows = [
        row
        | {
            "risk": str(row["risk"] or "not set").replace("_", " "),
            "area": pack.area_title(row["area"]),
            "owner": row["owner"] or "nobody yet",
            "ring": rings.of_all(row["owner"] or row["offered_to"], row["responsible"]),
            "by": local_time(datetime.fromisoformat(row["due_at"]), now) if row["due_at"] else "",
        }
        for row in listed
    ]
    on_duty = [{"role": pack.label(role), "ring": rings.of(person)} for role, person in _force_wide(duties, now)]
    words = {"at": f"{now.astimezone(LOCAL):%H:%M on %A %d %B %Y}", "speed": app.clock.speed}
    return _pages.get_template("sheet.html.j2").render(rows=rows, on_duty=on_duty, **words)


class Rings:
    """How each person is named on the sheet: name, roster id, number to ring."""

    def __init__(self, people: set[str]) -> None:
        """Begin with the ids of those who may be named."""
        self.people = people
        self._names: Mapping[str, str] = {}
        self._phones: Mapping[str, str] = {}

    def fill(self, names: Mapping[str, str], phones: Mapping[str, str]) -> None:
        """Take their names and numbers."""
        self._names, self._phones = names, phones

    def of_all(self, *people: object) -> list[str]:
        """Say whom to ring, one after the other: who has the case or was offered it, then who answers for it."""
        return [self.of(str(who)) for who in dict.fromkeys(people) if who] or ["nobody on duty: on-call superintendent"]

    def of(self, who: str) -> str:
        """Say whom to ring; who has no number is looked up elsewhere, and the sheet says so."""
        return f"{self._names.get(who, who)} ({who}), {self._phones.get(who, 'no number in the roster')}"


def _force_wide(duties: Roster, now: datetime) -> list[tuple[Role, str]]:
    there = [duty for duty in duties.on_duty(now) if duty.area == FORCE_WIDE]
    return [(role, duty.person) for role in FORCE_ROLES for duty in there if duty.role is role]
