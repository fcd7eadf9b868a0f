"""One night that is judged as it goes: the world, the force, its phones, and the five promises (style 4.3).

1. Every rung whose instant has passed has been received by its role.
2. Nothing is received before its instant; nothing for a finished step.
3. Per key received once, or more only if a crash fell between send and settle.
4. The journal only grows; replaying it gives the stored case.
5. Every open step of an open case has a wake.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from policy.case import Case
from policy.errors import Busy, Invalid, Refused, Transient
from policy.pack import Pack
from policy.terms import Channel, MessageState, Route, StepStatus
from runtime import doors
from runtime.rehearse_app import Phones
from runtime.rehearse_clock import SimClock
from store import cases, journal, messages
from store.cases import Stored
from store.journal import JournalEntry
from store.replay import replay
from tests.simulation.deadlines import Deadlines
from tests.simulation.force import AS_LONG_AS, Force
from tests.simulation.oracle import NOT_ASKED, Heard, Outage, Promise, earliest, heard_from, promises, pushed
from tests.simulation.quiet import Quiet
from tests.support.clock import START
from tests.support.faults import Died, Faults, FaultyPhones
from tests.support.world import PACKS, World

RECOVERY = timedelta(minutes=5)  # longer than all that is tried again after a fault
MOST_DEATHS = 10


@dataclass
class Known:
    """What was known of a case when it was last judged."""

    case: Case
    version: int
    lines: list[JournalEntry] = field(default_factory=list)


class Night:
    """A world with everything that is needed to judge it."""

    def __init__(
        self,
        pack: str,
        *,
        world: type[World] = World,
        make_phones: Callable[[SimClock, Faults], Phones] = FaultyPhones,
        lasts: timedelta = AS_LONG_AS,
        start: datetime = START,
    ) -> None:
        """Put the force on duty; who plants a bug brings another world, or other phones."""
        self.pack: Pack = PACKS[pack]
        self.faults = Faults()
        self.force = Force(self.pack, start, lasts)
        self.world = world(
            start,
            pack,
            self.force.duties(),
            make_phones=lambda clock: make_phones(clock, self.faults),
            simulation=Quiet,
        )
        self.cases: list[str] = []
        self.heard: list[Heard] = []
        self.in_trouble = False
        self._known: dict[str, Known] = {}
        self.over: dict[tuple[str, str, int], int] = {}  # how much had arrived when a step was finished
        self._opened: dict[tuple[str, str, int], datetime] = {}  # when a step opened, as it was said first
        self._outages: list[Outage] = []
        self._early: set[str] = set()  # cases in which somebody declined, or a phone was refused for good
        self._twice: set[str] = set()  # keys that a crash fell upon between send and settle
        self._deadlines = Deadlines(self.pack)
        self._stack = ExitStack()
        self._stack.callback(self.world.close)
        self._stack.enter_context(self.faults.in_store(self.world.sim.app.sessions))

    def close(self) -> None:
        """Give all back."""
        self._stack.close()

    @property
    def now(self) -> datetime:
        """Give what the machine's clock shows."""
        return self.world.sim.clock.now()

    @property
    def stepped_back(self) -> bool:
        """Tell whether the machine's clock has ever stepped back."""
        return self.now < self.world.sim.clock.true() or "clock:back" in self.faults.went_off

    # --- what is done

    def survive(self, what: Callable[[], object]) -> None:
        """Do something; when the process dies of it, or the store fails, start again and do it again."""
        for _ in range(MOST_DEATHS):
            try:
                what()
            except (Died, Busy, Transient):
                self.mark_twice()
                what = self._again(what)
            else:
                return
        raise AssertionError("it never recovers")

    def _again(self, what: Callable[[], object]) -> Callable[[], object]:
        def again() -> None:
            self.world.restart()
            what()

        return again

    def mark_twice(self) -> None:
        """Note what had arrived and was not settled when the process died: it comes again."""
        with self.world.sim.app.sessions.reading() as s:
            for arrival in self.world.sim.phones.arrivals:
                if messages.get(s, arrival.attempt_key).state is not MessageState.RECEIVED:
                    self._twice.add(arrival.attempt_key)

    def say(self, case: str, raw: Mapping[str, object], key: str | None = None) -> bool:
        """Say a fact; False when a rule refuses it, and then nothing may have been written."""
        before, taken = self.state(case), list[Stored]()
        try:
            self.survive(lambda: taken.append(doors.record(self.world.sim.app, case, raw, route=Route.API, key=key)))
        except (Refused, Invalid):
            assert self.state(case) == before, f"{raw['kind']} was refused and has written"
            return False
        if raw["kind"] == "declined":
            self._early.add(case)
        self._note_what_is_over(taken[-1].case)
        self.settle()
        return True

    def report(self, raw: Mapping[str, object]) -> str:
        """Report somebody missing."""
        found: list[str] = []
        self.survive(lambda: found.append(doors.report(self.world.sim.app, raw, route=Route.API).case))
        self.settle()
        return found[-1]

    def settle(self) -> None:
        """Do all that is due now."""
        self.survive(self.world.sim.settle)

    def wait(self, minutes: float) -> None:
        """Let time act, from wake to wake."""
        target = self.world.sim.clock.true() + timedelta(minutes=minutes)
        self.survive(lambda: self.world.sim.run_to(max(target, self.world.sim.clock.true())))

    def jump(self, days: float) -> None:
        """Let time pass while nobody is there, and start again."""
        began_at = self.now
        self.world.sim.engine.stop()
        self.world.sim.clock.advance(timedelta(days=days))
        self._outages.append((began_at, self.now))
        self.world.sim.engine.start()
        self.settle()

    def off_duty(self, person: str) -> None:
        """Let somebody go off duty."""
        self.force.goes(person, self.now)
        self.survive(lambda: self.world.off_duty(person))

    def clock_back(self, seconds: float) -> None:
        """Let the machine's clock step back."""
        self._listen()
        self.survive(lambda: self.world.drift(-seconds))

    def recover(self) -> None:
        """Disarm every fault and give what had failed the time to be tried again."""
        self._early |= {key.split("/")[0] for key in self.faults.refused}
        self.faults.disarm()
        self.survive(self.world.restart)
        self.wait(RECOVERY.total_seconds() / 60)
        self._listen()
        for ref in self.cases:
            case, known = self.case(ref), self._known.get(ref)
            self._deadlines.learn(case)
            self._note_what_is_over(case)
            self._known[ref] = replace(known, case=case) if known else Known(case, 0)
        self.in_trouble = False

    # --- what is judged

    def check(self) -> None:
        """Judge the five promises; raises AssertionError with what is broken."""
        if self.in_trouble:
            return
        new = self._listen()
        again = self._twice | set(self.faults.unsure)
        once = Counter(heard.key for heard in self.heard)
        assert not {key for key, times in once.items() if times > 1} - again, "3: received twice"
        for ref in self.cases:
            self._check_case(ref, [heard for heard in new if heard.case == ref])

    def _check_case(self, ref: str, new: list[Heard]) -> None:
        stored = self._load(ref)
        known = self._known.get(ref)
        case, before = stored.case, known.case if known else None
        if not self.stepped_back:  # with instants out of order it is not so simple
            self._deadlines.follow(before, case, self.now)
        for heard in new:
            self._check_instant(heard, [c for c in (before, case) if c is not None])
        self._note_what_is_over(case)
        for promise in promises(case, self.pack, self.now, self._outages):
            assert self._kept(case, promise), f"1: {ref}: rung {promise.rung} of {promise.step} was due {promise.at}"
        self._check_journal(stored, known)
        asked = [step for step in case.live_steps() if step.due_at and step.status is StepStatus.OPEN]
        assert not case.live_steps() or stored.wake_at is not None, f"5: {ref} would never be looked at again"
        for step in asked:
            assert stored.wake_at is not None
            assert stored.wake_at <= (step.due_at or stored.wake_at), f"5: {step.key}"

    def _check_instant(self, heard: Heard, states: list[Case]) -> None:
        if heard.type in NOT_ASKED or "/task:" in heard.key:  # that a unit was tasked is told whenever it is said
            return
        over = self.over.get((heard.case, heard.step, heard.occurrence))
        assert over is None or heard.number < over, f"2: {heard.key} though the step is over"
        too_early = earliest(heard, states, self.pack)
        rule = self.pack.steps[heard.step]
        excused = heard.case in self._early or pushed(rule, states[-1], self.force, heard.at)
        if too_early is not None and not excused and not self.stepped_back:
            assert heard.at >= too_early, f"2: {heard.key} at {heard.at}, before {too_early}"

    def _kept(self, case: Case, promise: Promise) -> bool:
        holders = {spell.person for to in promise.to for spell in self.force.holds(to, case)}
        if case.owner and any(to.owner for to in promise.to):
            holders.add(case.owner.person)
        told = any(
            h.case == case.ref and h.person in holders and promise.text in h.ask
            for h in self.heard
            if h.at >= self._opened[case.ref, *promise.first.id] or self.stepped_back
        )
        if told or not all(self.force.somebody(to, case, promise.at, self.now) for to in promise.to):
            return True
        refused = [key.split("/") for key in self.faults.refused]
        return any(parts[0] == case.ref and parts[5] in holders for parts in refused)

    def _check_journal(self, stored: Stored, known: Known | None) -> None:
        lines = list(known.lines) if known else []
        with self.world.sim.app.sessions.reading() as s:
            lines += journal.read(s, stored.ref, lines[-1].seq if lines else 0, 1_000_000)
        if known is None or known.version != stored.version:
            assert replay(lines) == stored.case, f"4: the journal of {stored.ref} does not give the case"
        self._known[stored.ref] = Known(stored.case, stored.version, lines)

    def check_the_end(self, days: int) -> None:
        """Liveness: disarm, sweep, jump over days, sweep; every rung of every open step has been received."""
        self.recover()
        self.check()
        self.jump(days)
        self.check()
        with self.world.sim.app.sessions.reading() as s:
            assert journal.verify(s) is None, "4: the chain of the journal is broken"
            for ref, known in self._known.items():
                assert journal.read(s, ref, 0, 1_000_000) == known.lines, "4: a line of the journal was changed"

    # --- what is read

    def case(self, ref: str) -> Case:
        """Give a case as it stands."""
        return self._load(ref).case

    def _load(self, ref: str) -> Stored:
        with self.world.sim.app.sessions.reading() as s:
            return cases.load(s, ref)

    def state(self, ref: str) -> tuple[object, ...]:
        """Give what any write moves: the head of the journal, and the number of messages."""
        with self.world.sim.app.sessions.reading() as s:
            return journal.head(s), len(messages.of_case(s, ref))

    def _note_what_is_over(self, case: Case) -> None:
        for step in case.steps:
            name = (case.ref, step.key, step.occurrence)
            if step.live or step.status is StepStatus.WAITING:
                self.over.pop(name, None)
                if step.live:
                    self._opened.setdefault(name, step.opens_at or step.anchor_at or self.now)
            else:
                self.over.setdefault(name, len(self._pushes()))

    def _pushes(self) -> list[str]:
        return [a.attempt_key for a in self.world.sim.phones.arrivals if a.channel is not Channel.INBOX]

    def _listen(self) -> list[Heard]:
        """Take in what the phones have received since the last time."""
        pushes = [a for a in self.world.sim.phones.arrivals if a.channel is not Channel.INBOX]
        ahead = self.now - self.world.sim.clock.true()
        new = [heard_from(a, number, ahead) for number, a in enumerate(pushes[len(self.heard) :], len(self.heard))]
        self.heard += new
        return new
