"""A revision as somebody proposes it, and who may propose, approve and withdraw one (domain 8.1, 11.2)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator

from policy.errors import Fault, Invalid, Missing, Refused
from policy.permissions import Deed, Post, may
from policy.spans import SANE_YEARS, SKEW

# Reasons that hold no free text: what comes by way of Prefect says one of these, and the others may.
REASONS = (
    "After an incident or a complaint",
    "After an inspection or a recommendation",
    "After a review of what the timing does",
    "Change of law or national guidance",
    "Correction of a mistake",
    "Trial",
)
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


@dataclass(frozen=True)
class Who:
    """Who asks: a person by roster id, and what they are (`policy.permissions`)."""

    person: str
    posts: tuple[Post, ...]


class _OverrideBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: Id
    reason: Text


class Proposal(BaseModel):
    """What is proposed; either `changes` or a whole pack as TOML in `text`. Without `effective_from`: on approval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: int
    changes: list[object] | None = None
    text: str | None = None
    reason: Text
    effective_from: AwareDatetime | None = None
    applies_to: Literal["new", "live_and_new"] = "new"
    by: Id | None = None
    override: _OverrideBody | None = None

    @field_validator("effective_from", mode="before")
    @classmethod
    def _in_words(cls, at: object) -> object:
        if at is not None and not isinstance(at, str | datetime):
            raise ValueError("is not an instant with its offset")  # a number would count seconds since 1970
        return at or None

    @field_validator("effective_from")
    @classmethod
    def _in_utc(cls, at: datetime | None) -> datetime | None:
        if at is not None and at.year not in SANE_YEARS:
            raise ValueError("is not an instant of our time")
        return at.astimezone(UTC) if at else None


_REMEDIES = {
    "base": "give the number of the revision that was looked at",
    "reason": "say in some words why, so that it can be defended later",
    "effective_from": "write 2026-02-01T08:00:00Z, with its offset, or leave it out: then it counts from the approval",
    "applies_to": "use one of: new, live_and_new",
    "override": "give by (superintendent or above) and reason",
}


def read_proposal(raw: object, now: datetime, *, for_preview: bool = False) -> Proposal:
    """Read a proposal, or raise Invalid with every fault; a preview needs no reason yet."""
    if for_preview and isinstance(raw, dict):
        raw = {**raw, "reason": raw.get("reason") or REASONS[-1]}
    try:
        given = Proposal.model_validate(raw)
    except ValidationError as error:
        raise Invalid("the revision has faults", [_fault(dict(fault)) for fault in error.errors()]) from None
    faults = []
    if given.effective_from is not None and given.effective_from < now - SKEW:
        said = f"{given.effective_from.isoformat()} lies in the past"
        faults.append(
            Fault("effective_from", said, "no act is judged by a number that came later: give an instant to come")
        )
    if (given.changes is None) == (given.text is None):
        faults.append(
            Fault("changes", "and text: exactly one of them says what changes", "give changes, or a pack as text")
        )
    if faults:
        raise Invalid("the revision has faults", faults)
    return given


def _fault(fault: dict[str, object]) -> Fault:
    where = fault["loc"]
    assert isinstance(where, tuple)
    field = ".".join(str(part) for part in where) or "body"
    message = str(fault["msg"]).removeprefix("Value error, ")
    remedy = _REMEDIES.get(str(where[0]) if where else "", "see the form in /api/docs")
    return Fault(field, message[:1].lower() + message[1:], remedy)


def refuse_drafting(who: Who) -> None:
    """Refuse a proposal of somebody who may neither draft nor approve policy."""
    if not (may(Deed.EDIT_POLICY, who.posts) or may(Deed.APPROVE_POLICY, who.posts)):
        _refuse(
            who.person, "propose a revision", "rank", "a role that drafts policy: policy admin, chief inspector, ..."
        )


def refuse_override(by: Who) -> None:
    """Refuse an override of a national ceiling in the name of somebody of too low a rank, or unknown."""
    if not may(Deed.APPROVE_OVERRIDE, by.posts):
        _refuse(by.person, "override a national ceiling", "ceiling", "superintendent or above")


def refuse_approval(who: Who, proposed_by: str, *, override: bool, whole: bool) -> None:
    """Refuse an approval by the proposer, or by somebody of too low a rank for what is changed."""
    if who.person == proposed_by:
        missing = Missing("a second person", "nobody changes by themselves when people are told (domain 11.2)")
        who_may = "anybody else who may approve"
        raise Refused(f"{who.person} has proposed it", rule="second_person", missing=[missing], who_may=who_may)
    if whole and not may(Deed.APPROVE_PACK, who.posts):
        _refuse(who.person, "approve a whole pack", "rank", "assistant chief constable or above")
    if override and not may(Deed.APPROVE_OVERRIDE, who.posts):
        _refuse(who.person, "approve an override of a national ceiling", "ceiling", "superintendent or above")
    if not (whole or override or may(Deed.APPROVE_POLICY, who.posts)):
        _refuse(who.person, "approve a revision", "rank", "policy admin, superintendent or above")


def _refuse(person: str, what: str, rule: str, who_may: str) -> None:
    missing = Missing(who_may, "what stands behind every act is defended by somebody who answers for it (domain 11.2)")
    raise Refused(f"{person} may not {what}", rule=rule, missing=[missing], who_may=who_may)
