"""The form in Prefect's own pages with which a timing is proposed: lists to choose from, and one number.

What is typed there stays in Prefect's database, so nothing in it is free text. Prefect has no users: whoever proposes
here *claims* to be that person; the door checks what they may, and another person approves it, signed in, elsewhere.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from policy.pack import Pack
from policy.proposal import REASONS
from policy.revise import OF_A_STEP
from policy.terms import Risk

EVERY_LEVEL: Final = "every level"
VALUE: Final = (
    r"^\s*(-|\d{1,6}(s|m|h|d|mo)|\d{1,2}:\d{2}|\d{1,2}( \d{1,2})*|\d{1,6}(s|m|h|d|mo)( \d{1,6}(s|m|h|d|mo))+)\s*$"
)
INSTANT: Final = r"^\s*(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?\s*$"
ROSTER_ID: Final = r"^\s*[A-Za-z0-9][A-Za-z0-9._-]{0,63}\s*$"
REQUIRED: Final = ("pack", "step", "field", "value", "reason", "proposed_by")


def form_of(packs: Mapping[str, Pack], usual: str) -> dict[str, Any]:
    """Give the form as JSON Schema, drawn from the packs in force; `usual` is what new cases follow."""
    steps = list(dict.fromkeys(key for pack in packs.values() for key in pack.steps))
    fields = [
        _list("pack", "Pack", sorted(packs), usual),
        _list("step", "Step", steps, None),
        _list("field", "Number", list(OF_A_STEP), "due"),
        _list("risk", "Risk level", [EVERY_LEVEL, *Risk], EVERY_LEVEL),
        _text("value", "New value", VALUE, "Such as 7m, 90s, 2h, 3d or 3mo; - where it is not asked for."),
        _list("reason", "Reason", list(REASONS), None),
        _list("applies_to", "Applies to", ["new", "live_and_new"], "new"),
        _text("effective_from", "In force from", INSTANT, "Such as 2026-02-01T08:00Z; empty: from its approval on."),
        _text("proposed_by", "Your collar number", ROSTER_ID, "As the roster, or your account, has it."),
    ]
    return {
        "title": "Parameters",
        "type": "object",
        "properties": {name: {**shape, "position": place} for place, (name, shape) in enumerate(fields)},
        "required": list(REQUIRED),
    }


def strangers(asked: Mapping[str, str], form: Mapping[str, Any]) -> list[str]:
    """Name the fields that hold what the form does not take: its checks can be turned off in Prefect's pages."""
    return [shape["title"] for name, shape in form["properties"].items() if not _fits(asked[name], shape)]


def _fits(text: str, shape: Mapping[str, Any]) -> bool:
    return text in shape["enum"] if "enum" in shape else re.search(shape["pattern"], text) is not None


def _list(name: str, title: str, words: list[str], usual: str | None) -> tuple[str, dict[str, Any]]:
    shape = {"title": title, "type": "string", "enum": [str(word) for word in words]}
    return name, shape | ({"default": usual} if usual else {})


def _text(name: str, title: str, pattern: str, help_: str) -> tuple[str, dict[str, Any]]:
    shape = {"title": title, "type": "string", "pattern": pattern, "description": help_}
    return name, shape | ({} if name in REQUIRED else {"default": ""})
