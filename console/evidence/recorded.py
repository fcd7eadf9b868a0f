"""What the page says back once a form was taken."""

from console.evidence.may import takes
from console.words import words
from policy.case import Case
from policy.pack import Pack
from policy.people import Rank
from policy.terms import FactKind

K = FactKind


def recorded(kind: FactKind, about: tuple[str, int], case: Case, pack: Pack) -> str:
    """Say what was recorded, of which step, and where that step stays open."""
    if kind is K.RISK_SET:
        return f"Recorded: {words(kind)}.{_risk_steps(case, pack)}"
    step, rule = case.step(*about), pack.steps.get(about[0])
    if step is None or rule is None:
        return f"Recorded: {words(kind).lower()}."
    if kind is K.STEP_COMPLETED and step.live:
        return f"Saved: {rule.title}. The step stays open until it is complete."
    return f"Recorded: {words(kind).lower()}: {rule.title}."


def _risk_steps(case: Case, pack: Pack) -> str:
    """Tell which steps a setting of the risk has left open, and what rank completes them."""
    rank = case.risk_rank or Rank.STAFF
    rules = {step.key: pack.steps[step.key] for step in case.live_steps()}.values()
    low = [
        (rule.title, rule.done_rank)
        for rule in rules
        if K.RISK_SET in rule.done_by and rule.done_rank and rank.weight < rule.done_rank.weight
    ]
    return "".join(f" {title} stays open: {takes(needed)}." for title, needed in low)
