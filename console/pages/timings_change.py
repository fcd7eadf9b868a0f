"""A change on its way: why and when, what it would do, check your answers, propose; the draft keeps all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from console import packs, revising, timings
from console.access import Caller
from console.api.cases import Vigil
from console.evidence.filled import instant
from console.pages.answers import Form
from console.pages.timings_step import CEILING
from console.pages.visitor import author, reader
from console.preview_shown import Live, Past, live_of, past_of
from console.problems import problem_of
from console.templating import page
from policy.errors import Forbidden, Invalid, Refused, Stale, VigilError
from policy.proposal import REASONS
from policy.spans import read_instant
from policy.terms import Route
from runtime import preview, readings_revisions
from runtime.app import App
from runtime.readings import Json
from runtime.shelf import raw_of
from store.previews import RUNNING, Preview

router = APIRouter(prefix="/timings/preview")
OTHER = "other"
APPROVAL, AT = "approval", "at"


@dataclass(frozen=True)
class Typed:
    """The page *why and when* as it was typed, and what is wrong with it by field."""

    chosen: str = ""
    words: str = ""
    when: str = APPROVAL
    at: str = ""
    applies_to: str = "new"
    override_by: str = ""
    override_reason: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@router.get("/{key}/why")
def ask_why(request: Request, key: str, app: Vigil) -> Response:
    """Ask why, from when, and for which cases."""
    caller = reader(request)
    kept = _mine(app, key, caller)
    return _why(request, app, kept, _typed(kept))


@router.post("/{key}/why")
def take_why(request: Request, key: str, app: Vigil, posted: Form) -> Response:
    """Take the reasons, and begin to work out what the change would do."""
    caller, by = author(request, posted)
    kept = _mine(app, key, caller)
    body, typed = _read_why(app, kept, posted)
    try:
        preview.checked(app, kept.pack, body)
    except Stale:
        pass  # the next page says so, and leads to the numbers as they are now
    except (Invalid, Refused) as error:
        return _why(request, app, kept, _with_wrong(typed, error), 409 if isinstance(error, Refused) else 422)
    made = preview.draft(app, kept.pack, body, by, instead_of=key)
    preview.start(app, made)
    return RedirectResponse(f"/timings/preview/{made}", 303)


@router.get("/{key}")
def show(request: Request, key: str, app: Vigil) -> Response:
    """Show what the change would do: to open cases now, to past ones as far as that is worked out, and to sense."""
    caller = reader(request)
    kept = preview.look(app, key)
    shown = shown_of(app, kept, _given(kept))
    mine = caller.person == kept.made_by
    return page(request, "timings_preview.html", 200, as_of=app.clock.now(), mine=mine, **shown)


@router.get("/{key}/progress")
def progress(request: Request, key: str, app: Vigil) -> Response:
    """Say how far the work is."""
    reader(request)
    kept = preview.look(app, key)
    shown = sum(name in kept.body for name in ("history", "lint"))
    return JSONResponse({"state": kept.state, "share": round(kept.share, 2), "shown": shown})


@router.get("/{key}/cases")
def show_cases(request: Request, key: str, app: Vigil, figure: str = "", side: str = "new") -> Response:
    """List the cases that a figure of the plots counts."""
    reader(request)
    kept = preview.look(app, key)
    found = past_of(app, kept)
    one = found.figure(figure) if found else None
    listed = one.cases(side) if one else ()
    shown = {"figure": one, "side": side, "listed": listed, "past": found, "kept": kept}
    return page(request, "timings_cases.html", 200, as_of=app.clock.now(), **shown)


@router.get("/{key}/check")
def check(request: Request, key: str, app: Vigil) -> Response:
    """Show all that was said, once more, before it is proposed."""
    caller = reader(request)
    return _check(request, app, _mine(app, key, caller))


@router.post("/{key}/propose")
def propose(request: Request, key: str, app: Vigil, posted: Form) -> Response:
    """Propose the change; what is refused is said in words, and the draft stays."""
    caller, by = author(request, posted)
    kept = _mine(app, key, caller)
    try:
        made = revising.propose(app, kept.pack, _given(kept), by, Route.CONSOLE).body
    except (Stale, Refused, Invalid) as error:
        return _check(request, app, kept, error, 422 if isinstance(error, Invalid) else 409)
    return RedirectResponse(f"/timings/{kept.pack}/revisions/{made['revision']}?said=proposed", 303)


def shown_of(app: App, kept: Preview, given: Json, but: int | None = None) -> Json:
    """Give what a preview shows; where it cannot be made any more, why."""
    held = packs.find(app, kept.pack)
    live: Live | None = None
    trouble: Mapping[str, object] | None = None
    try:
        live = live_of(app, kept.pack, given)
    except (Stale, Refused, Invalid) as error:
        trouble = problem_of(error).body
    steps = live.steps if live else set()
    past: Past | None = past_of(app, kept)
    return {
        "kept": kept, "pack": held.pack, "given": given, "live": live, "past": past, "trouble": trouble,
        "running": kept.state == RUNNING, "others": timings.others(held, steps, but),
        "back": back(kept), "changes": _lines(app, kept, given),
    }  # fmt: skip


def back(kept: Preview) -> str:
    """Give the page on which the numbers of a draft are changed."""
    changes = _given(kept).get("changes")
    if not isinstance(changes, list) or not changes:
        return f"/timings/{kept.pack}/import"
    return f"/timings/{kept.pack}/{changes[0].get('step') or 'pack'}?draft={kept.id}"


def _lines(app: App, kept: Preview, given: Json) -> list[tuple[str, str, str, str]]:
    """Say what the change changes, against the revision that it was made to."""
    held = packs.find(app, kept.pack, str(kept.base))
    with app.sessions.reading() as s:
        was = raw_of(s, kept.pack, kept.base)
    return timings.diff_lines(held.pack, readings_revisions.proposed_lines(was, given))


def _given(kept: Preview) -> Json:
    return cast(Json, kept.body["given"])


def _mine(app: App, key: str, caller: Caller) -> Preview:
    kept = preview.look(app, key)
    if kept.made_by != caller.person:
        raise Forbidden(f"{kept.made_by} has made this change: make one of your own")
    return kept


def _typed(kept: Preview) -> Typed:
    """Give the page as it was left."""
    given = _given(kept)
    reason, at = str(given.get("reason") or ""), given.get("effective_from")
    named = cast(Mapping[str, str], given.get("override") or {})
    listed = reason in REASONS
    return Typed(
        chosen=reason if listed else OTHER if reason else "",
        words="" if listed else reason,
        when=AT if at else APPROVAL,
        at=str(at or ""),
        applies_to=str(given.get("applies_to") or "new"),
        override_by=named.get("by", ""),
        override_reason=named.get("reason", ""),
    )


def _read_why(app: App, kept: Preview, posted: Mapping[str, str]) -> tuple[Json, Typed]:
    get = {name: value.strip() for name, value in posted.items()}.get
    typed = Typed(
        get("reason", ""), get("words", ""), get("when", APPROVAL), get("at", ""), get("applies_to", "new"),
        get("override_by", ""), get("override_reason", ""),
    )  # fmt: skip
    at: str | None = None
    if typed.when == AT:
        read = instant(typed.at, app.clock.now(), ahead=True)
        at = read.isoformat() if read else typed.at or "no instant"
    by, why = typed.override_by, typed.override_reason
    body: Json = {
        **{name: value for name, value in _given(kept).items() if name in ("base", "changes", "text")},
        "reason": typed.words if typed.chosen == OTHER else typed.chosen,
        "effective_from": at,
        "applies_to": typed.applies_to,
    }
    return body | ({"override": {"by": by, "reason": why}} if by or why else {}), typed


_FIELDS = {
    "reason": "words",
    "effective_from": "at",
    "override.by": "override_by",
    "override.reason": "override_reason",
}


def _with_wrong(typed: Typed, error: Invalid | Refused) -> Typed:
    if isinstance(error, Refused):
        where = "override_by" if error.rule == CEILING else "words"
        return Typed(**{**vars(typed), "wrong": {where: f"{_capital(error.detail)}. Who may: {error.who_may}"}})
    wrong = {}
    for fault in error.faults:
        name = _FIELDS.get(fault.field, fault.field)
        if name == "words" and not typed.chosen:
            name = "reason"
        wrong[name] = _capital(f"{fault.message}: {fault.remedy}")
    return Typed(**{**vars(typed), "wrong": wrong})


def _why(request: Request, app: App, kept: Preview, typed: Typed, status: int = 200) -> Response:
    over = ""
    bare = {name: value for name, value in _given(kept).items() if name != "override"}
    try:
        preview.checked(app, kept.pack, bare, for_preview=True)
    except Refused as error:
        over = error.detail if error.rule == CEILING else ""
    except (Invalid, Stale):
        pass
    at = read_instant(typed.at)
    shown = {"kept": kept, "typed": typed, "over": over, "reasons": REASONS, "back": back(kept), "at": at}
    pack = packs.find(app, kept.pack).pack
    lines = _lines(app, kept, _given(kept))
    return page(request, "timings_why.html", status, as_of=app.clock.now(), pack=pack, changes=lines, **shown)


def _check(request: Request, app: App, kept: Preview, error: VigilError | None = None, status: int = 200) -> Response:
    given = _given(kept)
    shown = shown_of(app, kept, given)
    at = read_instant(str(given.get("effective_from") or ""))
    return page(
        request,
        "timings_check.html",
        status,
        as_of=app.clock.now(),
        error=problem_of(error).body if error else None,
        at=at,
        **shown,
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
