"""One case as a page: who answers for it, what is to be done with its forms, every step, everything that happened."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from console.access import access_of, csrf_fits
from console.api.cases import Vigil
from console.banners import banners
from console.case_lines import agenda, step_lines, to_come, told_lines
from console.evidence import filled
from console.evidence.forms import Form, Forms
from console.evidence.may import May, speaker_of
from console.evidence.recorded import recorded
from console.evidence.trouble import Trouble, over, trouble_of
from console.journal_words import HIDDEN
from console.looking import look_at_page, may_see_looks
from console.pages.answers import Form as Posted
from console.pages.inbox import Reader, reader_of
from console.risk_told import risk_changes
from console.serial_text import asks_for_entry, log_texts
from console.templating import page
from console.timeline import Entries, timeline
from policy.case import Case
from policy.errors import Busy, Forbidden, Invalid, Refused, Unauthorised, VigilError
from policy.explain import explain
from policy.roster import Roster
from policy.terms import FactKind, Route
from runtime import doors, readings
from runtime.app import App
from runtime.door_looked import looks
from runtime.readings_explain import with_receipts
from store import cases, journal, messages, roster

router = APIRouter()
SHOWN = 300  # lines of the journal on the page
KEYS = 64  # characters of what tells one sending of a form from the next


@dataclass(frozen=True)
class Visit:
    """Who reads or writes which case, and what the page is asked for beside it."""

    app: App
    ref: str
    reader: Reader
    said: str = ""  # what was just recorded
    step: tuple[str, int] = ("", 1)  # of which step
    source: str = ""  # whose lines of the timeline are wanted
    before: int | None = None  # which part of it


@router.get("/cases/{ref}")
def show(request: Request, ref: str, app: Vigil, t: str = "") -> Response:
    """Show a case to somebody who is signed in, or who came by a personal link."""
    try:
        reader = reader_of(request, app, t)
    except Unauthorised:
        return RedirectResponse(f"/sign-in?next=/cases/{ref}", 303)
    look_at_page(request, app, ref, reader)
    asked = request.query_params
    before, said = asked.get("before", ""), asked.get("said", "")
    number = asked.get("n", "")
    visit = Visit(
        app,
        ref,
        reader,
        said=said if said in list(FactKind) else "",
        step=(asked.get("step", ""), int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1),
        source=asked.get("source", "")[:40],
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None,
    )
    return _page(request, visit)


@router.post("/cases/{ref}")
def take(request: Request, ref: str, app: Vigil, posted: Posted) -> Response:
    """Take what a form of the page says; what is refused comes back with all that was typed."""
    reader = reader_of(request, app, posted.get("t", ""))
    caller = access_of(request).reader(request)
    if not reader.personal and (caller is None or not csrf_fits(caller, posted.get("csrf", ""))):
        raise Forbidden("this form did not come from your own page; open the case again and send it there")
    visit = Visit(app, ref, reader)
    forms = _forms(visit)
    form = forms.find(posted.get("form", ""))
    if form is None:
        look_at_page(request, app, ref, reader)
        return _page(request, visit, over(posted))
    error = _record(visit, forms, form, posted)
    if error is None:
        token = f"&t={reader.personal}" if reader.personal else ""
        about = f"&step={form.step}&n={form.occurrence}" if form.step else ""
        return RedirectResponse(f"/cases/{ref}?said={form.kind}{about}{token}#said", 303)
    look_at_page(request, app, ref, reader)
    return _page(request, visit, trouble_of(error, form, posted, forms))


def _record(visit: Visit, forms: Forms, form: Form, posted: Mapping[str, str]) -> VigilError | None:
    """Send the fact through the door; give what it refuses."""
    others = dict(forms.may.speaker.others)
    named = posted.get("by", "")
    by = named if named in others else visit.reader.person
    read = filled.read(form, posted, by, visit.app.clock.now())
    if read.faults:
        return Invalid("the form is not complete", read.faults)
    key = f"form:{posted['once'][:KEYS]}" if posted.get("once") else None
    try:
        doors.record(visit.app, visit.ref, read.raw, route=Route.CONSOLE, key=key)
    except (Invalid, Refused, Busy) as error:
        return error
    return None


def _forms(visit: Visit) -> Forms:
    now = visit.app.clock.now()
    with visit.app.sessions.reading() as s:
        case, known = cases.load(s, visit.ref).case, roster.snapshot(s, now)
    return _forms_of(visit, case, known, now)


def _forms_of(visit: Visit, case: Case, known: Roster, now: datetime) -> Forms:
    pack = visit.app.pack_of(case)
    known = known.apart(pack.forces)
    speaker = speaker_of(visit.reader.person, case, known, pack, now)
    return Forms(May(case, pack, known, now, speaker), shows_kept=not visit.reader.personal)


def _looks(request: Request, visit: Visit) -> object:
    """Give who has looked at the case, to those who may see it."""
    caller = getattr(request.state, "reader", None)
    if visit.reader.personal or caller is None or not may_see_looks(visit.app, caller):
        return None
    return looks(visit.app, visit.ref)


def _page(request: Request, visit: Visit, trouble: Trouble | None = None) -> Response:
    app, now = visit.app, visit.app.clock.now()
    with app.sessions.reading() as s:
        held = cases.load(s, visit.ref)
        known = roster.snapshot(s, now)
        told = messages.of_case(s, visit.ref)
        entries = journal.newest(s, visit.ref, visit.before, SHOWN + 1, without=HIDDEN)
    case, pack = held.case, app.pack_of(held.case)
    risk = case.timer_risk(pack.child_floor)
    tellings = told_lines(told, pack, risk)
    part = Entries(entries[-SHOWN:], entries[1].seq if len(entries) > SHOWN else None, visit.before is None)
    forms = _forms_of(visit, case, known, now)
    return page(
        request,
        "case.html",
        trouble.status if trouble else 200,
        as_of=now,
        case={**readings.view(app, held, known, now), "steps": step_lines(case, pack)},
        whys={one.id: one for one in with_receipts(explain(case, pack, known, now), told, case, risk, now)},
        timer_risk=risk,
        agenda=agenda(case, pack, now),
        banners=banners(app, case, pack, now),
        to_come=to_come(case, pack, now),
        recorded=recorded(FactKind(visit.said), visit.step, case, pack) if visit.said else "",
        pack=pack,
        in_force=rules.revision if (rules := app.packs.get(case.pack)) else None,
        held=held,
        visit=visit,
        trouble=trouble,
        todo=forms.steps(),
        happened=forms.happened(),
        others=forms.may.speaker.others,
        unknown=known.rank_of(visit.reader.person) is None,
        once=secrets.token_urlsafe(12),
        texts=log_texts(case, pack, tellings, held.serial, held.source_id) if asks_for_entry(case, pack) else (),
        risk_told=() if visit.reader.personal else risk_changes(app, visit.ref),
        messages=tellings,
        looks=_looks(request, visit),
        timeline=None if visit.reader.personal else timeline(case, pack, part, tellings, now, visit.source),
    )
