"""Reading packs: inheritance, then every fault at once, each with file, step, reason and remedy."""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from policy.errors import Fault, Invalid
from policy.pack import CASE_AREA, NEIGHBOURS, OTHER_FORCE, Addressee, Basis, Evidence, Pack, StepRule
from policy.pack_grammar import DONE_BY_KIND, NO_LADDER, AddresseeText, StepText
from policy.pack_head import HeadText
from policy.pack_parts import AreaRule, ForceRule, Hours, Inactive, Notification, Override, RoleCard
from policy.roster import FORCE_WIDE
from policy.terms import Kind

Raw = dict[str, object]
Part = TypeVar("Part", bound=BaseModel)

MERGED = frozenset({"steps", "labels", "areas", "texts", "inactive", "cards", "forces", "floors", "ladders", "forms"})
# Who is reminded anyway, or is asked nothing until it is overdue, is not warned.
UNWARNED = frozenset({Kind.NOTIFY, Kind.WATCH, Kind.PERIODIC})
# What a step of one's own says; a table without any of it changes a step of the parent.
WHOLE = frozenset({"stage", "kind", "anchor"})
# Steps that may never be waived, whatever a pack says (contract section 5).
NEVER_WAIVED = frozenset({"notify_local_supervisor", "verify_seen", "prevention_interview"})


class PackInvalid(Invalid):
    """The pack cannot be used; every fault is listed."""


def parse(name: str, texts: Mapping[str, str]) -> Pack:
    """Read the pack `name` out of `texts` (pack name -> TOML), its parents with it.

    Raises PackInvalid with every fault of the file, each naming step and field.
    """
    return build(name, read_raw(name, texts))


def read_raw(name: str, texts: Mapping[str, str]) -> Raw:
    """Give the pack `name` as one table, its parents merged into it; raise PackInvalid when that cannot be done."""
    return _inherited(name, texts, ())


def build(name: str, raw: Raw, revision: int = 1) -> Pack:
    """Make a pack of a merged table, or raise PackInvalid with all its faults."""
    faults: list[Fault] = []
    head = _part(HeadText, {k: v for k, v in raw.items() if k != "steps"}, f"{name}.toml", faults)
    steps_raw = raw.get("steps")
    steps: dict[str, StepRule] = {}
    strangers = _stranger_faults(name, raw)
    faults += strangers.values()
    for key, table in (steps_raw if isinstance(steps_raw, dict) else {}).items():
        if key in strangers:
            continue
        text = _part(StepText, table, f"{name}.toml: steps.{key}", faults)
        if text is not None:
            steps[key] = _rule(key, text, head)
            faults += _name_faults(name, key, text, head)
            faults += _ceiling_faults(name, steps[key], head)
    if head is not None:
        faults += [*_neighbour_faults(name, head), *_force_faults(name, head)]
        faults += _check_faults(name, steps)
        faults += _area_faults(name, head, steps)
    if not steps_raw or not isinstance(steps_raw, dict):
        faults.append(Fault(f"{name}.toml: steps", "holds no step", "write at least one [steps.<key>] table"))
    if faults or head is None:
        raise PackInvalid(f"the pack {name} has faults", faults)
    return _pack(head, steps, revision)


def _inherited(name: str, texts: Mapping[str, str], seen: tuple[str, ...]) -> Raw:
    """Merge a pack over its parent, step by step and field by field."""
    raw = _toml(name, texts, seen)
    parent = raw.get("inherits")
    if parent is None:
        return raw
    if not isinstance(parent, str) or parent in (*seen, name):
        fault = Fault(f"{name}.toml: inherits", f"{parent!r} leads back to itself", "inherit from another pack")
        raise PackInvalid(f"the pack {name} cannot be read", [fault])
    base = _inherited(parent, texts, (*seen, name))
    return {**laid_over(base, raw), "pack": raw.get("pack", name), "inherits": parent}


@lru_cache(maxsize=64)
def _read(text: str) -> Raw:
    return tomllib.loads(text)


def _own(value: object) -> Any:
    """Give a copy that whoever asked may change: a text is read once, for packs are built of few texts many times."""
    if isinstance(value, dict):
        return {key: _own(held) for key, held in value.items()}
    return [_own(held) for held in value] if isinstance(value, list) else value


def _toml(name: str, texts: Mapping[str, str], seen: tuple[str, ...]) -> Raw:
    if name not in texts:
        asked = f" (inherited by {seen[-1]})" if seen else ""
        near = difflib.get_close_matches(name, list(texts), 1)
        remedy = f"did you mean {near[0]}?" if near else "use one of: " + ", ".join(sorted(texts))
        raise PackInvalid("there is no such pack", [Fault(f"{name}.toml", f"does not exist{asked}", remedy)])
    try:
        raw = _own(_read(texts[name]))
    except tomllib.TOMLDecodeError as error:
        fault = Fault(f"{name}.toml", f"is not TOML: {error}", "mend the line that it names")
        raise PackInvalid(f"the pack {name} cannot be read", [fault]) from None
    if raw.get("pack", name) != name:
        fault = Fault(f"{name}.toml: pack", f"says {raw['pack']!r}", f"write pack = {name!r}, as the file is called")
        raise PackInvalid(f"the pack {name} cannot be read", [fault])
    return {"pack": name, **raw}


def laid_over(base: Raw, over: Raw) -> Raw:
    """Give one table laid over another; tables merge to the depth of a step's fields, all else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if key in MERGED and isinstance(below, dict) and isinstance(value, dict):
            merged[key] = {
                **below,
                **{k: {**below[k], **v} if _tables(below.get(k), v) else v for k, v in value.items()},
            }
        else:
            merged[key] = value
    return merged


def _tables(below: object, above: object) -> bool:
    return isinstance(below, dict) and isinstance(above, dict)


def _part(model: type[Part], raw: object, where: str, faults: list[Fault]) -> Part | None:
    """Read one part; on faults note each of them and give None."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors():
            field = ".".join([where, *(str(part) for part in fault["loc"])])
            faults.append(Fault(field, fault["msg"].removeprefix("Value error, "), _remedy(model, dict(fault))))
        return None


def _remedy(model: type[BaseModel], fault: dict[str, object]) -> str:
    if fault["type"] == "missing":
        return "write it; see docs/packs.md for its form"
    if fault["type"] == "extra_forbidden":
        word = str(fault["loc"][-1])  # type: ignore[index]  # pydantic gives a tuple here, typed as object
        near = difflib.get_close_matches(word, list(model.model_fields), 1)
        return f"did you mean {near[0]}?" if near else "take it out; a pack holds only known words"
    return "mend the value; see docs/packs.md for its form"


def _rule(key: str, text: StepText, head: HeadText | None) -> StepRule:
    ladder = _named(text.ladder, head.ladders if head else {})
    evidence = _named(text.evidence, head.forms if head else {})
    warn_at = text.warn_at if text.warn_at is not None else head.warn_at if head else []
    plain = {"basis", "tells", "ladder", "evidence", "series", "when", "gate", "done_by", "warn_at"} | {"hours"}
    kept = {name: getattr(text, name) for name in StepText.model_fields if name not in plain}
    kept["act"] = text.act or text.title
    kept["awaits"] = text.awaits or text.title[:1].lower() + text.title[1:]
    kept["ask"] = text.ask or text.title
    kept["waivable"] = text.waivable and key not in NEVER_WAIVED
    return StepRule(
        key=key,
        basis=Basis(text.basis.rule, text.basis.time),
        tells=_addressees(text.tells),
        ladder=_addressees(ladder),
        evidence=tuple(Evidence(**{**e.model_dump(), "choices": tuple(e.choices)}) for e in evidence),
        series=tuple(text.series),
        when=tuple(text.when),
        gate=tuple(text.gate),
        done_by=tuple(text.done_by) or DONE_BY_KIND[text.kind],
        warn_at=tuple(sorted(warn_at)) if text.kind not in UNWARNED else (),
        hours=Hours(**dict(text.hours)) if text.hours else None,
        **kept,
    )


def _named(value: list[Part] | str, known: Mapping[str, list[Part]]) -> list[Part]:
    """Give what a step wrote out, or what it names of the pack's own."""
    return known.get(value, []) if isinstance(value, str) else value


def _addressees(texts: list[AddresseeText]) -> tuple[Addressee, ...]:
    return tuple(Addressee(**{**dict(to), "risks": frozenset(to.risks)}) for to in texts)


def _name_faults(name: str, key: str, text: StepText, head: HeadText | None) -> list[Fault]:
    """Report a ladder or a form that a step names and no pack has."""
    faults: list[Fault] = []
    if head is None:
        return faults
    known: tuple[tuple[str, object, Collection[str]], ...] = (
        ("ladder", text.ladder, (NO_LADDER, *head.ladders)),
        ("evidence", text.evidence, tuple(head.forms)),
    )
    for field, value, names in known:
        if isinstance(value, str) and value not in names:
            where, table = f"{name}.toml: steps.{key}.{field}", {"ladder": "ladders", "evidence": "forms"}[field]
            remedy = f"write a [[{table}.{value}]] table, or use one of: {', '.join(names) or 'none there yet'}"
            faults.append(Fault(where, f"there is no {field} {value!r}", remedy))
    return faults


def _stranger_faults(name: str, raw: Raw) -> dict[str, Fault]:
    """Report what changes a step that no parent has, by its key: one fault, not one for each word of a whole step."""
    steps, parent = raw.get("steps"), raw.get("inherits")
    if parent is None or not isinstance(steps, dict):
        return {}
    strangers = [key for key, table in steps.items() if isinstance(table, dict) and WHOLE.isdisjoint(table)]
    known = [key for key in steps if key not in strangers]
    faults: dict[str, Fault] = {}
    for key in strangers:
        near = difflib.get_close_matches(key, known, 1)
        remedy = f"did you mean {near[0]}?" if near else "name a step of it, or write a whole one; see docs/packs.md"
        faults[key] = Fault(f"{name}.toml: steps.{key}", f"no step `{key}` in {parent}", remedy)
    return faults


def _ceiling_faults(name: str, rule: StepRule, head: HeadText | None) -> list[Fault]:
    """Report a time above its national ceiling that nobody by name stands for."""
    over = ", ".join(f"{span} for {risk.replace('_', ' ')} risk" for risk, span in rule.over_ceiling().items())
    if not over or (head is not None and rule.key in head.overrides):
        return []
    remedy = "lower it, or have a superintendent override it by name and with the reason"
    return [Fault(f"{name}.toml: steps.{rule.key}.due", f"{over} is above the ceiling {rule.ceiling}", remedy)]


def _neighbour_faults(name: str, head: HeadText) -> list[Fault]:
    return [
        Fault(f"{name}.toml: areas.{key}.neighbours", f"{other!r} is not an area", "name an area of this pack")
        for key, area in head.areas.items()
        for other in area.neighbours
        if other not in head.areas
    ]


def _force_faults(name: str, head: HeadText) -> list[Fault]:
    faults = [
        Fault(f"{name}.toml: forces.{key}", "is an area of this force too", "give the other force a key of its own")
        for key in head.other_forces
        if key in head.areas
    ]
    if head.force is not None and head.force not in head.forces:
        near = difflib.get_close_matches(head.force, list(head.forces), 1)
        remedy = f"did you mean {near[0]}?" if near else "name the key of a [forces.<key>] table"
        faults.append(Fault(f"{name}.toml: force", f"there is no force {head.force!r}", remedy))
    return faults


def _check_faults(name: str, steps: Mapping[str, StepRule]) -> list[Fault]:
    return [
        Fault(f"{name}.toml: steps.{key}.checks", f"there is no step {rule.checks!r}", "name a step of this pack")
        for key, rule in steps.items()
        if rule.checks is not None and rule.checks not in steps
    ]


def _area_faults(name: str, head: HeadText, steps: Mapping[str, StepRule]) -> list[Fault]:
    known = {CASE_AREA, NEIGHBOURS, OTHER_FORCE, FORCE_WIDE, *head.areas}
    return [
        Fault(f"{name}.toml: steps.{key}", f"tells area {to.area!r}", "use case, neighbours, * or an area of this pack")
        for key, rule in steps.items()
        for to in (*rule.tells, *rule.ladder)
        if to.area not in known
    ]


def _pack(head: HeadText, steps: Mapping[str, StepRule], revision: int) -> Pack:
    told, forces = head.texts.effective_notification, {k: ForceRule(k, f.title) for k, f in head.forces.items()}
    return Pack(
        name=head.pack,
        title=head.title,
        inherits=head.inherits,
        areas={k: AreaRule(k, a.title, tuple(a.neighbours)) for k, a in head.areas.items()},
        steps=dict(steps),
        labels=head.labels.roles,
        systems=head.labels.systems,
        notification=Notification(**told.model_dump()) if told else Notification(),
        child_floor=head.child_floor,
        downgrade_rank=head.downgrade_rank,
        revision=revision,
        sources=head.sources,
        inactive=Inactive(**dict(head.inactive)),
        overrides={key: Override(text.by, text.reason) for key, text in head.overrides.items()},
        cards={role: RoleCard(**{part: tuple(lines) for part, lines in card}) for role, card in head.cards.items()},
        forces={key: forces[key] for key in head.other_forces},
        own_force=forces.get(head.own_force),
        floors={str(flag): level for flag, level in head.floors.items()},
    )


def case_steps(pack: Pack) -> tuple[StepRule, ...]:
    """Give the steps that belong to a case, in the pack's order; periodic ones belong to the force."""
    return pack.case_steps
