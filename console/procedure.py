"""The procedure in words: every step of every pack as a document for people.

`docs/procedure.md` is what this makes of the shipped packs; a test holds the two together. To write it anew:
`.venv/bin/python -m console.procedure > docs/procedure.md`.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from console.procedure_step import rows, ticked, when_due, whose
from console.procedure_words import RISKS, STAGES, in_words
from policy.pack import Pack, StepRule
from policy.terms import Risk, Role, Stage

INTRO: Final = (
    "# The procedure, step by step",
    "",
    "This page is made from the packs in `policy/packs/` and is never written by hand.",
    "To write it anew: `.venv/bin/python -m console.procedure > docs/procedure.md`.",
    "",
    "Every rule and every time shows what stands behind it:"
    " `SOURCED(code)` where a public text gives it, `CHOSEN` where Vigil proposes it.",
    "The codes are listed in the [glossary](glossary.md#sources), the words of a pack in [packs.md](packs.md);"
    " how another force gets a pack of its own is told in [new-force.md](new-force.md).",
    "",
    "A step is *overdue* when its due time has passed, and rung *n* of its ladder follows *n* due times later"
    " where nothing else is said.",
    "After the last rung the last two are told again every due time until a named person has it.",
    "`-` means that the level does not ask for the step.",
    "",
    "## Contents",
    "",
)


def procedure_markdown(packs: Mapping[str, Pack]) -> str:
    """Say every pack in words, parents before children; a step inherited as it is refers to the parent's."""
    ordered = sorted(packs.values(), key=lambda pack: (_depth(pack, packs), pack.name))
    contents = [line for pack in ordered for line in _contents(pack)]
    chapters = [line for pack in ordered for line in _pack(pack, packs.get(pack.inherits or ""))]
    return "\n".join([*INTRO, *contents, "", *chapters]).rstrip() + "\n"


def slug(heading: str) -> str:
    """Give the anchor that code hosts make of a heading."""
    kept = "".join(sign for sign in heading.lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")


def step_heading(pack: Pack, rule: StepRule) -> str:
    """Give the heading of a step; the key and the pack's name make it the only one."""
    return f"{rule.title} (`{rule.key}`, {pack.name})"


def _depth(pack: Pack, packs: Mapping[str, Pack]) -> int:
    parent = packs.get(pack.inherits or "")
    return 0 if parent is None else 1 + _depth(parent, packs)


def _heading(pack: Pack) -> str:
    return f"Pack {pack.name}"


def _part_heading(pack: Pack, name: str) -> str:
    return f"{name}: {pack.name}"


def _to(heading: str, name: str) -> str:
    return f"[{name}](#{slug(heading)})"


def _stages(pack: Pack) -> Iterator[tuple[Stage, list[StepRule]]]:
    """Give the stages that a pack has steps of, each with its steps."""
    for stage in Stage:
        found = [rule for rule in pack.steps.values() if rule.stage is stage]
        if found:
            yield stage, found


def _contents(pack: Pack) -> Iterator[str]:
    yield f"- {_to(_heading(pack), pack.title)}: `{pack.name}`, {len(pack.steps)} steps"
    yield "  " + " · ".join(_to(_part_heading(pack, STAGES[stage]), STAGES[stage]) for stage, _ in _stages(pack))


def _pack(pack: Pack, parent: Pack | None) -> Iterator[str]:
    yield from (f"## {_heading(pack)}", "", f"{pack.title}.")
    if parent is not None:
        yield f"It inherits from {_to(_heading(parent), parent.name)} and says what differs."
    yield f"Sources: {pack.sources}." if pack.sources else "It names no sources."
    yield f"A child's timers never run below {RISKS[pack.child_floor]} without an inspector's named decision."
    for level in Risk:
        if flags := [flag for flag, floor in pack.floors.items() if floor is level]:
            yield f"Nor do those of a record with a flag {ticked(flags)} run below {RISKS[level]}."
    yield f"A risk is lowered by the rank {in_words(pack.downgrade_rank)} or above."
    yield ""
    if parent is not None:
        yield from _changes(pack, parent)
    yield from _notification(pack)
    yield from _overview(pack, parent)
    yield from _roles(pack)
    yield from _areas(pack)
    for stage, found in _stages(pack):
        yield from (f"### {_part_heading(pack, STAGES[stage])}", "")
        yield from _stage(pack, parent, found)


def _link(pack: Pack, rule: StepRule, parent: Pack | None) -> str:
    """Lead to where a step is said in full: here, or with the parent that it is taken from as it is."""
    told = parent if parent is not None and _as_in(rule, parent) else pack
    return _to(step_heading(told, rule), rule.title)


def _as_in(rule: StepRule, parent: Pack | None) -> bool:
    return parent is not None and parent.steps.get(rule.key) == rule


def _changes(pack: Pack, parent: Pack) -> Iterator[str]:
    """Name what a force does otherwise, and what it does beside."""
    own = [rule for rule in pack.steps.values() if not _as_in(rule, parent)]
    groups = (
        ("Done otherwise than there", [rule for rule in own if rule.key in parent.steps]),
        ("Of its own", [rule for rule in own if rule.key not in parent.steps]),
    )
    yield from (f"### {_part_heading(pack, 'What it changes')}", "")
    for title, found in groups:
        if found:
            yield f"- {title}: " + ", ".join(_link(pack, rule, parent) for rule in found)
    yield ""


def _notification(pack: Pack) -> Iterator[str]:
    told = pack.notification
    said = (
        ("Who", told.who),
        ("How", told.how),
        ("Content", told.content),
        ("What counts", told.what_counts),
        ("How it is recorded", told.how_recorded),
    )
    if any(text for _, text in said):
        yield from _table(_part_heading(pack, "An effective notification"), ("", ""), said)


def _overview(pack: Pack, parent: Pack | None) -> Iterator[str]:
    names = ("Step", "Key", *(RISKS[risk].capitalize() for risk in Risk), "Whose")
    lines = [
        (_link(pack, rule, parent), f"`{rule.key}`", *(when_due(rule, risk) for risk in Risk), whose(pack, rule))
        for _, found in _stages(pack)
        for rule in found
    ]
    yield from _table(_part_heading(pack, "All steps"), names, lines)


def _roles(pack: Pack) -> Iterator[str]:
    steps = pack.steps.values()
    used = [role for rule in steps for role in (*rule.actor.values(), *(to.role for to in (*rule.tells, *rule.ladder)))]
    lines = [(f"`{role}`", pack.label(role)) for role in Role if role in used]
    yield from _table(_part_heading(pack, "Roles"), ("Role", "The force's word"), lines)


def _areas(pack: Pack) -> Iterator[str]:
    if pack.areas:
        lines = [(f"`{area.key}`", area.title, ticked(area.neighbours)) for area in pack.areas.values()]
        yield from _table(_part_heading(pack, "Areas"), ("Area", "Title", "Neighbours"), lines)
    if pack.forces:
        others = [(f"`{force.key}`", force.title) for force in pack.forces.values()]
        yield from _table(_part_heading(pack, "Other forces"), ("Force", "Title"), others)


def _stage(pack: Pack, parent: Pack | None, found: Iterable[StepRule]) -> Iterator[str]:
    """Say the steps of a stage: its own in full, then those that it does as its parent does, by name."""
    same = [rule for rule in found if _as_in(rule, parent)]
    for rule in found:
        if rule not in same:
            yield from _step(pack, rule, parent)
    if parent is not None and same:
        named = ", ".join(f"{_link(pack, rule, parent)} (`{rule.key}`)" for rule in same)
        yield from (f"As in {_to(_heading(parent), parent.name)}: {named}.", "")


def _step(pack: Pack, rule: StepRule, parent: Pack | None) -> Iterator[str]:
    """Say a step in full; beside what a force has changed stands what its parent says, in the force's words."""
    before = parent.steps.get(rule.key) if parent else None
    here = [(name, text) for name, text in rows(pack, rule) if text or before]
    if parent is None or before is None:
        yield from _table(step_heading(pack, rule), ("", ""), here, "####")
        return
    there = dict(rows(pack, before))
    lines = [("Title", rule.title, before.title), *((name, text, there[name]) for name, text in here)]
    shown = [(name, text, "" if text == was else was or "none") for name, text, was in lines if text or was]
    yield from _table(step_heading(pack, rule), ("", pack.name, parent.name), shown, "####")


def _table(heading: str, names: tuple[str, ...], lines: Iterable[tuple[str, ...]], level: str = "###") -> Iterator[str]:
    yield from (f"{level} {heading}", "", _line(names), "|" + "---|" * len(names))
    yield from (_line(line) for line in lines)
    yield ""


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def main() -> None:
    """Write the document of the shipped packs to standard output."""
    from store.packs import load_packs

    sys.stdout.write(procedure_markdown(load_packs(None)))


if __name__ == "__main__":
    main()
