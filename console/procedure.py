"""The procedure in words: every step of every pack as a document for people.

`docs/procedure.md` is what this makes of the shipped packs; a test holds the two together. To write it anew:
`.venv/bin/python -m console.procedure > docs/procedure.md`.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from console.procedure_words import ANCHORS, CONDITIONS, GATES, KINDS, RISKS, in_words
from policy.pack import CASE_AREA, NEIGHBOURS, Addressee, Evidence, Pack, StepRule
from policy.roster import FORCE_WIDE
from policy.spans import Span
from policy.terms import RANK_OF_ROLE, Kind, Risk, Role, Stage

INTRO: Final = (
    "# The procedure, step by step",
    "",
    "This page is made from the packs in `policy/packs/` and is never written by hand.",
    "To write it anew: `.venv/bin/python -m console.procedure > docs/procedure.md`.",
    "",
    "Every rule and every time shows what stands behind it:"
    " `SOURCED(code)` where a public text gives it, `CHOSEN` where Vigil proposes it.",
    "The codes are listed in the [glossary](glossary.md#sources), the words of a pack in [packs.md](packs.md).",
    "",
    "A step's times count from its anchor: the first message goes out at the anchor,"
    " the step is *overdue* when its due span has passed, and rung *n* of the ladder follows *n* due spans later.",
    "After the last rung the last two are told again every due span until a named person has it.",
    "`-` means that the level does not ask for the step.",
    "",
)


def procedure_markdown(packs: Mapping[str, Pack]) -> str:
    """Say every pack in words, parents before children; a step inherited as it is refers to the parent's."""
    ordered = sorted(packs.values(), key=lambda pack: (_depth(pack, packs), pack.name))
    contents = [
        f"- [{pack.title}](#{slug(_heading(pack))}): `{pack.name}`, {len(pack.steps)} steps" for pack in ordered
    ]
    chapters = [_pack(pack, packs.get(pack.inherits or "")) for pack in ordered]
    return "\n".join([*INTRO, *contents, "", *chapters]).rstrip() + "\n"


def _depth(pack: Pack, packs: Mapping[str, Pack]) -> int:
    parent = packs.get(pack.inherits or "")
    return 0 if parent is None else 1 + _depth(parent, packs)


def _heading(pack: Pack) -> str:
    return f"Pack {pack.name}"


def _pack(pack: Pack, parent: Pack | None) -> str:
    lines = [f"## {_heading(pack)}", "", f"{pack.title}."]
    if parent is not None:
        lines.append(f"It inherits from [{parent.name}](#{slug(_heading(parent))}) and replaces what differs.")
    lines += [
        f"Sources: {pack.sources}." if pack.sources else "It names no sources.",
        f"A child's timers never run below {RISKS[pack.child_floor]} without an inspector's named decision.",
        f"A risk is lowered by the rank {in_words(pack.downgrade_rank)} or above.",
        "",
        *_notification(pack),
        *_overview(pack),
        *_roles(pack),
        *_areas(pack),
    ]
    for stage in Stage:
        for rule in pack.steps.values():
            if rule.stage is stage:
                lines += _step(pack, rule, parent)
    return "\n".join(lines)


def _notification(pack: Pack) -> Iterator[str]:
    told = pack.notification
    rows = (
        ("Who", told.who),
        ("How", told.how),
        ("Content", told.content),
        ("What counts", told.what_counts),
        ("How it is recorded", told.how_recorded),
    )
    if any(text for _, text in rows):
        yield from ("### An effective notification: " + pack.name, "", "| | |", "|---|---|")
        yield from (f"| {name} | {_cell(text)} |" for name, text in rows)
        yield ""


def _overview(pack: Pack) -> Iterator[str]:
    yield from (f"### All steps: {pack.name}", "")
    yield "| Step | Stage | From | Very low | Low | Medium | High | Whose |"
    yield "|---|---|---|---|---|---|---|---|"
    for stage in Stage:
        for rule in pack.steps.values():
            if rule.stage is stage:
                due = " | ".join(_when(rule, risk) for risk in Risk)
                yield f"| `{rule.key}` | {stage} | `{rule.anchor}` | {due} | {_whose(pack, rule)} |"
    yield ""


def _when(rule: StepRule, risk: Risk) -> str:
    if not rule.applies(risk):
        return "-"
    said = [str(rule.due[risk])] if risk in rule.due else []
    said += [f"every {rule.every[risk]}"] if risk in rule.every else []
    then = f", then every {rule.then_every}" if rule.then_every else ""
    said += [", ".join(map(str, rule.series)) + then] if rule.series else []
    said += ["at its time"] if rule.at_anchor else []
    return ", ".join(said)


def _whose(pack: Pack, rule: StepRule) -> str:
    roles = dict.fromkeys([*rule.actor.values()] or [to.role for to in rule.tells])
    owner = "owner, or " if not rule.actor and any(to.owner for to in rule.tells) else ""
    return _cell(owner + ", ".join(pack.short(role) for role in roles))


def _roles(pack: Pack) -> Iterator[str]:
    steps = pack.steps.values()
    used = [role for rule in steps for role in (*rule.actor.values(), *(to.role for to in (*rule.tells, *rule.ladder)))]
    yield from (f"### Roles: {pack.name}", "", "| Role | The force's word |", "|---|---|")
    yield from (f"| `{role}` | {_cell(pack.label(role))} |" for role in Role if role in used)
    yield ""


def _areas(pack: Pack) -> Iterator[str]:
    if pack.areas:
        yield from (f"### Areas: {pack.name}", "", "| Area | Title | Neighbours |", "|---|---|---|")
        for area in pack.areas.values():
            yield f"| `{area.key}` | {_cell(area.title)} | {_ticked(area.neighbours)} |"
        yield ""


def _step(pack: Pack, rule: StepRule, parent: Pack | None) -> Iterator[str]:
    yield from (f"### {rule.key}: {pack.name}", "", f"**{rule.title}**", "")
    if parent is not None and parent.steps.get(rule.key) == rule:
        yield f"As in [{parent.name}](#{slug(f'{rule.key}: {parent.name}')})."
    else:
        yield from ("| | |", "|---|---|")
        yield from (f"| {name} | {_cell(text)} |" for name, text in _rows(pack, rule) if text)
        if rule.guidance:
            yield from ("", rule.guidance)
        if rule.guidance_link:
            yield from ("", f"<{rule.guidance_link}>")
    yield ""


def _rows(pack: Pack, rule: StepRule) -> Iterator[tuple[str, str]]:
    yield "Stage", str(rule.stage)
    yield "Kind", f"{rule.kind}: {KINDS.get(rule.kind, '')}"
    yield "Anchor", f"`{rule.anchor}`: {ANCHORS.get(rule.anchor, '')}"
    yield "Only when", "; ".join(f"`{word}`: {CONDITIONS.get(word, '')}" for word in rule.when)
    yield "Due", _by_risk(rule.due)
    yield from _recurrence(rule)
    yield "First message within", str(rule.send or "")
    yield "Reminded", _by_risk(rule.retry, "every ")
    yield "Warned at", ", ".join(f"{percent} % of the time" for percent in rule.warn_at)
    yield "Whose", _actors(pack, rule)
    yield "Tells", "; ".join(_to(pack, to) for to in rule.tells)
    yield "Asks", rule.ask
    yield "Ladder", "<br>".join(f"{n}. {_to(pack, to)}" for n, to in enumerate(rule.ladder, 1)) or "none"
    yield "Ladder counts from", "the anchor" if rule.ladder and rule.ladder_from == "anchor" else ""
    yield "Gate", "<br>".join(f"`{gate}`: {GATES.get(gate, '')}" for gate in rule.gate)
    yield "Evidence", "<br>".join(_field(field) for field in rule.evidence)
    yield "Ceiling", f"{rule.ceiling}: above it only by a named override" if rule.ceiling else ""
    yield "Done by", _done_by(rule)
    yield "Waived", "by the supervisor of the one who has it, with a reason" if rule.waivable else "never"
    yield "Basis", f"rule {rule.basis.rule}, time {rule.basis.time}"


def _recurrence(rule: StepRule) -> Iterator[tuple[str, str]]:
    yield "Comes again", _by_risk(rule.every, "every ")
    yield "The first one", str(rule.first or "")
    then = f", then every {rule.then_every}" if rule.then_every else ""
    yield "Series", ", ".join(str(span) for span in rule.series) + then
    yield "At local time", rule.at_local or ""
    yield "Comes each time", "its anchor moves" if rule.each_time else ""
    yield "Due at", "the anchor itself" if rule.at_anchor else ""
    yield "Opens", f"{rule.opens_before} before it is due" if rule.opens_before else ""
    yield "Between rungs", _by_risk(rule.rung_every)
    yield "After closure", "still asked for" if rule.outlives_closure else ""


def _by_risk(spans: Mapping[Risk, Span], before: str = "") -> str:
    if not spans:
        return ""
    said = {risk: f"{before}{spans[risk]}" if risk in spans else "-" for risk in Risk}
    if len(set(said.values())) == 1:
        return said[Risk.HIGH]
    return ", ".join(f"{RISKS[risk]} {text}" for risk, text in said.items())


def _actors(pack: Pack, rule: StepRule) -> str:
    roles = dict.fromkeys(rule.actor.values())
    if len(roles) == 1 and len(rule.actor) == len(Risk):
        return _role(pack, next(iter(roles)))
    return ", ".join(f"{RISKS[risk]} {_role(pack, rule.actor[risk])}" for risk in Risk if risk in rule.actor)


def _role(pack: Pack, role: Role) -> str:
    return f"{pack.label(role)} (`{role}`)"


def _to(pack: Pack, to: Addressee) -> str:
    where = {CASE_AREA: "", NEIGHBOURS: " of a neighbouring area", FORCE_WIDE: " of the whole force"}
    title = pack.area_title(to.area) if to.area in pack.areas else to.area
    text = ("the owner, or " if to.owner else "") + _role(pack, to.role) + where.get(to.area, f" of {title}")
    if to.risks != frozenset(Risk):
        text += " (at " + ", ".join(RISKS[risk] for risk in Risk if risk in to.risks) + ")"
    return f"{text}: {to.ask}" if to.ask else text


def _field(field: Evidence) -> str:
    optional = "" if field.required else ", may be left out"
    choices = f" ({_ticked(field.choices)})" if field.choices else ""
    return f"`{field.name}`: {field.title}{choices}{optional}"


def _done_by(rule: StepRule) -> str:
    text = ("the record's own arrival, or " if rule.done_by_record else "") + _ticked(rule.done_by)
    if rule.kind in (Kind.NOTIFY, Kind.ACCEPT):
        return f"{text} by somebody who was told"
    ranks = {rule.done_rank} if rule.done_rank else {RANK_OF_ROLE[role] for role in rule.actor.values()}
    return f"{text}, rank {in_words(ranks.pop())} or above" if len(ranks) == 1 else f"{text}, by the rank of its role"


def _ticked(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def slug(heading: str) -> str:
    """Give the anchor that code hosts make of a heading."""
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")


def main() -> None:
    """Write the document of the shipped packs to standard output."""
    from store.packs import load_packs

    sys.stdout.write(procedure_markdown(load_packs(None)))


if __name__ == "__main__":
    main()
