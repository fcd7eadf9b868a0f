"""What completing an ordinary step asks beside its form, and what it brings about.

A gate gives what is missing; a consequence follows from a *yes* in the form. Both are words of a pack: what a step
needs that stands in neither table is a new entry, never a special case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy import forms, spaces
from policy.book import Book
from policy.case import FINISHED, Step
from policy.errors import Missing
from policy.facts import Fact, is_blank
from policy.gates import named_in
from policy.pack import StepRule
from policy.record_terms import CallType
from policy.roster import Duty
from policy.spans import read_instant
from policy.terms import Consequence, FactKind, Gate, Rank
from policy.unfold import set_time
from policy.values import replace


@dataclass(frozen=True)
class Completion:
    """A step about to be completed, or just completed: by which fact, with what its form holds altogether."""

    book: Book
    rule: StepRule
    step: Step
    fact: Fact
    evidence: Mapping[str, object]


Check = Callable[[Completion], list[Missing]]
Effect = Callable[[Completion, datetime], None]


def lacking(done: Completion) -> list[Missing]:
    """Give all that the step's gates miss, in the pack's order; a gate of another change asks nothing here."""
    return [lack for gate in done.rule.gate if gate in GATES for lack in GATES[gate](done)]


def bring_about(done: Completion, at: datetime) -> None:
    """Let follow what the step, now done, brings about: the anchors it sets, what a yes means, what stays unsearched.

    Call it once the step stands in the case as done.
    """
    book, rule = done.book, done.rule
    if rule.sets is not None:
        set_time(book, rule.sets, at, at)
    for field in rule.evidence:
        value = done.evidence.get(field.name)
        instant = read_instant(str(value)) if field.sets else None
        if field.sets is not None and instant is not None:
            set_time(book, field.sets, instant, at)
        if field.yes is not None and forms.said_yes(value):
            CONSEQUENCES[field.yes](done, at)
    if any(field.type == spaces.SPACES for field in rule.evidence):
        book.case = replace(book.case, unsearched=bool(spaces.left(book.case, book.pack)))


def another_person(done: Completion) -> list[Missing]:
    """Bar whoever did what this step checks, and whoever its form names as having done it (W39)."""
    latest, barred = checked_by_another(done.book, done.rule)
    if latest is None or done.fact.by not in barred:
        return []
    return [Missing("another person", f"whoever did {latest.key} does not do {done.step.key}")]


def checked_by_another(book: Book, rule: StepRule) -> tuple[Step | None, set[str | None]]:
    """Give the work that a step checks, as it was done last, and the people who therefore do not check it.

    That is the step named in `checks`, and any other that sets the anchor from which this one counts.
    """
    work = {key for key, other in book.pack.steps.items() if key == rule.checks or other.sets is rule.anchor}
    ended = [step for step in book.case.steps if step.key in work and step.status in FINISHED]
    latest = max(ended, key=lambda step: step.done_at or book.now, default=None)
    return latest, {latest.done_by, *_named(book, latest)} if latest else set()


def _named(book: Book, step: Step) -> set[str]:
    """Give the roster ids that the form of a step names as people."""
    people = [field.name for field in book.rule(step).evidence if field.type == "person"]
    return {one for name in people for one in named_in(book.roster, str(step.evidence.get(name) or ""))}


def every_space_answered(done: Completion) -> list[Missing]:
    """Ask for each space that the search left out: searched now, or, by a sergeant or above, why it stays so (W39)."""
    left = spaces.left(done.book.case, done.book.pack)
    fields = [field.name for field in done.rule.evidence if field.type == spaces.SPACES]
    said = {space.key: space for name in fields for space in spaces.read(done.evidence.get(name)).spaces}
    lacks = [
        Missing(
            next(iter(fields), done.step.key),
            f"{space.name} was left out ({space.why}): searched now, or why not",
        )
        for key, space in left.items()
        if key not in said
    ]
    rank = done.book.roster.rank_of(done.fact.by) or Rank.STAFF
    if rank.weight < Rank.SERGEANT.weight and not all(space.searched for space in said.values()):
        why = "only a sergeant or above leaves a space unsearched; keep what you have, or search it"
        lacks.append(Missing("a person of rank sergeant or above", why))
    return lacks


def fresh_reason(done: Completion) -> list[Missing]:
    """Ask for a reason of its own each time: the words of an earlier occurrence are no assessment of now (W42)."""
    if done.fact.kind is not FactKind.STEP_COMPLETED:
        return []
    before = [s for s in done.book.case.occurrences(done.step.key) if s.id != done.step.id and s.status in FINISHED]
    earlier = {_bare(step.evidence.get("reason")) for step in before} - {""}
    if _bare(done.evidence.get("reason")) not in earlier:
        return []
    return [Missing("reason", "a fresh reason: these are the words of an earlier assessment (W42)")]


def second_no_by_inspector(done: Completion) -> list[Missing]:
    """Ask, from the second *no* on, for an inspector other than who said the first and beside the role asked (W44).

    In 2017 one inspector held a report to be a concern until the end of his shift; the control room does not agree
    with itself.
    """
    book, question = done.book, next((field.name for field in done.rule.evidence if field.yes is not None), "")
    said = [s for s in book.case.occurrences(done.step.key) if s.status in FINISHED and question in s.evidence]
    noes = [step for step in said if not forms.said_yes(step.evidence[question])]
    answer = done.evidence.get(question)
    if not noes or is_blank(answer) or forms.said_yes(answer):
        return []
    first = min(noes, key=lambda step: step.done_at or book.now).done_by
    fit = [duty for duty in book.roster.duties_of(done.fact.by, book.now) if _agrees(duty, done.rule)]
    if fit and done.fact.by != first:
        return []
    asked = " or ".join(sorted({role.replace("_", " ") for role in done.rule.actor.values()}))
    why = f"{first} said the first no: the second is an inspector's, who is not that person and not on duty as {asked}"
    return [Missing("another inspector", f"{why}; a yes is taken from whoever is asked")]


def _agrees(duty: Duty, rule: StepRule) -> bool:
    return duty.rank.weight >= Rank.INSPECTOR.weight and duty.role not in rule.actor.values()


def counts_as_missing(done: Completion, _at: datetime) -> None:
    """Take it that the person is missing: what was asked because the call was typed as a concern is asked no more."""
    done.book.case = replace(done.book.case, call_type=CallType.MISSING)


def _bare(text: object) -> str:
    return "".join(sign for sign in str(text or "").casefold() if sign.isalnum())


GATES: Mapping[Gate, Check] = {
    Gate.ANOTHER_PERSON: another_person,
    Gate.EVERY_SPACE_ANSWERED: every_space_answered,
    Gate.FRESH_REASON: fresh_reason,
    Gate.SECOND_NO_BY_INSPECTOR: second_no_by_inspector,
}
CONSEQUENCES: Mapping[Consequence, Effect] = {Consequence.COUNTS_AS_MISSING: counts_as_missing}
