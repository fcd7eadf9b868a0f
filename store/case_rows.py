"""Between policy's case and its rows: nothing is lost either way."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from models import CaseRow, StepRow
from models.columns import plain
from policy.case import Case, Owner, Step, Told
from policy.record_terms import AgeBand
from policy.terms import Anchor, CaseStatus, Rank, Risk, Role, StepStatus

Values = dict[str, object]


def case_values(case: Case) -> Values:
    """Give the columns that policy decides, and the two derived from them (urgency, overdue)."""
    owner = case.owner
    return {
        "pack": case.pack,
        "revision": case.revision,
        "status": str(case.status),
        "risk": _text(case.risk),
        "risk_rank": _text(case.risk_rank),
        "area": case.area,
        "age_band": str(case.age_band),
        "anchors": plain(case.anchors),
        "owner_person": owner.person if owner else None,
        "owner_role": str(owner.role) if owner else None,
        "owner_offered_at": owner.offered_at if owner else None,
        "owner_accepted_at": owner.accepted_at if owner else None,
        "offered_to": case.offered_to,
        "offered_at": case.offered_at,
        "tagged_to": case.tagged_to,
        "flags": plain(case.flags),
        "call_type": case.call_type,
        "defective": case.defective,
        "non_compliant": case.non_compliant,
        "example": case.example,
        "resourced": case.resourced,
        "wellbeing": case.wellbeing,
        "do_not_disclose": case.do_not_disclose,
        "interviewer": case.interviewer,
        "closure_by": case.closure_by,
        "closure_reason": case.closure_reason,
        "linked": list(case.linked) or None,
        "late": case.late,
        "shift_ends_at": case.shift_ends_at,
        "urgency": case.timer_risk().weight,
        "overdue": len(case.overdue_steps()),
        **_beside_the_main_line(case),
    }


def _beside_the_main_line(case: Case) -> Values:
    """Give the columns of what few cases have: a floor, an earlier case, spaces left out, another force."""
    return {
        "risk_floor": _text(case.risk_floor),
        "to_confirm": case.to_confirm,
        "re_report_of": case.re_report_of,
        "unsearched": case.unsearched,
        "force": case.force,
        "transfer": case.transfer,
        "bounces": case.bounces,
    }


def step_values(case: Case) -> dict[tuple[str, int], Values]:
    """Give the columns of each step, by key and occurrence; two that are equal need no writing."""
    return {step.id: step_columns(step, position) for position, step in enumerate(case.steps)}


def step_columns(step: Step, position: int) -> Values:
    """Give the columns of one step, all but its key and occurrence."""
    return {
        "position": position,
        "status": str(step.status),
        "anchor_at": step.anchor_at,
        "due_at": step.due_at,
        "span_s": step.span.total_seconds() if step.span is not None else None,
        "done_at": step.done_at,
        "done_by": step.done_by,
        "holder": step.holder,
        "role": _text(step.role),
        "rung": step.rung,
        "rounds": step.rounds,
        "reminders": step.reminders,
        "remind_at": step.remind_at,
        "climb_at": step.climb_at,
        "told": [plain(vars(told)) for told in step.told],
        "reason": step.reason,
        "evidence": plain(step.evidence),
        "opens_at": step.opens_at,
        "warn_at": step.warn_at,
        "warned": step.warned,
        "ladder_at": step.ladder_at,
    }


def case_of(row: CaseRow, steps: Iterable[StepRow]) -> Case:
    """Give the case as policy wrote it; `steps` in the order of their positions."""
    return Case(
        ref=row.ref,
        pack=row.pack,
        revision=row.revision,
        area=row.area,
        age_band=AgeBand(row.age_band),
        risk=Risk(row.risk) if row.risk else None,
        risk_rank=Rank(row.risk_rank) if row.risk_rank else None,
        status=CaseStatus(row.status),
        anchors={Anchor(key): _instant(at) for key, at in row.anchors.items()},
        steps=tuple(_step(step) for step in steps),
        owner=_owner(row),
        offered_to=row.offered_to,
        offered_at=row.offered_at,
        tagged_to=row.tagged_to,
        flags=frozenset(row.flags),
        call_type=row.call_type,
        defective=row.defective,
        non_compliant=row.non_compliant,
        example=row.example,
        resourced=row.resourced,
        wellbeing=row.wellbeing,
        do_not_disclose=row.do_not_disclose,
        interviewer=row.interviewer,
        closure_by=row.closure_by,
        closure_reason=row.closure_reason,
        linked=tuple(row.linked or ()),
        late=row.late,
        shift_ends_at=row.shift_ends_at,
        risk_floor=Risk(row.risk_floor) if row.risk_floor else None,
        to_confirm=row.to_confirm,
        re_report_of=row.re_report_of,
        unsearched=row.unsearched,
        force=row.force,
        transfer=row.transfer,
        bounces=row.bounces,
    )


def _owner(row: CaseRow) -> Owner | None:
    if row.owner_person is None:
        return None
    assert row.owner_role is not None
    assert row.owner_offered_at is not None
    assert row.owner_accepted_at is not None
    return Owner(row.owner_person, Role(row.owner_role), row.owner_offered_at, row.owner_accepted_at)


def _step(row: StepRow) -> Step:
    return Step(
        key=row.key,
        occurrence=row.occurrence,
        status=StepStatus(row.status),
        anchor_at=row.anchor_at,
        due_at=row.due_at,
        span=timedelta(seconds=row.span_s) if row.span_s is not None else None,
        done_at=row.done_at,
        done_by=row.done_by,
        holder=row.holder,
        role=Role(row.role) if row.role else None,
        rung=row.rung,
        rounds=row.rounds,
        reminders=row.reminders,
        remind_at=row.remind_at,
        climb_at=row.climb_at,
        told=tuple(_told(told) for told in row.told),
        reason=row.reason,
        evidence=row.evidence,
        opens_at=row.opens_at,
        warn_at=row.warn_at,
        ladder_at=row.ladder_at,
        warned=row.warned,
    )


def _told(raw: object) -> Told:
    assert isinstance(raw, Mapping)
    return Told(raw["person"], Role(raw["role"]), raw["rung"], _instant(raw["at"]))


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
