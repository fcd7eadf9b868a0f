"""The timer's world: two clocks that stand until a test moves them, a fake Prefect, a store in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policy.case import Case
from policy.errors import Transient
from policy.record_terms import AgeBand
from policy.terms import Risk
from runtime.app import App
from runtime.engine_state import Passing, RunState
from runtime.keys import Keys, Login
from runtime.links import Links
from runtime.settings import Settings
from runtime.shelf import Shelf
from runtime.timer import Timer
from store import cases, wakes
from store.cases import Stored
from store.engine import Sessions
from store.upgrade import open_store

NOW = datetime(2025, 3, 29, 22, 17, tzinfo=UTC)
REAL = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@dataclass
class TwoClocks:
    """A procedure's clock and a wall, both of which stand until the test moves them."""

    at: datetime = NOW
    real: datetime = REAL
    speed: float = 1.0

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.real

    def go_on(self, seconds: float) -> None:
        self.real += timedelta(seconds=seconds)
        self.at += timedelta(seconds=seconds * self.speed)


@dataclass
class FakePrefect:
    """Runs by id, as Prefect would have them; keeps what was asked."""

    clock: TwoClocks
    runs: dict[str, RunState] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    down: bool = False
    wrong: str | None = None  # what is wrong with our deployment, and whether it stays so
    stubborn: bool = False
    given: dict[str, str | None] = field(default_factory=dict)  # the case of a run that is not its case's own

    def start(self, case: str, n: int, tags: Sequence[str], name: str | None = None) -> str:
        self._reach(case)
        self.asked.append(("start", f"{case}/{n}"))
        run_id = f"run-{case}-{n}"
        self.put(run_id, "SCHEDULED")
        return run_id

    def state(self, run_id: str) -> RunState | None:
        self._reach(run_id)
        return self.runs.get(run_id)

    def wake(self, run_id: str, reason: str) -> bool:
        self._reach(run_id)
        if self.runs[run_id].type != "PAUSED":
            return False
        self.asked.append(("wake", run_id))
        self.put(run_id, "SCHEDULED", reason)
        return True

    def put_back(self, run_id: str, reason: str) -> None:
        self._reach(run_id)
        self.asked.append(("put_back", run_id))
        self.put(run_id, "SCHEDULED", reason)

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        self._reach(run_id)
        self.asked.append(("cancelled", run_id))
        self.put(run_id, "CANCELLED")

    def put(
        self, run_id: str, kind: str, name: str = "", scheduled_at: datetime | None = None, *, queued: bool = True
    ) -> None:
        named = name or ("Awaiting LOI acknowledgement by 19:10" if kind == "PAUSED" else kind)
        self.runs[run_id] = RunState(kind, named, self.clock.wall(), scheduled_at, queued)

    def count_well(self, run_ids: Sequence[str]) -> int:
        return len(self.list_well(run_ids))

    def list_well(self, run_ids: Sequence[str]) -> set[str]:
        self._reach("survey")
        return {run for run in run_ids if run in self.runs and self._is_well(self.runs[run])}

    def count_queued(self) -> int:
        return sum(run.type == "SCHEDULED" for run in self.runs.values())

    def passing(self, older_than: datetime) -> list[Passing]:
        self._reach("survey")
        shown = [(run_id, run) for run_id, run in self.runs.items() if run.passing or run.type == "CANCELLING"]
        found = [Passing(run_id, self._case_of(run_id), run.type, run.since_at) for run_id, run in shown]
        return [run for run in found if run.since_at < older_than]

    def astray(self) -> str | None:
        self._reach("deployment")
        return self.wrong

    def deploy(self) -> None:
        self.asked.append(("deploy", ""))
        if not self.stubborn:
            self.wrong = None

    def _case_of(self, run_id: str) -> str | None:
        return self.given[run_id] if run_id in self.given else run_id.removeprefix("run-").rpartition("-")[0]

    @staticmethod
    def _is_well(run: RunState) -> bool:
        return run.queued and run.type in ("PAUSED", "SCHEDULED") and run.name not in ("Paused", "Suspended")

    def _reach(self, what: str) -> None:
        if self.down:
            raise Transient("Prefect: ConnectError")
        if any(bad in what for bad in self.broken):
            raise ValueError("this one is broken")

    def taken(self) -> list[tuple[str, str]]:
        """What was asked since this was last called."""
        asked, self.asked = self.asked, []
        return asked


@dataclass
class World:
    """A store, a fake Prefect, a timer, and the knocks on the worker."""

    clock: TwoClocks
    sessions: Sessions
    prefect: FakePrefect
    timer: Timer
    knocks: list[str]

    def case(self, number: int = 1, risk: Risk = Risk.MEDIUM, wake: timedelta = timedelta(0)) -> str:
        """Put a case into the store whose wake comes in `wake`."""
        case = Case(f"MP-2025-{number:06d}", "staffordshire", 1, "stoke", AgeBand.B18_24, risk=risk)
        stored = Stored(case, 1, "test", str(number), NOW, wake_at=NOW + wake)
        with self.sessions() as s:
            cases.create(s, stored)
        return case.ref

    def run_of(self, ref: str, kind: str, number: int = 1, scheduled_at: datetime | None = None) -> str:
        """Give the case a run in this state."""
        run_id = f"run-{ref}-{number}"
        self.prefect.put(run_id, kind, scheduled_at=scheduled_at)
        with self.sessions() as s:
            wakes.set_run(s, ref, run_id, number)
        return run_id

    def stored(self, ref: str) -> Stored:
        with self.sessions.reading() as s:
            return cases.load(s, ref)


def world_in(tmp_path: Path) -> World:
    """Make a world with an empty store in memory; its sessions are to be closed."""
    clock = TwoClocks()
    sessions = open_store("sqlite://")
    prefect = FakePrefect(clock)
    knocks: list[str] = []
    app = App(
        settings=Settings(home=tmp_path),
        clock=clock,
        sessions=sessions,
        shelf=Shelf({}),
        senders={},
        links=Links("secret", clock),
        engine=None,
        knock=knocks.append,
        keys=Keys("t", "w", "l", Login("admin", "p")),
    )
    return World(clock, sessions, prefect, Timer(app, prefect), knocks)
