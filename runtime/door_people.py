"""Other cases of the same person. Nothing is merged without a person.

Possible duplicates: two open reports are linked on both cases. Re-reports: a report within a year of a case that is
over, or rests, names it and restores its risk (S2, W34).
"""

from dataclasses import dataclass, replace

import structlog

from policy import outside, re_report
from policy.errors import VigilError
from policy.facts import Fact, read_fact
from policy.intents import Entry, Outcome
from policy.record_terms import Earlier
from policy.terms import FactKind, Kind, Risk, Route
from runtime.app import App
from runtime.door_take import take
from runtime.people import PersonKeys, keys_of
from runtime.writing import Pen, write
from store import cases, journal, people
from store.cases import Stored
from store.journal import Lines

LEVELS = {"case_opened": "risk", "risk": "after", "risk_restored": "after"}  # where a journal says which level was set
ANSWERS = (FactKind.ACKNOWLEDGED, FactKind.ACCEPTED)  # whoever accepts has acknowledged

log = structlog.get_logger()


@dataclass(frozen=True)
class Others:
    """The other cases of a person, locked until the end of the transaction.

    `twins` are those that are not closed, `earlier` the latest of which a report now is a re-report.
    """

    twins: tuple[Stored, ...] = ()
    earlier: Stored | None = None

    def as_told(self, pen: Pen) -> Earlier | None:
        """Give the earlier case with the highest risk that it ever had, as its journal and its row have it."""
        if self.earlier is None:
            return None
        lines = journal.of_kinds(pen.session, Lines(LEVELS, case=self.earlier.ref))
        levels = [level for line in lines if isinstance(level := line.body.get(LEVELS[line.kind]), str)]
        return re_report.earlier_of(self.earlier.case, map(Risk, levels))


def others_of(pen: Pen, keys: PersonKeys, *, example: bool, but: Stored | None = None) -> Others:
    """Find the other cases of a person; `but` is the case that is asked about, where it has begun already."""
    s, begun_at, ref = pen.session, but.created_at if but else pen.now, but.ref if but else ""
    claimed = people.claim(s, keys.by_ref, keys.by_name)
    open_ones = [one for one in people.open_cases(s, claimed, example=example) if one != ref]
    past = cases.load_all(s, people.earlier_cases(s, claimed, example=example, until=begun_at))
    latest = next((one.ref for one in past if one.ref != ref and re_report.counts(one.case, pen.now)), "")
    held = {one: cases.load(s, one, lock=True) for one in sorted({*open_ones, latest} - {""})}
    return Others(tuple(held[one] for one in open_ones), held.get(latest))


def linked(outcome: Outcome, others: Others, pen: Pen) -> Outcome:
    """Give an outcome whose case names the others that are not closed, and says so in its journal."""
    return outside.linked(outcome, (twin.ref for twin in others.twins), pen.now)


def link_back(pen: Pen, others: Others, ref: str) -> None:
    """Write the link down on the others too, the earlier one among them; what they await does not change."""
    known = {one.ref: one for one in (*others.twins, others.earlier) if one is not None}
    for twin in known.values():
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
