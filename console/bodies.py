"""Bodies read with a limit, and read as what they should be."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs

from fastapi import Request
from starlette.requests import ClientDisconnect

from policy.errors import Fault, Invalid, TooLarge, Unreadable
from runtime.documents import as_json, storable

__all__ = ["FORM_BYTES", "RECORD_BYTES", "TABLE_BYTES", "as_flag", "as_form", "as_json", "as_text", "read_body"]

RECORD_BYTES = 1024 * 1024  # one report or fact
TABLE_BYTES = 8 * 1024 * 1024  # a roster
FORM_BYTES = 256 * 1024  # what a page's form sends: an interview in somebody's own words is long
_DRAINED_BYTES = 16 * 1024 * 1024  # read and thrown away, so that the sender hears the refusal
_PATIENCE_S = 30.0  # for a whole body: a sender that falls silent half-way is refused, and that is heard of


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
    return {name: str(storable(values[0])) for name, values in fields.items()}


def as_flag(name: str, value: str | None) -> bool:
    """Read a yes or no of a query."""
    if value is None or value.lower() in {"", "0", "false", "no"}:
        return False
    if value.lower() in {"1", "true", "yes"}:
        return True
    raise Invalid("the query has faults", (Fault(name, f"{value!r} is no yes or no", "use true or false"),))
