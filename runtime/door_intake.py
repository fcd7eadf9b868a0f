"""The door `report`: a record comes in, for the first time or again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from policy import decide
from policy.case import Case
from policy.errors import Busy, Invalid, Refused, Transient
from policy.facts import Fact, read_fact
from policy.intents import Entry
from policy.pack import Pack
from policy.record_terms import AgeBand
from policy.report import Report, read_report
from policy.terms import AlarmKey, Route
from runtime.acts import run_name, tags_of
from runtime.app import App
from runtime.door_alarm import ring
from runtime.door_facts import take
from runtime.writing import Pen, changed_fields, write
from store import cases, journal, wakes
from store.cases import Stored

log = structlog.get_logger()


@dataclass(frozen=True)
class Reported:
    """What became of a record: its case, whether it is new, and what could not be taken as given."""

    case: str
    created: bool
    unchanged: bool
    defects: tuple[Mapping[str, object], ...]
    flow_run_id: str | None


def report(app: App, raw: object, *, route: Route, by: str = "system") -> Reported:
    """Take a record in: case, first steps, first messages and journal in one transaction, then start its run.

    The same `(source, source_id)` again is the same case. Raises Invalid when it cannot be a case at all; that
    rings `intake_refused` at the Force Incident Manager.
    """
    now = app.clock.now()
    area = raw.get("area") if isinstance(raw, Mapping) else None
    pack = app.packs[app.settings.pack_of(area if isinstance(area, str) else None)]
    try:
        read = read_report(raw, now, pack.areas)
    except Invalid as error:
        refuse_intake(app, error.detail, route)
        raise
    assert isinstance(raw, Mapping)
    try:
        opened = _open(app, raw, read, pack, route=route)
    except Busy:  # the same record is being taken in beside this one: it will be there the second time
        opened = _open(app, raw, read, pack, route=route)
    if isinstance(opened, str):
        return _again(app, opened, raw, route=route, by=by)
    log.info("case_opened", case=opened.ref, risk=read.risk, area=read.area)
    return Reported(opened.ref, True, False, _dicts(opened.defects), _start(app, opened.case, pack))


def _open(app: App, raw: Mapping[str, object], read: Report, pack: Pack, *, route: Route) -> Stored | str:
    """Open the case of a record, or give the reference under which it is known."""
    now = app.clock.now()
    with app.sessions() as s:
        known = cases.find(s, read.source, read.source_id)
        if known is not None:
            return known
        ref = cases.next_ref(s, now)
        outcome = decide.open_case(read, pack, app.roster(s, now), now, ref)
        new = Stored(
            case=outcome.case,
            version=1,
            source=read.source,
            source_id=read.source_id,
            created_at=now,
            serial=read.serial,
            wake_at=now,
            record=raw,
            defects=[defect.as_dict() for defect in read.defects],
        )
        return write(Pen(s, route, now), cases.create(s, new), outcome, wake_at=now)


def _start(app: App, case: Case, pack: Pack) -> str | None:
    """Start the case's first run; Prefect being down costs nothing: the timer starts it when Prefect is back."""
    run_id = None
    try:
        if app.engine is not None:
            run_id = app.engine.start(case.ref, 1, tags_of(case), run_name(case, pack))
            app.knock("worker")
            with app.sessions() as s:
                wakes.set_run(s, case.ref, run_id, 1)
    except Transient:
        log.warning("engine_not_reached", case=case.ref)
    app.knock("timer")
    return run_id


def _again(app: App, ref: str, raw: Mapping[str, object], *, route: Route, by: str) -> Reported:
    """Take a record that is known: what changed is journalled field by field and becomes facts.

    All in one transaction: a raised risk that were kept in the record but not in the case would be lost, for the
    same record again changes nothing. For the same reason a fact of a change is never taken for one said before.
    """
    now = app.clock.now()
    with app.sessions() as s:
        stored = cases.load(s, ref, lock=True)
        changes = changed_fields(stored.record, raw)
        read = read_report(raw, now, app.packs[stored.case.pack].areas)
        if changes:
            cases.set_record(s, ref, record=raw, defects=[d.as_dict() for d in read.defects], serial=read.serial)
            said = [Entry("record_changed", now, {"field": n, "before": b, "after": a}, by) for n, b, a in changes]
            journal.append(s, said, case=ref, route=route, written_at=now)
            names = [name for name, _, _ in changes]
            stored = _take_changes(app, Pen(s, route, now), stored, _Change(read, raw, names, by))
    if changes:
        app.knock("timer")
    defects = tuple(d.as_dict() for d in read.defects) if changes else _dicts(stored.defects)
    return Reported(ref, False, not changes, defects, stored.run_id)


def _dicts(defects: Sequence[object]) -> tuple[Mapping[str, object], ...]:
    return tuple(defect for defect in defects if isinstance(defect, Mapping))


@dataclass(frozen=True)
class _Change:
    """A record as its source has it now, the names of the fields that differ, and who said so."""

    read: Report
    raw: Mapping[str, object]
    names: Sequence[str]
    by: str


def _take_changes(app: App, pen: Pen, stored: Stored, change: _Change) -> Stored:
    """Set the risk that the source has now; whatever else changed, or may not be set so, is new information."""
    risk, rest = change.read.risk, list(change.names)
    stored = replace(stored, case=_filled_in(stored.case, change.read))
    if risk is not None and "risk" in rest:
        rest.remove("risk")
        rationale = str(change.raw.get("risk_rationale") or "changed in the source system")
        try:
            stored = take(app, pen, stored, _fact("risk_set", change.by, level=risk.value, rationale=rationale))
        except Refused:
            rest.append(f"risk to {risk} (lowering takes an inspector)")
    if rest:
        summary = "the record was changed in its source: " + ", ".join(rest)
        told = {"summary": summary, "source": change.read.source, "obtained_at": pen.now.isoformat()}
        stored = take(app, pen, stored, _fact("new_information", change.by, **told))
    return stored


def _filled_in(case: Case, read: Report) -> Case:
    """Take over what the first record did not say: with its area known, the case finds its inspector."""
    age_band = read.age_band if case.age_band is AgeBand.UNKNOWN else case.age_band
    return replace(case, area=case.area or read.area, age_band=age_band)


def _fact(kind: str, by: str, **evidence: str) -> Fact:
    return read_fact({"kind": kind, "by": by, "evidence": evidence})


def refuse_intake(app: App, why: str, route: Route) -> None:
    """Ring `intake_refused` at the Force Incident Manager: whatever was refused may have been somebody missing."""
    now = app.clock.now()
    said = [Entry("refused", now, {"why": why})]
    ring(app, AlarmKey.INTAKE_REFUSED, f"a record was refused at {now:%H:%M:%S}Z", route=route, said=said)
