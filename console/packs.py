"""Packs as the API answers them (contract section 8)."""

from collections.abc import Mapping

from policy.errors import Unknown
from policy.pack import Addressee, Evidence, Pack, StepRule
from policy.spans import Span
from policy.terms import Risk
from runtime.app import App
from runtime.readings import Json

_TYPES: Mapping[str, Json] = {
    "text": {"type": "string", "minLength": 1},
    "long": {"type": "string", "minLength": 1, "description": "several lines"},
    "instant": {"type": "string", "format": "date-time"},
    "person": {"type": "string", "description": "a roster id"},
    "number": {"type": "number"},
    "yes_no": {"type": "boolean"},
    "choice": {"type": "string"},
}


def find(app: App, name: str) -> Pack:
    """Give a pack by name, or raise Unknown."""
    pack = app.packs.get(name)
    if pack is None:
        raise Unknown(f"there is no pack {name}; there are {', '.join(sorted(app.packs))}")
    return pack


def listing(app: App) -> Json:
    """List the packs."""
    return {
        "packs": [
            {"pack": p.name, "title": p.title, "revision": p.revision, "inherits": p.inherits, "steps": len(p.steps)}
            for p in app.packs.values()
        ]
    }


def view(pack: Pack) -> Json:
    """Give a pack with every step."""
    return {
        "pack": pack.name,
        "title": pack.title,
        "revision": pack.revision,
        "inherits": pack.inherits,
        "areas": [{"key": a.key, "title": a.title, "neighbours": list(a.neighbours)} for a in pack.areas.values()],
        "steps": [_step(rule) for rule in pack.steps.values()],
    }


def step_view(pack: Pack, key: str) -> Json:
    """Give one step with its guidance and its form as JSON Schema, or raise Unknown."""
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
        "schema": schema(rule),
    }


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
    return made


def _step(rule: StepRule) -> Json:
    return {
        "key": rule.key,
        "title": rule.title,
        "stage": rule.stage,
        "kind": rule.kind,
        "anchor": rule.anchor,
        "due": _spans(rule.due),
        "send": _span(rule.send),
        "retry": _same_or_spans(rule.retry),
        "every": _same_or_spans(rule.every),
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
    return {"role": to.role, "area": to.area}


def _span(span: Span | None) -> str | None:
    return None if span is None else str(span)


def _spans(spans: Mapping[Risk, Span]) -> Json:
    return {str(risk): str(spans[risk]) for risk in Risk if risk in spans}


def _same_or_spans(spans: Mapping[Risk, Span]) -> object:
    """Give one span when every level has the same, else each level's; None when there is none."""
    each = _spans(spans)
    if not each:
        return None
    return next(iter(each.values())) if len(each) == len(Risk) and len(set(each.values())) == 1 else each
