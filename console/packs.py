"""Packs as the API answers them (contract section 8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.revising import number_of
from policy.errors import Unknown
from policy.pack import Addressee, Evidence, Override, Pack, StepRule
from policy.spaces import NONE, REMEDY
from policy.spans import Span
from policy.terms import Risk
from runtime.app import App
from runtime.readings import Json, iso
from store import revisions
from store.revisions import APPROVED, PROPOSED, Revision

_TYPES: Mapping[str, Json] = {
    "text": {"type": "string", "minLength": 1},
    "long": {"type": "string", "minLength": 1, "description": "several lines"},
    "instant": {"type": "string", "format": "date-time"},
    "person": {"type": "string", "description": "a roster id"},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean"},
    "choice": {"type": "string"},
    "spaces": {
        "type": ["string", "array"],
        "minLength": 1,
        "minItems": 1,
        "items": {
            "type": "object",
            "properties": {
                "space": {"type": "string", "minLength": 1},
                "searched": {"type": "boolean"},
                "why": {"type": "string", "description": "needed where the space was not searched"},
            },
            "required": ["space", "searched"],
        },
        "description": REMEDY,
        "examples": ["Kitchen: searched\nBedroom 2: not searched, locked"],
    },
}


@dataclass(frozen=True)
class Held:
    """A pack in one revision, and those that wait to change it: proposed, or approved for an instant to come."""

    pack: Pack
    waiting: tuple[Revision, ...] = ()

    def pending(self, step: str | None = None) -> list[Json]:
        """Give what waits, or of it what touches one step."""
        return [_waiting(one) for one in self.waiting if step is None or step in steps_of(one)]


def find(app: App, name: str, number: str | None = None) -> Held:
    """Give a pack in the revision in force, or in the one that is asked for; raise Unknown where there is none."""
    wanted, now = number_of("revision", number), app.clock.now()
    with app.sessions.reading() as s:
        app.shelf.must_have(name)
        pack = app.shelf.get(s, name, wanted) if wanted else app.shelf.current(s, name, now)
        known = revisions.history(s, name)
    to_come = [one for one in known if one.status == APPROVED and one.effective_from > now]
    return Held(pack, (*to_come, *(one for one in known if one.status == PROPOSED)))


def steps_of(made: Revision) -> set[str]:
    """Name the steps that a revision touches."""
    changes = [change for change in made.changes if isinstance(change, Mapping)]
    others = [str(change["where"]).split(".")[1] for change in changes if str(change.get("where")).startswith("steps.")]
    return {str(change["step"]) for change in changes if change.get("step")} | set(others)


def _waiting(made: Revision) -> Json:
    return {
        "revision": made.number, "status": made.status, "changes": list(made.changes), "reason": made.reason,
        "proposed_by": made.proposed_by, "effective_from": iso(made.effective_from), "applies_to": made.applies_to,
    }  # fmt: skip


def listing(app: App) -> Json:
    """List the packs in the revision in force, with the number of revisions that wait to change each."""
    held = [find(app, name) for name in app.shelf.names()]
    return {
        "packs": [
            {
                "pack": one.pack.name, "title": one.pack.title, "revision": one.pack.revision,
                "inherits": one.pack.inherits, "steps": len(one.pack.steps), "pending": len(one.waiting),
                "overrides": sorted(one.pack.overrides),
            }
            for one in held
        ]
    }  # fmt: skip


def view(held: Held) -> Json:
    """Give a pack with every step."""
    pack = held.pack
    return {
        "pack": pack.name,
        "title": pack.title,
        "revision": pack.revision,
        "inherits": pack.inherits,
        "areas": [{"key": a.key, "title": a.title, "neighbours": list(a.neighbours)} for a in pack.areas.values()],
        "forces": [{"key": force.key, "title": force.title} for force in pack.forces.values()],
        "overrides": {key: _override(override) for key, override in pack.overrides.items()},
        "pending": held.pending(),
        "steps": [_step(rule) for rule in pack.steps.values()],
    }


def step_view(held: Held, key: str) -> Json:
    """Give one step with its guidance and its form as JSON Schema, or raise Unknown."""
    pack = held.pack
    rule = pack.steps.get(key)
    if rule is None:
        raise Unknown(f"the pack {pack.name} has no step {key}")
    return {
        **_step(rule),
        "pack": pack.name,
        "revision": pack.revision,
        "ask": rule.ask,
        "kind": rule.kind,
        "done_by": list(rule.done_by),
        "done_rank": rule.done_rank,
        "guidance": rule.guidance,
        "guidance_link": rule.guidance_link,
        "override": _override(pack.overrides[key]) if key in pack.overrides else None,
        "pending": held.pending(key),
        "schema": schema(rule),
    }


def _override(override: Override) -> Json:
    return {"by": override.by, "reason": override.reason}


def schema(rule: StepRule) -> Json:
    """Give a step's form as JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": rule.title,
        "type": "object",
        "properties": {e.name: _property(e) for e in rule.evidence},
        "required": [e.name for e in rule.evidence if e.required],
    }


def _property(field: Evidence) -> Json:
    made: Json = {"title": field.title, **_TYPES.get(field.type, {"type": "string"})}
    if field.help:
        made["description"] = field.help
    if field.choices:
        made["enum"] = list(field.choices)
    if field.may_be_none:
        made["description"] = f"{made['description']}; `{NONE}` alone where there is none"
    return made


def _step(rule: StepRule) -> Json:
    return {
        "key": rule.key,
        "title": rule.title,
        "stage": rule.stage,
        "kind": rule.kind,
        "anchor": rule.anchor,
        "due": spans_of(rule.due),
        "send": _span(rule.send),
        "retry": _same_or_spans(rule.retry),
        "every": _same_or_spans(rule.every),
        "hours": {"from": rule.hours.from_local, "to": rule.hours.to_local, "due": spans_of(rule.hours.due)}
        if rule.hours
        else None,
        "tells": [_to(to) for to in rule.tells],
        "ladder": [
            {"rung": n, "to": [_to(to)], "risks": sorted(to.risks, key=lambda r: Risk(r).weight), "ask": to.ask}
            for n, to in enumerate(rule.ladder, 1)
        ],
        "ceiling": _span(rule.ceiling),
        "gate": list(rule.gate),
        "evidence": [{"name": e.name, "title": e.title, "type": e.type, "required": e.required} for e in rule.evidence],
        "basis": {"rule": rule.basis.rule, "time": rule.basis.time},
    }


def _to(to: Addressee) -> Json:
    stands_in = {"otherwise": to.otherwise} if to.otherwise else {}
    return {"role": to.role, "area": to.area, **stands_in}


def _span(span: Span | None) -> str | None:
    return None if span is None else str(span)


def spans_of(spans: Mapping[Risk, Span]) -> Json:
    """Give the spans of the levels that have one, as a pack writes them."""
    return {str(risk): str(spans[risk]) for risk in Risk if risk in spans}


def _same_or_spans(spans: Mapping[Risk, Span]) -> object:
    """Give one span when every level has the same, else each level's; None when there is none."""
    each = spans_of(spans)
    if not each:
        return None
    return next(iter(each.values())) if len(each) == len(Risk) and len(set(each.values())) == 1 else each
