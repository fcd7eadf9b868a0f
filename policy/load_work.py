"""What people do about a simulated case: a procedure that is followed as a rule, late at times, and now and then not.

It is drawn from the pack in force, step by step: whoever a step asks does it within a share of its time. So any pack
is worked off to its closure. The shares are CHOSEN where no source gives them.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from policy import hours, load_answers, series
from policy.case import DECEASED, NOT_MISSING
from policy.forms import lies_ahead
from policy.load_draft import LEAST, WORDS, Draft, Gone
from policy.pack import CASE_AREA, Evidence, Pack, StepRule
from policy.pack_parse import case_steps
from policy.play import Said
from policy.record_terms import Flag
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.terms import RANK_OF_ROLE, Anchor, Condition, FactKind, Gate, Kind, Rank, Risk, Role

K = FactKind
NEWS = 0.30  # cases in which something new is heard; CHOSEN
LINES = (0.4, 1.05)  # a line of enquiry after such a share of the time that the watch on activity allows; CHOSEN
SET_REVIEW = timedelta(hours=8)  # how far ahead a review is set; CHOSEN
LONG_TERM = timedelta(days=28)  # by then what rests is lowered to low, and reviewed each week; CHOSEN
SOON_ENOUGH = 0.9  # of the time within which a case that rests is reviewed next; CHOSEN
STOPS_AT_SEEN = frozenset({Condition.STILL_MISSING, Condition.ENQUIRY_LIVE, Condition.UNRESOURCED})
NEVER_SO = (  # in this model: nobody reports anybody again, or raises a risk whom a supervisor would have to confirm
    *(Condition.CONCERN_CALL, Condition.CONCERN_UNRESOLVED, Condition.RISK_WORDS, Condition.DEFECTIVE_RECORD),
    *(Condition.RE_REPORT, Condition.RISK_TO_CONFIRM, Condition.SPACES_UNSEARCHED, Condition.TRANSFER_OFFERED),
    Condition.CLOSED_CASE,
)
OF_RANK = (  # who does what takes a rank above the role that is asked
    *((Rank.SERGEANT, Role.RESPONSE_SERGEANT), (Rank.INSPECTOR, Role.DUTY_INSPECTOR)),
    *((Rank.CHIEF_INSPECTOR, Role.DUTY_CHIEF_INSPECTOR), (Rank.SUPERINTENDENT, Role.ON_CALL_SUPERINTENDENT)),
    (Rank.ACC, Role.CHIEF_OFFICER),
)


def said_of(gone: Gone, pack: Pack, rosters: StandingRoster, random: Random, until: datetime) -> tuple[Said, ...]:
    """Draw all that is said about a case before `until`, in order."""
    draft = Draft(gone, pack, rosters, random, until)
    load_answers.assess(draft)
    load_answers.answer(draft)
    do_what_is_asked_once(draft)
    follow_lines_of_enquiry(draft)
    review(draft)
    rest(draft)
    close(draft)
    load_answers.hand_over(draft)
    return tuple(sorted((s for s in draft.said if s.at < until), key=lambda s: s.at))


def do_what_is_asked_once(draft: Draft) -> None:
    """Each task that a step asks for, as soon as what it is counted from is known."""
    _find(draft)
    waiting = [rule for rule in case_steps(draft.pack) if _is_done_once(rule, draft.gone)]
    while ready := [rule for rule in waiting if rule.anchor in draft.anchors]:
        waiting = [rule for rule in waiting if rule.anchor not in draft.anchors]
        for rule in ready:
            _do(draft, rule, draft.anchors[rule.anchor])


def _find(draft: Draft) -> None:
    at = draft.gone.found_at
    if at is not None and at < draft.until:
        draft.say(at, K.FOUND_REPORTED, draft.holder(Role.RESPONSE_OFFICER, at))
        draft.anchors[Anchor.FOUND_REPORTED] = at


def _do(draft: Draft, rule: StepRule, asked_at: datetime) -> None:
    """Do what a step asks, again and again where it comes again, while it is asked for."""
    ends_at = _asked_until(draft, rule)
    changed = [at for at in draft.changed_at if rule.each_time and rule.anchor is Anchor.RISK_SET]
    for begins_at in (asked_at, *changed):
        at: datetime | None = _does(draft, rule, begins_at, rule.first)
        while at is not None and at < ends_at:
            _done(draft, rule, at)
            again = rule.each_time and rule.anchor is Anchor.LAST_CONTACT
            at = _does(draft, rule, at, None) if again else None


def _does(draft: Draft, rule: StepRule, asked_at: datetime, first: Span | None) -> datetime | None:
    """Draw when somebody does what is asked for at an instant; None where the level does not ask for it."""
    span = first or rule.due.get(draft.level(asked_at))
    if span is None:
        return None
    notice = min(rule.opens_before or span, span).nominal
    return draft.after(hours.counts_from(rule.hours, asked_at) + span.nominal - notice, notice)


def _asked_until(draft: Draft, rule: StepRule) -> datetime:
    if Condition.STILL_MISSING in rule.when:
        return draft.sought_until
    return draft.rests_at if STOPS_AT_SEEN & set(rule.when) else draft.until


def _done(draft: Draft, rule: StepRule, at: datetime, **more: object) -> None:
    """Say that a step is done, its form filled in, by somebody of the rank that it takes."""
    kind = rule.done_by[0]
    role = Role.DUTY_INSPECTOR if Gate.ANOTHER_PERSON in rule.gate else _who_does(rule, draft.level(at))
    by = draft.holder(role, at)
    filled: dict[str, object] = {
        f.name: _answer(draft, f, at) for f in rule.evidence if f.required or f.type == "choice"
    }
    sets = [f for f in rule.evidence if f.required and lies_ahead(f)]
    for anchor in (rule.sets, *(f.sets for f in rule.evidence if f.required and f.sets and f not in sets)):
        if anchor is not None:
            draft.anchors[anchor] = at
    if kind is K.VERIFIED_SEEN:
        filled["wellbeing"] = {"hurt": "harmed", DECEASED: DECEASED}.get(draft.gone.outcome, "safe")
        _seen(draft, at)
    elif kind is K.INTERVIEW_HELD:
        draft.anchors[Anchor.PREVENTION_INTERVIEW_DONE] = at
        filled["interviewer"] = by
    elif kind is K.ATTENDED:
        draft.anchors[Anchor.ATTENDED] = at
    if not rule.outlives_closure:
        draft.done_at.append(at)
    draft.say(at, kind, by, rule.key if kind in (K.STEP_COMPLETED, K.REVIEWED) else None, **{**filled, **more})
    for _ in sets:
        _review_when_set(draft, at + SET_REVIEW)


def _answer(draft: Draft, field: Evidence, at: datetime) -> object:
    """Give what is written into a field of a form; everything that is asked is so, and every space is searched."""
    if field.type == "instant":
        return (at + (SET_REVIEW if lies_ahead(field) else timedelta(0))).isoformat()
    if field.role is not None:
        return draft.holder(field.role, at)
    said = {"choice": next(iter(field.choices), WORDS), "yes_no": True, "spaces": f"{field.name} 1: searched"}
    said |= {"long": f"{WORDS} at {at:%H:%M on %d %b}"}  # of its own each time: the words of before are no assessment
    return said.get(field.type, WORDS)


def _seen(draft: Draft, at: datetime) -> None:
    """The person has been seen: whoever reported is told of it."""
    draft.anchors |= {Anchor.VERIFIED_SEEN: at, Anchor.RETURNED: at}
    told_at = at + timedelta(minutes=draft.random.uniform(5, 45))
    draft.say(told_at, K.CONTACT_MADE, draft.holder(Role.DUTY_INSPECTOR, told_at))
    draft.done_at.append(told_at)


def _review_when_set(draft: Draft, due_at: datetime) -> None:
    """Review at the time that was set."""
    rule = _review_at_set_time(draft.pack)
    at = due_at - timedelta(minutes=draft.random.uniform(5, 50))
    if rule is not None and at < draft.rests_at:
        _done(draft, rule, at)


def follow_lines_of_enquiry(draft: Draft) -> None:
    """Officers go on looking, at about the pace that the watch on activity allows; at times something is heard."""
    watch = next((rule for rule in case_steps(draft.pack) if rule.anchor is Anchor.LAST_INVESTIGATIVE_ENTRY), None)
    at = draft.anchors.get(Anchor.ATTENDED)
    while watch is not None and at is not None and (span := watch.due.get(draft.level(at))) is not None:
        at += max(span.nominal, LEAST) * draft.random.uniform(*LINES)
        if at >= draft.rests_at:
            break
        draft.say(at, K.ATTENDED, draft.holder(Role.RESPONSE_OFFICER, at))
    if draft.random.random() < NEWS:
        heard_at = draft.gone.opened_at + (draft.rests_at - draft.gone.opened_at) * draft.random.random()
        draft.say(heard_at, K.NEW_INFORMATION, draft.holder(Role.CONTROL_ROOM_OPERATOR, heard_at))
        for rule in case_steps(draft.pack):
            if rule.anchor is Anchor.NEW_INFO:
                _do(draft, rule, heard_at)


def review(draft: Draft) -> None:
    """Each occurrence of each series is done before it is due, or late."""
    for rule in case_steps(draft.pack):
        if rule.repeats and rule.anchor in draft.anchors and _asks_for(rule, draft.gone):
            for opens_at, due_at in _occurrences(draft, rule):
                at = draft.after(opens_at, due_at - opens_at)
                if at < _ends(draft, rule):
                    _done(draft, rule, at)


def _ends(draft: Draft, rule: StepRule) -> datetime:
    ends_at = _asked_until(draft, rule)
    if Condition.UNRESOURCED in rule.when:
        return min(ends_at, draft.anchors.get(Anchor.ATTENDED, ends_at))
    return ends_at


def _occurrences(draft: Draft, rule: StepRule) -> Iterator[tuple[datetime, datetime]]:
    """Give when each occurrence opens and is due; a change of level begins a new series."""
    starts = [at for at, _ in draft.levels]
    for number, (start, level) in enumerate(draft.levels):
        ends_at = min([*starts[number + 1 :], _ends(draft, rule)])
        base = draft.anchors[rule.anchor] if rule.series or not number else start
        opens_at = start
        due_at = series.due_after(rule, level, base, start)
        while due_at is not None and due_at < ends_at:
            notice = rule.opens_before.nominal if rule.opens_before else due_at - opens_at
            yield max(opens_at, due_at - notice), due_at
            opens_at, due_at = due_at, series.due_after(rule, level, base, due_at)


def rest(draft: Draft) -> None:
    """A case whose lines are exhausted rests, and is reviewed at set times until the person is found."""
    rule, at = _review_at_set_time(draft.pack), draft.rests_at
    if rule is None or at >= draft.sought_until:
        return
    next_at = _next_review(draft, at)
    by = draft.holder(Role.ON_CALL_SUPERINTENDENT, at)
    draft.say(at, K.INACTIVE_REQUESTED, by, next_review_at=next_at.isoformat())
    while (at := next_at - timedelta(minutes=draft.random.uniform(5, 50))) < draft.sought_until:
        if at >= draft.gone.opened_at + LONG_TERM and draft.level(at).weight > Risk.LOW.weight:
            draft.levels.append((at, Risk.LOW))
            load_answers.set_risk(draft, at, Risk.LOW, Role.ON_CALL_SUPERINTENDENT)
        next_at = _next_review(draft, at)
        _done(draft, rule, at, next_review_at=next_at.isoformat())


def _next_review(draft: Draft, at: datetime) -> datetime:
    return at + draft.pack.inactive.within[draft.level(at)].nominal * SOON_ENOUGH


def close(draft: Draft) -> None:
    """The sergeant asks for the closure when all is done, and the inspector signs."""
    if Anchor.VERIFIED_SEEN in draft.anchors:
        at = max(draft.done_at) + timedelta(minutes=draft.random.uniform(10, 120))
        signed_at = at + timedelta(minutes=draft.random.uniform(10, 240))
        reason = NOT_MISSING if draft.gone.outcome == "cancelled" else "found"
        draft.say(at, K.CLOSURE_REQUESTED, draft.holder(Role.RESPONSE_SERGEANT, at), reason=reason)
        draft.say(signed_at, K.CLOSURE_SIGNED, draft.holder(Role.DUTY_INSPECTOR, signed_at))
        draft.closed_at = signed_at


def _review_at_set_time(pack: Pack) -> StepRule | None:
    return next((rule for rule in case_steps(pack) if rule.at_anchor and rule.anchor is Anchor.NEXT_REVIEW), None)


def _is_done_once(rule: StepRule, gone: Gone) -> bool:
    """Tell whether a step is a task that this case asks for, and that is no matter of an answer or of news."""
    is_task = rule.kind is Kind.TASK and not (rule.done_by_record or rule.repeats or K.RISK_SET in rule.done_by[:1])
    without_a_unit = Condition.UNRESOURCED in rule.when  # a unit goes before anybody above would have to decide
    return is_task and not without_a_unit and rule.anchor is not Anchor.NEW_INFO and _asks_for(rule, gone)


def _asks_for(rule: StepRule, gone: Gone) -> bool:
    """Tell whether what a case was from its beginning, and stays in this model, asks for a step."""
    asks = dict.fromkeys(NEVER_SO, False) | {
        Condition.UNDER_18: gone.report.age_band.is_child,
        Condition.ADULT: not gone.report.age_band.is_child,
        Condition.IN_CARE: Flag.CHILD_IN_CARE in gone.report.flags,
        Condition.CARE_HOME_REPORT: Flag.CARE_HOME_REPORT in gone.report.flags,
        Condition.PHONE_KNOWN: Flag.NO_PHONE not in gone.report.flags,
        Condition.RETURNED_ALIVE: gone.outcome != DECEASED,
    }
    return all(asks.get(word, True) for word in rule.when)


def _who_does(rule: StepRule, level: Risk) -> Role:
    """Give the role of whoever does what a step asks: the one asked, or somebody of the rank that it takes."""
    role = rule.actor.get(level) or next((to.role for to in rule.tells if to.area == CASE_AREA), Role.RESPONSE_SERGEANT)
    needed = rule.rank(level)
    if RANK_OF_ROLE[role].weight >= needed.weight:
        return role
    return next(role for rank, role in OF_RANK if rank.weight >= needed.weight)
