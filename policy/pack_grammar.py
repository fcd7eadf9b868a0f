"""The grammar of a pack file: which words a step may use and of what form each must be.

The classes mirror the TOML; `policy.pack_parse` turns them into a `Pack` and reports every fault at once.
"""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from policy.spans import Span
from policy.terms import Anchor, Condition, Consequence, FactKind, Gate, Kind, Rank, Risk, Role, Stage

NOT_REQUIRED = "-"
NO_LADDER = "none"
LOCAL_HOUR = r"^([01]\d|2[0-3]):[0-5]\d$"
BASIS = re.compile(r"^(SOURCED\([^)]+\)|CHOSEN)( .+)?$")
DONE_BY_KIND: dict[Kind, tuple[FactKind, ...]] = {
    Kind.TASK: (FactKind.STEP_COMPLETED,),
    Kind.NOTIFY: (FactKind.ACKNOWLEDGED,),
    Kind.ACCEPT: (FactKind.ACCEPTED,),
    Kind.REVIEW: (FactKind.REVIEWED,),
    Kind.WATCH: (FactKind.STEP_COMPLETED,),
    Kind.SIGN_OFF: (FactKind.CLOSURE_SIGNED,),
    Kind.PERIODIC: (FactKind.STEP_COMPLETED,),
}


def _by_risk(value: object) -> object:
    """A single value stands for all levels; `-` takes a level out."""
    if isinstance(value, str):
        return dict.fromkeys(Risk, value) if value != NOT_REQUIRED else {}
    if isinstance(value, dict):
        return {level: span for level, span in value.items() if span != NOT_REQUIRED}
    return value


SpanText = Annotated[Span, BeforeValidator(lambda value: Span.parse(str(value)))]
SpansByRisk = Annotated[dict[Risk, SpanText], BeforeValidator(_by_risk)]
RolesByRisk = Annotated[dict[Risk, Role], BeforeValidator(_by_risk)]


class Strict(BaseModel):
    """A part of a pack file: unknown words are faults."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class AddresseeText(Strict):
    """`{ role = "duty_inspector", area = "neighbours", ask = "...", risks = ["high"] }`.

    `owner = true` asks the owner of the case while on duty, and whoever holds the role until there is one.
    """

    role: Role
    area: str = "case"
    ask: str | None = None
    risks: list[Risk] = Field(default_factory=lambda: list(Risk), min_length=1)
    owner: bool = False
    otherwise: Role | None = None


class HoursText(Strict):
    """`{ from = "08:00", to = "22:00", due = "30m" }`: a team's hours, and the due of what came outside of them."""

    from_local: str = Field(alias="from", pattern=LOCAL_HOUR)
    to_local: str = Field(alias="to", pattern=LOCAL_HOUR)
    due: SpansByRisk = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_a_day(self) -> "HoursText":
        if self.from_local >= self.to_local:
            raise ValueError("from lies at or after to; write the hours of one day")
        return self


class BasisText(Strict):
    """`{ rule = "SOURCED(S0)", time = "CHOSEN" }`."""

    rule: str
    time: str

    @field_validator("rule", "time")
    @classmethod
    def _is_a_basis(cls, text: str) -> str:
        if not BASIS.match(text):
            raise ValueError(f"{text!r} is no basis; write SOURCED(code) or CHOSEN")
        return text


class EvidenceText(Strict):
    """One field of a step's form."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    type: Literal["text", "long", "instant", "person", "number", "yes_no", "choice", "spaces"] = "text"
    required: bool = True
    choices: list[str] = Field(default_factory=list)
    help: str = ""
    sets: Anchor | None = None
    role: Role | None = None
    yes: Consequence | None = None
    may_be_none: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> "EvidenceText":
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices and type = 'choice' go together; write both or neither")
        if self.sets and self.type != "instant":
            raise ValueError("only an instant sets an anchor; write type = 'instant'")
        if self.role and self.type != "person":
            raise ValueError("only a person holds a role; write type = 'person'")
        if self.may_be_none and self.type != "spaces":
            raise ValueError("only spaces may be none; write type = 'spaces'")
        if self.yes and self.type != "yes_no":
            raise ValueError("only a yes brings something about; write type = 'yes_no'")
        return self


class StepText(Strict):
    """One `[steps.<key>]` table, after inheritance."""

    title: str = Field(min_length=3, max_length=80)
    stage: Stage
    kind: Kind
    anchor: Anchor
    basis: BasisText
    act: str = ""
    awaits: str = ""
    ask: str = ""
    due: SpansByRisk = Field(default_factory=dict)
    every: SpansByRisk = Field(default_factory=dict)
    series: list[SpanText] = Field(default_factory=list)
    then_every: SpanText | None = None
    first: SpanText | None = None
    at_local: str | None = Field(default=None, pattern=LOCAL_HOUR)
    at_anchor: bool = False
    each_time: bool = False
    opens_before: SpanText | None = None
    outlives_closure: bool = False
    send: SpanText | None = None
    retry: SpansByRisk = Field(default_factory=dict)
    rung_every: SpansByRisk = Field(default_factory=dict)
    warn_at: list[Annotated[int, Field(ge=1, le=99)]] | None = None
    ladder_from: Literal["due", "anchor"] = "due"
    actor: RolesByRisk = Field(default_factory=dict)
    tells: list[AddresseeText] = Field(default_factory=list)
    ladder: list[AddresseeText] | str = NO_LADDER
    when: list[Condition] = Field(default_factory=list)
    gate: list[Gate] = Field(default_factory=list)
    evidence: list[EvidenceText] | str = Field(default_factory=list)
    ceiling: SpanText | None = None
    done_by: list[FactKind] = Field(default_factory=list)
    done_by_record: bool = False
    done_rank: Rank | None = None
    sets: Anchor | None = None
    names_actions: bool = False
    checks: str | None = None
    hours: HoursText | None = None
    waivable: bool = True
    guidance: str = ""
    guidance_link: str = Field(default="", pattern=r"^(https://\S+)?$")

    @model_validator(mode="after")
    def _holds_together(self) -> "StepText":
        faults = [text for wrong, text in (*self._of_times(), *self._of_people()) if wrong]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _of_times(self) -> tuple[tuple[bool, str], ...]:
        """Give what may be wrong with the times: they contradict each other, or there are none."""
        timed = self.due or self.every or self.series or self.at_local or self.at_anchor
        return (
            (not timed, "due, every, series, at_anchor or at_local is missing; say by when the step is to be done"),
            (
                self.at_anchor and bool(self.due or self.every or self.series),
                "at_anchor is due at its anchor; take due, every and series out",
            ),
            (
                self.each_time and bool(self.every or self.series),
                "each_time and every do not go together; a series counts from a fixed anchor",
            ),
            (
                (self.at_anchor or bool(self.series)) and self.ladder_given and not self.rung_every,
                "rung_every is missing; there is no due span to lie between its rungs",
            ),
            (
                bool(self.every) and bool(set(self.due) - set(self.every)),
                "due names levels that every has not; such a step would never come, write every for them too",
            ),
            (
                self.hours is not None and (self.at_anchor or bool(self.series)),
                "hours go with due or every; a series of fixed instants and at_anchor know no team",
            ),
            (
                self.hours is not None and not set(self.hours.due) <= set(self.due),
                "hours.due names levels that due has not; write due for them too",
            ),
            (bool(self.then_every) and not self.series, "then_every needs a series that it goes on from"),
        )

    def _of_people(self) -> tuple[tuple[bool, str], ...]:
        """Give what may be wrong with what a step is and whose it is."""
        return (
            (
                self.kind is Kind.NOTIFY and not (self.tells and self.retry),
                "a notify step needs tells and retry; say whom it tells and how often it reminds",
            ),
            (
                self.kind is Kind.NOTIFY and not self.ladder_given,
                "a notify step needs a ladder; say who is told when nobody acknowledges",
            ),
            (
                self.kind in (Kind.TASK, Kind.ACCEPT, Kind.REVIEW) and not (self.actor or self.tells),
                "actor or tells is missing; a step belongs to a role",
            ),
            (
                self.kind is Kind.REVIEW and not (self.every or self.series or self.at_anchor or self.each_time),
                "a review needs every, series, at_anchor or each_time",
            ),
            (
                Gate.ANOTHER_PERSON in self.gate and not self.checks,
                "the gate another_person needs checks; name the step that this one checks",
            ),
        )

    @property
    def ladder_given(self) -> bool:
        """Tell whether somebody is told when the step stays undone."""
        return bool(self.ladder) and self.ladder != NO_LADDER
