"""A line of the journal explained, out of what stands in it alone: no later revision changes what it says.

Lines written before a line held its reasons say what they can, which is less.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.explain_due import from_body
from policy.explain_words import listed, moment, risk_word
from policy.roster import FORCE_WIDE
from policy.spans import read_instant
from policy.terms import Risk

Body = Mapping[str, object]


@dataclass(frozen=True)
class _Line:
    """What a line says, when that was, and the day on which it is read."""

    body: Body
    at: datetime
    now: datetime

    def moment(self, at: datetime) -> str:
        return moment(at, self.now)


def why_line(kind: str, body: Body, at: datetime, now: datetime | None = None) -> str:
    """Explain a line that opened, moved or passed a deadline, or that chose whom to tell; empty for any other.

    Dates are written where they are not the day of `now`; left out, that of the line itself.
    """
    say = _SAYS.get(kind)
    return say(_Line(body, at, now or at)) if say else ""


def _opened(line: _Line) -> str:
    return _due("Due", line, _instant(line.body.get("due_at")))


def _overdue(line: _Line) -> str:
    body = line.body
    holder, told = body.get("holder"), body.get("told")
    with_whom = f"it was with {holder}" if holder else "nobody had it"
    names = [str(one) for one in told] if isinstance(told, list | tuple) else []
    who = f"; told by then: {listed(names)}" if names else "; nobody had been told by then" if told is not None else ""
    return f"{_due('Overdue since', line, line.at)} Not done by then; {with_whom}{who}."


def _retimed(line: _Line) -> str:
    before, after = (_instant(line.body.get(name)) for name in ("before", "after"))
    cause = _cause(line)
    if before is None or after is None:
        return f"Counted anew{cause}."
    moved = f"Moved from {line.moment(before)} to {line.moment(after)}{cause}."
    return f"{moved} {_due('Due', line, after)}" if line.body.get("because") else moved


def _cause(line: _Line) -> str:
    body, at = line.body, line.moment(line.at)
    cause, before, after = body.get("cause"), body.get("risk_before"), body.get("risk")
    if cause == "risk" and before in list(Risk) and after in list(Risk):
        return f" at {at}, when {risk_word(Risk(str(before)))} became {risk_word(Risk(str(after)))}"
    if body.get("revision"):
        by = f", approved by {body['approved_by']}" if body.get("approved_by") else ""
        return f" at {at} by revision {body.get('revision')}{by}"
    return f" at {at}" + (", for it was said anew when the person came back" if cause == "returned" else "")


def _chosen(line: _Line) -> str:
    """Say who was chosen and by what; where nobody was, what was looked for."""
    body = line.body
    whom, nobody = _as_whom(body), body.get("instead_of")
    if isinstance(nobody, Mapping):
        whom += f", for nobody was on duty {_as_whom(nobody)}"
    chosen, others = body.get("chosen"), body.get("candidates")
    if chosen is None:
        return f"Nobody was on duty {whom}."
    count = len(others) if isinstance(others, list | tuple) else 1
    if count < 2:
        return f"{chosen} was the only one to choose {whom}."
    rule = "fewest open cases, then the latest to come on duty, then the least id"
    return f"{chosen} was chosen, the first of {count} {whom} ({rule})."


def _as_whom(body: Body) -> str:
    role = str(body.get("role", "")).replace("_", " ")
    listing = body.get("areas")
    named = [str(area) for area in listing if area != FORCE_WIDE] if isinstance(listing, list | tuple) else []
    areas = [area.replace("_", " ") for area in named]
    return f"as {role} for {listed(areas)}" if areas else f"as {role} for the whole force"


def _due(start: str, line: _Line, due_at: datetime | None) -> str:
    because = line.body.get("because")
    found = from_body(because, due_at) if isinstance(because, Mapping) else None
    if found is not None:
        return found.sentence(start, line.now)
    return f"{start} {line.moment(due_at)}." if due_at else "No time was set."


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else read_instant(str(value)) if value else None


_SAYS: Mapping[str, Callable[[_Line], str]] = {
    "step_opened": _opened,
    "overdue": _overdue,
    "retimed": _retimed,
    "chosen": _chosen,
}
EXPLAINED = frozenset(_SAYS)
