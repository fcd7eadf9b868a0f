"""The doors of a pass: `advance`, then how the case rests until it is woken again."""

from dataclasses import replace
from datetime import timedelta

from policy import decide, outlook
from policy.errors import Busy, Fault, Invalid
from policy.terms import FactKind, Route
from runtime.acts import Due, Resting, acts_of, agenda_of_watchdog, rest
from runtime.app import App
from runtime.door_facts import record
from runtime.writing import Pen, at_once, write
from store import cases, messages, outbox, wakes

LEASE_S = 60  # of real time: longer than any act with its retries
FOR_THE_ENGINE_S = 120  # of real time after an act of the watchdog's: then the case is looked at again
REST_S = 20  # of real time: what is left is for Prefect to answer; one that hangs must not keep the watchdog waiting


def advance(app: App, ref: str, holder: str, route: Route = Route.SYSTEM) -> Due | None:
    """Decide what is due now, under the case's lease; None when nothing is. Raises Busy when another holds it."""
    with app.sessions() as s:
        now, wall = app.clock.now(), app.clock.wall()
        if not wakes.take_lease(s, ref, holder, wall, LEASE_S):
            cases.load(s, ref)  # raises Unknown when there is no such case
            raise Busy(f"{ref} is held by another pass")
        stored = cases.load(s, ref)
        pack = app.pack_of(stored.case)
        outcome = decide.decide(stored.case, pack, app.roster(s, now), now)
        if outcome.changed:
            stored = write(Pen(s, route, now, app.clock.speed), stored, outcome, wake_at=stored.wake_at)
        ready = outbox.pending(s, ref, now, wall)
        queued = outbox.earliest(s, ref)
        if queued is not None and queued <= now and not ready:
            queued = now + timedelta(seconds=5 * app.clock.speed)  # somebody else is sending it at this moment
        waits = [at for at in (outlook.next_wake(stored.case), queued) if at is not None]
        if route is Route.WATCHDOG:  # its run must still be brought up to date by the engine, dead or alive
            waits.append(now + timedelta(seconds=FOR_THE_ENGINE_S * app.clock.speed))
        wake_at = min(waits, default=None)
        if wake_at != stored.wake_at:
            wakes.set_wake(s, ref, wake_at)
    return Due(ref, stored.case.risk, acts_of(ref, ready)) if ready else None


def resting(app: App, ref: str, holder: str) -> Resting:
    """Read again under the lease how the case rests; `changed` when something came since `advance` said None."""
    with app.sessions() as s:
        now = app.clock.now()
        if not wakes.take_lease(s, ref, holder, app.clock.wall(), REST_S):
            raise Busy(f"{ref} is held by another pass")
        stored = cases.load(s, ref)
        passes = wakes.count_pass(s, ref)
        by_watchdog = messages.by_watchdog(s, ref)
        pack = app.pack_of(stored.case)
    how = rest(stored.case, pack, now, version=stored.version, wake_at=stored.wake_at, passes=passes)
    told = agenda_of_watchdog(by_watchdog, now)
    return replace(how, run_id=stored.run_id, run_number=stored.run_number, agenda=how.agenda + told)


def release(app: App, ref: str, holder: str) -> None:
    """Give the case back and let the timer look: at what came meanwhile, and at the next deadline."""
    with app.sessions() as s:
        wakes.free_lease(s, ref, holder)
    app.knock("timer")


def renew(app: App, ref: str, holder: str) -> str:
    """Let the case go on in a fresh run, which the timer starts; give what the new run is keyed on."""
    with app.sessions() as s:
        stored = cases.load(s, ref)
        wakes.set_run(s, ref, None, stored.run_number)
        wakes.set_wake(s, ref, at_once(stored, app.clock.now()))
        wakes.free_lease(s, ref, holder)
    app.knock("timer")
    return f"{ref}/{stored.run_number + 1}"


ANSWERS = {"acknowledge": FactKind.ACKNOWLEDGED, "accept": FactKind.ACCEPTED, "decline": FactKind.DECLINED}


def answer(app: App, ref: str, collar_number: str, decision: str, reason: str | None) -> str:
    """Take what came by Prefect's Resume form: a claimed identity, checked against the roster as any other."""
    kind = ANSWERS.get(decision)
    if kind is None:
        fault = Fault("decision", f"{decision!r} is not an answer", "use one of: " + ", ".join(ANSWERS))
        raise Invalid("the answer has faults", [fault])
    evidence = {"reason": reason} if reason else {}
    record(app, ref, {"kind": kind.value, "by": collar_number, "evidence": evidence}, route=Route.PREFECT)
    return f"{collar_number} {kind} {ref}"
