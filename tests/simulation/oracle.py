"""What must have been heard by now, reckoned from the pack's numbers by the formula of the design and nothing else.

`d` is a step's span, `a` its anchor: told at `a`, overdue at `a+d`, rung n at `a+d+n*d`. None of policy's own
reckoning is asked: of a case only its facts are taken (level, area, anchors, deadlines, what is finished).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.case import Case, Step
from policy.pack import Addressee, Pack, StepRule
from policy.terms import Anchor, Kind, Rank, Risk, StepStatus
from runtime.rehearse_app import Arrival
from tests.simulation.force import Force

NOT_ASKED = ("cancel", "alarm")
Outage = tuple[datetime, datetime]


@dataclass(frozen=True)
class Heard:
    """One message as a phone received it; `at` is what the clock showed then."""

    number: int
    at: datetime
    key: str
    case: str
    person: str
    type: str
    step: str
    occurrence: int
    rung: int
    ask: str


def heard_from(arrival: Arrival, number: int, ahead: timedelta) -> Heard:
    """Read what a phone received; `ahead` is by how much the machine's clock differs from the story's."""
    said, occurrence = arrival.payload, int(arrival.attempt_key.split("/")[2])
    named = (said["case"], said["to"]["person"], said["type"], said["step"], occurrence)
    return Heard(number, arrival.at + ahead, arrival.attempt_key, *named, said["rung"], said["ask"])


@dataclass(frozen=True)
class Promise:
    """One thing that a person in a role must have heard, and from when on."""

    step: Step
    rung: int
    to: tuple[Addressee, ...]  # one of these
    text: str
    at: datetime  # its instant
    first: Step  # whatever was heard before this one opened is not it


def level_of(case: Case) -> Risk:
    """Give the level that the timers run as: not set is medium, a child's high; a child is never below medium."""
    child = case.age_band.is_child
    if case.risk is None:
        return Risk.HIGH if child else Risk.MEDIUM
    inspector = case.risk_rank is not None and list(Rank).index(case.risk_rank) >= list(Rank).index(Rank.INSPECTOR)
    low = case.risk in (Risk.VERY_LOW, Risk.LOW)
    return Risk.MEDIUM if child and low and not inspector else case.risk


def rungs(rule: StepRule, level: Risk) -> list[tuple[int, int, Addressee]]:
    """Give the ladder at a level: how manieth it is there, its number in the pack, whom it asks."""
    there = [(number, to) for number, to in enumerate(rule.ladder, 1) if level in to.risks]
    return [(manieth, number, to) for manieth, (number, to) in enumerate(there, 1)]


def first_asked(rule: StepRule, level: Risk) -> list[Addressee]:
    """Give who is told first."""
    if rule.tells:
        return [to for to in rule.tells if level in to.risks]
    return [Addressee(rule.actor[level])] if level in rule.actor else []


def span(rule: StepRule, step: Step, level: Risk) -> timedelta | None:
    """Give `d`: what lies between two rungs."""
    if step.due_at is None or step.anchor_at is None:
        return step.span
    said = rule.rung_every.get(level) or rule.every.get(level)
    if said is None and not (rule.series or rule.first):
        said = rule.due.get(level)
    return said.after(step.anchor_at) - step.anchor_at if said else step.due_at - step.anchor_at


def promises(case: Case, pack: Pack, now: datetime, outages: Sequence[Outage] = ()) -> Iterator[Promise]:
    """Give all that must have been heard of the open steps of a case by `now`."""
    level = level_of(case)
    for step in case.live_steps():
        rule = pack.steps[step.key]
        opens_at = step.opens_at or step.anchor_at
        if opens_at is None or step.due_at is None or _spoken_for(case, step, rule, now):
            continue
        told_at = step.due_at if rule.kind is Kind.WATCH else opens_at
        for to in first_asked(rule, level):
            if told_at <= now:
                yield Promise(step, 0, _any_level(case, rule, to, opens_at), to.ask or rule.ask, told_at, step)
        yield from _climbed(case, _chain(case, step, outages), step, rule, now)


def _any_level(case: Case, rule: StepRule, to: Addressee, opens_at: datetime) -> tuple[Addressee, ...]:
    """Give who may have been told first: whoever the level of that minute asked, if it has changed since."""
    if Anchor.RISK_SET not in case.anchors or case.anchors[Anchor.RISK_SET] < opens_at:
        return (to,)
    return tuple(dict.fromkeys([to, *(first for level in Risk for first in first_asked(rule, level))]))


def _climbed(case: Case, first: Step, step: Step, rule: StepRule, now: datetime) -> Iterator[Promise]:
    level = level_of(case)
    d = span(rule, step, level)
    if first.due_at is None or d is None or step.status is not StepStatus.OVERDUE:
        return
    if rule.repeats and case.anchors.get(Anchor.RISK_SET, first.due_at) > first.due_at:
        return  # its series began anew meanwhile
    for manieth, number, to in rungs(rule, level):
        at = first.due_at + manieth * d if rule.ladder_from == "due" else first.due_at + (manieth - 1) * d
        if at <= now:
            yield Promise(step, number, (to,), to.ask or rule.ask, at, first)


def _spoken_for(case: Case, step: Step, rule: StepRule, now: datetime) -> bool:
    """After an outage one message goes out, for the newest of those missed."""
    later = [s for s in case.live_steps() if s.key == step.key and s.occurrence > step.occurrence]
    return rule.repeats and any(s.due_at is not None and s.due_at <= now for s in later)


def _chain(case: Case, step: Step, outages: Sequence[Outage]) -> Step:
    """Give the first of those overdue one after the other up to this one.

    What fell due in one outage is one message, for the newest: a ladder begins anew with that one.
    """
    first = step
    while (before := case.step(step.key, first.occurrence - 1)) and before.told and before.due_at and first.due_at:
        at_once = any(began <= before.due_at and first.due_at <= ended for began, ended in outages)
        if before.status is not StepStatus.OVERDUE or at_once:
            break
        first = before
    return first


def earliest(heard: Heard, cases: list[Case], pack: Pack) -> datetime | None:
    """Give the instant before which a message is too early, by any of these states of its case."""
    found = []
    for case in cases:
        step = case.step(heard.step, heard.occurrence)
        if step is None or (opens_at := step.opens_at or step.anchor_at) is None or step.due_at is None:
            continue
        rule, level = pack.steps[step.key], level_of(case)
        d = span(rule, step, level)
        manieth = [m for m, number, _ in rungs(rule, level) if number == heard.rung]
        if heard.rung == 0 or not manieth or d is None:
            found.append(opens_at)
        else:
            first_due = (
                min(s.due_at for s in case.steps if s.key == step.key and s.due_at and s.live)
                if step.live
                else opens_at
            )
            from_due = first_due if rule.ladder_from == "due" else first_due - d
            found.append(max(opens_at, from_due + manieth[0] * d))
    return min(found, default=None)


def pushed(rule: StepRule, case: Case, force: Force, *at: datetime) -> bool:
    """Tell whether a ladder may have been climbed early because nobody was there for one of its people."""
    asked = [*first_asked(rule, level_of(case)), *(to for _, _, to in rungs(rule, level_of(case)))]
    return not all(force.somebody(to, case, *at) for to in asked)
