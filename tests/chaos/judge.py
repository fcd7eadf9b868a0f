"""The judge: what was promised, held against what the phones received, the store holds and the API says.

1. Nothing is lost: each report is one case, and all who were to hear of it by then have, in time.
2. Nothing is told twice under one attempt key, unless a kill came between send and settle of that message.
3. The journal is whole, each case's lines replay to the case, and no case is forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from policy.case import Case
from policy.pack import CASE_AREA, NEIGHBOURS, Addressee, Pack
from policy.terms import Role
from runtime.clock import RehearsalClock
from store import audit, cases, journal
from store.engine import Sessions
from store.listing import Wanted, listing
from store.replay import replay
from tests.chaos.driver import Outage
from tests.chaos.phones import Phones, key_of
from tests.chaos.plan import Kind
from tests.chaos.traffic import Told
from tests.live.force import AREAS
from tests.simulation.oracle import Promise, promises
from tests.support.sink import Call

LATE: Final = timedelta(seconds=30)  # of real time: the promise
SETTLES: Final = timedelta(seconds=10)  # after its receipt a message is settled by then
FORCE: Final = {
    Role.FORCE_INCIDENT_MANAGER: "fim-1",
    Role.CONTROL_ROOM_SERGEANT: "fcc-1",
    Role.DUTY_CHIEF_INSPECTOR: "ci-1",
    Role.ON_CALL_SUPERINTENDENT: "sup-1",
}
LOCAL: Final = {Role.DUTY_INSPECTOR: "insp", Role.RESPONSE_SERGEANT: "sgt"}
SENDERS: Final = (Kind.WORKER, Kind.WATCHDOG, Kind.DATABASE, Kind.EVERYTHING)
ALL_STOPPED: Final = (Kind.DATABASE, Kind.EVERYTHING)


@dataclass(frozen=True)
class Judge:
    """Judges one home after its last kill."""

    pack: Pack
    clock: RehearsalClock
    phones: Phones
    sessions: Sessions
    outages: Sequence[Outage]
    late_s: list[float] = field(default_factory=list)  # of each thing that was heard: how long after its instant
    excused: list[str] = field(default_factory=list)  # keys received again because a kill came in between

    def figures(self) -> str:
        """Say how much was judged, for a judge that has seen nothing finds no fault either."""
        late = sorted(self.late_s)
        half, most = late[len(late) // 2], late[-1]
        said = (
            f"{len(late)} tellings that were due were received, half within {half:.1f} s, the last after {most:.1f} s"
        )
        return f"{said}; {len(self.excused)} told again because a kill came between send and settle"

    # --- 1: nothing lost, nothing later than promised

    def heard_in_time(self, told: Iterable[Told]) -> list[str]:
        """Give all that somebody was to hear of these cases and did not, or too late; one line each."""
        faults = []
        for one in told:
            assert one.stood is not None
            assert one.stood_at is not None
            answered_at = self.real(one.stood_at)
            due = promises(one.stood, self.pack, one.stood_at)
            broken = (self._broken(promise, one.stood, answered_at) for promise in due)
            faults += [f"{one.case} ({one.story.risk}, {one.story.area}): {fault}" for fault in broken if fault]
        return faults

    def _broken(self, promise: Promise, case: Case, answered_at: datetime) -> str | None:
        holders = {person for to in promise.to for person in holders_of(to, case, self.pack)}
        if not holders:
            return None  # nobody in this force has that role
        said = [c for c in self.phones.calls(case=case.ref) if c.person in holders and promise.text in c.body["ask"]]
        due_at = self.real(promise.at)
        received = [self.phones.at(c) for c in said if self.phones.at(c) >= due_at - timedelta(seconds=1)]
        allowed = self.allowed(due_at)
        name = f"{promise.step.key}, rung {promise.rung}, to {'/'.join(sorted(holders))}, due {due_at:%H:%M:%S}"
        if received:
            self.late_s.append((min(received) - due_at).total_seconds())
        if received and min(received) <= allowed:
            return None
        if received:
            return f"{name}: received {(min(received) - allowed).total_seconds():.1f} s later than allowed"
        return f"{name}: never received" if allowed < answered_at else None

    def allowed(self, due_at: datetime) -> datetime:
        """Give when something due must have been received: thirty seconds after it, or after the stop it fell into."""
        latest = due_at + LATE
        for outage in sorted(self.outages, key=lambda o: o.began_at):
            if outage.kind in ALL_STOPPED and outage.began_at <= latest and outage.back_at >= due_at:
                latest = max(latest, outage.back_at + LATE)
        return latest

    def real(self, at: datetime) -> datetime:
        """Give the real instant at which the procedure's clock showed `at`."""
        return self.clock.origin_at + (at - self.clock.start_at) / self.clock.speed

    # --- 2: nothing told twice

    def told_twice(self) -> list[str]:
        """Give what was received again under one attempt key with no kill to excuse it."""
        by_key: dict[str, list[Call]] = defaultdict(list)
        for call in self.phones.calls():
            if call.status == 200:
                by_key[key_of(call)].append(call)
        return [line for key, calls in by_key.items() for line in self._again(key, calls)]

    def _again(self, key: str, calls: Sequence[Call]) -> Iterator[str]:
        for first, again in pairwise(calls):
            at = self.phones.at(first)
            if any(self._came_between(outage, key, at) for outage in self.outages):
                self.excused.append(key)
            else:
                yield f"{key}: received {at:%H:%M:%S} and {self.phones.at(again):%H:%M:%S}"

    def _came_between(self, outage: Outage, key: str, received_at: datetime) -> bool:
        """Tell whether a kill fell between the send of a message and its settling; the timer sends the home's own."""
        if outage.kind not in SENDERS and not (outage.kind is Kind.TIMER and key.startswith("home/")):
            return False
        ended_at = outage.back_at if outage.kind in ALL_STOPPED else outage.began_at
        return outage.began_at <= received_at + SETTLES and ended_at >= received_at - timedelta(seconds=1)

    # --- 3: what the store holds

    def store_is_sound(self, told: Sequence[Told]) -> list[str]:
        """Give what is wrong in the store: cases too many or too few, a broken chain, a case that does not replay."""
        faults = []
        with self.sessions.reading() as s:
            if (broken := journal.verify(s)) is not None:
                faults.append(f"line {broken} of the journal does not follow from the one before")
            faults += [f"{ref} would never be looked at again" for ref in audit.cases_without_wake(s)]
            there, _ = listing(s, Wanted(), limit=10_000)
            wanted = sorted((one.case, f"C-{one.story.number:04d}") for one in told)
            if sorted((stored.ref, stored.source_id) for stored in there) != wanted:
                faults.append(f"{len(there)} cases of {len(wanted)} reports, or not the same")
            for one in told:
                stored = cases.load(s, one.case)
                if replay(journal.read(s, one.case, 0, 1_000_000)) != stored.case:
                    faults.append(f"the journal of {one.case} does not give the case")
        return faults


def holders_of(to: Addressee, case: Case, pack: Pack) -> set[str]:
    """Give who holds what an addressee asks for, in the force of the live tests."""
    if to.role in FORCE:
        return {FORCE[to.role]}
    if to.role not in LOCAL:
        return set()
    home = pack.areas[case.area or ""]
    areas = home.neighbours if to.area == NEIGHBOURS else (case.area if to.area == CASE_AREA else to.area,)
    return {f"{LOCAL[to.role]}-{area}" for area in areas if area in AREAS}
