"""A whole pack out as TOML, and an edited one back in, with what differs in words before anything is proposed."""

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from console import packs, timings
from console.access import Caller
from console.api.cases import Vigil
from console.bodies import RECORD_BYTES, as_form, as_text, read_body
from console.pages.visitor import author, reader
from console.templating import page
from policy.errors import Fault, Invalid, Refused, Stale
from runtime import preview
from runtime.app import App

router = APIRouter(prefix="/timings/{pack}/import")


@dataclass(frozen=True)
class Tried:
    """What was given, and what is wrong with it."""

    pack: str
    text: str = ""
    faults: tuple[Fault, ...] = ()
    status: int = 200


async def _posted(request: Request) -> dict[str, str]:
    """Read the form, with what a chosen file holds as text in the place of the field."""
    body = await read_body(request, RECORD_BYTES)
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        fields = dict(as_form(body))
    else:
        whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
        fields = {}
        for part in whole.iter_parts():
            name, held = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(held, bytes):
                fields[name] = as_text(held)
    chosen = fields.pop("file", "")
    if chosen.strip():
        fields["text"] = chosen
    request.state.posted = fields
    return fields


Posted = Annotated[dict[str, str], Depends(_posted)]


@router.get("")
def show(request: Request, pack: str, app: Vigil) -> Response:
    """Show where the pack can be had, and the form that takes an edited one."""
    return _page(request, app, reader(request), Tried(pack))


@router.post("")
def take(request: Request, pack: str, app: Vigil, posted: Posted) -> Response:
    """Take an edited pack: a sound one goes on to *why and when*; the rest is refused whole, and nothing is lost."""
    caller, by = author(request, posted)
    text = posted.get("text", "")
    base = posted.get("base", "")
    if not text.strip():
        fault = Fault("text", "holds nothing", "choose a file, or paste the pack")
        return _page(request, app, caller, Tried(pack, text, (fault,), 422))
    body = {"base": int(base) if base.isascii() and base.isdigit() and len(base) < 9 else 0, "text": text}
    try:
        preview.checked(app, pack, body, for_preview=True)
    except Stale as error:
        fault = Fault("text", str(error), "take the pack as it is now, make the change in it, and send it again")
        return _page(request, app, caller, Tried(pack, text, (fault,), 409))
    except Invalid as error:
        return _page(request, app, caller, Tried(pack, text, error.faults, 422))
    except Refused as error:
        if error.rule != "ceiling":
            raise
    key = preview.draft(app, pack, {**body, "applies_to": "new"}, by)
    return RedirectResponse(f"/timings/preview/{key}/why", 303)


def _page(request: Request, app: App, caller: Caller, tried: Tried) -> Response:
    held, standing = packs.find(app, tried.pack), timings.standing(app, tried.pack)
    return page(
        request,
        "timings_import.html",
        tried.status,
        as_of=app.clock.now(),
        pack=held.pack,
        tried=tried,
        base=standing.number if standing else held.pack.revision,
        rights=timings.rights_of(app, caller.person),
    )
