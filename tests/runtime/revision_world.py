"""A force whose timings are edited: the real doors, a store in memory, a clock that is moved, who may approve."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policy.case import Case, Step
from policy.terms import RANK_OF_ROLE, Role, Route
from runtime import door_revisions, doors
from runtime.app import App
from runtime.rehearse_scenario import DutyLine
from runtime.rehearse_sim import Simulation
from runtime.settle import Settling
from runtime.shelf import register
from store import accounts, cases, journal, revisions
from store.accounts import Account
from store.packs import load_packs, pack_tables
from store.revisions import Revision

START = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
PACK = "staffordshire"
NOTIFY = "notify_local_supervisor"
SEVEN: dict[str, object] = {"step": NOTIFY, "field": "due", "risk": "medium", "value": "7m"}
STAFF = (
    ("insp-a", Role.DUTY_INSPECTOR, "stoke"),
    ("insp-n", Role.DUTY_INSPECTOR, "newcastle"),
    ("sgt-s", Role.RESPONSE_SERGEANT, "stoke"),
    ("fim-1", Role.FORCE_INCIDENT_MANAGER, "*"),
    ("ci-1", Role.DUTY_CHIEF_INSPECTOR, "*"),
    ("supt-1", Role.ON_CALL_SUPERINTENDENT, "*"),
    ("supt-2", Role.ON_CALL_SUPERINTENDENT, "*"),
    ("acc-1", Role.CHIEF_OFFICER, "*"),
)


@dataclass
class Force:
    """One force on one evening."""

    sim: Simulation

    @property
    def app(self) -> App:
        """Give its app."""
        return self.sim.app

    def propose(self, *changes: object, by: str = "adm-1", **more: object) -> Revision:
        """Propose changes to the newest revision, for live cases too unless told."""
        return door_revisions.propose(self.app, PACK, self.body(*changes, **more), by, Route.API)

    def body(self, *changes: object, **more: object) -> dict[str, object]:
        """Write a proposal."""
        given: dict[str, object] = {"base": self.latest(), "reason": "After a review", "applies_to": "live_and_new"}
        return given | ({} if "text" in more else {"changes": list(changes or (SEVEN,))}) | more

    def latest(self) -> int:
        """Give the number that stands."""
        with self.app.sessions.reading() as s:
            return revisions.latest(s, PACK) or 1

    def approve(self, number: int, by: str = "supt-1") -> Revision:
        """Approve a revision."""
        return door_revisions.approve(self.app, PACK, number, by, Route.API)

    def withdraw(self, number: int, by: str = "supt-1") -> Revision:
        """Withdraw a revision."""
        return door_revisions.withdraw(self.app, PACK, number, by, "Too many at night", Route.API)

    def settle(self) -> int:
        """Let the timer bring the open cases to follow what they are to follow."""
        return Settling(self.app).look()

    def report(self, number: int = 1, **fields: object) -> str:
        """Take a record in, and tell whoever is to be told."""
        raw = {
            "source": "compact", "source_id": f"CMP-{number}", "area": "stoke", "risk": "medium",
            "person": {"name": "A Child", "date_of_birth": "2012-05-01"},
        }  # fmt: skip
        ref = doors.report(self.app, {**raw, **fields}, route=Route.API).case
        self.sim.settle()
        return ref

    def forward(self, minutes: float) -> None:
        """Let time pass, and all that falls due be done."""
        self.sim.run_to(self.sim.clock.true() + timedelta(minutes=minutes))

    def case(self, ref: str) -> Case:
        """Give a case."""
        with self.app.sessions.reading() as s:
            return cases.load(s, ref).case

    def step(self, ref: str, key: str = NOTIFY) -> Step:
        """Give a step of a case."""
        found = self.case(ref).step(key)
        assert found is not None
        return found

    def lines(self, kind: str, case: str | None = None) -> list[journal.JournalEntry]:
        """Give the journal's lines of one kind."""
        with self.app.sessions.reading() as s:
            return [line for line in journal.read(s, case, limit=5000) if line.kind == kind]


@contextmanager
def a_force() -> Iterator[Force]:
    """Begin an evening at 19:00 with the shipped packs in the store, two admins, superintendents and an ACC."""
    duties = [
        DutyLine(
            {"person": person, "name": person, "rank": RANK_OF_ROLE[role], "role": role, "area": area},
            START - timedelta(hours=5), START + timedelta(days=40),
        )
        for person, role, area in STAFF
    ]  # fmt: skip
    sim = Simulation(load_packs(None), PACK, START, duties, START)
    with sim.app.sessions() as s:
        register(s, pack_tables(None), START)
        for person in ("adm-1", "adm-2"):
            accounts.put(s, Account(person, "-", person, Role.POLICY_ADMIN))
    yield Force(sim)
    sim.close()
