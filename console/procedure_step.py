"""One step of a pack in words: the rows of its table in `docs/procedure.md`."""

from collections.abc import Iterator, Mapping, Sequence

from console.procedure_words import ANCHORS, CONDITIONS, CONSEQUENCES, GATES, KINDS, RISKS, in_words
from policy.pack import CASE_AREA, NEIGHBOURS, OTHER_FORCE, Addressee, Evidence, Pack, StepRule
from policy.roster import FORCE_WIDE
from policy.spans import Span
from policy.terms import RANK_OF_ROLE, Kind, Rank, Risk, Role

WHERE: Mapping[str, str] = {
    CASE_AREA: "",
    NEIGHBOURS: " of a neighbouring area",
    FORCE_WIDE: " of the whole force",
    OTHER_FORCE: " of the other force",
}


def rows(pack: Pack, rule: StepRule) -> Iterator[tuple[str, str]]:
    """Give what a pack says of a step, each with its heading; an empty text where it says nothing."""
    yield "What it is", f"{KINDS[rule.kind]} (`{rule.kind}`)"
    yield "Whose", _actors(pack, rule)
    yield "Tells", "; ".join(_to(pack, to) for to in rule.tells)
    yield "Asks", rule.ask + (", naming the open actions of the case" if rule.names_actions else "")
    yield "Only when", "; ".join(f"{CONDITIONS.get(word, in_words(word))} (`{word}`)" for word in rule.when)
    yield "Counts from", f"{ANCHORS.get(rule.anchor, in_words(rule.anchor))} (`{rule.anchor}`)"
    yield "Due", by_risk(rule.due)
    yield from _recurrence(rule)
    yield "Hours", _hours(rule)
    yield "First message within", str(rule.send or "")
    yield "Reminded", by_risk(rule.retry, "every ")
    yield "Warned at", ", ".join(f"{percent} % of the time" for percent in rule.warn_at)
    yield "Ladder", "<br>".join(f"{n}. {_to(pack, to)}" for n, to in enumerate(rule.ladder, 1)) or "none"
    yield "Between rungs", by_risk(rule.rung_every)
    yield "Ladder counts from", "the anchor" if rule.ladder and rule.ladder_from == "anchor" else ""
    yield "Ceiling", f"{rule.ceiling}: above it only by a named override" if rule.ceiling else ""
    yield "Form", "<br>".join(_field(pack, field) for field in rule.evidence)
    yield "Gate", "<br>".join(f"{GATES.get(gate, in_words(gate))} (`{gate}`)" for gate in rule.gate)
    yield "Checks", f"what was done under `{rule.checks}`" if rule.checks else ""
    yield "Done by", _done_by(rule)
    yield "Begins", f"when it is done: {ANCHORS[rule.sets]} (`{rule.sets}`)" if rule.sets else ""
    yield "Waived", "by the supervisor of the one who has it, with a reason" if rule.waivable else "never"
    yield "After closure", "still asked for" if rule.outlives_closure else ""
    yield "Basis", f"of the rule {rule.basis.rule}, of the time {rule.basis.time}"
    yield "Guidance", rule.guidance + (f" <{rule.guidance_link}>" if rule.guidance_link else "")


def when_due(rule: StepRule, risk: Risk) -> str:
    """Say in a few words when a step is due at a level: `10m`, `every 8h`; `-` where it is not asked for."""
    if not rule.applies(risk):
        return "-"
    said = [f"first {rule.first}"] if rule.first else []
    said += [str(rule.due[risk])] if risk in rule.due else []
    said += [f"every {rule.every[risk]}"] if risk in rule.every else []
    then = f", then every {rule.then_every}" if rule.then_every else ""
    said += [", ".join(map(str, rule.series)) + then] if rule.series else []
    said += ["at its time"] if rule.at_anchor else []
    return ", ".join(said)


def whose(pack: Pack, rule: StepRule) -> str:
    """Name whose step it is, in the force's short words."""
    roles = dict.fromkeys([*rule.actor.values()] or [to.role for to in rule.tells])
    owner = "owner, or " if not rule.actor and any(to.owner for to in rule.tells) else ""
    return owner + ", ".join(pack.short(role) for role in roles)


def by_risk(spans: Mapping[Risk, Span], before: str = "") -> str:
    """Say one span for all levels, or each level's."""
    if not spans:
        return ""
    said = {risk: f"{before}{spans[risk]}" if risk in spans else "-" for risk in Risk}
    if len(set(said.values())) == 1:
        return said[Risk.HIGH]
    return ", ".join(f"{RISKS[risk]} {text}" for risk, text in said.items())


def ticked(words: Sequence[str]) -> str:
    """Give words as code, with commas between."""
    return ", ".join(f"`{word}`" for word in words)


def _recurrence(rule: StepRule) -> Iterator[tuple[str, str]]:
    yield "Comes again", by_risk(rule.every, "every ")
    yield "The first one", str(rule.first or "")
    then = f", then every {rule.then_every}" if rule.then_every else ""
    yield "Series", ", ".join(str(span) for span in rule.series) + then
    yield "At local time", rule.at_local or ""
    yield "Comes each time", "what it counts from happens again" if rule.each_time else ""
    yield "Due at", "what it counts from, to the minute" if rule.at_anchor else ""
    yield "Opens", f"{rule.opens_before} before it is due" if rule.opens_before else ""


def _hours(rule: StepRule) -> str:
    if rule.hours is None:
        return ""
    own = by_risk(rule.hours.due)
    then = f", and is due {own} after it" if own else ""
    said = f"{rule.hours.from_local} to {rule.hours.to_local} by the clock on the wall;"
    return f"{said} what comes outside of them counts from their next beginning{then}"


def _actors(pack: Pack, rule: StepRule) -> str:
    roles = dict.fromkeys(rule.actor.values())
    if len(roles) == 1 and len(rule.actor) == len(Risk):
        return _role(pack, next(iter(roles)))
    levels = {role: [RISKS[risk] for risk in Risk if rule.actor.get(risk) is role] for role in roles}
    return "; ".join(f"{', '.join(at)}: {_role(pack, role)}" for role, at in levels.items())


def _role(pack: Pack, role: Role) -> str:
    return f"{pack.label(role)} (`{role}`)"


def _to(pack: Pack, to: Addressee) -> str:
    where = WHERE.get(to.area, f" of {pack.area_title(to.area)}")
    text = ("the owner, or " if to.owner else "") + _role(pack, to.role) + where
    if to.otherwise is not None:
        text += f", or where none is on duty {_role(pack, to.otherwise)}"
    if to.risks != frozenset(Risk):
        text += " (at " + ", ".join(RISKS[risk] for risk in Risk if risk in to.risks) + ")"
    return f"{text}: {to.ask}" if to.ask else text


def _field(pack: Pack, field: Evidence) -> str:
    text = f"{field.title} (`{field.name}`)"
    text += f": {ticked(field.choices)}" if field.choices else ""
    text += ": each searched, or not and why" if field.type == "spaces" else ""
    text += ", or that there is none" if field.may_be_none else ""
    text += f", somebody on duty as {pack.label(field.role)}" if field.role else ""
    text += f"; sets {ANCHORS[field.sets]}" if field.sets else ""
    text += f"; with a yes {CONSEQUENCES[field.yes]}" if field.yes else ""
    return text if field.required else f"{text}; may be left out"


def _done_by(rule: StepRule) -> str:
    text = ("the record's own arrival, or " if rule.done_by_record else "") + ticked(rule.done_by)
    if rule.kind in (Kind.NOTIFY, Kind.ACCEPT):
        return f"{text} by somebody who was told"
    ranks = {rule.done_rank} if rule.done_rank else {RANK_OF_ROLE[role] for role in rule.actor.values()}
    return f"{text}, rank {' or '.join(in_words(rank) for rank in Rank if rank in ranks)} or above" if ranks else text
