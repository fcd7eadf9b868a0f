"""The duty roster as the API takes it and gives it (contract section 2)."""

from console.asking import Reply
from console.problems import problem
from policy.errors import Fault
from policy.roster import FORCE_WIDE
from policy.terms import Route
from runtime.app import App
from runtime.door_roster import put_roster, read_roster
from runtime.readings import Json, iso
from store import roster


def put(app: App, text: bytes | str, *, partial: bool, route: Route, by: str = "system") -> Reply:
    """Put a roster in the place of the one before, and say what was refused and where nobody is on duty.

    A refused row changes nothing unless `partial`; then the good rows count. A file without one good row never
    takes a roster away. An instant may be counted from now (`-12h`, `+8h`), as in the example's.
    """
    file = read_roster(app, text, relative=True)
    taken = put_roster(app, file, partial=partial, route=route, by=by)
    body: Json = {
        "accepted": len(file.rows) if taken else 0,
        "refused": [
            {"row": bad.row, "field": bad.field, "message": bad.message, "remedy": bad.remedy} for bad in file.refused
        ],
        "gaps": [
            {"role": gap.role, "area": gap.area, "from": iso(gap.from_at), "to": iso(gap.to_at)} for gap in file.gaps
        ],
    }
    if taken:
        with app.sessions.reading() as s:
            body["owners_gone"] = [{"case": ref, "owner": owner} for ref, owner in roster.owners_gone(s)]
    if taken or not file.refused:
        return Reply(200, body)
    detail = "nothing was changed: the roster has rows that cannot be taken"
    faults = [Fault(f"row {bad.row}: {bad.field}", bad.message, bad.remedy) for bad in file.refused]
    return Reply(422, {**problem("invalid", 422, detail, faults).body, **body})


def now(app: App) -> Json:
    """Give the duties of the day before and after now: roster ids, roles and times, how each is reached."""
    at = app.clock.now()
    with app.sessions.reading() as s:
        held = roster.snapshot(s, at)
    return {
        "as_of": iso(at),
        "duties": [
            {
                "person": duty.person,
                "rank": duty.rank,
                "role": duty.role,
                "area": duty.area,
                "from": iso(duty.from_at),
                "to": iso(duty.to_at),
                "on_duty": duty.holds(at),
                "channels": [contact.channel for contact in duty.contacts],
                "open_cases": held.load.get(duty.person, 0),
            }
            for duty in sorted(held.duties, key=lambda d: (d.role, d.area != FORCE_WIDE, d.area, d.from_at))
        ],
    }
