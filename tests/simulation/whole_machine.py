"""The whole machine: all the work on a case besides, to its closure and after, and people who go home."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from policy.case import Step
from policy.forms import lies_ahead
from policy.pack import Evidence
from policy.terms import FactKind, Kind, Risk
from tests.simulation.machine import CASE, LEVELS, PERSON, Machine

VERIFIED = {"seen_by": "PC 1", "where": "At home", "wellbeing": "safe"}
INTERVIEW = ("interviewer", "when", "where", "method", "harm", "reasons", "where_been", "risk_next_time")
FOUND: tuple[tuple[str, Mapping[str, object]], ...] = (
    ("found_reported", {"where": "At home"}),
    ("verified_seen", VERIFIED),
    ("returned", {"at": "now"}),
    ("interview_held", dict.fromkeys(INTERVIEW, "As said")),
)
EVIDENCE: Mapping[str, object] = {"number": 1, "yes_no": True, "person": "supt-1", "spaces": "Kitchen: searched"}


class WholeMachine(Machine):
    """Everything that can happen to a case."""

    # --- work

    @rule(
        number=CASE, which=PERSON, by=st.sampled_from(("on-call-superintendent", "duty-inspector", "response-officer"))
    )
    def complete(self, number: int, which: int, by: str) -> None:
        """An open step is done, with its form filled in."""
        case = self.night.case(self.case(number))
        steps = [s for s in case.live_steps() if self.night.pack.steps[s.key].kind is not Kind.NOTIFY]
        if steps:
            self.do(case.ref, steps[which % len(steps)], self.of(by))

    @rule(number=CASE, by=st.sampled_from(("response-sergeant", "duty-inspector", "on-call-superintendent")))
    def review(self, number: int, by: str) -> None:
        """The first review that is open is done."""
        case = self.night.case(self.case(number))
        for step in case.live_steps():
            if self.night.pack.steps[step.key].kind is Kind.REVIEW:
                self.do(case.ref, step, self.of(by))
                return

    def do(self, case: str, step: Step, by: str) -> bool:
        """Do what a step asks for, its form filled in; False when that is refused."""
        rules = self.night.pack.steps[step.key]
        kind = rules.done_by[0] if rules.done_by else FactKind.STEP_COMPLETED
        filled = {field.name: self._value(field) for field in rules.evidence}
        level = self.night.case(case).risk or Risk.MEDIUM
        told: dict[FactKind, Mapping[str, object]] = {
            FactKind.REVIEWED: {"decision": "go on", "rationale": self.text("Reviewed")},
            FactKind.RISK_SET: {"level": level.value, "rationale": self.text("As found")},
            FactKind.VERIFIED_SEEN: VERIFIED,
            FactKind.INTERVIEW_HELD: dict(FOUND[3][1]),
            FactKind.CLOSURE_SIGNED: {"rationale": self.text("All done")},
        }
        about = step if kind in (FactKind.STEP_COMPLETED, FactKind.REVIEWED) else None
        return self.say(case, kind.value, by, {**filled, **told.get(kind, {})}, about)

    def _value(self, field: Evidence) -> object:
        if field.type == "instant":  # one that sets when something is due lies ahead
            return (self.night.now + (timedelta(hours=20) if lies_ahead(field) else timedelta(0))).isoformat()
        if field.type == "choice":
            return field.choices[0]
        return EVIDENCE.get(field.type) or self.text("As seen")

    @rule(number=CASE, kind=st.sampled_from(("attended", "resourced", "unresourced", "tasked", "contact_made")))
    def resources(self, number: int, kind: str) -> None:
        """A unit goes, or none can; the reporter is spoken to."""
        said = {"unit": self.text("Unit"), "reason": self.text("No unit"), "with": "the mother", "who": "PC 1"}
        self.say(self.case(number), kind, self.of("response-sergeant"), said)

    @rule(number=CASE, level=st.sampled_from(LEVELS), by=st.sampled_from(("control-room-op", "force-inc", "duty-insp")))
    def set_risk(self, number: int, level: Risk, by: str) -> None:
        """The risk is set: up, down, or as it was, by staff or an inspector."""
        self.say(self.case(number), "risk_set", self.of(by), {"level": level.value, "rationale": self.text("As told")})

    @rule(number=CASE, stages=st.integers(1, 4), by=st.sampled_from(("response-officer", "duty-inspector")))
    def find(self, number: int, stages: int, by: str) -> None:
        """Somebody is found, seen, back, interviewed: as far as it goes."""
        for kind, evidence in FOUND[:stages]:
            told = {name: self.night.now.isoformat() if value == "now" else value for name, value in evidence.items()}
            note = {"how": self.text("By phone")} if kind != "interview_held" else {"interviewer": self.of(by)}
            self.say(self.case(number), kind, self.of(by), {**told, **note})

    # --- the end of a case

    @rule(number=CASE)
    def request_closure(self, number: int) -> None:
        """Somebody asks for the closure."""
        said = {"rationale": self.text("Safe at home"), "reason": "found"}
        self.say(self.case(number), "closure_requested", self.of("response-sergeant"), said)

    @rule(number=CASE, by=st.sampled_from(("response-sergeant", "duty-inspector", "on-call-superintendent")))
    def sign_closure(self, number: int, by: str) -> None:
        """Somebody signs; whether they may is policy's to say."""
        self.say(self.case(number), "closure_signed", self.of(by), {"rationale": self.text("All done")})

    @rule(number=CASE)
    def reopen(self, number: int) -> None:
        """A case is opened again."""
        self.say(self.case(number), "reopened", self.of("duty-inspector"), {"reason": self.text("Gone again")})

    @rule(who=PERSON)
    def go_off_duty(self, who: int) -> None:
        """Somebody goes home."""
        self.night.off_duty(self.person(who))

    @rule(seconds=st.sampled_from((1, 90, 3600)))
    def clock_steps_back(self, seconds: int) -> None:
        """The machine's clock steps back, and nobody tells Vigil."""
        self.night.clock_back(seconds)
