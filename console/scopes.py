"""Which scope a token needs for which part of the API: one table, and whatever is not in it takes `admin`."""

import re
from collections.abc import Mapping
from typing import Final

from fastapi import Request

from policy.signing_in import Scope

API: Final = "/api/v1"
WRITES: Final[Mapping[tuple[str, str], Scope]] = {
    ("POST", "/reports"): Scope.REPORT,
    ("POST", "/cases/{case}/facts"): Scope.FACT,
    ("POST", "/log"): Scope.FACT,
    ("PUT", "/roster"): Scope.ROSTER,
    ("POST", "/roster/acting"): Scope.ROSTER,
    ("POST", "/roster/acting/{number}/end"): Scope.ROSTER,
    ("POST", "/alarms/{alarm}/clear"): Scope.ALARMS,
    ("POST", "/packs/{pack}/revisions"): Scope.PACKS,
    ("POST", "/packs/{pack}/revisions/preview"): Scope.PACKS,
    ("POST", "/packs/{pack}/preview"): Scope.PACKS,
    ("POST", "/packs/{pack}/revisions/{number}/approve"): Scope.PACKS,
    ("POST", "/packs/{pack}/revisions/{number}/withdraw"): Scope.PACKS,
}


def scope_of(method: str, path: str) -> Scope:
    """Give the scope that a token needs for an operation: to read for what changes nothing."""
    return Scope.READ if method in {"GET", "HEAD"} else _BY_SHAPE.get((method, _shape(path)), Scope.ADMIN)


def needed(request: Request) -> Scope:
    """Give the scope that a token needs for what is asked."""
    return scope_of(request.method, str(request.scope["route"].path))


def _shape(path: str) -> str:
    """Leave out what a route calls its parameters: a scope does not hang on a name."""
    return re.sub(r"\{\w+\}", "{}", path.removeprefix(API))


_BY_SHAPE = {(method, _shape(path)): scope for (method, path), scope in WRITES.items()}
