"""Each deadline reckoned a second time: anchor plus span, and what a change of the level does to it."""

from datetime import datetime

from policy.case import Case, Step
from policy.pack import Pack, StepRule
from policy.terms import Kind, StepStatus
from tests.simulation.oracle import level_of

PLAIN = (Kind.TASK, Kind.NOTIFY, Kind.ACCEPT)


class Deadlines:
    """Keeps what each plain step's deadline must be."""

    def __init__(self, pack: Pack) -> None:
        """Begin with nothing."""
        self._pack = pack
        self._due: dict[tuple[str, str], datetime] = {}
        self._anchor: dict[tuple[str, str], datetime] = {}

    def learn(self, case: Case) -> None:
        """Take the deadlines as they are, after what nobody has followed."""
        for step in case.steps:
            if _plain(self._pack.steps[step.key], step) and step.live and step.due_at:
                self._due[case.ref, step.key] = step.due_at
                self._anchor[case.ref, step.key] = step.anchor_at or step.due_at

    def follow(self, before: Case | None, after: Case, at: datetime) -> None:
        """Take what one act at `at` has done; raise AssertionError for a deadline that is not what it must be."""
        was, level = level_of(before) if before else level_of(after), level_of(after)
        for step in after.steps:
            rule, name = self._pack.steps[step.key], (after.ref, step.key)
            if not _plain(rule, step) or not step.live or level not in rule.due:
                self._due.pop(name, None)
                continue
            assert step.anchor_at is not None
            if self._anchor.get(name) != step.anchor_at:  # a return that was earlier, or later, than was said first
                self._due.pop(name, None)
            self._anchor[name] = step.anchor_at
            spans = {rule.due[lv].after(step.anchor_at) for lv in (was, level) if lv in rule.due}
            due_at = self._due.get(name)
            if due_at is None:
                fits = step.due_at in spans or (was is not level and step.due_at == rule.due[level].after(at))
                assert fits, f"{name} is due at {step.due_at}, not {sorted(spans)}"
                due_at = step.due_at
            elif was is not level and due_at > at:
                raised = level.weight > was.weight
                new = rule.due[level]
                due_at = min(due_at, new.after(at)) if raised else max(due_at, new.after(step.anchor_at))
            assert step.due_at == due_at, f"{name} is due at {step.due_at}, not {due_at}"
            assert due_at is not None
            self._due[name] = due_at


def _plain(rule: StepRule, step: Step) -> bool:
    odd = rule.repeats or rule.at_anchor or rule.each_time or rule.first
    once = step.occurrence == 1 and step.status is not StepStatus.NOT_REQUIRED
    return rule.kind in PLAIN and once and not odd
