"""The tests' language: a force at night, told in the words of the procedure.

    case = world.report(risk="medium")
    world.phone("duty_inspector").expect("acknowledge that you have this case", case, by="19:01")
    world.wait_until("19:20")
    world.phone("force_incident_manager").expect("speak to the inspector by voice", case)
    world.silence()  # any message that nobody expected fails the test

It stands on the same machinery as `vigil rehearse`: real doors, a real store in memory, a clock that jumps from wake
to wake. What a phone shows is what the channel received, not what the store says was sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from policy.case import Case, Step
from policy.spans import Span
from policy.terms import RANK_OF_ROLE, MessageType, Role, Route
from runtime import doors
from runtime.rehearse_app import MEMORY, Phones, make_app
from runtime.rehearse_clock import SimClock
from runtime.rehearse_engine import SimEngine
from runtime.rehearse_scenario import Act, DutyLine
from runtime.rehearse_seen import Telling
from runtime.rehearse_sim import Simulation
from store import cases, journal
from store.journal import JournalEntry
from store.packs import load_packs
from store.upgrade import open_store

NIGHT = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)  # the Saturday of the acceptance scenarios
PACKS = load_packs(None)
FORCE: Mapping[str, tuple[str, str]] = {
    "insp-a": ("duty_inspector", "stoke"),
    "sgt-s": ("response_sergeant", "stoke"),
    "insp-n": ("duty_inspector", "newcastle"),
    "fim-1": ("force_incident_manager", "*"),
    "crs-1": ("control_room_sergeant", "*"),
    "ci-1": ("duty_chief_inspector", "*"),
    "supt-1": ("on_call_superintendent", "*"),
    "op-1": ("control_room_operator", "*"),
}


def on_duty(person: str, role: str, area: str, from_at: datetime, to_at: datetime, webhook: str = "") -> DutyLine:
    """Give one period of duty."""
    rank = RANK_OF_ROLE[Role(role)].value
    cells = {"person": person, "name": "", "rank": rank, "role": role, "area": area, "webhook": webhook}
    return DutyLine(cells, from_at, to_at)


def the_force(start: datetime = NIGHT, *, without: Sequence[str] = ()) -> list[DutyLine]:
    """Give a full roster: one person a role, from five hours before to twelve hours after."""
    spell = (start - timedelta(hours=5), start + timedelta(hours=12))
    return [on_duty(person, *where, *spell) for person, where in FORCE.items() if person not in without]


@dataclass
class Phone:
    """What one person, or whoever holds one role, was told."""

    world: "World"
    who: str

    def told(self, case: str | None = None, *, about: str | None = None) -> list[Telling]:
        """Give all that this phone received, in order."""
        number = self.world.number(case) if case else None
        return [
            t
            for t in self.world.sim.seen.tellings
            if self.who in (t.person, t.role) and number in (None, t.case) and (about is None or about in t.about)
        ]

    def expect(self, text: str, case: str | None = None, *, by: str | None = None, after: str | None = None) -> Telling:
        """Find the first message not yet expected that says so; fail with what there was instead."""
        for telling in self.told(case):
            says = any(text.casefold() in said.casefold() for said in telling.texts)
            in_time = (by is None or telling.at <= self.world.time(by)) and (
                after is None or telling.at >= self.world.time(after)
            )
            if says and in_time and telling.key not in self.world.expected:
                self.world.expected.add(telling.key)
                return telling
        raise AssertionError(
            f"{self.who} was not told {text!r} (by {by}, after {after}); received:\n{self._received()}"
        )

    def expect_none(self, case: str | None = None, *, about: str | None = None) -> None:
        """Fail when this phone received anything, or anything about a step."""
        assert not self.told(case, about=about), f"{self.who} should have been left alone:\n{self._received()}"

    def _received(self) -> str:
        return "\n".join(self.world.line(t) for t in self.told()) or "  nothing"


@dataclass
class World:
    """One force, one night."""

    start: datetime = NIGHT
    pack: str = "staffordshire"
    roster: Iterable[DutyLine] | None = None
    expected: set[str] = field(default_factory=set)
    database: str = MEMORY  # a file's address for one that a restart opens anew
    make_phones: Callable[[SimClock], Phones] = Phones
    simulation: type[Simulation] = Simulation

    def __post_init__(self) -> None:
        """Put the force on duty."""
        duties = list(self.roster) if self.roster is not None else the_force(self.start)
        self.sim = self.simulation(PACKS, self.pack, self.start, duties, self.start)
        if self.database != MEMORY or self.make_phones is not Phones:
            self.sim.phones = self.sim.watch.phones = self.make_phones(self.sim.clock)
            if self.database != MEMORY:
                self.sim.app.close()
            self._make_app()
            self.sim.set_roster(duties)

    def close(self) -> None:
        """Give the store back."""
        self.sim.close()

    # --- time

    def time(self, clock: str) -> datetime:
        """Give the next instant, from the start on, at which clocks in UTC show `19:20` or `19:20:30`."""
        hours, minutes, *seconds = (int(part) for part in clock.split(":"))
        at = self.start.replace(hour=hours, minute=minutes, second=seconds[0] if seconds else 0)
        return at if at >= self.start else at + timedelta(days=1)

    def wait_until(self, clock: str) -> None:
        """Let time act, from wake to wake."""
        self.sim.run_to(self.time(clock))

    def wait(self, span: str) -> None:
        """Let time act for so long."""
        self.sim.run_to(Span.parse(span).after(self.sim.clock.true()))

    def drift(self, seconds: float) -> None:
        """Let the machine's clock step."""
        self.sim.clock.drift(timedelta(seconds=seconds))
        self.sim.settle()

    def restart(self) -> None:
        """Lose the process: a new App and a new engine on the same database."""
        self.sim.engine.stop()
        if self.database != MEMORY:  # what is in memory goes with its last connection
            self.sim.app.close()
        self._make_app()
        self.sim.settle()

    def _make_app(self) -> None:
        sim = self.sim
        sessions = sim.app.sessions if self.database == MEMORY else open_store(self.database)
        sim.app = make_app(sim.clock, sim.phones, PACKS, self.pack, sessions)
        sim.engine = SimEngine(sim.app, sim.clock, runs=sim.engine.runs)
        sim.watch.app = sim.app
        sim.engine.start()

    def off_duty(self, person: str) -> None:
        """Let somebody go off duty now."""
        self.sim.perform(Act(0, self.sim.clock.true(), "absent", person=person))

    # --- what happens

    def report(
        self, *, risk: str | None = "medium", area: str = "stoke", born: str = "2012-05-01", **more: object
    ) -> str:
        """Report somebody missing now; give the case."""
        number = len(self.sim.refs) + 1
        stamp = self.sim.clock.now().isoformat()
        raw: dict[str, object] = {
            "source": "world",
            "source_id": str(number),
            "reported_at": stamp,
            "recorded_at": stamp,
            "area": area,
            "person": {"name": "Somebody", "date_of_birth": born},
            **({"risk": risk} if risk else {}),
            **more,
        }
        ref = doors.report(self.sim.app, raw, route=Route.API).case
        self.sim.refs[number] = ref
        self.sim.settle()
        return ref

    def fact(self, case: str, kind: str, by: str, step: str | None = None, **evidence: object) -> None:
        """Say something about a case now; what a rule forbids raises Refused."""
        raw: dict[str, object] = {"kind": kind, "by": by, **({"step": step} if step else {})}
        doors.record(self.sim.app, case, raw | ({"evidence": evidence} if evidence else {}), route=Route.API)
        self.sim.settle()

    # --- what is seen

    def phone(self, who: str) -> Phone:
        """Give the phone of a person, or of a role."""
        return Phone(self, who)

    def silence(self) -> None:
        """Fail when anybody received what nobody expected; stand-downs and alarms count too."""
        odd = [t for t in self.sim.seen.tellings if t.key not in self.expected]
        assert not odd, "nobody expected:\n" + "\n".join(self.line(t) for t in odd)

    def overhear(self, *kinds: MessageType, about: str | None = None) -> None:
        """Take messages as expected that the story does not dwell on."""
        for t in self.sim.seen.tellings:
            if (not kinds or t.type in kinds) and (about is None or set(t.about) == {about}):
                self.expected.add(t.key)

    def case(self, case: str) -> Case:
        """Give a case as it stands."""
        with self.sim.app.sessions.reading() as s:
            return cases.load(s, case).case

    def step(self, case: str, key: str) -> Step:
        """Give a step as it stands."""
        step = self.case(case).step(key)
        assert step is not None, f"{case} has no step {key}"
        return step

    def holder(self, case: str, key: str) -> str | None:
        """Give who has a step."""
        return self.step(case, key).holder

    def view(self, case: str) -> Mapping[str, object]:
        """Give a case as the API answers it."""
        return self.sim.watch.view(case)

    def journal(self, case: str) -> list[JournalEntry]:
        """Give the journal of a case."""
        with self.sim.app.sessions.reading() as s:
            return journal.read(s, case, limit=100_000)

    def number(self, case: str) -> int:
        """Give the number of a case's report."""
        return next(number for number, ref in self.sim.refs.items() if ref == case)

    def line(self, t: Telling) -> str:
        """Write a telling on a line, for a failure."""
        return f"  {t.at:%H:%M:%S} {t.person} ({t.role}) {t.type} rung {t.rung} #{t.reminder}: {'; '.join(t.texts)}"


def same(tellings: Iterable[Telling]) -> list[Telling]:
    """Give tellings in an order that does not depend on how often somebody looked."""
    return sorted((replace(t, label="") for t in tellings), key=lambda t: (t.at, t.key))
