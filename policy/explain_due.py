"""Why a step is due when it is: the anchor, the sum, the level, the revision and what stands behind the number.

A sentence states a sum only where it is true. A time that a change of risk, of the pack or of what was known has
moved is said to have been kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy import series
from policy.case import Case, Step
from policy.explain_sum import Sum, alike, sum_of
from policy.explain_words import (
    ASKED_FROM,
    awaited,
    basis_words,
    clocks_change,
    happened,
    lacks,
    level_words,
    moment,
    risk_word,
    span_words,
)
from policy.pack import Pack, StepRule
from policy.spans import Span, read_instant
from policy.terms import Anchor, Kind, Risk, StepStatus


@dataclass(frozen=True)
class Because:
    """Where a deadline comes from: `sum` after `base` (at `base_at`), as `level` asks.

    `sum` is None where no sum of the pack leads there, `level` where every level asks for the same.
    """

    due_at: datetime
    base: str
    base_at: datetime | None
    sum: Sum | None
    level: Risk | None  # the one whose time it is
    risk: Risk  # the one that the timers run as
    given: Risk | None  # the one that was set
    pack: str
    revision: int
    rule: str
    time: str
    floor: bool = False  # the timers run as the floor of the case
    kept: bool = False  # no longer what counting afresh would give
    ceiling: Span | None = None  # the national one that the time lies above
    override: str | None = None  # who let it

    def as_body(self) -> dict[str, object]:
        """Give it as a line of the journal keeps it beside the deadline itself."""
        body: dict[str, object] = {"anchor": self.base, "anchor_at": self.base_at}
        if self.sum is not None:
            body["span"] = str(self.sum.span)
            if self.sum.times:
                body |= {"then": str(self.sum.then), "times": self.sum.times}
            if self.sum.begins_at is not None:
                body["begins_at"] = self.sum.begins_at
        body |= {name: True for name in ("kept", "floor") if getattr(self, name)}
        if self.ceiling is not None:
            body |= {"ceiling": str(self.ceiling), "override": self.override}
        body |= {"risk": self.risk, "level": self.level, "given": self.given}
        return body | {"pack": self.pack, "revision": self.revision, "rule": self.rule, "time": self.time}

    def sentence(self, start: str, now: datetime) -> str:
        """Say it, after a word of how the step stands: `Due`, `Was due`, `Overdue since`."""
        exact = self.sum is not None and not self.sum.whole_minutes
        said = f"{start} {moment(self.due_at, now, exact=exact)}: {self._how(now, exact=exact)}"
        over = f"; above the national ceiling of {span_words(self.ceiling)}" if self.ceiling else ""
        let = f", let by {self.override}" if over and self.override else ""
        return f"{said}, in {self.pack}, revision {self.revision} ({basis_words(self.rule, self.time)}{over}{let})."

    def _how(self, now: datetime, *, exact: bool) -> str:
        if self.base_at is None or self.sum is None:
            return self._without_a_sum(now)
        begins_at, at = self.sum.begins_at, moment(self.base_at, now, exact=exact)
        change = ", and the clocks change in between" if clocks_change(begins_at or self.base_at, self.due_at) else ""
        if begins_at is None:
            return f"{self.sum.words()} after {happened(self.base)} ({at}{change}), the time {self._whose()}"
        begins = f"{moment(begins_at, now)}, when the team's hours begin{change}"
        outside = f"({happened(self.base)} at {at}, outside of them)"
        return f"{self.sum.words()} after {begins} {outside}, the time {self._whose()}"

    def _whose(self) -> str:
        """Say of which level the time is, and why it still is where another is in force."""
        if self.level is not None and self.level is not self.risk:
            return f"for {risk_word(self.level)}, kept now that it is {risk_word(self.risk)}"
        whose = (
            f"for {level_words(self.risk, self.given, floor=self.floor)}" if self.level else "at every level of risk"
        )
        raised = self.kept and self.base == Anchor.RISK_SET
        return whose + (" (a raise of the risk brings a time nearer, never farther off)" if raised else "")

    def _without_a_sum(self, now: datetime) -> str:
        if self.base_at == self.due_at:
            return happened(self.base)
        since = f", counted once from {moment(self.base_at, now)}" if self.base_at else ""
        return f"a time that was kept when the risk, the pack or what was known changed{since}"


def because(case: Case, pack: Pack, step: Step) -> Because | None:
    """Find where a step's deadline comes from; None while it has none."""
    if step.due_at is None:
        return None
    rule, risk = pack.steps[step.key], case.timer_risk(pack.child_floor)
    found = next(_ways(case, rule, step, risk, step.due_at), None)
    base, base_at, total, level = found or (rule.anchor.value, step.anchor_at, None, risk)
    own = rule.at_anchor or (level is risk and base_at == step.anchor_at and total is not None)
    return Because(
        due_at=step.due_at,
        base=base,
        base_at=base_at,
        sum=total,
        level=None if alike(rule, step) else level,
        risk=risk,
        given=case.risk,
        pack=pack.title,
        revision=case.revision,
        rule=rule.basis.rule,
        time=rule.basis.time,
        floor=_at_floor(case, pack, risk),
        kept=not own,
        ceiling=rule.ceiling if rule.ceiling and level in rule.over_ceiling() else None,
        override=pack.overrides[rule.key].by if rule.key in pack.overrides else None,
    )


def _at_floor(case: Case, pack: Pack, risk: Risk) -> bool:
    """Tell whether the timers run as the floor of the case, and neither as what was given nor as for any child."""
    as_a_child = case.is_child and risk is pack.child_floor
    return risk is case.risk_floor and case.risk not in (None, risk) and not as_a_child


def reason_of(case: Case, pack: Pack, step: Step) -> dict[str, object]:
    """Give what a line of the journal says of a deadline, so that no later revision changes what it meant."""
    found = because(case, pack, step)
    return found.as_body() if found else {}


_FROM = {risk: (risk, *(other for other in Risk if other is not risk)) for risk in Risk}  # itself first


def _ways(
    case: Case, rule: StepRule, step: Step, risk: Risk, due_at: datetime
) -> Iterator[tuple[str, datetime, Sum, Risk]]:
    """Give each way of counting that leads to the deadline: first the step's own, then what may have been kept."""
    for level in _FROM[risk]:
        for base, at in _bases(case, rule, step):
            total = sum_of(rule, step, level, at, due_at)
            if total is not None:
                yield base, at, total, level


def _bases(case: Case, rule: StepRule, step: Step) -> Iterator[tuple[str, datetime]]:
    """Give from where a step may have been counted: its own anchor, the change of risk, the anchor as it is now."""
    anchors = case.anchors
    if step.anchor_at is not None:
        yield _name(case, rule, step.anchor_at), step.anchor_at
    for anchor in (Anchor.RISK_SET, rule.anchor):
        if anchor in anchors:
            yield anchor.value, anchors[anchor]


def _name(case: Case, rule: StepRule, at: datetime) -> str:
    """Say what happened at the instant from which a step is counted."""
    known = case.anchors.get(rule.anchor)
    if known == at or rule.anchor is Anchor.SHIFT_END:  # of one person's duty: the case has no such instant of its own
        return rule.anchor.value
    stands_in = Anchor.CMS_CREATED if rule.anchor is Anchor.RISK_SET else Anchor.RISK_SET
    if case.anchors.get(stands_in) == at and (rule.repeats or stands_in is Anchor.CMS_CREATED):
        return stands_in.value
    return ASKED_FROM if known is None or at > known else rule.anchor.value


def why_due(case: Case, pack: Pack, step: Step, now: datetime) -> str:
    """Say in one sentence why a step is due when it is, or why no time runs for it."""
    found = because(case, pack, step)
    if found is None:
        return _no_time(case, pack, step)
    if step.status is StepStatus.WAITING and step.opens_at is not None:
        return found.sentence(f"Asked for from {moment(step.opens_at, now)} and due", now)
    return found.sentence(_STARTS.get(step.status, "Was due"), now)


_STARTS = {StepStatus.OPEN: "Due", StepStatus.WAITING: "Due", StepStatus.OVERDUE: "Overdue since"}


def _no_time(case: Case, pack: Pack, step: Step) -> str:
    rule = pack.steps[step.key]
    if step.status in (StepStatus.DONE, StepStatus.DONE_LATE, StepStatus.WAIVED):
        return "No time ever ran: it was done before it was asked for."
    return no_time(case, pack, rule) if lacks(case, pack, rule) else _not_yet(case, pack, rule, step)


def no_time(case: Case, pack: Pack, rule: StepRule) -> str:
    """Say why no time runs for a step that the case does not ask for."""
    if rule.kind is Kind.PERIODIC:
        return "No time runs: this is a step of the force, not of a case."
    why = lacks(case, pack, rule)
    return f"No time runs: {'; '.join(why)}." if why else "No time runs yet: it is asked for at the next look."


def _not_yet(case: Case, pack: Pack, rule: StepRule, step: Step) -> str:
    risk = case.timer_risk(pack.child_floor)
    if step.status is StepStatus.NOT_REQUIRED:
        return "No time runs: it is not asked for any more."
    if rule.at_anchor:
        return "No time runs yet: it is due at the time that is set for it, and none is set."
    since = " since" if rule.anchor in case.anchors else ""
    waits = f"{awaited(rule.anchor)}, which has not been recorded{since}"
    span = None if rule.repeats or rule.hours else series.span_of(rule, step, risk)
    if span is None:
        return f"No time runs yet: it counts from when {waits}."
    whose = level_words(risk, case.risk, floor=_at_floor(case, pack, risk))
    return f"No time runs yet: it will be due {span_words(span)} after {waits}; that is the time for {whose}."


def from_body(body: Mapping[str, object], due_at: datetime | None) -> Because | None:
    """Read back what `as_body` gave; None where a line says nothing, as older ones do."""
    base_at, risk = read_instant(str(body.get("anchor_at"))), body.get("risk")
    if due_at is None or risk not in list(Risk) or "rule" not in body:
        return None
    given, level, times = body.get("given"), body.get("level"), body.get("times")
    total = None
    if body.get("span"):
        then = Span.parse(str(body["then"])) if body.get("then") else None
        times = times if isinstance(times, int) else 0
        total = Sum(Span.parse(str(body["span"])), then, times, read_instant(str(body.get("begins_at"))))
    return Because(
        due_at=due_at,
        base=str(body.get("anchor")),
        base_at=base_at,
        sum=total,
        level=Risk(str(level)) if level else None,
        risk=Risk(str(risk)),
        given=Risk(str(given)) if given else None,
        pack=str(body.get("pack")),
        revision=int(str(body.get("revision", 1))),
        rule=str(body["rule"]),
        time=str(body.get("time")),
        floor=bool(body.get("floor")),
        kept=bool(body.get("kept")),
        ceiling=Span.parse(str(body["ceiling"])) if body.get("ceiling") else None,
        override=str(body["override"]) if body.get("override") else None,
    )
