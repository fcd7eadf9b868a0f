"""The doors of repair: what was done to a case's run, or to our deployment, in Prefect, and where the case goes on."""

from policy.intents import Entry
from policy.terms import Route
from runtime.app import App
from store import cases, journal, wakes


def run_of(app: App, ref: str) -> tuple[str | None, int]:
    """Give the run that carries a case, and its number; raises Unknown when there is no such case."""
    with app.sessions.reading() as s:
        stored = cases.load(s, ref)
    return stored.run_id, stored.run_number


def goes_on_in(app: App, ref: str, run_id: str, number: int, *, found: str | None = None) -> None:
    """Let the case go on in a fresh run; with what was `found` wrong with the run before it, the journal says so."""
    now = app.clock.now()
    with app.sessions() as s:
        before = cases.load(s, ref)
        wakes.set_run(s, ref, run_id, number)
        if found is not None:
            body = {"found": found, "run_id": before.run_id, "run_number": before.run_number, "goes_on_in": number}
            journal.append(s, [Entry("run_repaired", now, body)], case=ref, route=Route.SYSTEM, written_at=now)


def run_repaired(app: App, ref: str, run_id: str, number: int, found: str) -> None:
    """Write down that the run of a case was put right, and what was found wrong with it."""
    now = app.clock.now()
    body = {"found": found, "run_id": run_id, "run_number": number}
    with app.sessions() as s:
        journal.append(s, [Entry("run_repaired", now, body)], case=ref, route=Route.SYSTEM, written_at=now)


def prefect_repaired(app: App, found: str) -> None:
    """Write down that our deployment, its pool or its queue was put right, and what was found; it is about no case."""
    now = app.clock.now()
    with app.sessions() as s:
        entry = Entry("prefect_repaired", now, {"found": found})
        journal.append(s, [entry], case=None, route=Route.SYSTEM, written_at=now)
