"""Text that comes from outside, read as what it should be: JSON that every database can hold afterwards."""

import json
import math
import re

from policy.errors import Unreadable

_DEPTH = 64  # levels of a record that are kept; no record of any system is nearly that deep
_DIGITS = 100  # of a number; no record of any system counts so far
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def as_json(body: bytes) -> object:
    """Read JSON, or raise Unreadable that says where it stops being JSON."""
    try:
        return storable(json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant, parse_int=_whole))
    except UnicodeDecodeError as error:
        raise Unreadable(f"the body is not UTF-8: byte {error.start} cannot be read") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"the body is not JSON: {error.msg.lower()} at {where}") from None
    except (RecursionError, ValueError):  # nested thousands deep, or NaN
        raise Unreadable("the body is not JSON that can be read: write plain, finite values") from None


def decoder() -> json.JSONDecoder:
    """Give what reads one JSON value out of a longer text, as strictly as `as_json`."""
    return json.JSONDecoder(parse_constant=_no_constant, parse_int=_whole)


def storable(value: object, depth: int = _DEPTH) -> object:
    """Give a value that every database can hold: no NUL, no half characters, no infinite numbers."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict | list) and depth == 0:
        return "(nested too deep to be kept)"
    if isinstance(value, dict):
        return {_clean(str(name)): storable(part, depth - 1) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part, depth - 1) for part in value]
    return value


def _clean(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _whole(text: str) -> object:
    """Read a whole number; one of hundreds of digits is kept as text: a fault of its field, not of the record."""
    return int(text) if len(text) <= _DIGITS else text


def _no_constant(text: str) -> object:
    raise ValueError(text)  # NaN and Infinity are no JSON
