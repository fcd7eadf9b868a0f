"""Explains every step of a case: why it is due now, and why nobody was told, one plain sentence each.

The sentences name roster ids, roles and instants, and nobody's name. They are made of what stands in the case and its
pack; what moved a deadline stands in the journal, whose lines `policy.explain_journal` explains.
"""

from dataclasses import dataclass
from datetime import datetime

from policy.case import Case, Step
from policy.explain_due import no_time, why_due
from policy.explain_told import told_of
from policy.explain_words import Scene
from policy.pack import Pack, StepRule
from policy.roster import Roster

__all__ = ["Explained", "explain", "why_due", "why_nobody"]


@dataclass(frozen=True)
class Explained:
    """One occurrence of a step: why it is due when it is, and who was told or why nobody was."""

    key: str
    occurrence: int
    title: str
    due: str
    told: str

    @property
    def id(self) -> tuple[str, int]:
        """Give what names the step within its case."""
        return (self.key, self.occurrence)

    @property
    def asks_due(self) -> str:
        """Give the question that `due` answers."""
        return "Why does no time run?" if self.due.startswith("No time") else "Why is this due now?"

    @property
    def asks_told(self) -> str:
        """Give the question that `told` answers."""
        return "Why was nobody told?" if self.told.startswith("Nobody") else "Who was told?"


def explain(case: Case, pack: Pack, roster: Roster, now: datetime) -> tuple[Explained, ...]:
    """Explain every step of the pack in its order, each with every occurrence; also what the case does not ask for."""
    scene = Scene(case, pack, roster, now)
    return tuple(
        _explained(scene, rule, step) for rule in pack.steps.values() for step in case.occurrences(rule.key) or (None,)
    )


def why_nobody(case: Case, pack: Pack, roster: Roster, now: datetime, rule_key: str) -> str:
    """Say who was told of a step (of its occurrence that people have to do with now), or why nobody was."""
    return told_of(Scene(case, pack, roster, now), pack.steps[rule_key], case.begun(rule_key))


def _explained(scene: Scene, rule: StepRule, step: Step | None) -> Explained:
    due = why_due(scene.case, scene.pack, step, scene.now) if step else no_time(scene.case, scene.pack, rule)
    return Explained(rule.key, step.occurrence if step else 1, rule.title, due, told_of(scene, rule, step))
