"""Short stories of the procedure, for crashes to fall into: what people do, and at which minute."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policy.case import Step
from policy.terms import Kind, Role, StepStatus
from tests.simulation.night import Night
from tests.simulation.whole_machine import INTERVIEW, VERIFIED, WholeMachine

Act = Callable[[Night], object]
INSPECTOR, NEXT_INSPECTOR = "duty-inspector-stoke-2", "duty-inspector-stoke-1"
SERGEANT, FIM, SUPERINTENDENT = "response-sergeant-stoke-1", "force-incident-manager-f-2", "on-call-superintendent-f-1"
ROUNDS = 12


@dataclass(frozen=True)
class Story:
    """What people do, each act at its minute; crashes fall into what comes from the act `arms` on."""

    acts: tuple[tuple[float, Act], ...]
    ends: float  # the minute
    arms: int = 0  # the number of the first act that a crash may hit


def report(number: int = 1, **more: object) -> Act:
    """Report an adult of medium risk, or what is said instead."""

    def act(night: Night) -> None:
        stamp = night.now.isoformat()
        raw = {
            "source": "crash",
            "source_id": str(number),
            "reported_at": stamp,
            "recorded_at": stamp,
            "area": "stoke",
            "risk": "medium",
            "person": {"name": "Somebody", "date_of_birth": "1980-05-01"},
        }
        ref = night.report({**raw, **more})
        night.cases += [ref] if ref not in night.cases else []

    return act


def fact(kind: str, by: str, case: int = 0, /, **evidence: object) -> Act:
    """Say something about a case, which no rule may refuse."""

    def act(night: Night) -> None:
        raw: Mapping[str, object] = {"kind": kind, "by": by, "evidence": evidence}
        assert night.say(night.cases[case], raw), f"{kind} by {by} was refused"

    return act


def of_now(kind: str, by: str, told: Mapping[str, object]) -> Act:
    """Say something whose evidence holds the instant at which it is said."""

    def act(night: Night) -> None:
        filled = {name: night.now.isoformat() if value == "now" else value for name, value in told.items()}
        fact(kind, by, **filled)(night)

    return act


def goes_home(person: str) -> Act:
    """Let somebody go off duty."""
    return lambda night: night.off_duty(person)


def everything(night: Night) -> None:
    """Do all the work that is asked for, as far as one can."""
    machine = WholeMachine()
    machine.night = night
    for _ in range(ROUNDS):
        todo = [step for step in night.case(night.cases[0]).live_steps() if _can_be_done(night, step)]
        if not [step for step in todo if machine.do(night.cases[0], step, _who(night, step))]:
            return


def _can_be_done(night: Night, step: Step) -> bool:
    kind = night.pack.steps[step.key].kind
    return step.status in (StepStatus.OPEN, StepStatus.OVERDUE) and kind not in (Kind.NOTIFY, Kind.SIGN_OFF)


def _who(night: Night, step: Step) -> str:
    if step.role is Role.FORCE_INCIDENT_MANAGER:
        return FIM
    return SUPERINTENDENT if night.pack.steps[step.key].kind is Kind.REVIEW else SERGEANT


ACCEPTED = ((2.0, fact("acknowledged", INSPECTOR)), (4.0, fact("accepted", INSPECTOR)))
SEEN = (
    (6.0, fact("found_reported", SERGEANT, where="At home", how="By phone")),
    (8.0, of_now("verified_seen", SERGEANT, VERIFIED)),
    (9.0, of_now("returned", SERGEANT, {"at": "now"})),
)
HELD = of_now(
    "interview_held", SERGEANT, {**dict.fromkeys(INTERVIEW, "As said"), "when": "now", "interviewer": SERGEANT}
)
CLOSED = (
    (0.0, report()),
    *ACCEPTED,
    (5.0, everything),
    *SEEN,
    (11.0, HELD),
    (12.0, fact("contact_made", SERGEANT, **{"with": "the mother"})),
    (13.0, everything),
    (14.0, fact("closure_requested", SERGEANT, rationale="Safe at home", reason="found")),
    (16.0, fact("closure_signed", INSPECTOR, rationale="All done")),
)
STORIES: Mapping[str, Story] = {
    "first_notice": Story(((0, report()), (4, fact("acknowledged", INSPECTOR)), (5, fact("accepted", INSPECTOR))), 8),
    "quick_answer": Story(
        ((0, report()), (0.5, fact("acknowledged", INSPECTOR)), (2.5, fact("accepted", INSPECTOR))), 6
    ),
    "silence": Story(((0, report()),), 52),
    "decline": Story(((0, report()), (4, fact("declined", INSPECTOR, reason="At a fatal collision"))), 12),
    "handover": Story(
        (
            (0, report()),
            *ACCEPTED,
            (6, fact("handover_offered", INSPECTOR, to=NEXT_INSPECTOR)),
            (8, fact("accepted", NEXT_INSPECTOR)),
            (9, goes_home(INSPECTOR)),
        ),
        14,
        arms=3,
    ),
    "shift_ends": Story(((0, report()), *ACCEPTED, (6, goes_home(INSPECTOR))), 14, arms=3),
    "raised": Story(
        (
            (0, report()),
            (5, fact("risk_set", FIM, level="high", rationale="A note was found")),
            (7, fact("accepted", INSPECTOR)),
        ),
        12,
    ),
    "found": Story(((0, report()), *ACCEPTED, *SEEN, (11, HELD)), 14, arms=3),
    "closure": Story(CLOSED, 20, arms=9),
    "closed_contact": Story(
        (
            *CLOSED,
            (18, fact("new_information", SERGEANT, summary="Seen with a man", source="a friend")),
        ),
        22,
        arms=11,
    ),
    "nobody": Story(((0, goes_home(INSPECTOR)), (0, goes_home(NEXT_INSPECTOR)), (0, report())), 12, arms=2),
    "two_cases": Story(
        (
            (0, report(person={"name": "Somebody", "person_ref": "NOM-1"})),
            (2, report(2, person={"name": "Somebody", "person_ref": "NOM-1"})),
            (4, fact("accepted", INSPECTOR)),
        ),
        10,
    ),
    "high_child": Story(((0, report(risk="high", person={"name": "A Child", "date_of_birth": "2012-05-01"})),), 12),
}
