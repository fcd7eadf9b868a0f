"""The grammar of a pack file's head: all that it says beside its steps."""

from typing import Annotated

from pydantic import Field

from policy.pack_grammar import AddresseeText, EvidenceText, SpansByRisk, SpanText, Strict
from policy.record_terms import Flag
from policy.spans import Span
from policy.terms import Rank, Risk, Role


class AreaText(Strict):
    """One `[areas.<key>]` table."""

    title: str
    neighbours: list[str] = Field(default_factory=list)


class NotificationText(Strict):
    """`[texts.effective_notification]`: who is told, how, what is said, what counts, how it is recorded."""

    who: str
    how: str
    content: str
    what_counts: str
    how_recorded: str


class TextsText(Strict):
    """`[texts]`."""

    effective_notification: NotificationText | None = None


class LabelsText(Strict):
    """`[labels]`: the force's own words."""

    roles: dict[Role, str] = Field(default_factory=dict)
    systems: dict[str, str] = Field(default_factory=dict)


class InactiveText(Strict):
    """`[inactive]`: within what the next review of an inactive case must lie, and when it takes a senior rank."""

    within: SpansByRisk = Field(default_factory=dict)
    rank: Rank = Rank.INSPECTOR
    senior_after: SpanText = Field(default_factory=lambda: Span.parse("28d"))
    senior_rank: Rank = Rank.SUPERINTENDENT


class OverrideText(Strict):
    """`[overrides.<step>]`: who lets a step's time lie above its national ceiling, and why."""

    by: str = Field(min_length=1, max_length=64)
    reason: str = Field(min_length=3)


class CardText(Strict):
    """`[cards.<role>]`: what the role must do, may decide, must not do, and whom it calls."""

    must: list[str] = Field(min_length=1)
    may: list[str] = Field(default_factory=list)
    must_not: list[str] = Field(default_factory=list)
    calls: list[str] = Field(default_factory=list)


class ForceText(Strict):
    """`[forces.<key>]`: another force, to which a case may be transferred."""

    title: str = Field(min_length=3)


class HeadText(Strict):
    """All of a pack file but its steps."""

    pack: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    inherits: str | None = None
    sources: str = ""
    child_floor: Risk = Risk.MEDIUM
    downgrade_rank: Rank = Rank.INSPECTOR
    labels: LabelsText = Field(default_factory=LabelsText)
    areas: dict[str, AreaText] = Field(default_factory=dict)
    texts: TextsText = Field(default_factory=TextsText)
    ladders: dict[str, list[AddresseeText]] = Field(default_factory=dict)
    forms: dict[str, list[EvidenceText]] = Field(default_factory=dict)
    warn_at: list[Annotated[int, Field(ge=1, le=99)]] = Field(default_factory=list)
    inactive: InactiveText = Field(default_factory=InactiveText)
    overrides: dict[str, OverrideText] = Field(default_factory=dict)
    cards: dict[Role, CardText] = Field(default_factory=dict)
    forces: dict[str, ForceText] = Field(default_factory=dict)
    floors: dict[Flag, Risk] = Field(default_factory=dict)
