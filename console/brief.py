"""The brief of a handover, by template: risk and why, plan, open actions, reporter, hazards, what is awaited.

Whoever takes a case over reads the same as whoever gives it away (domain 8.2, B46); no name and no place stands here
but what people wrote themselves, and by a link that nobody signed in for not even that (`without_words`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from console.words import words
from policy.case import FINISHED, Case, Step
from policy.outlook import awaiting
from policy.pack import Pack
from policy.record_terms import CallType, Flag, ReporterKind
from policy.terms import Anchor, FactKind, Kind, Risk
from runtime.app import App
from runtime.readings import Json, iso
from store import cases, journal
from store.cases import Stored
from store.journal import JournalEntry, Lines

_SAID = frozenset({"risk", "fact"})
RECORD = "the record"  # who is behind a level that came with the report


@dataclass(frozen=True)
class RiskSaid:
    """The level, since when it stands, and who said last why."""

    level: Risk | None
    timer: Risk
    since_at: datetime | None
    by: str = ""
    said_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Plan:
    """What the latest review decided, and what comes next."""

    title: str
    by: str
    at: datetime | None
    decision: str
    next_actions: str


@dataclass(frozen=True)
class Action:
    """One thing that somebody still has to do."""

    step: str
    occurrence: int
    title: str
    holder: str | None
    due_at: datetime | None
    overdue: bool
    missed: int = 0  # occurrences of the same series before this one that are open still


@dataclass(frozen=True)
class Brief:
    """All that the next person needs in order to go on with a case; `worded` tells whether people's words are in it."""

    case: str
    status: str
    age_band: str
    area: str
    owner: str | None
    example: bool
    risk: RiskSaid
    plan: Plan | None
    actions: tuple[Action, ...]
    reporter: str
    spoken_at: datetime | None
    hazards: tuple[str, ...]
    awaits: str
    due_at: datetime | None
    then: str
    worded: bool = True

    def without_words(self) -> "Brief":
        """Give the brief without what people wrote: it may bear a name or a place."""
        plan = replace(self.plan, decision="", next_actions="") if self.plan else None
        known = tuple(hazard for hazard in self.hazards if hazard in _KNOWN)
        return replace(self, risk=replace(self.risk, why=""), plan=plan, hazards=known, worded=False)


def brief_of(app: App, ref: str) -> Brief:
    """Give the brief of a case, or raise Unknown."""
    with app.sessions.reading() as s:
        held = cases.load(s, ref)
        lines = journal.of_kinds(s, Lines(_SAID, ref))
    return brief_from(held, app.pack_of(held.case), lines, app.clock.now())


def brief_from(held: Stored, pack: Pack, lines: Iterable[JournalEntry], now: datetime) -> Brief:
    """Make the brief of a case that is loaded already, out of its lines of kinds `risk` and `fact`."""
    case, awaited = held.case, awaiting(held.case, pack, now)
    return Brief(
        case=case.ref,
        status=case.status,
        age_band=case.age_band,
        area=pack.area_title(case.area),
        owner=case.owner.person if case.owner else None,
        example=case.example,
        risk=_risk(held, pack, lines),
        plan=_plan(case, pack),
        actions=open_actions(case, pack, now),
        reporter=_reporter(held),
        spoken_at=case.anchors.get(Anchor.LAST_CONTACT),
        hazards=tuple(hazards(case)),
        awaits=awaited.what,
        due_at=awaited.by,
        then=awaited.then,
    )


def as_json(brief: Brief) -> Json:
    """Give the brief as the API answers it: instants in UTC."""
    return {name: _plain(value) for name, value in asdict(brief).items() if name != "worded"}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def open_actions(case: Case, pack: Pack, now: datetime) -> tuple[Action, ...]:
    """Give what somebody has to do, the first due first; notices and offers ask for an answer and are no actions."""
    live = [step for step in case.live_steps() if pack.steps[step.key].kind not in (Kind.NOTIFY, Kind.ACCEPT)]
    return actions_of(live, pack, now)


def actions_of(steps: Iterable[Step], pack: Pack, now: datetime) -> tuple[Action, ...]:
    """Say what is to be done, by whom and by when; the newest of a series stands for those that were missed."""
    ordered = sorted(steps, key=lambda step: step.occurrence)
    count = Counter(step.key for step in ordered)
    newest = sorted({step.key: step for step in ordered}.values(), key=lambda s: (s.due_at is None, s.due_at or now))
    return tuple(
        Action(
            step=step.key,
            occurrence=step.occurrence,
            title=pack.steps[step.key].title + (f" {step.occurrence}" if step.occurrence > 1 else ""),
            holder=step.holder,
            due_at=step.due_at,
            overdue=step.due_at is not None and step.due_at <= now,
            missed=count[step.key] - 1,
        )
        for step in newest
    )


def hazards(case: Case) -> Iterable[str]:
    """Say what to beware of: the flags of the record, how the call was typed, and a place that is kept back."""
    yield from (words(flag) for flag in sorted(case.flags))
    if case.call_type != CallType.MISSING:
        yield words(case.call_type)
    if case.do_not_disclose:
        yield DO_NOT_DISCLOSE


DO_NOT_DISCLOSE = "Nobody may be told where this person is"
_KNOWN = frozenset({*(words(word) for word in (*Flag, *CallType)), DO_NOT_DISCLOSE})


def _risk(held: Stored, pack: Pack, lines: Iterable[JournalEntry]) -> RiskSaid:
    """Find since when the level stands, and the latest words of whoever set or confirmed it."""
    case = held.case
    level, timer = case.risk, case.timer_risk(pack.child_floor)
    if level is None:
        return RiskSaid(level, timer, None)
    at = case.anchors.get(Anchor.CMS_CREATED)
    said = RiskSaid(level, timer, at, RECORD, at, _text(held.record, "risk_rationale"))
    why = ""
    for line in sorted(lines, key=lambda line: line.seq):
        if line.kind == "fact":
            why = _rationale(line)
            continue
        moved = line.body.get("before") != line.body.get("after")
        since_at = line.at if moved else said.since_at
        said = replace(said, since_at=since_at, by=line.by, said_at=line.at, why=why)
    return said


def _rationale(line: JournalEntry) -> str:
    evidence = line.body.get("evidence")
    if line.body.get("fact") != FactKind.RISK_SET or not isinstance(evidence, Mapping):
        return ""
    return _text(evidence, "rationale")


def _plan(case: Case, pack: Pack) -> Plan | None:
    """Give what the latest review decided."""
    reviews = [
        step
        for step in case.steps
        if step.status in FINISHED and step.done_at and FactKind.REVIEWED in pack.steps[step.key].done_by
    ]
    said = [step for step in reviews if step.evidence.get("decision")]
    latest = max(said, key=lambda step: (step.done_at, step.occurrence), default=None)
    if latest is None:
        return None
    number = f" {latest.occurrence}" if latest.occurrence > 1 else ""
    return Plan(
        title=pack.steps[latest.key].title + number,
        by=latest.done_by or "",
        at=latest.done_at,
        decision=_text(latest.evidence, "decision"),
        next_actions=_text(latest.evidence, "next_actions"),
    )


def _reporter(held: Stored) -> str:
    """Say who reported, as a kind: never by name."""
    given = held.record.get("reporter")
    kind = given.get("kind") if isinstance(given, Mapping) else None
    return words(kind) if kind in list(ReporterKind) else "Not said who"


def _text(given: Mapping[str, object], name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value).strip()
