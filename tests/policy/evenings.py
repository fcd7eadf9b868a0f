"""Evenings drawn at random: any pack, level and age, people missing from duty, and whatever people then do."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import strategies as st

from policy.errors import Invalid, Refused
from policy.pack import Pack
from policy.terms import Risk
from tests.policy.night import ACCEPTS, CONFIRM, NOTIFY, Night, at, baseline, pack, staff

PEOPLE = ("insp-a", "insp-n", "sgt-s", "fim-1", "crs-1", "ci-1", "supt-1", "ds-1", "di-1")
LATEST = at("01:00", 11)  # duties end at 06:00: until then who is on duty changes only when somebody goes
TRIAL = f"""
[steps.{NOTIFY}]
ladder_from = "anchor"
retry = {{ medium = "4m", high = "2m" }}
[steps.{ACCEPTS}]
ladder = "none"
[steps.search]
title = "Search the home"
stage = "respond"
kind = "task"
anchor = "acknowledged"
due = {{ very_low = "-", low = "-", medium = "90m", high = "20m" }}
actor = "response_sergeant"
basis = {{ rule = "CHOSEN", time = "CHOSEN" }}
[steps.look]
title = "Look again"
stage = "review"
kind = "task"
anchor = "call_received"
due = {{ very_low = "-", low = "3h", medium = "-", high = "40m" }}
actor = "duty_inspector"
ladder = [{{ role = "force_incident_manager" }}, {{ role = "on_call_superintendent", risks = ["high"] }}]
basis = {{ rule = "CHOSEN", time = "CHOSEN" }}
"""
SET_TIME = {"step": "set_review_time", "review_at": "2026-01-10T22:00:00Z"}
CHECKS = ("national_computer", "intelligence", "local_systems", "previous_episodes")
RESEARCH = {"step": "system_research", "researched_by": "fim-1", **dict.fromkeys(CHECKS, "nothing known")}
CANCELLED = {"step": "cancel_circulation", "reference": "none made"}
RULES: Mapping[str, Callable[[], Pack]] = {
    "uk_app_baseline": baseline,
    "staffordshire": pack,
    "trial": lambda: pack(more=TRIAL),
}


@dataclass(frozen=True)
class Turn:
    """Some minutes pass, then somebody says something (`goes` ends their duty)."""

    seconds: int
    who: str
    kind: str
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Evening:
    """One evening to be played."""

    rules: str
    risk: Risk | None
    age: int | None
    absent: tuple[str, ...]
    turns: tuple[Turn, ...]

    def open(self) -> Night:
        """Take the record in at 19:00."""
        night = Night(staff(without=self.absent), RULES[self.rules]())
        return night.report(risk=self.risk, person={"name": "Somebody", "age": self.age})

    def play(self) -> Iterator[Night]:
        """Give the night after its record and after each turn; an act that is refused changes nothing."""
        night = self.open()
        yield night
        for turn in self.turns:
            night.wait(min(night.now + timedelta(seconds=turn.seconds), LATEST))
            take(night, turn)
            yield night


def take(night: Night, turn: Turn) -> bool:
    """Take a turn's act, and tell whether it was not refused."""
    if turn.kind == "goes":
        night.goes_off_duty(turn.who).jump(night.now)  # whoever changes the roster has the cases looked at
        return True
    try:
        night.says(turn.who, turn.kind, **turn.evidence)
    except (Refused, Invalid):
        return False
    return True


LEVELS = st.sampled_from(list(Risk))
ACTS = st.one_of(
    *(
        st.tuples(st.just(kind), st.just(evidence))
        for kind, evidence in (
            ("goes", {}),
            ("acknowledged", {}),
            ("accepted", {}),
            ("declined", {"reason": "busy"}),
            ("serial_closed", {}),
            ("serial_entry", {"recipient": "insp-a", "text": "told"}),
            ("new_information", {"summary": "seen", "source": "friend"}),
            ("step_waived", {"step": CONFIRM, "reason": "exercise"}),
            ("reviewed", {"step": "sergeant_review", "decision": "go on", "rationale": "no trace"}),
            ("no_deployment", {"reason": "no unit free"}),
            ("contact_made", {"with": "mother"}),
            ("attended", {"who": "a patrol"}),
            ("unresourced", {"reason": "sent elsewhere"}),
            ("verified_seen", {"seen_by": "a patrol", "where": "at home", "wellbeing": "safe"}),
            ("closure_requested", {"rationale": "home and well", "reason": "found"}),
            ("closure_signed", {"rationale": "read and agreed"}),
            ("inactive_requested", {"rationale": "no lines left", "next_review_at": "2026-01-11T03:00:00Z"}),
            ("reopened", {"reason": "gone again"}),
            ("transfer_offered", {"force": "kent"}),
            ("transfer_accepted", {"person": "PS 4711 Jones"}),
            ("transfer_bounced", {"reason": "not ours"}),
        )
    ),
    st.tuples(st.just("step_completed"), st.sampled_from((SET_TIME, RESEARCH, CANCELLED))),
    st.tuples(st.just("handover_offered"), st.builds(lambda to: {"to": to}, st.sampled_from(PEOPLE))),
    st.tuples(st.just("risk_set"), st.builds(lambda level: {"level": level.value, "rationale": "facts"}, LEVELS)),
    st.tuples(st.just("delegated"), st.builds(lambda to: {"to": to, "reason": "busy"}, st.sampled_from(PEOPLE))),
)
SECONDS = st.one_of(st.integers(0, 60).map(lambda m: m * 60), st.integers(0, 5_400))
TURNS = st.builds(
    lambda seconds, who, act: Turn(seconds, who, act[0], act[1]), SECONDS, st.sampled_from((*PEOPLE, "somebody")), ACTS
)
EVENINGS = st.builds(
    Evening,
    rules=st.sampled_from(sorted(RULES)),
    risk=st.none() | LEVELS,
    age=st.sampled_from((13, 40, None)),
    absent=st.lists(st.sampled_from(PEOPLE), max_size=4, unique=True).map(tuple),
    turns=st.lists(TURNS, max_size=6).map(tuple),
)
