"""The forms of a case: one for each open step that somebody may do, and those that say what has happened."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from console.evidence.fields import fields_of
from console.evidence.may import May
from console.words import words
from policy import spaces
from policy.case import FINISHED, OFFERED_ELSEWHERE, Step
from policy.facts import OF_NOW
from policy.pack import Evidence, StepRule
from policy.terms import Consequence, FactKind, Gate, Kind, Role
from runtime.readings_disclosure import PLACES, masked

K = FactKind
TITLES: Final[Mapping[FactKind, str]] = {
    K.NEW_INFORMATION: "New information",
    K.ATTENDED: "Attended",
    K.TASKED: "A unit was tasked",
    K.RESOURCED: "A unit is going",
    K.UNRESOURCED: "No unit can go",
    K.CONTACT_MADE: "Contact with whoever reported",
    K.FOUND_REPORTED: "Somebody says the person was found",
    K.VERIFIED_SEEN: "The person was seen",
    K.RETURNED: "The person came back",
    K.RISK_SET: "Set the risk",
    K.NOTE: "Note",
    K.INACTIVE_REQUESTED: "Nothing more can be done now: inactive",
    K.CLOSURE_REQUESTED: "Ask for the closure",
    K.CLOSURE_SIGNED: "Sign the closure",
    K.REOPENED: "Open the case again",
    K.STEP_WAIVED: "Waive it, with the reason",
    K.ACKNOWLEDGED: "Acknowledge",
    K.ACCEPTED: "Accept the case",
    K.DECLINED: "I cannot do it, and why",
    K.NO_DEPLOYMENT: "Decide that nobody is sent",
    K.HANDOVER_OFFERED: "Hand the case over",
    K.TRANSFER_OFFERED: "Offer the case to another force",
    K.TRANSFER_ACCEPTED: "The other force has accepted",
    K.TRANSFER_BOUNCED: "The other force sends it back",
}
_LIVE: Final = (
    *(K.NEW_INFORMATION, K.CONTACT_MADE, K.ATTENDED, K.TASKED, K.RESOURCED, K.UNRESOURCED, K.RISK_SET),
    *(K.FOUND_REPORTED, K.VERIFIED_SEEN, K.RETURNED, K.NOTE),
    *(K.HANDOVER_OFFERED, K.TRANSFER_OFFERED, K.TRANSFER_ACCEPTED, K.TRANSFER_BOUNCED),
    *(K.CLOSURE_REQUESTED, K.CLOSURE_SIGNED, K.INACTIVE_REQUESTED, K.REOPENED),
)
_CLOSED: Final = (K.NEW_INFORMATION, K.REOPENED, K.NOTE)
_BUTTONS: Final[Mapping[FactKind, str]] = {
    K.STEP_COMPLETED: "Record it as done",
    K.ACKNOWLEDGED: "Acknowledge",
    K.ACCEPTED: "Accept the case",
    K.CLOSURE_SIGNED: "Sign the closure",
    K.STEP_WAIVED: "Waive it",
}
BRINGS_ABOUT: Final[Mapping[Consequence, str]] = {
    Consequence.COUNTS_AS_MISSING: "Yes: the person counts as missing from then on, and the steps for that begin.",
}


@dataclass(frozen=True)
class Form:
    """One form: what it asks, of whom, and how it is sent."""

    id: str
    kind: FactKind
    title: str
    fields: tuple[Evidence, ...]
    step: str = ""
    occurrence: int = 1
    ask: str = ""
    guidance: str = ""
    link: str = ""
    button: str = "Record it"
    keeps: bool = False  # what is not complete may be saved
    when: bool = False  # it may have been earlier
    stays_open: str = ""  # why what this person says does not complete the step, and what would
    holder: str = ""  # who has the step
    closed_to: str = ""  # why this person may not, and who may; empty when they may
    values: Mapping[str, str] = field(default_factory=dict)
    held: frozenset[str] = frozenset()  # what was saved before: left blank, it stays
    people: tuple[str, ...] = ()  # roster ids to choose from in a field that names a person
    people_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by field that asks for a role
    labels: Mapping[str, str] = field(default_factory=dict)  # what a choice is called, where it is no word of ours


@dataclass(frozen=True)
class Proof:
    """What somebody recorded when a step was done: whoever signs reads it first."""

    title: str
    by: str
    at: datetime | None
    evidence: tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class StepForms:
    """One open step with its forms, its own first."""

    step: Step
    rule: StepRule
    forms: tuple[Form, ...]
    proofs: tuple[Proof, ...] = ()  # for a signature: what is signed
    checks: str = ""  # whose work it checks, who therefore does not do it
    earlier: int = 0  # occurrences of a series before this one that are open still: the newest speaks for them

    @property
    def open_to_reader(self) -> bool:
        """Tell whether the reader may do something about it."""
        return any(not form.closed_to for form in self.forms)


@dataclass(frozen=True)
class Forms:
    """Makes the forms of one case for one reader."""

    may: May
    shows_kept: bool = True  # what was saved before may be read by whoever reads the page

    def steps(self) -> tuple[StepForms, ...]:
        """Give each open step with its forms, of a series its newest occurrence: what is due first stands first."""
        live = sorted(self.may.case.live_steps(), key=lambda s: s.occurrence)
        newest = {step.key: step for step in live}.values()
        ordered = sorted(newest, key=lambda s: (s.due_at is None, s.due_at or self.may.now))
        counts = Counter(step.key for step in live)
        return tuple(
            replace(self._of(step, self.may.pack.steps[step.key]), earlier=counts[step.key] - 1) for step in ordered
        )

    def happened(self) -> tuple[Form, ...]:
        """Give the forms that say what has happened; a closed case takes information and a reopening."""
        kinds = _CLOSED if self.may.case.closed else self._kinds()
        return tuple(self._said(kind) for kind in kinds)

    def find(self, form_id: str) -> Form | None:
        """Give a form by its id, None when the case has no such form any more."""
        everything = [form for step in self.steps() for form in step.forms]
        return next((form for form in (*everything, *self.happened()) if form.id == form_id), None)

    def _kinds(self) -> Iterable[FactKind]:
        """Give what may be said of a case that is not closed, as it stands."""
        case, rules = self.may.case, self.may.pack.steps
        asked = {kind for step in case.live_steps() for kind in rules[step.key].done_by}
        out_of_place = {
            K.CLOSURE_SIGNED: K.CLOSURE_SIGNED in asked or not self.may.closing,
            K.CLOSURE_REQUESTED: self.may.closing,
            K.INACTIVE_REQUESTED: not case.enquiry_live,
            K.REOPENED: case.enquiry_live,
            K.HANDOVER_OFFERED: case.owner is None,
            K.TRANSFER_OFFERED: not (self.may.pack.forces and case.enquiry_live and case.transfer is None),
            K.TRANSFER_ACCEPTED: case.transfer != OFFERED_ELSEWHERE or K.TRANSFER_ACCEPTED in asked,
            K.TRANSFER_BOUNCED: case.transfer is None or K.TRANSFER_BOUNCED in asked,
        }
        return [kind for kind in _LIVE if not out_of_place.get(kind)]

    def _said(self, kind: FactKind) -> Form:
        return Form(
            id=f"say-{kind}",
            kind=kind,
            title=TITLES[kind],
            fields=self._explained(fields_of(kind)),
            labels=self._forces(),
            button=_BUTTONS.get(kind, "Record it"),
            when=kind not in OF_NOW and kind is not K.RETURNED,
            closed_to=self.may.closed_to(kind),
            people=self._on_duty(),
        )

    def _of(self, step: Step, rule: StepRule) -> StepForms:
        kinds = [k for k in rule.done_by if not (k is K.STEP_COMPLETED and K.REVIEWED in rule.done_by)]
        if rule.kind in (Kind.NOTIFY, Kind.ACCEPT) or (rule.kind is Kind.SIGN_OFF and self.may.closing):
            kinds.append(K.DECLINED)
        if rule.waivable:
            kinds.append(K.STEP_WAIVED)
        forms = [self._done(step, rule, kind) for kind in kinds]
        proofs = self._proofs() if rule.kind is Kind.SIGN_OFF else ()
        return StepForms(step, rule, tuple(forms), proofs, self.may.checks(rule))

    def _proofs(self) -> tuple[Proof, ...]:
        done = [s for s in self.may.case.steps if s.status in FINISHED and s.evidence]
        return tuple(self._proof(s, self.may.pack.steps[s.key]) for s in done)

    def _proof(self, step: Step, rule: StepRule) -> Proof:
        titles = {field.name: field.title for kind in rule.done_by for field in fields_of(kind, rule)}
        kept = masked(self.may.case, step.evidence)
        told = tuple((titles.get(name, words(name)), value) for name, value in kept.items() if name != "complete")
        return Proof(rule.title, step.done_by or "", step.done_at, told)

    def _done(self, step: Step, rule: StepRule, kind: FactKind) -> Form:
        waives = kind is K.STEP_WAIVED
        own = kind is rule.done_by[0]
        stays_open = self.may.stays_open(kind, rule)
        fields = self._explained(fields_of(kind) if waives else fields_of(kind, rule))
        people = self._told(step) if kind is K.SERIAL_ENTRY else self._on_duty()
        kept = {} if waives else {**self._left_unsearched(rule), **self._kept(step)}
        if kind is K.SERIAL_ENTRY and people:
            kept = {"recipient": people[0], **kept}
        return Form(
            id=f"do-{step.key}-{step.occurrence}-{kind}",
            kind=kind,
            title=rule.title if own and not waives and not stays_open else TITLES.get(kind, rule.title),
            fields=fields,
            people_of={f.name: self._on_duty(f.role) for f in fields if f.role},
            labels=self._forces(),
            step=step.key,
            occurrence=step.occurrence,
            ask=rule.ask,
            guidance="" if waives else rule.guidance,
            link="" if waives else rule.guidance_link,
            button=_BUTTONS.get(kind, "Record it"),
            keeps=kind is K.STEP_COMPLETED and bool(rule.evidence),
            when=kind not in OF_NOW and not waives,
            stays_open=stays_open,
            holder=step.holder or "",
            closed_to=self.may.closed_to(kind, step, rule),
            values=kept,
            held=frozenset() if waives else frozenset(step.evidence),
            people=people,
        )

    def _kept(self, step: Step) -> dict[str, str]:
        if not self.shows_kept:
            return {}
        kept_back = PLACES if self.may.case.do_not_disclose else frozenset()
        return {name: _typed(value) for name, value in step.evidence.items() if name not in kept_back}

    def _left_unsearched(self, rule: StepRule) -> dict[str, str]:
        """Begin a line for each space that a search left out, where the step asks for an answer to each of them."""
        first = next((one.name for one in rule.evidence if one.type == spaces.SPACES), None)
        if first is None or Gate.EVERY_SPACE_ANSWERED not in rule.gate:
            return {}
        return {first: "".join(f"{one.name}: \n" for one in spaces.left(self.may.case, self.may.pack).values())}

    def _told(self, step: Step) -> tuple[str, ...]:
        """Those of the case who were told, whoever has acknowledged first."""
        done = [
            s.done_by for s in self.may.case.steps if K.ACKNOWLEDGED in self.may.pack.steps[s.key].done_by and s.done_by
        ]
        told = [t.person for s in self.may.case.steps if s.id != step.id for t in s.told]
        return tuple(dict.fromkeys([*done, *told]))

    def _on_duty(self, role: Role | None = None) -> tuple[str, ...]:
        duties = self.may.roster.on_duty(self.may.now)
        return tuple(sorted({duty.person for duty in duties if role in (None, duty.role)}))

    def _forces(self) -> Mapping[str, str]:
        return {key: force.title for key, force in self.may.pack.forces.items()}

    def _explained(self, fields: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """Say with each field what it brings about and who may be named; the forces to choose from are the pack's."""
        return tuple(self._one_explained(one) for one in fields)

    def _one_explained(self, one: Evidence) -> Evidence:
        said = [one.help]
        if one.yes is not None:
            said.append(BRINGS_ABOUT[one.yes])
        if one.role is not None:
            there = ", ".join(self._on_duty(one.role)) or "nobody"
            said.append(f"Somebody on duty as {self.may.pack.short(one.role)}; now: {there}.")
        choices = tuple(self.may.pack.forces) if one.name == "force" else one.choices
        return replace(one, help=" ".join(part for part in said if part), choices=choices)


def _typed(value: object) -> str:
    """Write kept evidence as it was typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):  # the spaces of a search, as a machine sends them
        return "\n".join(_line(one) for one in value)
    return "" if value is None else str(value)


def _line(one: object) -> str:
    if not isinstance(one, Mapping):
        return str(one)
    verdict = "searched" if one.get("searched") is True else "not searched"
    return f"{one.get('space', '')}: {verdict}" + (f", {one['why']}" if one.get("why") else "")
