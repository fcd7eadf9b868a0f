"""A timing proposed from Prefect's own pages: the same door as the console's and the command line's."""

import re
from collections.abc import Mapping

import structlog
from prefect import State, task
from prefect.states import Completed, Failed

from policy.errors import Invalid, Refused, Transient, Unknown, VigilError
from policy.terms import Route
from runtime import app
from runtime.door_revisions import propose, read_edit
from runtime.engine_pass import current
from runtime.engine_state import PUT_BACK
from runtime.preview_live import live_moves
from runtime.timing_form import EVERY_LEVEL, form_of, strangers
from store import revisions
from store.revisions import LIVE, Revision

OF_THE_FORM = "choose from its lists, and write numbers, instants and collar numbers as it says"
PROPOSE = "Propose a change of a timing"
REFUSED = "Refused"  # the state of a proposal at which a rule, or the form, says no
MOST_SHOWN = 50  # deadlines on the run's page; the console shows them all
BROKE_OFF = "this run broke off while it worked; look in Timings whether the revision is there, and if not, begin anew"

log = structlog.get_logger()


def propose_change(asked: Mapping[str, str]) -> State[None]:
    """Propose what the form asks for; COMPLETED with its number, or FAILED with what is wrong and what to do.

    It is tried once: what is wrong with a form is put right by whoever filled it in, and a pass that died may have
    proposed already.
    """
    if current().queued_as == PUT_BACK:
        return _refused(BROKE_OFF)
    here = app.current()
    if strange := strangers(asked, form_of(here.packs, here.settings.pack)):  # not said again: it may be a name
        return _refused(f"Nothing was proposed. {', '.join(strange)}: not of the form; {OF_THE_FORM}.")
    written = write_down(asked, return_state=True)
    if written.name == REFUSED:
        return _refused(f"Nothing was proposed. {written.message}")
    made = written.result()  # raises what nobody foresaw: the worker writes it down
    assert isinstance(made, Revision)
    link = f"{here.settings.console_address}/timings/{made.pack}/revisions/{made.number}"
    said = f"Revision {made.number} of {made.pack} is proposed; another person approves it, signed in: {link}"
    _show(f"**{said}**\n\n{_moves(made)}")
    return Completed(message=said)


@task(name=PROPOSE, task_run_name=PROPOSE, persist_result=False)
def write_down(asked: Mapping[str, str]) -> Revision | State[Revision]:
    """Propose the change to the revision that stands at this moment; FAILED with the reason when it is refused."""
    try:
        return propose(app.current(), asked["pack"].strip(), _body(asked), asked["proposed_by"].strip(), Route.PREFECT)
    except VigilError as error:
        log.info("timing_not_proposed", run=current().run_id, error=type(error).__name__)
        return Failed(name=REFUSED, message=_why(error))


def _body(asked: Mapping[str, str]) -> dict[str, object]:
    here = app.current()
    with here.sessions.reading() as s:
        base = revisions.latest(s, asked["pack"].strip()) or revisions.FIRST
    risk = None if asked["risk"] == EVERY_LEVEL else asked["risk"]
    change = {"step": asked["step"], "field": asked["field"], "risk": risk, "value": asked["value"].strip()}
    more = {"effective_from": asked["effective_from"].strip() or None, "applies_to": asked["applies_to"]}
    return {"base": base, "changes": [change], "reason": asked["reason"], **more}


def _refused(why: str) -> State[None]:
    _show(f"**{why}**")
    return Failed(message=why)


def _show(markdown: str) -> None:
    """Show it on the run's page; the run has said it too, so a Prefect that is busy spoils nothing."""
    engine, this = app.current().engine, current()
    try:
        if engine is not None:
            engine.agenda("timing-change", this.run_id, markdown)
    except Transient:
        log.warning("timing_not_shown", run=this.run_id)


def _moves(made: Revision) -> str:
    """Write down which open deadlines would move: references, steps and instants."""
    here = app.current()
    if made.applies_to != LIVE:
        return "It is for cases to come: no open deadline moves."
    body = {"base": made.base, "changes": list(made.changes), "applies_to": made.applies_to}
    try:
        with here.sessions.reading() as s:
            moves = live_moves(here, s, read_edit(here, s, made.pack, body, for_preview=True))
    except VigilError:  # approved or superseded meanwhile: the console shows what stands now
        return "What would move stands on the page of the revision."
    if not moves:
        return "No open deadline would move."
    lines = [
        f"| {m.case} | {m.title} | {m.from_at:%d %b %H:%M} | {'at once' if m.due_now else f'{m.to_at:%d %b %H:%M}'} |"
        for m in moves[:MOST_SHOWN]
        if m.from_at and m.to_at
    ]
    rest = f"\n\nand {len(moves) - MOST_SHOWN} more, on the console" if len(moves) > MOST_SHOWN else ""
    return "\n".join(["| Case | Step | From (UTC) | To (UTC) |", "| --- | --- | --- | --- |", *lines]) + rest


def _why(error: VigilError) -> str:
    """Say what is wrong and what to do, in one plain line."""
    if isinstance(error, Invalid):
        named = [(re.sub(r"^changes\.\d+\.", "", fault.field), fault) for fault in error.faults]
        return " ".join(f"{field}: {fault.message}; {fault.remedy}." for field, fault in named)
    if isinstance(error, Refused):
        who = f" Who may: {error.who_may}." if error.who_may else ""
        return f"{error.detail}.{who}"
    return str(error) if isinstance(error, Unknown) else "Vigil could not do this just now; try again in a moment."
