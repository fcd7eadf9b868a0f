"""What can be said about a case: the grammar of facts (contract section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from policy.errors import Fault, Invalid
from policy.spans import SANE_YEARS, read_instant
from policy.terms import FactKind, Risk

K = FactKind

# Information is never refused, from anybody known, on any case.
INFORMATION = frozenset(
    {K.ATTENDED, K.TASKED, K.RESOURCED, K.UNRESOURCED, K.NEW_INFORMATION, K.CONTACT_MADE, K.LOG_ENTRY}
    | {K.FOUND_REPORTED, K.VERIFIED_SEEN, K.RETURNED, K.SERIAL_CLOSED, K.REOPENED, K.NOTE}
)
# Acts of now: the sender cannot say when they were.
OF_NOW = frozenset({K.ACKNOWLEDGED, K.ACCEPTED, K.DECLINED, K.TRANSFER_ACCEPTED, K.CLOSURE_SIGNED})

REQUIRED: dict[FactKind, tuple[str, ...]] = {
    K.DECLINED: ("reason",),
    K.DELEGATED: ("to", "reason"),
    K.RISK_SET: ("level", "rationale"),
    K.TASKED: ("unit",),
    K.RESOURCED: ("unit",),
    K.UNRESOURCED: ("reason",),
    K.STEP_WAIVED: ("reason",),
    K.REVIEWED: ("decision", "rationale"),
    K.NEW_INFORMATION: ("summary", "source"),
    K.CONTACT_MADE: ("with",),
    K.LOG_ENTRY: ("source", "text"),
    K.VERIFIED_SEEN: ("seen_by", "where", "wellbeing"),
    K.RETURNED: ("at",),
    K.INTERVIEW_HELD: (
        *("interviewer", "when", "where", "method"),
        *("harm", "reasons", "where_been", "risk_next_time"),
    ),
    K.SERIAL_ENTRY: ("recipient", "text"),
    K.HANDOVER_OFFERED: ("to",),
    K.TRANSFER_OFFERED: ("force",),
    K.TRANSFER_ACCEPTED: ("person",),
    K.TRANSFER_BOUNCED: ("reason",),
    K.NO_DEPLOYMENT: ("reason",),
    K.INACTIVE_REQUESTED: ("rationale", "next_review_at"),
    K.CLOSURE_REQUESTED: ("rationale",),
    K.CLOSURE_SIGNED: ("rationale",),
    K.REOPENED: ("reason",),
    K.NOTE: ("text",),
}
CHOICES: dict[tuple[FactKind, str], tuple[str, ...]] = {
    (K.RISK_SET, "level"): tuple(Risk),
    (K.VERIFIED_SEEN, "wellbeing"): ("safe", "harmed", "deceased"),
    (K.CLOSURE_REQUESTED, "reason"): ("found", "not_missing"),
}
NEEDS_STEP = frozenset({K.STEP_COMPLETED, K.STEP_WAIVED, K.REVIEWED})


@dataclass(frozen=True)
class Fact:
    """One thing said about a case by one named person; `at` is None when it is of now."""

    kind: FactKind
    by: str
    step: str | None = None
    occurrence: int | None = None
    at: datetime | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)
    revision: int | None = None  # of the pack whose form was filled in

    @property
    def is_information(self) -> bool:
        """Tell whether it may never be refused; raising the risk is decided where the risk is known."""
        return self.kind in INFORMATION

    def text(self, name: str) -> str:
        """Give one piece of evidence as text, empty when it is missing."""
        value = self.evidence.get(name)
        return "" if value is None else str(value).strip()


class _FactBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: FactKind
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    step: str | None = Field(default=None, max_length=64)
    occurrence: int | None = Field(default=None, ge=1, le=100_000)
    at: AwareDatetime | None = None
    evidence: dict[str, object] = Field(default_factory=dict)
    revision: int | None = Field(default=None, ge=1, le=1_000_000)

    @field_validator("at", mode="before")
    @classmethod
    def _in_words(cls, at: object) -> object:
        if at is not None and not isinstance(at, str):
            raise ValueError("is not an instant with its offset")  # a number would count seconds since 1970
        return at

    @field_validator("at")
    @classmethod
    def _in_utc(cls, at: datetime | None) -> datetime | None:
        if at is not None and at.year not in SANE_YEARS:
            raise ValueError("is not an instant of our time")
        return at.astimezone(UTC) if at else None


def read_fact(raw: object) -> Fact:
    """Read a fact, or raise Invalid with every fault: field, what is wrong, what to do."""
    try:
        body = _FactBody.model_validate(raw)
    except ValidationError as error:
        raise Invalid("the fact has faults", _faults(error)) from None
    faults = [*_missing(body), *_wrong(body)]
    if faults:
        raise Invalid(f"the fact {body.kind} has faults", faults)
    at = None if body.kind in OF_NOW else body.at
    return Fact(body.kind, body.by, body.step, body.occurrence, at, body.evidence, body.revision)


def _missing(body: _FactBody) -> list[Fault]:
    absent = [name for name in REQUIRED.get(body.kind, ()) if is_blank(body.evidence.get(name))]
    faults = [
        Fault(f"evidence.{name}", "is missing", f"give {name}; {body.kind} is nothing without it") for name in absent
    ]
    if body.kind in NEEDS_STEP and not body.step:
        faults.append(Fault("step", "is missing", "name the step, such as log_notification_in_c_and_c"))
    return faults


def _wrong(body: _FactBody) -> list[Fault]:
    faults = []
    for (kind, name), allowed in CHOICES.items():
        value = body.evidence.get(name)
        if kind is body.kind and not is_blank(value) and value not in allowed:
            faults.append(Fault(f"evidence.{name}", f"{value!r} is not a word of the list", _one_of(allowed)))
    for name in ("at", "next_review_at"):
        value = body.evidence.get(name)
        if not is_blank(value) and read_instant(str(value)) is None:
            faults.append(
                Fault(f"evidence.{name}", f"{value!r} is no instant", "write 2026-01-10T19:00:00Z, with its offset")
            )
    return faults


def is_blank(value: object) -> bool:
    """Tell whether a piece of evidence says nothing: a field filled with blanks is not filled in."""
    return value in (None, [], {}) or (isinstance(value, str) and not value.strip())


def _one_of(words: tuple[str, ...]) -> str:
    return "use one of: " + ", ".join(words)


def _faults(error: ValidationError) -> list[Fault]:
    faults = []
    for fault in error.errors():
        field_name = ".".join(str(part) for part in fault["loc"]) or "body"
        remedy = _one_of(tuple(K)) if field_name == "kind" else "see the fact's form in /api/docs"
        if fault["type"] == "extra_forbidden":
            remedy = "leave it out, or put it under evidence"
        message = fault["msg"].removeprefix("Value error, ")
        faults.append(Fault(field_name, message[:1].lower() + message[1:], remedy))
    return faults
