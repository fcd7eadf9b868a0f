"""The grammar of a pack file's head: all that it says beside its steps."""

from typing import Annotated

from pydantic import Field, field_validator

from policy.pack_grammar import AddresseeText, EvidenceText, SpansByRisk, SpanText, Strict
from policy.pack_parts import CARD_WORD
from policy.record_terms import Flag
from policy.spans import Span
from policy.terms import Rank, Risk, Role

SYSTEMS = ("case", "command_and_control")  # what a force has its own words for, beside roles


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
    """`[cards.<role>]`: what the role must do, may decide, must not do, and whom it calls.

    `{duty_inspector}` in a line is the force's own word for that role, `{case}` that for its case system.
    """

    must: list[str] = Field(min_length=1)
    may: list[str] = Field(default_factory=list)
    must_not: list[str] = Field(default_factory=list)
    calls: list[str] = Field(default_factory=list)

    @field_validator("*")
    @classmethod
    def _names_what_there_is(cls, lines: list[str]) -> list[str]:
        known = {*Role, *SYSTEMS}
        strange = [word for line in lines for word in CARD_WORD.findall(line) if word not in known]
        if strange:
            raise ValueError(f"{{{strange[0]}}} names no role and no system; use a role's key, {{case}} or the like")
        return lines


class ForceText(Strict):
    """`[forces.<key>]`: another force, to which a case may be transferred."""

    title: str = Field(min_length=3)


class HeadText(Strict):
    """All of a pack file but its steps.

    `force` says which of `forces` the pack is of; left out it is the one that is called as the pack is, if any.
    """

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
    force: str | None = None
    forces: dict[str, ForceText] = Field(default_factory=dict)
    floors: dict[Flag, Risk] = Field(default_factory=dict)

    @property
    def own_force(self) -> str:
        """Give the key of the force that the pack is of."""
        return self.force or self.pack

    @property
    def other_forces(self) -> dict[str, ForceText]:
        """Give the forces to which a case may go."""
        return {key: force for key, force in self.forces.items() if key != self.own_force}
