"""Of whom a step is asked, what is said before it is, whom it tells, and for how long a case of it is followed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from policy.lint_scene import Profile
from policy.pack import StepRule
from policy.record_terms import AgeBand, Flag
from policy.spans import Span
from policy.terms import Anchor, Condition, Risk, Role

C = Condition
WAKES, REMINDERS = 120, 400  # a case is followed no longer than so many rungs, and so many reminders, of its step
SHORTEST = timedelta(hours=2)
A_DAY = timedelta(days=1)
# What has to be said before a step is asked for that waits for something.
BEFORE: Mapping[Anchor, tuple[str, ...]] = {
    Anchor.ACKNOWLEDGED: ("ack",),
    Anchor.OWNER_ASSIGNED: ("accept",),
    Anchor.ATTENDED: ("attended",),
    Anchor.NEW_INFO: ("news",),
    Anchor.FOUND_REPORTED: ("found",),
    Anchor.VERIFIED_SEEN: ("seen",),
    Anchor.RETURNED: ("seen",),
    Anchor.PREVENTION_INTERVIEW_DONE: ("seen", "interview"),
    Anchor.NEXT_REVIEW: ("review",),
}
GRADED = (Risk.MEDIUM, Risk.HIGH)  # the levels of children (W119)


def profile_of(rule: StepRule, risk: Risk, at: datetime, late: timedelta = timedelta(0)) -> Profile:
    """Give somebody of whom the step is asked: a child where children are so graded, else an adult."""
    care, home = C.IN_CARE in rule.when, C.CARE_HOME_REPORT in rule.when
    graded = risk in GRADED and C.ADULT not in rule.when
    child = graded or care or home or C.UNDER_18 in rule.when
    flags = {Flag.CHILD_IN_CARE: care, Flag.CARE_HOME_REPORT: home, Flag.RISK_WORDS: C.RISK_WORDS in rule.when}
    return Profile(
        risk=risk,
        age=AgeBand.B13_15 if child else AgeBand.B25_64,
        recorded_at=at,
        reported_at=at - late,
        flags=frozenset(flag for flag, there in flags.items() if there),
        concern=C.CONCERN_CALL in rule.when or C.CONCERN_UNRESOLVED in rule.when,
        defective=C.DEFECTIVE_RECORD in rule.when,
        again=C.RE_REPORT in rule.when,
    )


def roles_of(rule: StepRule, risk: Risk) -> tuple[Role, ...]:
    """Give the roles that the step or a rung of it tells."""
    actor = [rule.actor[risk]] if risk in rule.actor else []
    return tuple(dict.fromkeys([*actor, *(to.role for to in (*rule.tells, *rule.ladder) if risk in to.risks)]))


def reach_of(rule: StepRule, risk: Risk) -> timedelta:
    """Give how long it takes to the last rung and, of a series, to its third occurrence; at the most so many spans."""
    due, every, retry = rule.due.get(risk), rule.every.get(risk), rule.retry.get(risk)
    rung = rule.rung_every.get(risk) or every or due
    longest = max((span.nominal for span in (due, rule.first, *rule.series) if span), default=SHORTEST)
    longest += A_DAY if rule.hours else timedelta(0)  # until the team comes back
    reach = longest + 2 * _nominal(every) + (len(rule.ladder) + 1) * _nominal(rung)
    paces = [span.nominal * times for span, times in ((retry, REMINDERS), (rung, WAKES)) if span]
    return min([reach, *paces])


def _nominal(span: Span | None) -> timedelta:
    return span.nominal if span else timedelta(0)


def said_first(rule: StepRule) -> tuple[str, ...]:
    """Name what is said before a step is asked for; where it is asked of the owner, there is one."""
    owned = ["accept"] if any(to.owner for to in rule.tells) else []
    return tuple(dict.fromkeys([*owned, *BEFORE.get(rule.anchor, ())]))
