"""The grammar of rehearsal files (contract section 9): strict, so that a slip of the pen is never a scenario."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

from policy.spans import Span
from policy.terms import AlarmKey, CaseStatus, FactKind, MessageType, Risk, StepStatus

MOMENT = "write +10m, -20d or 2026-01-10T19:00:00Z"
_OFFSET = re.compile(r"([+-])(0(?:s|m|h|d)?|\d{1,6}(?:s|m|h|d|mo))")
NO_SPAN = Span()
NOT_SET = "not_set"  # a risk that nobody has set yet


@dataclass(frozen=True)
class Moment:
    """An instant, or an offset from the rehearsal's start."""

    at: datetime | None = None
    sign: int = 1
    span: Span = NO_SPAN

    def on(self, start: datetime) -> datetime:
        """Give the instant."""
        return self.at or self.span.after(start, self.sign)


def is_offset(text: object) -> bool:
    """Tell whether a value is written as an offset such as `-20m`."""
    return isinstance(text, str) and _OFFSET.fullmatch(text) is not None


def read_moment(raw: object) -> Moment:
    """Read an instant or an offset; raise ValueError otherwise."""
    if isinstance(raw, Moment):
        return raw
    if isinstance(raw, str):
        offset = _OFFSET.fullmatch(raw.strip())
        if offset is not None:
            zero = offset[2].rstrip("smhd") == "0"
            return Moment(sign=-1 if offset[1] == "-" else 1, span=NO_SPAN if zero else Span.parse(offset[2]))
        try:
            raw = datetime.fromisoformat(raw.strip())
        except ValueError:
            raise ValueError(f"{raw!r} is no time") from None
    if not isinstance(raw, datetime):
        raise ValueError(f"{raw!r} is no time")  # noqa: TRY004 - pydantic turns ValueError into a fault
    if raw.tzinfo is None:
        raise ValueError(f"{raw.isoformat()} has no offset from UTC")
    return Moment(at=raw)


def read_drift(raw: object) -> timedelta:
    """Read how far a clock steps, such as `-90s`; raise ValueError otherwise."""
    if not is_offset(raw):
        raise ValueError(f"{raw!r} is no step of a clock")
    moment = read_moment(raw)
    return moment.span.nominal * moment.sign


def _list_of_words(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


Time = Annotated[Moment, BeforeValidator(read_moment)]
Drift = Annotated[timedelta, BeforeValidator(read_drift)]
Words = Annotated[list[str], BeforeValidator(_list_of_words)]
Number = Annotated[StrictInt, Field(ge=1)]


class Strict(BaseModel):
    """No word that the grammar does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class DutyText(Strict):
    """One `[[duty]]`: the roster's columns."""

    person: str
    role: str
    area: str
    from_: Time = Field(alias="from")
    to: Time
    name: str = ""
    rank: str = ""
    email: str = ""
    webhook: str = ""
    phone: str = ""
    sms: str = ""


class FactText(Strict):
    """What is said; whether it is complete is for the door to judge, a refusal may be what is rehearsed."""

    kind: FactKind
    by: str
    step: str | None = None
    occurrence: Number | None = None
    at: Time | None = None
    evidence: dict[str, Any] = Field(default_factory=dict)
    revision: Number | None = None  # of the pack whose form was filled in
    case: Number | None = None


class OutageText(Strict):
    """What stands still, and until when."""

    of: str = Field(pattern=r"^(engine|prefect|channel:(webhook|sms|email))$")
    until: Time


class ClockText(Strict):
    """How far the machine's clock steps."""

    drift: Drift


class ProposeText(Strict):
    """A revision, proposed by one person and approved at once by another (contract section 8).

    Either `changes` of numbers, or `pack`: tables laid over the pack as it stands, such as another form.
    """

    changes: list[dict[str, Any]] | None = None
    pack: dict[str, Any] | None = None
    by: str
    approver: str
    base: Number | None = None
    reason: str = "Trial"
    effective_from: Time | None = None
    applies_to: Literal["new", "live_and_new"] = "new"
    override: dict[str, str] | None = None


class ActText(Strict):
    """One `[[act]]`: when, and one thing that happens."""

    at: Time
    report: dict[str, Any] | None = None
    fact: FactText | None = None
    propose: ProposeText | None = None
    outage: OutageText | None = None
    absent: str | None = None
    clock: ClockText | None = None
    case: Number | None = None


class ExpectText(Strict):
    """One `[[expect]]`: one thing that must hold, and when."""

    told: str | None = None
    not_told: str | None = None
    status: CaseStatus | None = None
    risk: Risk | Literal["not_set"] | None = None
    owner: str | None = None
    responsible: str | None = None
    offered_to: str | None = None
    step: str | None = None
    due: str | None = None
    refused: Number | str | None = None
    alarm: AlarmKey | None = None
    count: Literal["told", "breaches", "runs"] | None = None
    about: Words = Field(default_factory=list)
    type: MessageType | None = None
    times: Annotated[StrictInt, Field(ge=0)] | None = None
    is_: StepStatus | Annotated[StrictInt, Field(ge=0)] | None = Field(default=None, alias="is")
    occurrence: Number | None = None
    missing: Words = Field(default_factory=list)
    to: str | None = None
    at: Time | None = None
    after: Time | None = None
    by: Time | None = None
    until: Time | None = None
    case: Number | None = None


class SourceText(Strict):
    """One `[[source]]`: where something that is told as it was can be read."""

    code: str
    title: str
    link: str = Field(pattern=r"^https://")


class WasText(Strict):
    """One `[[was]]`: what is known of the real night; `published` tells whether the source gives its time.

    `day` means that it gives the day and no hour. What it does not give is placed where `at` says, and said so.
    """

    at: Time
    text: str = Field(min_length=1)
    source: str
    published: StrictBool | Literal["day"] = True


class RehearsalText(Strict):
    """A whole file. `pack` is the name of a pack or of its file, or `[[pack]]` gives packs of the file's own."""

    name: str = ""
    pack: str | list[dict[str, Any]] = "staffordshire"
    start: Time
    duty: list[DutyText] = Field(default_factory=list)
    act: list[ActText] = Field(default_factory=list)
    expect: list[ExpectText] = Field(default_factory=list)
    about: str = ""
    source: list[SourceText] = Field(default_factory=list)
    was: list[WasText] = Field(default_factory=list)


HAPPENS = ("report", "fact", "propose", "outage", "absent", "clock")
HOLDS = (
    *("told", "not_told", "status", "risk", "owner", "responsible", "offered_to"),
    *("step", "due", "refused", "alarm", "count"),
)
# What may stand beside each; the times and `case` may stand beside all.
BESIDE: dict[str, frozenset[str]] = {
    "told": frozenset({"about", "type", "times"}),
    "not_told": frozenset({"about", "type"}),
    "step": frozenset({"is", "occurrence"}),
    "due": frozenset({"occurrence"}),
    "refused": frozenset({"missing"}),
    "alarm": frozenset({"to"}),
    "count": frozenset({"is", "about", "type", "to"}),
}
ALWAYS = frozenset({"at", "after", "by", "until", "case"})

Converter = Callable[[object], object]


def plain(value: object, convert: Converter = lambda text: text) -> object:
    """Make a TOML value what JSON would hold; `convert` is applied to each single value."""
    if isinstance(value, dict):
        return {key: plain(below, convert) for key, below in value.items()}
    if isinstance(value, list):
        return [plain(below, convert) for below in value]
    return convert(value.isoformat() if hasattr(value, "isoformat") else value)
