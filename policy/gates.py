"""What must hold before a case may be closed: each gate and what is missing where it does not hold (S4, W19, W33).

A case is never closed on a belief, on a tick, or by the hand that interviewed or asked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

from policy.book import Book
from policy.case import DECEASED, NOT_MISSING, Step
from policy.errors import Missing
from policy.hearing import began_at
from policy.roster import Roster
from policy.terms import Anchor, Condition, FactKind, Gate, Kind, Stage, StepStatus

DONE = (StepStatus.DONE, StepStatus.DONE_LATE)
SEARCH = frozenset({Condition.STILL_MISSING, Condition.ENQUIRY_LIVE})


@dataclass(frozen=True)
class Ask:
    """What is asked of the gate: the case, the reason for closing it, and who would sign (None before that)."""

    book: Book
    reason: str
    signer: str | None = None

    def steps(self, kind: FactKind) -> list[Step]:
        """Give the steps that this kind of fact completes."""
        keys = self.book.pack.completed_by(kind)
        return [step for step in self.book.case.steps if step.key in keys]


APART = re.compile(r"[\s,;/&+()]+")
Check = Callable[[Ask], list[Missing]]


def missing(ask: Ask, gate: tuple[Gate, ...]) -> list[Missing]:
    """Give all that is missing, gate by gate in the pack's order; empty when the case may be closed."""
    lacks = {lack.what: lack for word in reversed(gate) for lack in reversed(CHECKS[word](ask))}
    return list(reversed(lacks.values()))


def _located(ask: Ask) -> list[Missing]:
    if Anchor.VERIFIED_SEEN in ask.book.case.anchors:
        return []
    return [Missing("verified_seen", "not located: nobody whom the force knows has seen the person")]


def _wellbeing(ask: Ask) -> list[Missing]:
    if ask.book.case.wellbeing is not None:
        return []
    return [Missing("wellbeing", "well-being not confirmed: safe, harmed or deceased, by the one who saw the person")]


def _interview(ask: Ask) -> list[Missing]:
    latest = ask.steps(FactKind.INTERVIEW_HELD)[-1:]  # a case that was reopened needs a new one
    held = [step for step in latest if step.status in DONE]
    if held or ask.book.case.wellbeing == DECEASED or ask.reason == NOT_MISSING:
        return []
    why = "no prevention interview with its interviewer, time, place, method and answers is recorded (W33)"
    return [Missing("interview_held", why)]


def _tasks(ask: Ask) -> list[Missing]:
    """Every open step, and while the person has not been seen also the parts of the search that never began."""
    lacks = []
    # Whoever owns the case may close it: an offer to the next owner is no task.
    besides = {Kind.SIGN_OFF, Kind.WATCH} | ({Kind.ACCEPT} if ask.book.case.owner else set())
    for step in ask.book.case.steps:
        rule = ask.book.rule(step)
        if rule.outlives_closure or rule.kind in besides or rule.stage is Stage.INTERVIEW:
            continue
        never_began = step.status is StepStatus.WAITING and rule.kind is Kind.TASK and SEARCH & set(rule.when)
        if step.live or never_began:
            state = "was never begun" if never_began else f"is {step.status}"
            asked = ", ".join(field.title for field in rule.evidence if field.required)
            what = f"{rule.title} {state}" + (f"; it asks for {asked}" if asked else "")
            lacks.append(Missing(step.key, what))
    return lacks


def _partners(ask: Ask) -> list[Missing]:
    """Circulation cancelled and partners told: no step of that stage waits for anybody."""
    steps = [step for step in ask.book.case.live_steps() if ask.book.rule(step).stage is Stage.PARTNERS]
    why = "still open: the circulation stands, or a partner has not been told"
    return [Missing(step.key, why) for step in steps if not ask.book.rule(step).outlives_closure]


def _updates(ask: Ask) -> list[Missing]:
    told = ask.book.case.anchors.get(Anchor.LAST_CONTACT)
    if told is not None and told > began_at(ask.book):
        return []
    return [Missing("contact_made", "whoever reported has not been spoken to since the report (S4)")]


def named_in(roster: Roster, text: str) -> set[str]:
    """Give the roster ids that a text names, however they are spelled: `PC-1 and insp-a`."""
    words = {_bare(word) for word in (text, *APART.split(text))}
    return {person for person in roster.known if _bare(person) in words}


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return "".join(sign for sign in normalize("NFKC", text).casefold() if sign.isalnum())


def _other_than_interviewer(ask: Ask) -> list[Missing]:
    """Bar the interviewer; where that is no roster id, whoever recorded the interview."""
    interviewer = ask.book.case.interviewer or ""
    recorded = {step.done_by or "" for step in ask.steps(FactKind.INTERVIEW_HELD)[-1:]}
    barred = named_in(ask.book.roster, interviewer) or {interviewer, *recorded}
    if ask.signer is None or _bare(ask.signer) not in {_bare(person) for person in barred if person}:
        return []
    return [Missing("another signer", "whoever held the interview does not sign the closure (W33)")]


def _other_than_requester(ask: Ask) -> list[Missing]:
    if ask.signer is None or _bare(ask.signer) != _bare(ask.book.case.closure_by or ""):
        return []
    return [Missing("another signer", "whoever asked for the closure does not sign it")]


def _nothing(_ask: Ask) -> list[Missing]:
    """Hold: the word is about another change than closing, or the fact's own grammar demands it."""
    return []


CHECKS: Mapping[Gate, Check] = dict.fromkeys(Gate, _nothing) | {
    Gate.LOCATED: _located,
    Gate.WELLBEING_CONFIRMED: _wellbeing,
    Gate.INTERVIEW_EVIDENCE: _interview,
    Gate.TASKS_DONE_OR_WAIVED: _tasks,
    Gate.CIRCULATION_CANCELLED: _partners,
    Gate.PARTNERS_TOLD: _partners,
    Gate.REGULAR_UPDATES: _updates,
    Gate.SIGNER_NOT_INTERVIEWER: _other_than_interviewer,
    Gate.SIGNER_NOT_REQUESTER: _other_than_requester,
}
