"""The language of the policy tests: one evening in Stoke, with the people of the contract's example on duty.

Nothing here reads a clock or a store: a night holds a case, and each wait or fact asks policy what becomes of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import policy
from policy import decide, outlook, record
from policy.case import Case, Step
from policy.facts import read_fact
from policy.intents import Alarm, Cancel, Entry, Outcome, Tell
from policy.pack import Pack
from policy.pack_parse import parse
from policy.report import read_report
from policy.roster import Contact, Duty, Roster
from policy.terms import RANK_OF_ROLE, AlarmKey, Channel, MessageType, Role

NOTIFY = "notify_local_supervisor"
ACCEPTS = "named_owner_accepts"
CONFIRM = "inspector_confirms_risk"
ASSESS = "initial_risk_assessment"
ENTRY = "log_notification_in_c_and_c"
PACKS = ("uk_app_baseline", "staffordshire", "derbyshire_mpt", "metropolitan")
MAIN_LINE = ("uk_app_baseline", "staffordshire")  # whose numbers and people are those of the standard night
REF = "MP-2026-000001"


def at(text: str, day: int = 10) -> datetime:
    """Give an instant of January 2026, when London and UTC agree: `19:10` or `19:10:30`, the 10th unless told."""
    return datetime.combine(date(2026, 1, day), time.fromisoformat(text), UTC)


def clock(instant: datetime) -> str:
    """Write an instant as the tests read it: `19:10`, with seconds when there are any."""
    return f"{instant:%H:%M:%S}".removesuffix(":00")


def on(person: str, role: str, area: str = "*", since: datetime | None = None, until: datetime | None = None) -> Duty:
    """Put a person on duty, from 14:00 to 06:00 unless told."""
    word = Role(role)
    contacts = (Contact(Channel.WEBHOOK, f"https://phone.example/{person}"),)
    return Duty(person, word, RANK_OF_ROLE[word], area, since or at("14:00"), until or at("06:00", 11), contacts)


STAFF = (
    on("insp-a", "duty_inspector", "stoke"),
    on("insp-n", "duty_inspector", "newcastle"),
    on("sgt-s", "response_sergeant", "stoke"),
    on("fim-1", "force_incident_manager"),
    on("crs-1", "control_room_sergeant"),
    on("ci-1", "duty_chief_inspector"),
    on("supt-1", "on_call_superintendent"),
    on("ds-1", "missing_sergeant"),
    on("di-1", "cid_inspector"),
)
INTERVIEW = {
    "where": "at home",
    "method": "face to face",
    "harm": "none that they spoke of",
    "reasons": "a quarrel",
    "where_been": "the park",
    "risk_next_time": "may go again",
}


def roster(*duties: Duty) -> Roster:
    """Make a roster of duties; everybody in it is known."""
    return Roster(duties, known={duty.person: duty.rank for duty in duties})


def staff(*, without: Sequence[str] = (), extra: Sequence[Duty] = ()) -> Roster:
    """Give the standard roster, without some of its people or with others beside them (all stay known)."""
    there = tuple(duty for duty in (*STAFF, *extra) if duty.person not in without)
    return Roster(there, known={duty.person: duty.rank for duty in (*STAFF, *extra)})


def round_the_clock(*others: Duty) -> Roster:
    """Give the standard people for as long as a case may last, with others beside them."""
    years = timedelta(days=2_000)
    return roster(*(replace(d, from_at=at("14:00") - years, to_at=at("14:00") + years) for d in STAFF), *others)


@cache
def texts() -> dict[str, str]:
    """Read the shipped packs' files."""
    folder = Path(policy.__file__).parent / "packs"
    return {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in PACKS}


@cache
def pack(name: str = "staffordshire", more: str = "") -> Pack:
    """Give a shipped pack, or one that inherits from it and says `more`."""
    if not more:
        return parse(name, texts())
    return parse("trial", {**texts(), "trial": f'pack = "trial"\ninherits = "{name}"\n{more}'})


def only(*keys: str, name: str = "staffordshire", more: str = "") -> Pack:
    """Give a shipped pack with some of its steps alone: a story about these is not drowned by the others."""
    rules = pack(name, more)
    return replace(rules, steps={key: rule for key, rule in rules.steps.items() if key in keys})


def baseline() -> Pack:
    """Give the national baseline with areas, which only a force has."""
    areas = '[areas.stoke]\ntitle = "Stoke"\nneighbours = ["newcastle"]\n[areas.newcastle]\ntitle = "Newcastle"\n'
    return pack("uk_app_baseline", areas)


def a_record(**fields: object) -> dict[str, object]:
    """Give the standard record: a child of 13 in Stoke, medium risk, recorded at 19:00."""
    standard: dict[str, object] = {
        "source": "compact",
        "source_id": "CMP-2026-004711",
        "reported_at": "2026-01-10T19:00:00Z",
        "recorded_at": "2026-01-10T19:00:00Z",
        "area": "stoke",
        "risk": "medium",
        "person": {"name": "A Child", "date_of_birth": "2012-05-01"},
        "reporter": {"kind": "parent"},
    }
    return {**standard, **fields}


class Night:
    """One case and the hours that pass over it; remembers all that was asked for."""

    def __init__(self, people: Roster | None = None, rules: Pack | None = None, start: str = "19:00") -> None:
        self.now = at(start)
        self.roster = people or staff()
        self.pack = rules or pack()
        self.case = Case(REF, self.pack.name, 1, None, read_report(a_record(), self.now, ()).age_band)
        self.tells: list[Tell] = []
        self.there: list[frozenset[str]] = []  # who was on duty when each of the tells was decided
        self.cancels: list[Cancel] = []
        self.alarms: list[Alarm] = []
        self.cleared: list[AlarmKey] = []
        self.entries: list[Entry] = []

    def report(self, **fields: object) -> "Night":
        """Take the standard record in, with some of its fields changed."""
        report = read_report(a_record(**fields), self.now, self.pack.areas)
        return self.keep(decide.open_case(report, self.pack, self.roster, self.now, REF))

    def keep(self, outcome: Outcome) -> "Night":
        """Go on from an outcome."""
        self.case = outcome.case
        self.tells += outcome.tells
        self.there += [frozenset(duty.person for duty in self.roster.on_duty(self.now))] * len(outcome.tells)
        self.cancels += outcome.cancels
        self.alarms += outcome.alarms
        self.cleared += outcome.cleared
        self.entries += outcome.entries
        return self

    def jump(self, to: datetime) -> "Night":
        """Let time pass in one piece, as an outage does."""
        self.now = to
        return self.keep(decide.decide(self.case, self.pack, self.roster, to))

    def wait(self, to: datetime) -> "Night":
        """Let time pass from wake to wake."""
        while (wake := outlook.next_wake(self.case)) is not None and wake <= to:
            self.jump(max(wake, self.now))
            later = outlook.next_wake(self.case)
            assert later is None or later > self.now, f"the case would be woken at {self.now} for ever"
        return self.jump(to)

    def until(self, text: str) -> "Night":
        """Let this evening pass, from wake to wake, until `19:20`."""
        return self.wait(at(text))

    def says(self, by: str, kind: str, *, when: object = None, **evidence: object) -> "Night":
        """Record a fact; `step` and `occurrence` name what it is about, the rest is evidence."""
        raw: dict[str, object] = {"kind": kind, "by": by}
        raw |= {name: evidence.pop(name) for name in ("step", "occurrence") if name in evidence}
        if isinstance(when, str):
            raw["at"] = at(when).isoformat()
        fact = read_fact({**raw, "evidence": evidence})
        return self.keep(record.record(self.case, fact, self.pack, self.roster, self.now))

    def held(self, by: str, interviewer: str = "pc-1", **answers: object) -> "Night":
        """Record the prevention interview, held now unless told."""
        said = {"interviewer": interviewer, "when": self.now.isoformat(), **INTERVIEW, **answers}
        fact = read_fact({"kind": "interview_held", "by": by, "evidence": said})
        return self.keep(record.record(self.case, fact, self.pack, self.roster, self.now))

    def goes_off_duty(self, person: str) -> "Night":
        """End a person's duty now; the roster still knows them."""
        duties = tuple(replace(d, to_at=self.now) if d.person == person else d for d in self.roster.duties)
        self.roster = replace(self.roster, duties=duties)
        return self

    def dues(self, key: str) -> list[str]:
        """Say when each occurrence of a step is due: `["11 03:00", "11 11:00"]`, the day first."""
        return [f"{s.due_at:%d} {clock(s.due_at)}" if s.due_at else "-" for s in self.case.occurrences(key)]

    def statuses(self, key: str) -> list[str]:
        """Say where each occurrence of a step stands."""
        return [step.status.value for step in self.case.occurrences(key)]

    def breaches(self, key: str) -> list[str]:
        """Give the register of breaches of a step: `["1 11 03:00 sgt-s"]`, occurrence, day, deadline and holder."""
        said = [entry for entry in self.entries if entry.kind == "overdue" and entry.body["step"] == key]
        return [f"{e.body['occurrence']} {e.at:%d} {clock(e.at)} {e.body['holder']}" for e in said]

    def step(self, key: str, occurrence: int | None = None) -> Step:
        """Give a step that must be there."""
        found = self.case.step(key, occurrence)
        assert found is not None, f"no step {key}"
        return found

    def due(self, key: str) -> str:
        """Say when a step is due."""
        due_at = self.step(key).due_at
        assert due_at is not None, f"{key} has no deadline"
        return clock(due_at)

    def heard(self, person: str, about: str = NOTIFY, type_: str | None = None) -> list[str]:
        """Say when and why a person was told about a step: `["19:00 notify", "19:03 remind"]`."""
        return [
            f"{clock(tell.due_at)} {tell.type}"
            for tell in self.tells
            if tell.person == person
            and (type_ is None or tell.type == type_)
            and any(ask.step == about for ask in tell.asks)
        ]

    def rungs(self, about: str = NOTIFY) -> list[str]:
        """Say when which person was told on which rung, reminders apart: `["19:00 0 insp-a", ...]`."""
        told = [t for t in self.step(about).told if t.rung >= 0]
        return [f"{clock(t.at)} {t.rung} {t.person}" for t in told]

    def message(self, person: str, type_: MessageType | str) -> Tell:
        """Give the latest message of a type to a person."""
        found = [tell for tell in self.tells if tell.person == person and tell.type == type_]
        assert found, f"{person} was sent no {type_}"
        return found[-1]

    def rang(self, key: AlarmKey) -> list[str]:
        """Give the details with which an alarm rang."""
        return [alarm.detail for alarm in self.alarms if alarm.key is key]

    def forget(self) -> "Night":
        """Look only at what comes from now on."""
        for seen in (self.tells, self.there, self.cancels, self.alarms, self.cleared, self.entries):
            seen.clear()
        return self
