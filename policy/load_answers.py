"""What is answered in a simulated case: the risk confirmed and changed, the case acknowledged, owned, handed over."""

import math
from datetime import datetime, timedelta

from policy.load_draft import Draft
from policy.pack_parse import case_steps
from policy.standing_roster import HANDOVER, begins_at, next_shift, shift_at
from policy.terms import Anchor, FactKind, Kind, Rank, Risk, Role

K = FactKind
NEVER = 0.03  # of the inspectors never answer (domain 7.2)
SLOW = 0.12  # answer late
PROMPT, LATE = (math.log(3), 0.8), (math.log(18), 0.6)  # minutes, log-normal; the medians are domain 7.2's
ACCEPTS = (math.log(2), 0.7)  # minutes from acknowledging to accepting; CHOSEN
TAKES_OVER_H = (0.6, 1.5, 3.0)  # hours after which the Force Incident Manager tries to take an unanswered case; CHOSEN
ACCEPTS_BEFORE = timedelta(minutes=10)  # the end of the shift: later it is left to the relief; CHOSEN
RAISED, LOWERED = 0.12, 0.10  # domain 7.2
CHANGES = (math.log(3), 0.8)  # hours to a change of risk; the median is domain 7.2's
CONFIRMED_WITHIN = timedelta(minutes=15)  # where the pack says nothing
FROM_THE_FIRST = (Anchor.CALL_RECEIVED, Anchor.CMS_CREATED)
HANDED_OVER = 0.90  # of the cases before the inspector goes home; of the rest the control room hears; CHOSEN


def assess(draft: Draft) -> None:
    """The control-room inspector confirms the level; some are raised or lowered later, by the local inspector."""
    report, opened_at = draft.gone.report, draft.gone.opened_at
    level = report.risk or Risk.MEDIUM
    child = report.age_band.is_child
    floor = max(level, draft.pack.child_floor, key=lambda r: r.weight) if child else level
    confirmed_at = draft.after(opened_at, _time_to_confirm(draft, floor))
    draft.levels = [(opened_at, floor), *([(confirmed_at, level)] if level is not floor else [])]
    set_risk(draft, confirmed_at, level, Role.FORCE_INCIDENT_MANAGER)
    drawn = draft.random.random()
    changed_at = confirmed_at + 60 * draft.minutes(CHANGES)
    if drawn < RAISED + LOWERED and changed_at < draft.sought_until:
        weight = level.weight + (1 if drawn < RAISED else -1)
        changed = list(Risk)[min(max(weight, 0), len(Risk) - 1)]
        if changed is not level:
            draft.levels.append((changed_at, changed))
            draft.changed_at.append(changed_at)
            set_risk(draft, changed_at, changed, Role.DUTY_INSPECTOR)


def _time_to_confirm(draft: Draft, level: Risk) -> timedelta:
    asked = (rule for rule in case_steps(draft.pack) if K.RISK_SET in rule.done_by)
    spans = [rule.due[level].nominal for rule in asked if rule.done_rank is Rank.INSPECTOR and level in rule.due]
    return min(spans, default=CONFIRMED_WITHIN)


def set_risk(draft: Draft, at: datetime, level: Risk, role: Role) -> None:
    """Set the level, or confirm it."""
    draft.say(at, K.RISK_SET, draft.holder(role, at), level=level.value)


def answer(draft: Draft) -> None:
    """The inspector acknowledges and accepts: promptly, late, or not at all; then the control room tries to."""
    drawn, opened_at = draft.random.random(), draft.gone.opened_at
    if drawn < NEVER:
        for hours in TAKES_OVER_H:
            at = opened_at + timedelta(hours=hours * draft.random.uniform(0.8, 1.2))
            draft.say(at, K.ACCEPTED, draft.holder(Role.FORCE_INCIDENT_MANAGER, at))
        at = draft.owned_at = opened_at + timedelta(hours=TAKES_OVER_H[0] * 1.2)
        draft.owner = draft.holder(Role.FORCE_INCIDENT_MANAGER, draft.owned_at)
    else:
        delay = draft.minutes(LATE if drawn < NEVER + SLOW else PROMPT) * (2 if draft.gone.busy else 1)
        at, draft.owner = _who_answers(draft, opened_at, opened_at + delay)
        draft.owned_at = at + draft.minutes(ACCEPTS)
        draft.say(at, K.ACKNOWLEDGED, draft.owner)
        role = _first_owner(draft)
        if role is not Role.DUTY_INSPECTOR:
            draft.owner = draft.holder(role, opened_at)
        draft.say(draft.owned_at, K.ACCEPTED, draft.owner)
    draft.anchors |= {Anchor.ACKNOWLEDGED: at, Anchor.OWNER_ASSIGNED: draft.owned_at}


def _first_owner(draft: Draft) -> Role:
    """Give to whom the pack offers a new case of this level."""
    asked = (rule for rule in case_steps(draft.pack) if rule.kind is Kind.ACCEPT and rule.anchor in FROM_THE_FIRST)
    actors = (rule.actor.get(draft.level(draft.gone.opened_at)) for rule in asked if rule.opens_before is None)
    return next((role for role in actors if role), Role.DUTY_INSPECTOR)


def _changes_of_hands(draft: Draft) -> list[tuple[datetime, Role]]:
    """Give when a case is to pass to another unit, by its risk or its time, and who of it accepts, in order."""
    found = []
    for rule in case_steps(draft.pack):
        base = draft.anchors.get(rule.anchor)
        later = rule.anchor not in FROM_THE_FIRST or rule.opens_before is not None
        if rule.kind is not Kind.ACCEPT or base is None or not later:
            continue
        for since, level in draft.levels:
            if level in rule.due:
                early = rule.due[level].nominal - rule.opens_before.nominal if rule.opens_before else timedelta(0)
                found.append((max(base + early, since, draft.owned_at) + draft.minutes(PROMPT), rule.actor[level]))
                break
    return sorted((at, role) for at, role in found if at < draft.rests_at)


def _who_answers(draft: Draft, told_at: datetime, at: datetime) -> tuple[datetime, str]:
    """Give when the inspector answers and who it is: the one told first, else the relief once they are told."""
    goes_at = begins_at(*next_shift(*shift_at(told_at))) + HANDOVER
    if at < goes_at - ACCEPTS_BEFORE:
        return at, draft.holder(Role.DUTY_INSPECTOR, told_at)
    at = max(at, goes_at + ACCEPTS_BEFORE / 2)
    return at, draft.holder(Role.DUTY_INSPECTOR, at)


def hand_over(draft: Draft) -> None:
    """At the end of each shift the case goes to the next of its unit, until it is closed; not while it rests."""
    ends_at, role, changes = draft.closed_at or draft.until, _first_owner(draft), _changes_of_hands(draft)
    begins = begins_at(*next_shift(*shift_at(draft.owned_at)))
    while begins < min(ends_at, draft.until):
        at = begins + timedelta(minutes=draft.random.uniform(3, 15))
        while changes and changes[0][0] < at:
            changed_at, role = changes.pop(0)
            draft.owner = draft.holder(role, changed_at)
            draft.say(changed_at, K.ACCEPTED, draft.owner)
        by, to = draft.owner, draft.holder(role, at)
        if draft.random.random() > HANDED_OVER:
            at += timedelta(minutes=60)
            by = draft.holder(Role.FORCE_INCIDENT_MANAGER, at)
        if to != draft.owner and not draft.rests_at <= at < draft.sought_until:
            draft.say(at, K.HANDOVER_OFFERED, by, to=to)
            draft.say(at + timedelta(minutes=draft.random.uniform(1, 10)), K.ACCEPTED, to)
            draft.owner = to
        begins = begins_at(*next_shift(*shift_at(begins)))
