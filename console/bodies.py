"""Bodies read with a limit, and read as what they should be."""

import asyncio
import json
import math
import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request
from starlette.requests import ClientDisconnect

from policy.errors import Fault, Invalid, TooLarge, Unreadable

RECORD_BYTES = 1024 * 1024  # one report or fact
TABLE_BYTES = 8 * 1024 * 1024  # a roster
FORM_BYTES = 64 * 1024  # what a page's form sends
_DEPTH = 64  # levels of a record that are kept; no record of any system is nearly that deep
_DIGITS = 100  # of a number; no record of any system counts so far
_DRAINED_BYTES = 16 * 1024 * 1024  # read and thrown away, so that the sender hears the refusal
_PATIENCE_S = 30.0  # for a whole body: a sender that falls silent half-way is refused, and that is heard of
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


async def read_body(request: Request, limit_bytes: int) -> bytes:
    """Give the whole body; TooLarge beyond `limit_bytes`, Unreadable when the sender breaks off or falls silent."""
    held, size = [], 0
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size <= limit_bytes:
                    held.append(chunk)
                elif size > _DRAINED_BYTES:
                    break
    except TimeoutError:
        raise Unreadable(f"the body was not whole after {_PATIENCE_S:g} s; send it again") from None
    except ClientDisconnect:
        raise Unreadable("the body broke off before its end; send it again, whole") from None
    if size > limit_bytes:
        raise TooLarge(f"the body is larger than {limit_bytes} bytes; send less at a time")
    return b"".join(held)


def as_json(body: bytes) -> object:
    """Read JSON, or raise Unreadable that says where it stops being JSON."""
    try:
        return _storable(json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant, parse_int=_whole), _DEPTH)
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8: byte {error.start} cannot be read") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"the body is not JSON: {error.msg.lower()} at {where}") from None
    except (RecursionError, ValueError):  # nested thousands deep, or NaN
        raise Unreadable("the body is not JSON that can be read: write plain, finite values") from None


def _storable(value: object, depth: int) -> object:
    """Give a value that every database can hold: no NUL, no half characters, no infinite numbers."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict | list) and depth == 0:
        return "(nested too deep to be kept)"
    if isinstance(value, dict):
        return {_clean(name): _storable(part, depth - 1) for name, part in value.items()}
    if isinstance(value, list):
        return [_storable(part, depth - 1) for part in value]
    return value


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def as_text(body: bytes) -> str:
    """Read UTF-8 text, or raise Unreadable."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8: byte {error.start} cannot be read") from None


def as_form(body: bytes) -> Mapping[str, str]:
    """Read a page's form; of a field given twice the first counts."""
    text = as_text(body)
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise Unreadable("the form cannot be read; go back and send it again") from None
    return {name: values[0] for name, values in fields.items()}


def as_flag(name: str, value: str | None) -> bool:
    """Read a yes or no of a query."""
    if value is None or value.lower() in {"", "0", "false", "no"}:
        return False
    if value.lower() in {"1", "true", "yes"}:
        return True
    raise Invalid("the query has faults", (Fault(name, f"{value!r} is no yes or no", "use true or false"),))


def _whole(text: str) -> object:
    """Read a whole number; one of hundreds of digits is kept as text: a fault of its field, not of the record."""
    return int(text) if len(text) <= _DIGITS else text


def _no_constant(text: str) -> object:
    raise ValueError(text)  # NaN and Infinity are no JSON
