"""What the API answers, made in one place: HTTP and the command line give the same documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console import ownership, risk_told
from policy.errors import Fault, Invalid, Missing, Refused, UsedLink
from policy.spans import read_instant
from policy.terms import CaseStatus, Risk, Route
from runtime import doors, readings, readings_breaches, readings_earlier, readings_explain, readings_owner
from runtime.app import App
from runtime.readings import Json
from store.listing import Wanted


@dataclass(frozen=True)
class Reply:
    """An answer and its HTTP status."""

    status: int
    body: Json


def report(app: App, raw: object, *, route: Route, by: str = "system") -> Reply:
    """Take a report in; 201 for a new case, 200 for one that is there (contract section 4)."""
    taken = doors.report(app, raw, route=route, by=by)
    view = readings.case_view(app, taken.case)
    body: Json = {
        "case": taken.case,
        "url": f"{app.settings.console_address}/cases/{taken.case}",
        "flow_run_id": taken.flow_run_id,
        "defects": view["defects"],
        "steps": view["steps"],
    }
    if not taken.created:
        body["unchanged"] = taken.unchanged
    return Reply(201 if taken.created else 200, body)


def fact(app: App, ref: str, raw: object, *, route: Route, key: str | None = None) -> Reply:
    """Take a fact in and give the case as it stands then."""
    try:
        doors.record(app, ref, raw, route=route, key=key)
    except UsedLink as used:  # 410 is for links; here somebody else was faster, which a rule refuses
        missing = used.missing or (Missing("something still open", "what it asked for was answered already"),)
        who_may = used.who_may or "nobody: it is done"
        raise Refused(used.detail, rule=used.rule, missing=missing, who_may=who_may) from None
    return Reply(200, readings.case_view(app, ref))


def case(app: App, ref: str) -> Reply:
    """Give a case as it stands, and each change of its risk in words."""
    before = readings_earlier.earlier(app, readings.stored(app, ref).case)
    return Reply(200, {**readings.case_view(app, ref), "earlier": before, "risk_changes": risk_told.as_json(app, ref)})


def cases(app: App, query: Mapping[str, str | None]) -> Reply:
    """Give the cases that a query asks for; raise Invalid for a word that is not of the list."""
    faults: list[Fault] = []
    status = _word(query, "status", CaseStatus, faults)
    risk = _word(query, "risk", Risk, faults)
    wanted = Wanted(
        status=CaseStatus(status) if status else None,
        risk=Risk(risk) if risk else None,
        area=query.get("area") or None,
        owner=query.get("owner") or None,
        q=query.get("q") or None,
        overdue=_yes_no(query, "overdue", faults),
    )
    limit = _number(query, "limit", readings.PAGE, faults)
    if faults:
        raise Invalid("the query has faults", faults)
    return Reply(200, readings.cases(app, wanted, limit, query.get("cursor") or None))


def breaches(app: App, query: Mapping[str, str | None]) -> Reply:
    """Give the register of breaches; raise Invalid for a word of the query that cannot be read."""
    faults: list[Fault] = []
    between = instant("from", query.get("from")), instant("to", query.get("to"))
    limit = _number(query, "limit", readings_breaches.PAGE, faults)
    cursor = query.get("cursor") or ""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 16):
        faults.append(Fault("cursor", f"{cursor!r} is no cursor", "give `next` of the answer before"))
    if faults:
        raise Invalid("the query has faults", faults)
    found = readings_breaches.register(app, query.get("case") or None, between, int(cursor) if cursor else None, limit)
    return Reply(200, readings_breaches.breaches(app, found))


def explained(app: App, ref: str, step: str | None, occurrence: str | None) -> Reply:
    """Say why the steps of a case are due, and who was told; raise Invalid for an occurrence that is no number."""
    number = None
    if occurrence:
        if not (step and occurrence.isascii() and occurrence.isdigit() and len(occurrence) < 7):
            says = f"{occurrence!r} is no number of a step" if step else "is given without its step"
            fault = Fault("occurrence", says, "give step=<key> and a whole number such as occurrence=2")
            raise Invalid("the query has faults", (fault,))
        number = int(occurrence)
    return Reply(200, readings_explain.explained(app, ref, step or None, number))


def owner(app: App, ref: str, at: str | None, step: str | None) -> Reply:
    """Say who answered for a case, or had a step, at an instant."""
    return Reply(200, readings_owner.owner_at(app, ref, instant("at", at), step))


def responsible(app: App, ref: str, at: str | None) -> Reply:
    """Say who had a case and each of its open actions at an instant, now when none is given, and the chain."""
    return Reply(200, ownership.as_json(app, ref, instant("at", at) or app.clock.now()))


def instant(name: str, text: str | None) -> datetime | None:
    """Read an instant with its offset, or raise Invalid; a `+` that a query turned into a blank is mended."""
    if not text:
        return None
    at = read_instant(text.strip().replace(" ", "+") if "T" in text else text)
    if at is None:
        fault = Fault(name, f"{text!r} is no instant", "write 2026-01-10T19:00:00Z, with its offset")
        raise Invalid("the query has faults", (fault,))
    return at


def _word(query: Mapping[str, str | None], name: str, allowed: type[StrEnum], faults: list[Fault]) -> str | None:
    """Give a word of a closed list; one that is not on it is a fault and counts as not given."""
    value = query.get(name) or None
    if value is None or value in list(allowed):
        return value
    faults.append(Fault(name, f"{value!r} is not a word of the list", "use one of: " + ", ".join(allowed)))
    return None


def _yes_no(query: Mapping[str, str | None], name: str, faults: list[Fault]) -> bool | None:
    value = (query.get(name) or "").lower()
    if value in {"1", "true", "yes"}:
        return True
    if value in {"", "0", "false", "no"}:
        return None if not value else False
    faults.append(Fault(name, f"{value!r} is no yes or no", "use true or false"))
    return None


def _number(query: Mapping[str, str | None], name: str, default: int, faults: list[Fault]) -> int:
    value = query.get(name)
    if not value:
        return default
    if value.isascii() and value.isdigit() and 1 <= int(value) <= readings.MOST:
        return int(value)
    faults.append(Fault(name, f"{value!r} is no such number", f"use a whole number from 1 to {readings.MOST}"))
    return default
