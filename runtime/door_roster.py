"""The door `put_roster`: a duty roster comes in, whole or not at all."""

from policy.intents import Entry
from policy.terms import Role, Route
from runtime.app import App
from store import journal, roster, roster_past, wakes
from store.roster_file import RosterFile, read_csv


def read_roster(app: App, text: bytes | str, *, relative: bool = False) -> RosterFile:
    """Read a roster against the areas and the ladders of every pack in use; raises Unreadable."""
    used = {app.settings.pack, *(area.pack for area in app.settings.areas.values())}
    now = app.clock.now()
    with app.sessions.reading() as s:
        packs = [app.shelf.current(s, name, now) for name in sorted(used)]
    areas = list(dict.fromkeys(area for pack in packs for area in pack.areas))
    needed: list[tuple[Role, str]] = [need for pack in packs for need in pack.needed()]
    forces = {force for pack in packs for force in pack.forces}
    return read_csv(text, now, areas=areas, forces=forces, needed=needed, relative=relative)


def put_roster(app: App, file: RosterFile, *, partial: bool, route: Route, by: str = "system") -> bool:
    """Put a roster in the place of the one before; give whether it was taken.

    A refused row changes nothing unless `partial`; a file without one good row never takes a roster away.
    """
    if not file.rows or (file.refused and not partial):
        return False
    now = app.clock.now()
    said: dict[str, object] = {"rows": len(file.rows), "people": len(file.people), "refused": len(file.refused)}
    with app.sessions() as s:
        before = {duty.person for duty in app.roster(s, now).on_duty(now)}
        stood = roster_past.standing(s)
        roster.replace(s, file)
        said |= roster_past.what_changed(s, stood)  # who was on duty when is kept: a case is replayed by it years later
        gone = before - {duty.person for duty in app.roster(s, now).on_duty(now)}
        gone |= {owner for _, owner in roster.owners_gone(s)}
        wakes.wake_all_of(s, gone, now)  # nobody leaves early, with a case or an offer, and nobody hears of it
        line = journal.append(s, [Entry("roster_put", now, said, by)], case=None, route=route, written_at=now)
        roster_past.keep(s, line)
    app.knock("timer")
    return True
