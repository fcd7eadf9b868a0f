"""Possible duplicates: two open reports of one person are linked on both cases; nothing is merged without a person."""

from dataclasses import replace

import structlog

from policy import outside
from policy.errors import VigilError
from policy.facts import Fact, read_fact
from policy.intents import Entry, Outcome
from policy.terms import FactKind, Kind, Route
from runtime.app import App
from runtime.door_take import take
from runtime.people import PersonKeys, keys_of
from runtime.writing import Pen, write
from store import cases, people
from store.cases import Stored

ANSWERS = (FactKind.ACKNOWLEDGED, FactKind.ACCEPTED)  # whoever accepts has acknowledged

log = structlog.get_logger()


def twins_of(pen: Pen, keys: PersonKeys, *, example: bool, but: str = "") -> list[Stored]:
    """Give the other open cases of a person, locked until the end of the transaction."""
    refs = people.open_cases(pen.session, people.claim(pen.session, keys.by_ref, keys.by_name), example=example)
    return [cases.load(pen.session, ref, lock=True) for ref in refs if ref != but]


def linked(outcome: Outcome, twins: list[Stored], pen: Pen) -> Outcome:
    """Give an outcome whose case names the others, and says so in its journal."""
    return outside.linked(outcome, (twin.ref for twin in twins), pen.now)


def link_back(pen: Pen, twins: list[Stored], ref: str) -> None:
    """Write the link down on the others too; what they await does not change."""
    for twin in twins:
        if ref not in twin.case.linked:
            case = replace(twin.case, linked=(*twin.case.linked, ref))
            said = (Entry("possible_duplicate", pen.now, {"case": ref}),)
            write(pen, twin, Outcome(case, entries=said), wake_at=twin.wake_at)


def serve_linked(app: App, stored: Stored, fact: Fact, route: Route) -> None:
    """Let one acknowledgement serve the linked cases: the notices of theirs that the same person was told of.

    Each in its own transaction, after the answer itself is safe: should one fail, that case goes on reminding.
    What others were told of, and what comes in later, is not answered by it; nor is a case whose record, corrected
    since, names somebody else.
    """
    if fact.kind not in ANSWERS:
        return
    for ref in stored.case.linked:
        try:
            _serve(app, ref, stored, fact, route)
        except VigilError as error:
            log.warning("linked_case_not_served", case=ref, error=type(error).__name__)


def _serve(app: App, ref: str, through: Stored, fact: Fact, route: Route) -> None:
    now, secret = app.clock.now(), app.keys.link_secret
    with app.sessions() as s:
        twin = cases.load(s, ref, lock=True)
        if not keys_of(twin.record, secret).surely(keys_of(through.record, secret)):
            return
        pack = app.pack_of(twin.case)
        for step in twin.case.live_steps():
            if pack.steps[step.key].kind is not Kind.NOTIFY or not step.told_person(fact.by):
                continue
            raw = {"kind": FactKind.ACKNOWLEDGED.value, "by": fact.by, "step": step.key, "occurrence": step.occurrence}
            answer = read_fact({**raw, "evidence": {"through": through.ref}})
            twin = take(app, Pen(s, route, now, app.clock.speed), twin, answer)
            log.info("acknowledged_through", case=ref, step=step.key, by=fact.by)
