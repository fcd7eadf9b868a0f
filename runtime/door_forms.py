"""Forms are of a revision: one that was withdrawn, or that another has replaced, cannot be used; its use is reported.

A force went on for four months with a set of questions that had been replaced (W47). So a form says of which
revision it is; where the case's own asks something else by now it is refused, and those who answer for the change hear.
"""

from collections.abc import Sequence

import structlog
from sqlmodel import Session

from policy.case import Case, Told
from policy.errors import Missing, Refused
from policy.facts import Fact
from policy.intents import Entry
from policy.pack import Evidence
from policy.terms import AlarmKey, Role
from runtime.app import App
from runtime.door_alarm import ring_at
from store import revisions
from store.revisions import FIRST, goes_to

log = structlog.get_logger()


class OldForm(Refused):
    """A form of a revision that may not be used any more."""

    def __init__(self, pack: str, number: int, now: int, step: str | None) -> None:
        super().__init__(
            f"revision {number} of {pack} may not be used any more; revision {now} is in its place",
            rule="withdrawn_version",
            missing=[Missing(f"the form of revision {now}", "what was withdrawn asks what nobody answers for (W47)")],
            who_may="anybody: open the form again, what was typed can be taken over",
        )
        self.pack, self.number, self.step = pack, number, step


def refuse_withdrawn(app: App, pack: str, number: int, *, step: str | None, by: str) -> None:
    """Refuse to open what a revision holds that no case may follow any more, and report that somebody tried."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        to = goes_to(number, revisions.history(s, pack), now)
    if to is not None:
        error = OldForm(pack, number, to, step)
        report_use(app, error, case=None, by=by)
        raise error


def refuse_old_form(app: App, s: Session, case: Case, fact: Fact) -> None:
    """Refuse what was filled in on a form that the case's own revision does not have; raises OldForm."""
    if fact.revision is None or fact.revision == case.revision or fact.step is None:
        return
    old = revisions.find(s, case.pack, fact.revision)
    asked = app.shelf.get(s, case.pack, fact.revision).steps.get(fact.step) if old else None
    own = app.pack_of(case).steps.get(fact.step)
    if _fields(asked.evidence if asked else ()) != _fields(own.evidence if own else ()):
        raise OldForm(case.pack, fact.revision, case.revision, fact.step)


def _fields(evidence: Sequence[Evidence]) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    """Give what a form asks; how it words its help is no other form."""
    return [(one.name, one.type, one.required, one.choices) for one in evidence]


def report_use(app: App, error: OldForm, *, case: str | None, by: str) -> None:
    """Tell those who answer for the change that the old version was used; each use is a line of the journal."""
    body = {"pack": error.pack, "revision": error.number, "step": error.step, "case": case, "person": by}
    said = Entry("withdrawn_version_used", app.clock.now(), body, by)
    with app.sessions.reading() as s:
        known = app.roster(s, app.clock.now()).rank_of(by) is not None
    who = by if known else "somebody"  # an unknown voice may bear a name
    detail = f"{error.pack} revision {error.number}" + (f", {error.step}" if error.step else "") + f", by {who}"
    owner = _owner(app, error)
    to = Told(owner, Role.POLICY_ADMIN, 0, app.clock.now()) if owner else None
    ring_at(app, AlarmKey.WITHDRAWN_VERSION_USED, detail, to, [said])
    log.warning("withdrawn_version_used", pack=error.pack, revision=error.number, case=case, by=who)


def _owner(app: App, error: OldForm) -> str | None:
    """Give who answers for the change: who proposed what stands now in the place of the one that was used."""
    with app.sessions.reading() as s:
        number = revisions.effective(s, error.pack, app.clock.now()) or FIRST
        standing = revisions.find(s, error.pack, number)
        used = revisions.find(s, error.pack, error.number)
    people = [one.withdrawn_by or one.proposed_by for one in (used, standing) if one is not None]
    return next((person for person in people if person != "system"), None)
