"""Reading alarms: what stands, who hears it, since when; and what has been cleared."""

from dataclasses import dataclass
from datetime import datetime

from policy.alarms import ENDS_WITH_ITS_CAUSE
from runtime.app import App
from runtime.example import LOADED
from store import alarms, cases, meta
from store.alarms import Rung

Json = dict[str, object]
MOST = 500  # of those cleared, the latest; of those that stand, more than anybody can look at


@dataclass(frozen=True)
class Alarms:
    """The alarms that stand and those that were cleared, the latest first."""

    standing: tuple[Rung, ...]
    cleared: tuple[Rung, ...]


def alarms_of(app: App) -> Alarms:
    """Give the alarms; one that stands is there however old it is."""
    with app.sessions.reading() as s:
        standing = alarms.listing(s, standing=True, limit=MOST)
        latest = alarms.listing(s, limit=MOST)
    return Alarms(tuple(standing), tuple(rung for rung in latest if rung.cleared_at))


def standing(app: App) -> int:
    """Count the alarms that stand, by one query: every page shows the number."""
    with app.sessions.reading() as s:
        return alarms.standing(s)


def of_examples(app: App, rungs: tuple[Rung, ...]) -> frozenset[int]:
    """Give the numbers of those alarms that are about an example, or about a home that holds nothing else."""
    with app.sessions.reading() as s:
        home = bool(meta.get(s, LOADED)) and not cases.has_real(s)
        held = cases.load_all(s, sorted({rung.case for rung in rungs if rung.case}))
    examples = {one.ref for one in held if one.case.example}
    return frozenset(rung.id for rung in rungs if (rung.case in examples if rung.case else home))


def as_json(app: App) -> Json:
    """Give every alarm, the newest first (contract section 6)."""
    found = alarms_of(app)
    newest_first = sorted((*found.standing, *found.cleared), key=lambda rung: -rung.id)
    return {"alarms": [one(rung) for rung in newest_first]}


def one(rung: Rung) -> Json:
    """Give one alarm; `clears_when` names the end of its cause, null where a person clears it."""
    return {
        "key": rung.key,
        "to": rung.to,
        "case": rung.case,
        "at": _iso(rung.at),
        "cleared_at": _iso(rung.cleared_at),
        "detail": rung.detail,
        "id": rung.id,
        "clears_when": ENDS_WITH_ITS_CAUSE.get(rung.key),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
