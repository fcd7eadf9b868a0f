"""What is answered of revisions: the history of a pack, one revision, and how it differs from another."""

import tomllib

from policy.pack_parse import Raw
from policy.revise import OF_A_STEP, OF_THE_PACK, apply, read_changes, value_of
from policy.revise_diff import Other, difference
from policy.terms import Risk
from runtime.app import App
from runtime.readings import Json, iso
from runtime.shelf import raw_of
from store import revisions
from store.revisions import FIRST, Revision


def history(app: App, pack: str) -> Json:
    """List every revision of a pack, the newest first, with who, when and why, and which is in force."""
    app.shelf.must_have(pack)
    now = app.clock.now()
    with app.sessions.reading() as s:
        known = revisions.history(s, pack)
        in_force, latest, open_cases = (
            revisions.effective(s, pack, now),
            revisions.latest(s, pack),
            revisions.followed(s),
        )
    listed = [view(one, open_cases.get((pack, one.number), 0), in_force == one.number) for one in reversed(known)]
    return {"pack": pack, "in_force": in_force or FIRST, "latest": latest or FIRST, "revisions": listed}


def view(one: Revision, open_cases: int = 0, in_force: bool = False) -> Json:
    """Give one revision."""
    return {
        "pack": one.pack, "revision": one.number, "base": one.base, "kind": one.kind, "status": one.status,
        "in_force": in_force, "changes": list(one.changes), "reason": one.reason, "applies_to": one.applies_to,
        "effective_from": iso(one.effective_from),
        "proposed_by": one.proposed_by, "proposed_at": iso(one.proposed_at), "approved_by": one.approved_by,
        "approved_at": iso(one.approved_at), "withdrawn_by": one.withdrawn_by, "withdrawn_at": iso(one.withdrawn_at),
        "withdrawn_reason": one.withdrawn_reason, "override": one.override, "settled_at": iso(one.settled_at),
        "open_cases": open_cases,
    }  # fmt: skip


def exported(app: App, pack: str, number: int | None = None) -> str:
    """Give a whole pack as TOML, in one revision (the newest approved one), to be edited and proposed back."""
    app.shelf.must_have(pack)
    with app.sessions.reading() as s:
        return revisions.get(s, pack, number or revisions.latest(s, pack) or FIRST).text


def differences(app: App, pack: str, old: int, new: int) -> Json:
    """Give what differs between two revisions: each number with its value before and after, all else in words."""
    with app.sessions.reading() as s:
        was, now = raw_of(s, pack, old), raw_of(s, pack, new)
    return {"pack": pack, "from": old, "to": new, **as_lines(was, now)}


def proposed_lines(was: Raw, given: Json) -> Json:
    """Give what a proposal changes in a pack's table; raises Invalid where that cannot be read."""
    text = given.get("text")
    now = tomllib.loads(text) if isinstance(text, str) else apply(was, read_changes(given.get("changes"), was))
    return as_lines(was, now)


def as_lines(was: Raw, now: Raw) -> Json:
    """Give what differs between two packs' tables."""
    found = difference(was, now)
    return {
        "changes": [
            {**change.as_dict(), "before": before_of(was, change.step, change.field, change.risk)}
            for change in found.changes
        ],
        "others": [_other(other) for other in found.others],
    }


def before_of(was: Raw, step: str | None, name: str, risk: Risk | None) -> str:
    """Give the value that a number had."""
    return value_of(was, step, (OF_THE_PACK if step is None else OF_A_STEP)[name], risk)


def _other(other: Other) -> Json:
    return {"where": other.where, "before": other.before, "after": other.after}
