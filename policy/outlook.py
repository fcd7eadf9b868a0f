"""What comes next if nobody acts: the next wake, what the case awaits, and the ladder still to come."""

from dataclasses import dataclass, replace
from datetime import datetime

from policy import ladder
from policy.case import ACCEPTED_ELSEWHERE, Case, Step
from policy.ladder import Happening
from policy.pack import WHOSE, Addressee, Pack, StepRule
from policy.spans import local_time
from policy.terms import Kind, StepStatus


@dataclass(frozen=True)
class Forecast:
    """One thing that will happen at `at` if nobody acts before."""

    at: datetime
    step: str
    occurrence: int
    text: str


@dataclass(frozen=True)
class Awaiting:
    """What a case awaits: `what` by `by`, and `then` what happens if it does not come."""

    what: str
    by: datetime | None
    then: str
    step: str | None
    since: datetime | None = None
    overdue: bool = False
    due_at: datetime | None = None

    def name(self, now: datetime) -> str:
        """Give the name under which the run is paused: `Awaiting LOI acknowledgement by 19:10`."""
        by = f" by {local_time(self.by, now)}" if self.by else ""
        return f"Awaiting {self.what}{by}"


def next_wake(case: Case) -> datetime | None:
    """Give the next instant at which time alone changes the case; None when only a fact can."""
    return case.wakes_at


def awaiting(case: Case, pack: Pack, now: datetime) -> Awaiting:
    """Give the most pressing thing that the case awaits: the live step that fell or falls due first."""
    live = [step for step in case.live_steps() if step.due_at is not None and not _missed(step, pack)]
    if not live:
        return _awaiting_what_is_planned(case, pack, now)
    order = list(pack.steps)
    step = min(live, key=lambda s: (s.due_at or now, pack.steps[s.key].kind is not Kind.NOTIFY, order.index(s.key)))
    rule = pack.steps[step.key]
    ahead = _ahead(case, pack, step, rule)
    is_overdue = step.status is StepStatus.OVERDUE
    by = step.due_at  # also when it has passed: a deadline does not slide to the next rung
    upcoming = step.climb_at if is_overdue and step.climb_at else by
    rungs = [f for f in ahead if f.at >= (upcoming or now) and not f.text.startswith("overdue")]
    if rungs:
        then = f"then at {local_time(rungs[0].at, now)}: {rungs[0].text}"
    elif step.climb_at is not None:
        then = f"then at {local_time(step.climb_at, now)}: the last rungs are told again"
    else:
        then = "then it stays overdue on the board"
    return Awaiting(rule.awaits, by, then, step.key, step.opens_at or step.anchor_at, is_overdue, step.due_at)


def _missed(step: Step, pack: Pack) -> bool:
    """Tell whether a newer occurrence has taken over: nobody waits for the missed one any more."""
    return step.status is StepStatus.OVERDUE and step.climb_at is None and pack.steps[step.key].repeats


def _awaiting_what_is_planned(case: Case, pack: Pack, now: datetime) -> Awaiting:
    """Give what will be asked for next; without any plan, what may still come."""
    planned = [s for s in case.steps if s.status is StepStatus.WAITING and s.due_at and s.opens_at]
    step = min(planned, key=lambda s: s.opens_at or now, default=None)
    if step is None:
        what = "nothing further" if case.closed else "new information"
        return Awaiting(what, None, "information that arrives reaches a named person", None)
    then = f"asked for at {local_time(step.opens_at or now, now)}"
    return Awaiting(pack.steps[step.key].awaits, step.due_at, then, step.key, due_at=step.due_at)


def outlook(case: Case, pack: Pack) -> tuple[Forecast, ...]:
    """Tell what happens next, in order, as long as nobody acts. Roles, not people: who is on duty then is not known."""
    ahead = [f for step in case.live_steps() for f in _ahead(case, pack, step, pack.steps[step.key])]
    ahead += [f for step in case.steps if step.status is StepStatus.WAITING for f in _planned(step, pack)]
    order = list(pack.steps)
    return tuple(sorted(ahead, key=lambda f: (f.at, order.index(f.step))))


def _planned(step: Step, pack: Pack) -> list[Forecast]:
    """Give what is planned already: when it is asked for, and by when it is to be done."""
    awaits = pack.steps[step.key].awaits
    times = ((step.opens_at, f"asked for: {awaits}"), (step.due_at, f"overdue: {awaits}"))
    return [_forecast(at, step, text) for at, text in times if at is not None]


def _ahead(case: Case, pack: Pack, step: Step, rule: StepRule) -> list[Forecast]:
    """Let time act on a copy of the step, without a roster, and write down what it would do."""
    risk = case.timer_risk(pack.child_floor)
    step = replace(step, remind_at=None, warn_at=None)
    found: list[Forecast] = []
    while True:
        coming = ladder.next_of(step)
        if coming is None or (coming.what is Happening.CLIMB and not _above(step, rule, case, pack)):
            return found  # what comes after the last rung comes again and again
        if coming.what is Happening.OVERDUE:
            found.append(_forecast(coming.at, step, f"overdue: {rule.awaits}"))
            step = replace(step, status=StepStatus.OVERDUE, rung=max(step.rung, 0))
            step = replace(step, climb_at=step.climb_at or ladder.climb_after(step, rule, risk, coming.at))
        else:
            number, to = _above(step, rule, case, pack)[0]
            found.append(_forecast(coming.at, step, _rung_text(to, pack, rule)))
            step = replace(step, rung=number)
            step = replace(step, climb_at=ladder.climb_after(step, rule, risk, coming.at))


def _above(step: Step, rule: StepRule, case: Case, pack: Pack) -> list[tuple[int, Addressee]]:
    return [(n, to) for n, to in rule.rungs(case.timer_risk(pack.child_floor)) if n > step.rung]


def _rung_text(to: Addressee, pack: Pack, rule: StepRule) -> str:
    where = f"the {WHOSE.get(to.area, '')}"
    verb = "is told" if rule.kind is Kind.NOTIFY or to.ask is None else "is asked: " + to.ask[:1].lower() + to.ask[1:]
    return f"{where}{pack.short(to.role)} {verb}"


def _forecast(at: datetime, step: Step, text: str) -> Forecast:
    return Forecast(at, step.key, step.occurrence, text)


def agenda(case: Case, pack: Pack, now: datetime) -> str:
    """Write the agenda in markdown: the first line says what happens next and when (contract section 7)."""
    next_up = awaiting(case, pack, now)
    first = f"**{next_up.name(now)}** ({next_up.then})." if next_up.step else f"**{next_up.name(now)}**."
    lines = [first, "", *_who(case, pack), "", "| When | What happens if nobody acts | Step |", "| --- | --- | --- |"]
    ahead = ((local_time(f.at, now), f.text, _title(pack.steps[f.step], f.occurrence)) for f in outlook(case, pack))
    lines += [f"| {at} | {text} | {title} |" for at, text, title in ahead]
    lines += ["", "| Step | Status | Due | With | Rung |", "| --- | --- | --- | --- | --- |"]
    for step in case.steps:
        title = _title(pack.steps[step.key], step.occurrence)
        due = local_time(step.due_at, now) if step.due_at else ""
        rung = str(step.rung) if step.rung > 0 else ""
        lines.append(f"| {title} | {step.status.replace('_', ' ')} | {due} | {step.holder or ''} | {rung} |")
    return "\n".join(lines)


def _title(rule: StepRule, occurrence: int) -> str:
    return f"{rule.title} {occurrence}" if rule.repeats or occurrence > 1 else rule.title


def _who(case: Case, pack: Pack) -> list[str]:
    if case.transfer == ACCEPTED_ELSEWHERE:  # a name from another force's roster does not stand in Prefect
        return [f"With {pack.force_title(case.force)}, which has accepted it."]
    if case.owner is not None:
        return [f"Owner: `{case.owner.person}` ({case.owner.role.replace('_', ' ')})."]
    return [f"No owner yet. Offered to: `{case.offered_to or 'nobody'}`."]
