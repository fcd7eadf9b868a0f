"""The pack: one force's procedure as words and numbers, never as expressions (ADR: packs in TOML).

`policy.pack_parse.parse` reads one; this module says what it holds once it is known to be sound.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from policy.pack_parts import AreaRule, ForceRule, Hours, Inactive, Notification, Override, RoleCard
from policy.spans import Span
from policy.terms import RANK_OF_ROLE, Anchor, Condition, Consequence, FactKind, Gate, Kind, Rank, Risk, Role, Stage
from policy.values import once

__all__ = [
    "CASE_AREA",
    "NEIGHBOURS",
    "OTHER_FORCE",
    "WHOSE",
    "Addressee",
    "AreaRule",
    "Basis",
    "Evidence",
    "ForceRule",
    "Hours",
    "Inactive",
    "Notification",
    "Override",
    "Pack",
    "RoleCard",
    "StepRule",
]

CASE_AREA = "case"
NEIGHBOURS = "neighbours"
OTHER_FORCE = "other_force"  # the control room of the force to which a case is offered
WHOSE: Mapping[str, str] = {NEIGHBOURS: "neighbouring ", OTHER_FORCE: "other force's "}  # before a role of such an area


@dataclass(frozen=True)
class Addressee:
    """Whom a step tells: a role, in the case's area, in its neighbours, or in a named one.

    With `owner` it is the owner of the case, as long as there is one on duty. With `otherwise` it is whoever holds
    that role where nobody of `role` is on duty: a team that has gone home is no alarm.
    """

    role: Role
    area: str = CASE_AREA
    ask: str | None = None
    risks: frozenset[Risk] = frozenset(Risk)
    owner: bool = False
    otherwise: Role | None = None


@dataclass(frozen=True)
class Basis:
    """What stands behind having the step (`rule`) and behind its numbers (`time`): SOURCED(code) or CHOSEN."""

    rule: str
    time: str


@dataclass(frozen=True)
class Evidence:
    """One field of a step's form."""

    name: str
    title: str
    type: str = "text"  # text, long, instant, person, number, yes_no, choice, spaces
    required: bool = True
    choices: tuple[str, ...] = ()
    help: str = ""
    sets: Anchor | None = None  # the anchor that this instant sets
    role: Role | None = None  # the person named must hold this role at that minute
    yes: Consequence | None = None  # what a yes brings about
    may_be_none: bool = False  # of spaces: that there is nothing of the sort is an answer, such as no loft


@dataclass(frozen=True)
class StepRule:
    """One step of the procedure. A level that is not in `due` does not ask for the step (`-` in the pack)."""

    key: str
    title: str
    stage: Stage
    kind: Kind
    anchor: Anchor
    basis: Basis
    act: str  # the name of the task run that tells people
    awaits: str  # what the case awaits while the step is open, as the run's state name has it
    ask: str
    due: Mapping[Risk, Span] = field(default_factory=dict)
    every: Mapping[Risk, Span] = field(default_factory=dict)
    series: tuple[Span, ...] = ()
    then_every: Span | None = None
    first: Span | None = None
    at_local: str | None = None
    at_anchor: bool = False  # due at its anchor itself
    each_time: bool = False  # a new occurrence each time its anchor moves
    opens_before: Span | None = None  # how long before its due an occurrence of a series opens; None: at the former due
    outlives_closure: bool = False
    send: Span | None = None
    retry: Mapping[Risk, Span] = field(default_factory=dict)
    rung_every: Mapping[Risk, Span] = field(default_factory=dict)  # between its rungs; left out: the due span
    warn_at: tuple[int, ...] = ()  # per cent of the time from opening to due
    ladder_from: str = "due"
    actor: Mapping[Risk, Role] = field(default_factory=dict)
    tells: tuple[Addressee, ...] = ()
    ladder: tuple[Addressee, ...] = ()
    when: tuple[Condition, ...] = ()
    gate: tuple[Gate, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    ceiling: Span | None = None
    done_by: tuple[FactKind, ...] = ()
    done_by_record: bool = False  # the record itself completes it
    done_rank: Rank | None = None
    sets: Anchor | None = None  # the anchor that completing it sets
    names_actions: bool = False  # its message names the open actions of the case
    checks: str | None = None  # the step whose work it checks
    hours: Hours | None = None
    waivable: bool = True
    guidance: str = ""
    guidance_link: str = ""

    def applies(self, risk: Risk) -> bool:
        """Tell whether the level asks for this step."""
        return risk in self.due or risk in self.every or bool(self.series) or self.at_anchor

    def rank(self, risk: Risk, otherwise: Rank = Rank.STAFF) -> Rank:
        """Give the rank that the step asks for: its own word, else that of its actor, else `otherwise`."""
        actor = self.actor.get(risk)
        return self.done_rank or (RANK_OF_ROLE[actor] if actor else otherwise)

    def over_ceiling(self) -> dict[Risk, Span]:
        """Give the times that lie above the step's national ceiling, by level."""
        return {risk: span for risk, span in self.due.items() if self.ceiling and span > self.ceiling}

    @once
    def repeats(self) -> bool:
        """Tell whether the step is a fixed series: occurrence n is due at a fixed instant, whatever was done when."""
        return bool(self.every or self.series)

    @once
    def leads(self) -> timedelta:
        """Give how long before its anchor it opens, where it is due after an anchor that is known before it comes."""
        before = self.opens_before.nominal if self.opens_before else timedelta(0)
        due = max((span.nominal for span in self.due.values()), default=timedelta(0))
        return max(before - due, timedelta(0))

    @once
    def alike(self) -> bool:
        """Tell whether every level has the same times."""
        tables = [table for table in (self.due, self.every) if table]
        return all(len(table) == len(Risk) and len(set(table.values())) == 1 for table in tables)

    def rungs(self, risk: Risk) -> tuple[tuple[int, Addressee], ...]:
        """Give the rungs that the level climbs, each with its number in the pack, from 1."""
        return self._rungs[risk]

    @once
    def _rungs(self) -> Mapping[Risk, tuple[tuple[int, Addressee], ...]]:
        numbered = tuple(enumerate(self.ladder, 1))
        return {risk: tuple((n, to) for n, to in numbered if risk in to.risks) for risk in Risk}


@dataclass(frozen=True)
class Pack:
    """A force's procedure, sound as a whole: every word known, every number within its ceiling."""

    name: str
    title: str
    inherits: str | None
    areas: Mapping[str, AreaRule]
    steps: Mapping[str, StepRule]
    labels: Mapping[Role, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    notification: Notification = field(default_factory=Notification)
    child_floor: Risk = Risk.MEDIUM
    downgrade_rank: Rank = Rank.INSPECTOR
    revision: int = 1
    sources: str = ""
    inactive: Inactive = field(default_factory=Inactive)
    overrides: Mapping[str, Override] = field(default_factory=dict)
    cards: Mapping[Role, RoleCard] = field(default_factory=dict)
    forces: Mapping[str, ForceRule] = field(default_factory=dict)  # the others, to which a case may go
    own_force: ForceRule | None = None
    floors: Mapping[str, Risk] = field(default_factory=dict)  # by flag of the record

    @once
    def case_steps(self) -> tuple[StepRule, ...]:
        """Give the steps that belong to a case, in the pack's order; periodic ones belong to the force."""
        return tuple(rule for rule in self.steps.values() if rule.kind is not Kind.PERIODIC)

    @once
    def anchors(self) -> frozenset[Anchor]:
        """Give the anchors from which any step of a case counts."""
        return frozenset(rule.anchor for rule in self.case_steps)

    @once
    def shift_handover(self) -> StepRule | None:
        """Give the step that offers what somebody would leave behind, None where the pack has none."""
        asks = (rule for rule in self.case_steps if rule.anchor is Anchor.SHIFT_END and rule.kind is Kind.ACCEPT)
        return next(asks, None)

    @once
    def series(self) -> frozenset[str]:
        """Give the keys of the steps that are a fixed series."""
        return frozenset(rule.key for rule in self.case_steps if rule.repeats)

    @once
    def first_offer(self) -> str | None:
        """Give the key of the step by which a case finds its first owner: the first that offers it."""
        return next((rule.key for rule in self.case_steps if rule.kind is Kind.ACCEPT), None)

    @once
    def asks(self) -> frozenset[str]:
        """Give the keys of the steps that ask a person for an answer: notices and offers."""
        return frozenset(rule.key for rule in self.steps.values() if rule.kind in (Kind.NOTIFY, Kind.ACCEPT))

    def completed_by(self, kind: FactKind) -> Collection[str]:
        """Give the keys of the steps that a kind of fact completes."""
        return self._completed_by.get(kind, ())

    @once
    def _completed_by(self) -> Mapping[FactKind, Collection[str]]:
        asked = self.steps.values()
        return {kind: {rule.key for rule in asked if kind in rule.done_by} for kind in FactKind}

    def of_kind(self, kind: Kind) -> Collection[str]:
        """Give the keys of the steps of a kind."""
        return self._of_kind[kind]

    @once
    def _of_kind(self) -> Mapping[Kind, Collection[str]]:
        return {kind: {rule.key for rule in self.steps.values() if rule.kind is kind} for kind in Kind}

    @once
    def worked_out(self) -> dict[object, Mapping[str, str | None]]:
        """Keep, for each state of a case, why it does not ask for a step: worked out once for all such cases."""
        return {}

    def label(self, role: Role) -> str:
        """Give the force's full word for a role: `Local Operations Inspector (LOI)`."""
        return self.labels.get(role) or role.replace("_", " ").capitalize()

    def short(self, role: Role) -> str:
        """Give the force's short word for a role: `LOI` where the label has one in brackets."""
        return self._shorts[role]

    @once
    def _shorts(self) -> Mapping[Role, str]:
        labels = {role: self.label(role) for role in Role}
        return {role: name[name.rindex("(") + 1 : -1] if name.endswith(")") and "(" in name else name
                for role, name in labels.items()}  # fmt: skip

    def card(self, role: Role) -> RoleCard:
        """Give a role's card in the force's own words; one without lines where the pack has none."""
        return self.cards.get(role, RoleCard()).worded(lambda word: self._words.get(word) or word.replace("_", " "))

    @once
    def _words(self) -> Mapping[str, str]:
        return {**self.systems, **{str(role): name for role, name in self._shorts.items()}}

    def areas_for(self, to: Addressee, area: str | None) -> tuple[str, ...]:
        """Give the areas in which to look for an addressee of a case in `area`."""
        if to.area == NEIGHBOURS:
            known = self.areas.get(area or "")
            return known.neighbours if known else ()
        if to.area == CASE_AREA:
            return (area,) if area else ()
        return (to.area,)

    def area_title(self, area: str | None) -> str:
        """Give an area's title for people to read."""
        known = self.areas.get(area or "")
        return known.title if known else "area not known"

    def force_title(self, force: str | None) -> str:
        """Give another force's title for people to read."""
        known = self.forces.get(force or "")
        return known.title if known else (force or "another force").replace("_", " ")

    def needed(self) -> tuple[tuple[Role, str], ...]:
        """Give each role and area that some step or rung must find on duty; of a team that goes home, who stands in."""
        asked = (to for rule in self.steps.values() for to in (*rule.tells, *rule.ladder))
        roles = {to.otherwise or to.role for to in asked}
        return tuple((role, area) for role in sorted(roles) for area in self.areas)
