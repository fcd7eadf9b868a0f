"""Where an adult was, who asked that nobody be told, is kept back wherever texts leave (domain 2.6, W121).

The journal keeps what was said in full; pages, pasted texts and what a session reads of the journal do not show it.
Free text cannot be searched for a place: the form says so where it is written.
"""

from collections.abc import Mapping
from typing import Final

from policy.case import Case

# Evidence that says where the person is, was, or was seen.
PLACES: Final = frozenset({"where", "where_been", "place", "address"})
KEPT_BACK: Final = "kept back: the person asked that nobody be told where they are"


def masked(case: Case, body: Mapping[str, object]) -> Mapping[str, object]:
    """Give a body without the places in it, however deep, when the person of the case asked for that."""
    return _without_places(body) if case.do_not_disclose else body


def masks(case: Case, body: Mapping[str, object]) -> bool:
    """Tell whether something of a body is kept back."""
    return masked(case, body) != body


def _without_places(body: Mapping[str, object]) -> dict[str, object]:
    return {name: KEPT_BACK if name in PLACES and value else _part(value) for name, value in body.items()}


def _part(value: object) -> object:
    if isinstance(value, Mapping):
        return _without_places(value)
    if isinstance(value, list | tuple):
        return [_part(part) for part in value]
    return value
