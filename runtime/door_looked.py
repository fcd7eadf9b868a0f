"""The door `look`: who looks at a case is let in, asked why, or refused; each first look is written down."""

from dataclasses import dataclass
from datetime import timedelta

from policy.intents import Entry
from policy.looking import read_reason, refuse_unless_told_why, sight
from policy.terms import Role, Route
from runtime.app import App
from runtime.clock import RehearsalClock
from store import cases, journal, looked
from store.looked import Look

MACHINE_EACH = timedelta(hours=1)  # a machine that reads a case all day is one line an hour


@dataclass(frozen=True)
class Looker:
    """A person who looks: the role of their account (None by a personal link), and what names the sign-in."""

    person: str
    role: Role | None
    sign_in: str


def look(app: App, ref: str, who: Looker, route: Route, reason: str | None = None) -> bool:
    """Let a person look at a case and write their first look of this sign-in down; give whether it is their own.

    Raises Unknown, NeedsReason outside the own area, Forbidden where no reason opens it, Invalid for a bad reason.
    """
    now, said = app.clock.now(), read_reason(reason)
    with app.sessions.reading() as s:
        case, known = cases.load(s, ref).case, app.roster(s, now)
        again = looked.seen(s, ref, who.person, sign_in=who.sign_in)
    known = known.apart(app.pack_of(case).forces)
    practice = case.example or isinstance(app.clock, RehearsalClock)
    own = sight(case, who.person, who.role, known, now, practice=practice)
    if again:
        return own.own
    refuse_unless_told_why(ref, own, said)
    role = next((duty.role for duty in known.duties_of(who.person, now)), who.role)
    one = Look(ref, who.person, now, own.own, str(route), None if own.own else said, who.sign_in)
    body = {"person": one.person, "role": role, "own": one.own, "reason": one.reason, "sign_in": one.sign_in}
    with app.sessions() as s:
        if not looked.seen(s, ref, who.person, sign_in=who.sign_in):
            looked.note(s, one)
            journal.append(s, [Entry("looked_at", now, body, who.person)], case=ref, route=route, written_at=now)
    return one.own


def looked_by_machine(app: App, ref: str, name: str, route: Route) -> None:
    """Write down that a machine has read a case: by the name of its token, at the most once an hour."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        cases.load(s, ref)
        if looked.seen(s, ref, name, since=now - MACHINE_EACH):
            return
    with app.sessions() as s:
        looked.note(s, Look(ref, name, now, own=True, via=str(route)))


def looks(app: App, ref: str) -> list[Look]:
    """Give who has looked at a case, the newest first; raises Unknown."""
    with app.sessions.reading() as s:
        cases.load(s, ref)
        return looked.of_case(s, ref)
