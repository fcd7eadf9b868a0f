"""Lines of the force's own logs as a table: each becomes a `log_entry` in the timeline of its case.

A bad row stops no other: what could not be taken is listed with row, field and remedy. The same row again changes
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from policy.errors import Fault, Invalid, Unknown
from policy.spans import read_instant
from policy.terms import FactKind, Route
from runtime import doors
from runtime.app import App
from runtime.documents import storable
from runtime.readings import Json
from runtime.tables import Record, records_of_csv
from store import cases

SYSTEM = "system"  # who says it when the row does not


@dataclass(frozen=True)
class Sender:
    """Who sends the table: the way, the person whose session it is (None: a system), the case of every row."""

    route: Route
    person: str | None = None
    case: str | None = None


def take(app: App, text: str, sender: Sender) -> Json:
    """Take the lines in and say what became of each; raises Invalid when the text is no table."""
    taken: list[Json] = []
    refused: list[Json] = []
    for number, row in records_of_csv(str(storable(text))):
        try:
            taken.append({"row": number, "case": _take(app, row, sender)})
        except Invalid as error:
            refused += [{"row": number, **_named(fault)} for fault in error.faults]
        except Unknown as error:
            remedy = "give a case that is here, or the serial that its record names"
            refused.append({"row": number, "field": "case", "message": str(error), "remedy": remedy})
    return {"accepted": len(taken), "taken": taken, "refused": refused}


def _take(app: App, row: Record, sender: Sender) -> str:
    ref = _case(app, row, sender.case)
    by = sender.person or _cell(row, "by") or SYSTEM
    raw: dict[str, object] = {"kind": str(FactKind.LOG_ENTRY), "by": by}
    raw["evidence"] = {name: row[name] for name in ("source", "text") if name in row}
    at = _cell(row, "at")
    if not at or read_instant(at) is None:
        fault = Fault(
            "at", f"{at!r} is no instant" if at else "is missing", "write 2026-01-10T19:00:00Z, with its offset"
        )
        raise Invalid("the row has faults", (fault,))
    doors.record(app, ref, {**raw, "at": at}, route=sender.route)
    return ref


def _case(app: App, row: Record, given: str | None) -> str:
    """Find the case of a row: as given, by its reference, or by its serial."""
    ref, serial = given or _cell(row, "case"), _cell(row, "serial")
    with app.sessions.reading() as s:
        if ref:
            return cases.load(s, ref).ref
        found = cases.find_serial(s, serial) if serial else []
    if len(found) == 1:
        return found[0]
    if not serial:
        fault = Fault("case", "is missing", "give the case, or the serial of its record")
    elif found:
        fault = Fault("serial", f"{serial!r} is of several cases: {', '.join(found)}", "give the case itself")
    else:
        fault = Fault("serial", f"no case has the serial {serial!r}", "give the case itself")
    raise Invalid("the row has faults", (fault,))


def _cell(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _named(fault: Fault) -> Json:
    """Name the column, not the place of its value in the fact."""
    return {**fault.as_dict(), "field": fault.field.removeprefix("evidence.")}
