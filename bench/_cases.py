"""Open cases by the thousand: played once through the doors on a store in memory, then written many times over.

What is written is what the doors wrote: the case, its steps, its messages and their attempts. A copy has another
reference and another source, no run in Prefect (its first wake makes one), and no lines in the journal.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select

from bench._rig import AREAS, EVERYWHERE, INSPECTOR, SERGEANT, people, report
from models.columns import Table
from policy.terms import Route
from runtime import doors
from runtime.app import App
from runtime.rehearse_app import MEMORY, Phones, make_app
from runtime.rehearse_clock import SimClock
from runtime.rehearse_engine import SimEngine
from store import roster
from store.packs import load_packs
from store.roster_file import read_csv
from store.upgrade import open_store
from tests.support.stack import ROSTER_HEAD, duty

CASE, STEP, MESSAGE, ATTEMPT = (Table.metadata.tables[name] for name in ("case_record", "step", "message", "attempt"))
AT_ONCE = 250  # cases in one transaction: the running Vigil writes in between
PACK = "staffordshire"
FIM = EVERYWHERE[0][0]
UNTIL_RUNG = timedelta(minutes=36)  # from a report to a rung that nobody prevents, when only `taken` was said
LULL = timedelta(minutes=4)  # before that rung: nothing is due then
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")
Row = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """The rows of one case."""

    case: Row
    steps: list[Row]
    messages: list[Row]
    attempts: list[Row]

    @property
    def wake_at(self) -> datetime:
        """Give when somebody must look at it next."""
        at = self.case["wake_at"]
        assert isinstance(at, datetime)
        return at


def house(clock: SimClock, address: Callable[[str], str], url: str = MEMORY) -> App:
    """Give the real doors on a store of their own, with the force on duty; whatever is sent is received at once."""
    app = make_app(clock, Phones(clock), load_packs(None), PACK, open_store(url))
    names = ROSTER_HEAD.split(",")
    duties = [duty(person, role, area, address(person)) for person, role, area in people()]
    text = "\n".join([ROSTER_HEAD, *(",".join(row.get(name, "") for name in names) for row in duties)])
    with app.sessions() as s:
        roster.replace(s, read_csv(text, clock.now(), areas=list(app.packs[PACK].areas)))
    return app


@dataclass
class Maker:
    """Plays cases at a clock of its own; `address` says where each of their people is told later."""

    address: Callable[[str], str]
    start: datetime
    _made: int = 0
    _clock: SimClock = field(init=False)

    def __post_init__(self) -> None:
        """Put the force on duty."""
        self._clock = SimClock(self.start)
        self._app = house(self._clock, self.address)
        self._engine = SimEngine(self._app, self._clock)

    def close(self) -> None:
        """Give the store in memory back."""
        self._app.close()

    def opened(self, at: datetime, risk: str = "medium") -> str:
        """Have a case reported at `at` and its first people told; every case before it has had its passes till then."""
        self.run_to(at)
        self._made += 1
        ref = doors.report(self._app, report(self._made, risk), route=Route.API).case
        self._engine.work()
        return ref

    def run_to(self, at: datetime) -> None:
        """Let time act up to `at`."""
        while (coming := self._engine.next_at()) is not None and coming <= at:
            self._clock.jump_to(coming)
            self._engine.work()
        self._clock.jump_to(at)

    def say(self, ref: str, kind: str, by: str, step: str | None = None, **evidence: object) -> None:
        """Record a fact now."""
        raw = {"kind": kind, "by": by, "evidence": evidence} | ({"step": step} if step else {})
        doors.record(self._app, ref, raw, route=Route.API)
        self._engine.work()

    def taken(self, ref: str) -> None:
        """Have the inspector acknowledge and accept; all the rest stays open."""
        inspector = f"{INSPECTOR}{self.shape(ref).case['area']}"
        self.say(ref, "acknowledged", inspector)
        self.say(ref, "accepted", inspector)

    def worked(self, ref: str) -> None:
        """Have all done that is due within the hour, so that the case waits for its reviews."""
        area = self.shape(ref).case["area"]
        self.taken(ref)
        self.say(ref, "serial_entry", FIM, recipient=f"{INSPECTOR}{area}", text="Passed to the inspector")
        self.say(ref, "risk_set", FIM, level=self.shape(ref).case["risk"], rationale="Out of character")
        review_at = (self._clock.now() + timedelta(hours=4)).isoformat()
        self.say(ref, "step_completed", FIM, "set_review_time", review_at=review_at)
        searched = {"national_computer": "no", "local_systems": "one", "previous_episodes": "none", "travel": "no"}
        self.say(ref, "step_completed", "op-1", "system_research", researched_by="op-1", **searched)
        self.say(ref, "attended", f"{SERGEANT}{area}")

    def shape(self, ref: str) -> Shape:
        """Give the rows of a case as they stand."""
        with self._app.sessions.reading() as s:
            connection = s.connection()

            def rows(table: Any, column: Any, value: object) -> list[Row]:
                return [dict(row) for row in connection.execute(select(table).where(column == value)).mappings()]

            messages = rows(MESSAGE, MESSAGE.c.case_ref, ref)
            attempts = [a for m in messages for a in rows(ATTEMPT, ATTEMPT.c.attempt_key, m["attempt_key"])]
            return Shape(rows(CASE, CASE.c.ref, ref)[0], rows(STEP, STEP.c.case_ref, ref), messages, attempts)


def waiting_shapes(maker: Maker, at: datetime) -> list[Shape]:
    """Give one worked case for each area, each waiting for its reviews."""
    refs = [maker.opened(at) for _ in AREAS]
    for ref in refs:
        maker.worked(ref)
    return [maker.shape(ref) for ref in refs]


def rung_shapes(maker: Maker, due_at: datetime) -> list[Shape]:
    """Give a case for each area: a ladder has its next rung at `due_at`, and nothing else for minutes around."""
    maker.run_to(due_at - UNTIL_RUNG)
    refs = [maker.opened(due_at - UNTIL_RUNG) for _ in AREAS]
    maker.run_to(due_at - UNTIL_RUNG + timedelta(minutes=1))
    for ref in refs:
        maker.taken(ref)
    maker.run_to(due_at - LULL)
    return [maker.shape(ref) for ref in refs]


def copies(shapes: Sequence[Shape], number: int, first: int) -> list[Shape]:
    """Give so many cases of these shapes, in turn, under references of their own from `first` on."""
    return [_as_another(shapes[n % len(shapes)], first + n) for n in range(number)]


def _as_another(shape: Shape, number: int) -> Shape:
    was, ref = shape.case["ref"], f"MP-2000-{number:06d}"  # of a year in which no case is opened

    def keyed(row: Mapping[str, Any]) -> Row:
        changed = dict(row) | {"attempt_key": str(row["attempt_key"]).replace(was, ref, 1)}
        changed.pop("id")
        return changed | ({"case_ref": ref} if "case_ref" in row else {})

    fresh = {"ref": ref, "source_id": f"COPY-{number}", "run_id": None, "run_number": 0, "passes": 0}
    free = {"lease_holder": None, "lease_until": None, "person_key": None}
    return Shape(
        shape.case | fresh | free,
        [row | {"case_ref": ref} for row in shape.steps],
        [keyed(row) for row in shape.messages],
        [keyed(row) for row in shape.attempts],
    )


def shifted(shape: Shape, by: timedelta) -> Shape:
    """Give the same case so much later: each instant in its rows, and in the JSON that they hold."""

    def later(value: Any) -> Any:
        if isinstance(value, datetime):
            return value + by
        if isinstance(value, Mapping):
            return {name: later(held) for name, held in value.items()}
        if isinstance(value, list):
            return [later(held) for held in value]
        if isinstance(value, str) and INSTANT.fullmatch(value):
            return (datetime.fromisoformat(value) + by).astimezone(UTC).isoformat().replace("+00:00", "Z")
        return value

    return Shape(later(shape.case), later(shape.steps), later(shape.messages), later(shape.attempts))


def write(engine: Engine, shapes: Sequence[Shape]) -> None:
    """Write cases straight into a store, some hundreds at a time."""
    for start in range(0, len(shapes), AT_ONCE):
        some = shapes[start : start + AT_ONCE]
        with engine.begin() as connection:
            connection.execute(insert(CASE), [shape.case for shape in some])
            for table, rows in (
                (STEP, [row for shape in some for row in shape.steps]),
                (MESSAGE, [row for shape in some for row in shape.messages]),
                (ATTEMPT, [row for shape in some for row in shape.attempts]),
            ):
                if rows:
                    connection.execute(insert(table), rows)
