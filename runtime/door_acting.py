"""The doors of acting up and temporary cover: granted by one person to another, ended early, and journalled."""

from collections.abc import Mapping

from policy.acting import Grant, read_grant, refuse_grant, refuse_granter
from policy.errors import Invalid, Unknown
from policy.intents import Entry
from policy.terms import Route
from runtime.app import App
from runtime.readings import Json, iso
from store import acting, journal, wakes
from store.acting import Acting


def areas_of(app: App) -> list[str]:
    """Give the areas of every pack in use, each once."""
    used = {app.settings.pack, *(area.pack for area in app.settings.areas.values())}
    return list(dict.fromkeys(area for name in sorted(used) if name in app.packs for area in app.packs[name].areas))


def act_up(app: App, raw: object, by: str, route: Route) -> Json:
    """Let a person act in a role and rank for a time; the same grant again changes nothing. Raises Invalid, Refused."""
    if not isinstance(raw, Mapping):
        raise Invalid("the cover has faults", [])
    now = app.clock.now()
    grant = read_grant({str(name): value for name, value in raw.items()}, areas_of(app), now)
    with app.sessions() as s:
        refuse_grant(grant, by, app.roster(s, now), now)
        there = next((one for one in acting.standing(s, now) if one.grant == grant), None)
        if there is not None:
            return shown(there)
        made = acting.put(s, grant, by=by, at=now)
        said = Entry("acting_granted", now, {"acting": made.number, **_body(grant)}, by)
        journal.append(s, [said], case=None, route=route, written_at=now)
    app.knock("timer")
    return shown(made)


def end_acting(app: App, number: int, by: str, route: Route) -> Json:
    """Let cover end now: by the person themselves, or by who might have granted it. Raises Unknown, Refused."""
    now = app.clock.now()
    with app.sessions() as s:
        held = acting.get(s, number)
        if held is None:
            raise Unknown(f"there is no cover {number}")
        if held.until_at <= now:
            return shown(held)
        if by != held.grant.person:
            refuse_granter(by, held.grant.standing, app.roster(s, now), now, held.grant.area)
        acting.end(s, number, by=by, at=now)
        wakes.wake_all_of(s, {held.grant.person}, now)  # a case or an offer that they have is seen to at once
        said = Entry("acting_ended", now, {"acting": number, **_body(held.grant)}, by)
        journal.append(s, [said], case=None, route=route, written_at=now)
        after = acting.get(s, number)
    app.knock("timer")
    return shown(after or held)


def cover(app: App) -> Json:
    """Give the cover that is not over, also what has not begun."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        return {"as_of": iso(now), "acting": [shown(one) for one in acting.standing(s, now)]}


def shown(one: Acting) -> Json:
    """Give one grant as the API answers it."""
    return {
        "id": one.number,
        **_body(one.grant),
        "granted_by": one.granted_by,
        "granted_at": iso(one.granted_at),
        "ended_at": iso(one.ended_at) if one.ended_at else None,
        "ended_by": one.ended_by,
    }


def _body(grant: Grant) -> Json:
    return {
        "person": grant.person,
        "role": grant.role,
        "rank": grant.rank,
        "area": grant.area,
        "from": iso(grant.from_at),
        "to": iso(grant.to_at),
        "reason": grant.reason,
    }
