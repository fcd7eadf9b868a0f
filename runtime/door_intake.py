"""The door `report`: a record comes in, for the first time or again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from policy import decide, outside
from policy.book import Book
from policy.case import Case
from policy.errors import Busy, Invalid, Refused, Transient
from policy.facts import Fact, read_fact
from policy.intents import Entry, Outcome
from policy.pack import Pack
from policy.record_terms import AgeBand, CallType
from policy.report import Report, read_report
from policy.spans import LOCAL
from policy.terms import AlarmKey, Route
from runtime.acts import run_name, tags_of
from runtime.app import App
from runtime.door_alarm import ring
from runtime.door_people import Others, link_back, linked, others_of
from runtime.door_take import take_all
from runtime.people import keys_of
from runtime.writing import Pen, at_once, changed_fields, write
from store import cases, journal, people, wakes
from store.cases import Stored

log = structlog.get_logger()

MOST_ALIKE = 100  # alarms in the same words within a second


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
    try:
        return take_in(app, raw, route=route, by=by)
    except Invalid as error:
        fields = ", ".join(f"{fault.field} {fault.message}" for fault in error.faults)
        refuse_intake(app, error.detail, route, what=f"a record by {route}: {fields or 'no record'}")
        raise


def take_in(app: App, raw: object, *, route: Route, by: str = "system", late: str | None = None) -> Reported:
    """Do what `report` does, but leave the ringing to a caller that has many records and rings once for all.

    `late` says why the case begins late, such as `missed start`: it stands on the case, and rings.
    """
    now = app.clock.now()
    area = raw.get("area") if isinstance(raw, Mapping) else None
    with app.sessions.reading() as s:
        pack = app.shelf.current(s, app.settings.pack_of(area if isinstance(area, str) else None), now)
    read = read_report(raw, now, pack.areas)
    assert isinstance(raw, Mapping)
    try:
        opened = _open(app, raw, read, pack, route=route, late=late)
    except Busy:  # the same record is being taken in beside this one: it will be there the second time
        opened = _open(app, raw, read, pack, route=route, late=late)
    if isinstance(opened, str):
        return _again(app, opened, raw, route=route, by=by)
    log.info("case_opened", case=opened.ref, risk=read.risk, area=read.area)
    return Reported(opened.ref, True, False, _dicts(opened.defects), _start(app, opened.case, pack))


def _open(
    app: App, raw: Mapping[str, object], read: Report, pack: Pack, *, route: Route, late: str | None
) -> Stored | str:
    """Open the case of a record, or give the reference under which it is known."""
    now = app.clock.now()
    with app.sessions() as s:
        known = cases.find(s, read.source, read.source_id)
        if known is not None:
            return known
        pen, keys = Pen(s, route, now, app.clock.speed), keys_of(raw, app.keys.link_secret)
        others = others_of(pen, keys, example=read.example)
        read = replace(read, earlier=others.as_told(pen))
        ref, roster = cases.next_ref(s, now), app.roster(s, now)
        outcome = linked(decide.open_case(read, pack, roster, now, ref), others, pen)
        if late:
            outcome = outside.begun_late(outcome, late, Book(outcome.case, pack, roster, now))
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
            person_key=keys.main,
        )
        stored = write(pen, cases.create(s, new), outcome, wake_at=now)
        link_back(pen, others, ref)
        return stored


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
        read = read_report(raw, now, app.pack_of(stored.case).areas)
        pen = Pen(s, route, now, app.clock.speed)
        if changes:
            stored = _known_anew(app, pen, stored, raw)  # first: it locks other cases, and the journal comes last
            cases.set_record(s, ref, record=raw, defects=[d.as_dict() for d in read.defects], serial=read.serial)
            said = [Entry("record_changed", now, {"field": n, "before": b, "after": a}, by) for n, b, a in changes]
            journal.append(s, said, case=ref, route=route, written_at=now)
            names = [name for name, _, _ in changes]
            stored = _take_changes(app, pen, stored, _Change(read, raw, names, by))
    if changes:
        app.knock("timer")
    defects = tuple(d.as_dict() for d in read.defects) if changes else _dicts(stored.defects)
    return Reported(ref, False, not changes, defects, stored.run_id)


def _known_anew(app: App, pen: Pen, stored: Stored, raw: Mapping[str, object]) -> Stored:
    """Look for the same person again where the corrected record names another one; links that stand are kept."""
    keys = keys_of(raw, app.keys.link_secret)
    if keys == keys_of(stored.record, app.keys.link_secret):
        return stored
    people.set_key(pen.session, stored.ref, keys.main)
    others = others_of(pen, keys, example=stored.case.example, but=stored)
    link_back(pen, others, stored.ref)
    outcome = linked(Outcome(stored.case), others, pen)
    if outcome.entries:
        stored = write(pen, stored, outcome, wake_at=stored.wake_at)
    return _known_as_re_report(app, pen, stored, others)


def _known_as_re_report(app: App, pen: Pen, stored: Stored, others: Others) -> Stored:
    """Link a case to the earlier one of which it turns out to be a re-report."""
    earlier, case = others.as_told(pen), stored.case
    if earlier is None or case.closed or case.re_report_of is not None:
        return stored
    outcome = outside.re_reported(case, earlier, app.pack_of(case), app.roster(pen.session, pen.now), pen.now)
    return write(pen, stored, outcome, wake_at=at_once(stored, pen.now))


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
    filled_in = _filled_in(app, pen, stored.case, change)
    if filled_in.case != stored.case:
        stored = write(pen, stored, filled_in, wake_at=at_once(stored, pen.now))
    if risk is None or "risk" not in rest:
        return take_all(app, pen, stored, _news(pen, change, rest))
    rest.remove("risk")
    rationale = str(change.raw.get("risk_rationale") or "changed in the source system")
    level = _fact("risk_set", change.by, level=risk.value, rationale=rationale)
    try:
        return take_all(app, pen, stored, [level, *_news(pen, change, rest)])
    except Refused:
        rest.append(f"risk to {risk} (lowering takes an inspector)")
        return take_all(app, pen, stored, _news(pen, change, rest))


def _news(pen: Pen, change: _Change, names: Sequence[str]) -> list[Fact]:
    """Say that these fields of the record were changed, nothing where none was."""
    summary = "the record was changed in its source: " + ", ".join(names)
    told = {"summary": summary, "source": change.read.source, "obtained_at": pen.now.isoformat()}
    return [_fact("new_information", change.by, **told)] if names else []


def _filled_in(app: App, pen: Pen, case: Case, change: _Change) -> Outcome:
    """Take over what the first record did not say: with its area known, the case finds its inspector.

    Whoever turns out to be a child is one from now on, flags are added, a concern that is called missing is: the
    deadlines come nearer at once. That a child is an adult after all, that a flag or the word missing is taken back,
    is news for a person to weigh.
    """
    read, pack = change.read, app.pack_of(case)
    known = read.age_band is not AgeBand.UNKNOWN
    takes = known and (case.age_band is AgeBand.UNKNOWN or read.age_band.is_child)
    said = outside.FilledIn(
        area=case.area or read.area,
        age_band=read.age_band if takes else None,
        flags=read.flags,
        call_type=CallType.MISSING if change.raw.get("call_type") == CallType.MISSING else None,
    )
    return outside.filled_in(case, said, pack, app.roster(pen.session, pen.now), pen.now)


def _fact(kind: str, by: str, **evidence: str) -> Fact:
    return read_fact({"kind": kind, "by": by, "evidence": evidence})


def refuse_intake(app: App, why: str, route: Route, *, what: str = "", each: bool = False) -> None:
    """Ring `intake_refused` at the Force Incident Manager: whatever was refused may have been somebody missing.

    `what` says what was refused, in words of ours and ids alone. With `each` it rings though the same stands
    already: two files that are refused in one second are two to be mended.
    """
    now = app.clock.now()
    detail = f"{what or f'by {route}: {why}'}, at {now.astimezone(LOCAL):%H:%M:%S}"
    rings = ring(app, AlarmKey.INTAKE_REFUSED, detail, route=route, said=[Entry("refused", now, {"why": why})])
    for number in range(2, MOST_ALIKE if each else 2):
        if rings:
            break
        rings = ring(app, AlarmKey.INTAKE_REFUSED, f"{detail} ({number})", route=route)
