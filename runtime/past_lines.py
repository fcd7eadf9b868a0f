"""A case's journal as what came from outside: which decision was made when, upon what, and what it wrote down.

Each decision wrote its lines one after another in one transaction and closed with what it changed in the case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from policy.case import Case
from policy.copies import Copied
from policy.errors import Broken
from policy.facts import Fact
from policy.outside import FilledIn
from policy.past import (
    DECIDED,
    Began,
    Came,
    Cleared,
    CutOff,
    Heard,
    Linked,
    NotReceived,
    Repinned,
    ReReported,
    TimePassed,
)
from policy.record_terms import AgeBand, CallType, Earlier, ReporterKind
from policy.report import Defect, Report
from policy.terms import Anchor, FactKind, Risk
from store.journal import JournalEntry
from store.replay import CHANGED, replay

# Lines that always begin a decision.
OWN_WRITING = frozenset({"case_opened", "copied_text", "cut_off", "not_received"})
CLEARED = "alarm_cleared"


@dataclass(frozen=True)
class Decision:
    """One decision of the past: what came at `at`, and the lines that were written of it; `seq` is the first."""

    seq: int
    at: datetime
    came: Came
    lines: tuple[JournalEntry, ...]


def decisions(lines: Sequence[JournalEntry]) -> Iterator[Decision]:
    """Give the decisions that the journal of one case tells of, in order; raises Broken without its beginning."""
    begun = False
    for group in _groups(lines):
        first = group[0]
        begun = begun or first.kind == "case_opened"
        if not begun:
            raise Broken(f"the journal does not hold the beginning of {first.case}")
        yield Decision(first.seq, first.written_at, _came(group), () if first.kind == CLEARED else tuple(group))


def _groups(lines: Iterable[JournalEntry]) -> Iterator[list[JournalEntry]]:
    group: list[JournalEntry] = []
    for line in lines:
        if not _is_decided(line):
            continue
        if group and _begins(group, line):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _is_decided(line: JournalEntry) -> bool:
    """Tell whether a line is of a decision on the case, or clears one of its alarms; alarms of the home are not."""
    if line.kind == "alarm":
        return not line.body.get("again") and not str(line.body.get("detail")).startswith(f"{line.case}: ")
    return line.kind in DECIDED or line.kind in (CHANGED, CLEARED)


def _begins(group: Sequence[JournalEntry], line: JournalEntry) -> bool:
    last = group[-1]
    together = line.seq == last.seq + 1 and line.written_at == last.written_at and line.route is last.route
    return not together or last.kind in (CHANGED, CLEARED) or line.kind in OWN_WRITING or line.kind == CLEARED


def _came(group: Sequence[JournalEntry]) -> Came:
    """Say what came from outside, by what was written of it."""
    first = {line.kind: line.body for line in reversed(group)}
    if "case_opened" in first:
        return _began(group)
    if "fact" in first:
        return Heard(tuple(_fact(line) for line in group if line.kind == "fact"))
    return _named(first) or _copied(first) or _filled_in(first) or _linked(group) or TimePassed()


def _named(first: Mapping[str, Mapping[str, object]]) -> Came | None:
    """Give what has a kind of line to itself."""
    if body := first.get(CLEARED):
        return Cleared(str(body["key"]), str(body["detail"]))
    if body := first.get("cut_off"):
        return CutOff(str(body["step"]), _number(body["occurrence"]), str(body["person"]))
    if body := first.get("not_received"):
        return NotReceived(str(body["step"]), _number(body["occurrence"]), _number(body["rung"]))
    if body := first.get("re_report"):
        return ReReported(_earlier(body))
    if body := first.get("repinned"):
        return Repinned(_number(body["after"]))
    return None


def _copied(first: Mapping[str, Mapping[str, object]]) -> Copied | None:
    body = first.get("copied_text")
    return Copied(str(body["step"]), _refs(body["cases"])) if body else None


def _filled_in(first: Mapping[str, Mapping[str, object]]) -> FilledIn | None:
    """Give what a corrected record filled in: without a fact nothing else changes where, who or how called."""
    columns = first.get(CHANGED, {}).get("case")
    if not isinstance(columns, Mapping) or not {"area", "age_band", "flags", "call_type"} & columns.keys():
        return None
    area, band, flags, call = (columns.get(name) for name in ("area", "age_band", "flags", "call_type"))
    return FilledIn(
        area=None if area is None else str(area),
        age_band=None if band is None else AgeBand(str(band)),
        flags=frozenset(flags) if isinstance(flags, list) else frozenset(),
        call_type=None if call is None else CallType(str(call)),
    )


def _linked(group: Iterable[JournalEntry]) -> Linked | None:
    refs = tuple(str(line.body["case"]) for line in group if line.kind == "possible_duplicate")
    return Linked(refs) if refs else None


def _refs(value: object) -> tuple[str, ...]:
    assert isinstance(value, list)
    return tuple(str(ref) for ref in value)


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value


def _fact(line: JournalEntry) -> Fact:
    """Give the fact as it was taken: of now where its instant is the one at which it came in."""
    body, at = line.body, None if line.at == line.written_at else min(line.at, line.written_at)
    step, occurrence, evidence = body.get("step"), body.get("occurrence"), body.get("evidence")
    return Fact(
        kind=FactKind(str(body["fact"])),
        by=line.by,
        step=None if step is None else str(step),
        occurrence=occurrence if isinstance(occurrence, int) else None,
        at=at,
        evidence=evidence if isinstance(evidence, Mapping) else {},
    )


def _began(group: Sequence[JournalEntry]) -> Began:
    case = replay(group)
    late = next((str(line.body["why"]) for line in group if line.kind == "late_start"), None)
    linked = _linked(group)
    first = {line.kind: line.body for line in reversed(group)}
    report, again, restored = _report(case), first.get("re_report"), first.get("risk_restored")
    if again is not None:
        report = replace(report, earlier=_earlier(again))
    if restored is not None:  # the record itself said less
        report = replace(report, risk=_risk(restored["before"]))
    return Began(case.ref, report, late, linked.refs if linked else ())


def _earlier(body: Mapping[str, object]) -> Earlier:
    return Earlier(str(body["case"]), _risk(body["risk"]))


def _risk(value: object) -> Risk | None:
    return None if value is None else Risk(str(value))


def _report(case: Case) -> Report:
    """Give what the record said to policy: it stands in the case's beginning, without the person."""
    defect = Defect("record", None, "had faults", "they stand on the record")
    return Report(
        source="",
        source_id=case.ref,
        serial=None,
        reported_at=case.anchors[Anchor.CALL_RECEIVED],
        recorded_at=case.anchors[Anchor.CMS_CREATED],
        area=case.area,
        risk=case.risk,
        tagged_to=case.tagged_to,
        age_band=case.age_band,
        flags=case.flags,
        call_type=CallType(case.call_type),
        reporter_kind=ReporterKind.OTHER,
        example=case.example,
        defects=(defect,) if case.defective else (),
    )
