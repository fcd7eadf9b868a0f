"""What no state of a case may be, under any pack: forgotten, silent, asked of nobody, too late, closed unseen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from policy.case import Step
from policy.check_search import Node, is_missed
from policy.conditions import MEANS
from policy.explain_words import happened, listed, span_words
from policy.lint_words import day, lasting, quoted
from policy.pack import Pack, StepRule
from policy.standing_roster import NEVER
from policy.terms import Anchor, Condition, Role, StepStatus


@dataclass(frozen=True)
class Hit:
    """One fault in one state: what it is, of which step (None: of the case), and how the story that shows it ends."""

    kind: str
    step: str | None
    fault: str
    then: str
    node: Node


Rule = Callable[[Node], Iterator[Hit]]


def forgotten(node: Node) -> Iterator[Hit]:
    """A case that is open, and of which nothing is due and nothing is planned: nobody hears of it again."""
    if node.focus.step is not None or node.case.closed:
        return
    if not any(step.live or (step.status is StepStatus.WAITING and step.opens_at) for step in node.case.steps):
        fault = "a case can be open with no deadline to come, and nobody hears of it again"
        then = f"from {day(node.at)} on the case is {node.case.status}, nothing is due and nothing is planned"
        yield Hit("forgotten", None, fault, then, node)


def silent(node: Node) -> Iterator[Hit]:
    """A step that is asked for, and of which time brings nothing more: no deadline, or no rung above it."""
    for step in node.case.live_steps():
        rule = _rule(node, step)
        if step.due_at is None or (step.wakes_at is None and not is_missed(node.case, step, rule)):
            fault = f"{quoted(rule.title)} can stay undone, and nobody but who was asked hears of it"
            had = (
                f"{step.holder or 'nobody'} has it, overdue since {day(step.due_at)}" if step.due_at else "no deadline"
            )
            yield Hit("silent", step.key, fault, f"{had}, and no rung is left to be told", node)


def asked_of_nobody(node: Node) -> Iterator[Hit]:
    """A rung that nobody can hold, though every role of the force is there round the clock."""
    pack, seen = node.focus.pack, set[tuple[object, ...]]()
    for at, entry in node.played.entries:
        body = entry.body
        if entry.kind != "chosen" or body["chosen"] is not None:
            continue
        role, areas, key = Role(str(body["role"])), body["areas"], str(body["step"])
        assert isinstance(areas, list)
        if (key, body["rung"]) in seen or (role not in NEVER and not areas and not pack.areas):
            continue  # a pack without areas is one to inherit: its neighbours are those of the force
        seen.add((key, body["rung"]))
        number = f"rung {body['rung']}" if body["rung"] else "the first message"
        asked = f"{number} of {quoted(pack.steps[key].title)}"
        fault = f"{asked} goes to nobody: {_why_nobody(role, areas, pack, node.area)}"
        yield Hit("nobody", key, fault, f"at {day(at)} {number} is told, and nobody is there to hear it", node)


def _why_nobody(role: Role, areas: list[object], pack: Pack, area: str | None) -> str:
    if role in NEVER:
        return f"no {role.replace('_', ' ')} is ever on duty"
    if not areas:
        return f"{pack.area_title(area)} has no neighbours"
    return f"no {pack.short(role)} is on duty in {listed(str(one) for one in areas)}"


def above_the_ceiling(node: Node) -> Iterator[Hit]:
    """A deadline beyond its national ceiling, however it came about, that nobody by name stands for."""
    for step in node.case.pending:
        rule = _rule(node, step)
        base = _counted_from(node, step, rule)
        if rule.ceiling is None or base is None or step.due_at is None or rule.key in node.focus.pack.overrides:
            continue
        if step.due_at > rule.ceiling.after(base):
            late = lasting(step.due_at - base)
            what = "the one before" if rule.repeats and step.occurrence > 1 else happened(rule.anchor)
            fault = (
                f"{quoted(rule.title)} can be due {late} after {what}, above its ceiling of {span_words(rule.ceiling)}"
            )
            yield Hit("ceiling", step.key, fault, f"it is due at {day(step.due_at)}, {late} later", node)


def _counted_from(node: Node, step: Step, rule: StepRule) -> datetime | None:
    """Give from when the ceiling counts: of a series each from the one before, else from when it was asked for."""
    before = node.case.step(step.key, step.occurrence - 1) if rule.repeats and step.occurrence > 1 else None
    return before.due_at if before is not None else step.anchor_at


def closed_unseen(node: Node) -> Iterator[Hit]:
    """A case that is closed though nobody whom the force knows has seen the person (W34)."""
    if node.case.closed and (Anchor.VERIFIED_SEEN not in node.case.anchors or node.case.wellbeing is None):
        fault = "a case can be closed though nobody has seen the person"
        yield Hit("unseen", None, fault, f"at {day(node.at)} the case is closed, and nobody has seen the person", node)


def _rule(node: Node, step: Step) -> StepRule:
    return node.focus.pack.steps[step.key]


RULES: tuple[Rule, ...] = (forgotten, silent, asked_of_nobody, above_the_ceiling, closed_unseen)


# --- what never comes due


@dataclass
class Reached:
    """What a search of one step has seen of what the step waits for."""

    rule: StepRule
    live: bool = False
    anchored: bool = False
    held: frozenset[Condition] = frozenset()

    def look(self, node: Node) -> None:
        """Take a state into account."""
        case, rule = node.case, self.rule
        self.live = self.live or any(
            step.status is not StepStatus.WAITING for step in case.occurrences(rule.key) if step.due_at
        )
        self.held |= {word for word in rule.when if MEANS[word](case)}
        self.anchored = self.anchored or rule.anchor in case.anchors or rule.anchor is Anchor.RISK_SET

    def lacks(self) -> str:
        """Say why the step was asked for in no state."""
        never = [word.replace("_", " ") for word in self.rule.when if word not in self.held]
        if not self.anchored:
            return f"it counts from `{self.rule.anchor}`, which nothing in the pack sets"
        if never:
            return f"it asks for {listed(never)}, which never holds"
        words = listed(word.replace("_", " ") for word in self.rule.when) or "its level"
        return f"{words} never holds when it could be due"
