"""What the API answers of revisions, made in one place: HTTP, the pages and the command line come through here."""

from collections.abc import Mapping

from console.access import Caller
from console.asking import Reply
from policy.errors import Fault, Forbidden, Invalid
from policy.terms import Route
from runtime import door_revisions, preview, readings_revisions
from runtime.app import App
from runtime.readings import Json
from store import revisions

SPEAKS = "a person speaks for themselves; only a system's token may speak for others"


def speaker(caller: Caller, raw: Mapping[str, object]) -> str:
    """Give in whose name a body is sent: a session's own person, or whom a system's token names."""
    named = raw.get("by")
    if caller.person is not None and named not in (None, "", caller.person):
        raise Forbidden(SPEAKS)
    by = named or caller.person
    if not isinstance(by, str) or not by.strip():
        remedy = "give the roster id of the person in whose name you speak"
        raise Invalid("the request has faults", [Fault("by", "is missing", remedy)])
    return by.strip()


def propose(app: App, pack: str, raw: object, by: str, route: Route) -> Reply:
    """Propose a revision (201)."""
    made = door_revisions.propose(app, pack, raw, by, route)
    return Reply(201, readings_revisions.view(made))


def preview_of(app: App, pack: str, raw: object, cases: int = preview.AT_ONCE) -> Reply:
    """Say what a revision would do; nothing of it is stored."""
    return Reply(200, preview.whole(app, pack, raw, cases))


def approve(app: App, pack: str, number: int, by: str, route: Route) -> Reply:
    """Approve a revision in the name of a second person."""
    door_revisions.approve(app, pack, number, by, route)
    return one(app, pack, number)


def withdraw(app: App, pack: str, number: int, raw: Mapping[str, object], by: str, route: Route) -> Reply:
    """Withdraw a revision, for the reason that the body gives."""
    door_revisions.withdraw(app, pack, number, by, str(raw.get("reason") or ""), route)
    return one(app, pack, number)


def one(app: App, pack: str, number: int) -> Reply:
    """Give one revision as it stands, with what differs from the one that it changes."""
    with app.sessions.reading() as s:
        made = revisions.get(s, pack, number)
        in_force = revisions.effective(s, pack, app.clock.now()) == number
        followed = revisions.followed(s).get((pack, number), 0)
    body: Json = readings_revisions.view(made, followed, in_force)
    if made.base:
        body["diff"] = readings_revisions.differences(app, pack, made.base, number)
    return Reply(200, body)


def diff(app: App, pack: str, old: str | None, new: str | None) -> Reply:
    """Say what differs between two revisions: the newest approved one and the one before, unless others are named."""
    latest = readings_revisions.history(app, pack)["latest"]
    assert isinstance(latest, int)
    after = number_of("to", new) or latest
    with app.sessions.reading() as s:
        before = number_of("from", old) or revisions.get(s, pack, after).base or after
    return Reply(200, readings_revisions.differences(app, pack, before, after))


def number_of(field: str, text: str | None) -> int | None:
    """Read a revision's number, None where none is given; raise Invalid for what is none."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and 0 < int(text) < 10**9:
        return int(text)
    fault = Fault(field, f"{text!r} is no number of a revision", "give a whole number, such as 3")
    raise Invalid("the query has faults", [fault])
