"""Who may say what, as far as it can be told before it is said; the rule itself judges what is sent."""

from dataclasses import dataclass
from datetime import datetime

from console.words import roles_named
from policy.book import Book
from policy.case import Case, Step
from policy.completing import checked_by_another
from policy.errors import Refused
from policy.facts import INFORMATION, Fact
from policy.pack import Pack, StepRule
from policy.people import RANK_OF_ROLE, Rank
from policy.permitted import refuse_without_permission
from policy.roster import FORCE_WIDE, Roster
from policy.terms import CaseStatus, FactKind, Gate, Kind

K = FactKind
_ANSWERS = frozenset({K.ACKNOWLEDGED, K.ACCEPTED, K.DECLINED})


@dataclass(frozen=True)
class Speaker:
    """For whom a page is: who says what it sends, and whether another may be named."""

    person: str
    others: tuple[tuple[str, str], ...] = ()  # roster ids and labels, where somebody may speak for those on duty


@dataclass(frozen=True)
class May:
    """Tells of one case and one reader what is closed to them."""

    case: Case
    pack: Pack
    roster: Roster
    now: datetime
    speaker: Speaker

    @property
    def closing(self) -> bool:
        """Tell whether somebody has asked for the closure."""
        return self.case.status is CaseStatus.CLOSING

    def closed_to(self, kind: FactKind, step: Step | None = None, rule: StepRule | None = None) -> str:
        """Say why the reader may not, and who may; empty when nothing is known against it."""
        if kind is K.CLOSURE_SIGNED and not self.closing:
            return "Somebody asks for the closure first (below); then another person signs."
        if kind in INFORMATION or kind is K.RISK_SET or self.speaker.others:
            return ""
        if kind in _ANSWERS and step is not None and rule is not None and rule.kind is not Kind.SIGN_OFF:
            return self._asked(step) or self._table(kind, step)
        hand = self._hand() if kind is K.CLOSURE_SIGNED else ""
        if rule is not None and kind in rule.done_by:
            hand = hand or self._other_hand(rule)
        return hand or (self._ranked(self._needed(kind, step, rule)) or self._table(kind, step))

    def stays_open(self, kind: FactKind, rule: StepRule) -> str:
        """Say that what the reader sets does not complete the step, and what rank does; empty when it completes it."""
        needed = rule.done_rank or Rank.STAFF
        rank = self.roster.rank_of(self.speaker.person) or Rank.STAFF
        if kind is not K.RISK_SET or rank.weight >= needed.weight:
            return ""
        return f"Set below that rank, the risk counts and this step stays open: {takes(needed)}."

    def _table(self, kind: FactKind, step: Step | None) -> str:
        """Say what the table of permissions has against it."""
        book = Book(self.case, self.pack, self.roster, self.now)
        try:
            refuse_without_permission(book, Fact(kind, self.speaker.person, step.key if step else None))
        except Refused as error:
            return f"{error.detail}. Who may: {roles_named(error.who_may, self.pack)}."
        return ""

    def _asked(self, step: Step) -> str:
        told = ", ".join(dict.fromkeys(t.person for t in step.told))
        return "" if step.told_person(self.speaker.person) else f"Only who was asked answers: {told or 'nobody yet'}."

    def _hand(self) -> str:
        """The signature takes another hand than asked or interviewed."""
        if self.speaker.person == self.case.closure_by:
            return f"{self.speaker.person} asked for the closure: another person signs."
        if self.speaker.person == self.case.interviewer:
            return f"{self.speaker.person} held the interview: another person signs."
        return ""

    def checks(self, rule: StepRule) -> str:
        """Say whose work a step checks, who therefore does not do it; empty where it checks none."""
        if Gate.ANOTHER_PERSON not in rule.gate:
            return ""
        latest, barred = checked_by_another(Book(self.case, self.pack, self.roster, self.now), rule)
        if latest is None:
            return f"Checks {self.pack.steps[rule.checks or rule.key].title}: another person than whoever did that."
        people = " and ".join(sorted(person for person in barred if person))
        return f"Checks {self.pack.steps[latest.key].title}, done by {people}: another person does this."

    def _other_hand(self, rule: StepRule) -> str:
        book = Book(self.case, self.pack, self.roster, self.now)
        mine = Gate.ANOTHER_PERSON in rule.gate and self.speaker.person in checked_by_another(book, rule)[1]
        return f"You did what this checks. {self.checks(rule)}" if mine else ""

    def _ranked(self, needed: Rank) -> str:
        person = self.speaker.person
        who_may = f"Who may: {roles_named(self.roster.who_may(needed, self.now), self.pack)}."
        rank = self.roster.rank_of(person)
        if rank is None:
            return f"{person} is not on the roster. {who_may}"
        if not self.roster.duties_of(person, self.now):
            return f"{person} is off duty. {who_may}"
        return "" if rank.weight >= needed.weight else f"{takes(needed).capitalize()}. {who_may}"

    def _needed(self, kind: FactKind, step: Step | None, rule: StepRule | None) -> Rank:
        """Give the rank that it takes, as far as the pack says it."""
        if kind is K.INACTIVE_REQUESTED:
            return self.pack.inactive.rank
        if rule is None or step is None:
            return Rank.STAFF
        actor = rule.actor.get(self.case.timer_risk(self.pack.child_floor))
        rank = rule.done_rank or (RANK_OF_ROLE[actor] if actor else Rank.STAFF)
        if kind is not K.STEP_WAIVED:
            return rank
        held = self.roster.rank_of(step.holder or "") or rank
        return list(Rank)[min(held.weight + 1, len(Rank) - 1)]


def takes(needed: Rank) -> str:
    """Say what rank something takes."""
    return f"it takes {needed.replace('_', ' ')} or above"


def speaker_of(person: str, case: Case, roster: Roster, pack: Pack, now: datetime) -> Speaker:
    """Say who speaks: the reader; in an example somebody who is not on the roster may try it as anybody on duty."""
    if not case.example or roster.rank_of(person) is not None:
        return Speaker(person)
    return Speaker(person, on_duty(roster, pack, now, (FORCE_WIDE, case.area)))


def on_duty(
    roster: Roster, pack: Pack, now: datetime, areas: tuple[str | None, ...] | None = None
) -> tuple[tuple[str, str], ...]:
    """Give the people on duty as ids and labels, those of some areas or all."""
    duties = sorted(roster.on_duty(now), key=lambda d: (d.role, d.person))
    fit = [d for d in duties if areas is None or d.area in areas]
    return tuple({d.person: f"{d.person} ({pack.short(d.role)})" for d in fit}.items())
