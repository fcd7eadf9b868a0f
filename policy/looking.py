"""Looking at a case: whose area it lies in, and who says why before they see it (DPA 2018 s.62, consultation)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.case import Case
from policy.errors import Fault, Forbidden, Invalid
from policy.permissions import Deed, Post, Word, words_of
from policy.permitted import posts_of
from policy.roster import FORCE_WIDE, Duty, Roster
from policy.terms import Rank, Role

# What people most often look for outside their area; `other` takes words of their own.
REASONS = {
    "asked_to_help": "I was asked to help with this case",
    "linked": "It is linked to a case or a person I deal with",
    "information": "I have information about it",
    "supervision": "Supervision, review or audit of quality",
    "system": "Looking after this system",
}
OTHER = "other"
LONGEST = 500  # letters of a reason


@dataclass(frozen=True)
class Sight:
    """How a case lies to somebody: in their own area, or outside it; `never` when no reason opens it to them."""

    own: bool
    never: bool = False


def sight(case: Case, person: str, account: Role | None, roster: Roster, now: datetime, *, practice: bool) -> Sight:
    """Say how a case lies to a person who signed in on an account of that role.

    1. Who has it, was told of it or was offered it looks at their own.
    2. Who reads all: the control room, a superintendent and above, the auditor.
    3. Who is on duty for its area, or force-wide; a case without an area lies outside of nobody's.
    4. Where it is `practice` (an example or a rehearsal), whoever is not on the roster may look as anybody on duty.
    5. Who is of another force sees what they were asked to take, and nothing else of ours.
    """
    if roster.of_other_force(person):
        asked = person in _concerned(case)
        return Sight(own=asked, never=not asked)
    duties = roster.duties_of(person, now)
    rank = roster.rank_of(person)
    posts = [*posts_of(duties), *([Post(account, rank or Rank.STAFF, account=True)] if account else [])]
    words = words_of(Deed.READ_CASE, posts)
    if person in _concerned(case) or Word.YES in words_of(Deed.READ_ALL, posts):
        return Sight(own=True)
    if practice and rank is None:
        return Sight(own=True)
    if _on_duty_for(case, duties):
        return Sight(own=True)
    return Sight(own=False, never=words <= {Word.TOLD} and bool(words))


def _concerned(case: Case) -> set[str]:
    told = {told.person for step in case.steps for told in step.told}
    holders = {step.holder for step in case.steps if step.holder}
    return told | holders | ({case.owner.person} if case.owner else set()) | {case.offered_to or ""}


def _on_duty_for(case: Case, duties: Sequence[Duty]) -> bool:
    areas = {FORCE_WIDE, case.area}
    mine = [duty for duty in duties if Word.OWN_AREA in words_of(Deed.READ_CASE, posts_of((duty,)))]
    return any(case.area is None or duty.area in areas for duty in mine)


def read_reason(given: str | None) -> str | None:
    """Read the reason of a look, None when there is none; raise Invalid when it is too long to be one."""
    said = " ".join((given or "").split())
    if len(said) > LONGEST:
        fault = Fault("reason", f"has {len(said)} letters", f"say it in {LONGEST} at the most")
        raise Invalid("the reason was not taken", [fault])
    return said or None


def refuse_unless_told_why(case: str, seen: Sight, reason: str | None) -> None:
    """Refuse a look outside the own area without a reason, and one that no reason opens."""
    if seen.never:
        fault = Fault("case", "was not asked of you", "ask the police contact who deals with it")
        raise Forbidden(f"{case} is open to you only when you are told of it", [fault])
    if not seen.own and reason is None:
        raise NeedsReason(case)


class NeedsReason(Forbidden):
    """The case lies outside the own area, and nobody has said why it must be seen."""

    def __init__(self, case: str) -> None:
        self.case = case
        remedy = "send header X-Reason: why you need to see it; your look and your reason are recorded"
        fault = Fault("X-Reason", "is missing", remedy)
        super().__init__(f"{case} is outside your area; {remedy}", [fault])
