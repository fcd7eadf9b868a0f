"""A rehearsal without a machine: the real doors and the real store, from wake to wake, in no time at all."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from policy.errors import Invalid, Missing, Refused
from policy.pack import Pack
from policy.terms import Channel, Route
from runtime import doors, rehearse_words
from runtime.door_roster import put_roster
from runtime.rehearse_app import Phones, make_app
from runtime.rehearse_clock import SimClock
from runtime.rehearse_engine import SimEngine
from runtime.rehearse_judge import Judge
from runtime.rehearse_revision import put_in_store, said_of, tables_of, take_effect
from runtime.rehearse_scenario import Act, DutyLine, Outage, Scenario, roster_csv, without
from runtime.rehearse_seen import Refusal, Seen
from runtime.rehearse_watch import Watch
from runtime.rehearse_words import ClockWords
from runtime.settle import Settling
from store.roster_file import read_csv


class Simulation:
    """One night that is played through; acts are performed at their instants, time acts in between."""

    def __init__(
        self, packs: Mapping[str, Pack], pack: str, begins_at: datetime, duties: Iterable[DutyLine], start: datetime
    ) -> None:
        """Put the roster on duty and wait at `begins_at`."""
        self.clock = SimClock(begins_at)
        self.phones = Phones(self.clock)
        self.app = make_app(self.clock, self.phones, packs, pack)
        self.engine = SimEngine(self.app, self.clock)
        self.refs: dict[int, str] = {}
        self.rules = packs[pack]
        self.words = ClockWords(start)
        self._outages: list[Outage] = []
        self.watch = Watch(self.app, self.clock, self.phones, self.refs, self.rules)
        self.set_roster(duties)

    @property
    def seen(self) -> Seen:
        """Give all that was seen so far."""
        return self.watch.seen

    def close(self) -> None:
        """Give the store back."""
        self.app.close()

    def run_to(self, target: datetime) -> None:
        """Let time act up to and including `target`: jump to the next wake, do what is due, and again."""
        while True:
            ends_at = min((outage.until for outage in self._outages), default=None)
            coming = self.engine.next_at()
            if ends_at and ends_at <= target and (coming is None or ends_at < coming):
                self.clock.jump_to(max(ends_at, self.clock.true()))
                self._end_outages()
            elif coming is not None and coming <= target:
                self.clock.jump_to(coming)
            else:
                break
            self.settle()
        self.clock.jump_to(max(target, self.clock.true()))  # a slow channel takes time of its own

    def settle(self) -> None:
        """Do all that is due at this instant, and look."""
        self.engine.work()
        self._count_runs()
        self.watch.look()

    def perform(self, act: Act) -> None:
        """Perform an act now, and what it brings about."""
        if act.kind == "report":
            self._report(act)
        elif act.kind == "fact":
            self._fact(act)
        elif act.kind == "propose":
            self._propose(act)
        elif act.outage is not None:
            self._begin(act.outage)
        elif act.kind == "absent":
            self.set_roster(without(self._duties, act.person, self.clock.true()))
            self._say("roster", f"{act.person} goes off duty")
        else:
            self.clock.drift(act.drift)
            self._say("clock", f"The machine's clock steps by {act.drift.total_seconds():+g} s")
        self.settle()

    # --- reports and facts

    def _report(self, act: Act) -> None:
        try:
            reported = doors.report(self.app, act.body, route=Route.API)
        except (Invalid, Refused) as error:
            self._refused(act, error)
            return
        self.refs[act.case] = reported.case
        view = self.watch.view(reported.case)
        said = rehearse_words.of_report(act, reported.case, view, self.rules)
        again = "" if reported.created else ", a case that was known already"
        self._say("report", said + again, act.case)

    def _fact(self, act: Act) -> None:
        ref = self.refs.get(act.case)
        if ref is None:
            self._refused(act, no_case(act))
            return
        try:
            doors.record(self.app, ref, act.body, route=Route.API)
        except (Invalid, Refused) as error:
            self._refused(act, error)
        else:
            self._say("fact", rehearse_words.of_fact(act.body, self.rules), act.case)

    def _propose(self, act: Act) -> None:
        try:
            made = take_effect(self.app, self.rules.name, act.body)
        except (Invalid, Refused) as error:
            self._refused(act, error)
            return
        self.engine.takes_effect.append(made.effective_from)
        self._say("propose", said_of(act.body, made.number, made.changes))

    def _refused(self, act: Act, error: Invalid | Refused) -> None:
        refusal = refusal_of(act, error, self.clock.true())
        self.seen.refusals.append(refusal)
        self._say("refused", rehearse_words.of_refusal(refusal, act, self.rules), act.case)

    # --- what stands still, who is there

    def _begin(self, outage: Outage) -> None:
        self._outages.append(outage)
        if outage.of.startswith("channel:"):
            self.phones.out_of_order.add(Channel(outage.of.removeprefix("channel:")))
        else:
            self.engine.stop()
        self._say("outage", rehearse_words.of_outage(outage.of, self.words, outage.until))

    def _end_outages(self) -> None:
        over = [outage for outage in self._outages if outage.until <= self.clock.true()]
        self._outages = [outage for outage in self._outages if outage not in over]
        still = {outage.of for outage in self._outages}
        self.phones.out_of_order = {Channel(of.removeprefix("channel:")) for of in still if of.startswith("channel:")}
        if not self.engine.running and not still & {"engine", "prefect"}:
            self.engine.start()
        for outage in over:
            self._say("outage", f"The outage of {outage.of} is over")

    def set_roster(self, duties: Iterable[DutyLine]) -> None:
        """Put these people on duty, and nobody else."""
        self._duties = tuple(duties)
        now, rules = self.clock.now(), self.rules
        file = read_csv(roster_csv(self._duties), now, areas=rules.areas, forces=rules.forces)
        put_roster(self.app, file, partial=True, route=Route.API)

    def _count_runs(self) -> None:
        numbers = {ref: number for number, ref in reversed(self.refs.items())}
        begun = [numbers[ref] for ref, count in self.engine.runs.items() for _ in range(count) if ref in numbers]
        for _, number in self.seen.runs:
            begun.remove(number)
        self.seen.runs += [(self.clock.true(), number) for number in begun]

    def say_how_it_ends(self) -> None:
        """Close the story with how each case stands."""
        for number, ref in self.refs.items():
            self._say("end", rehearse_words.of_end(ref, self.watch.view(ref)), number)

    def _say(self, kind: str, text: str, case: int | None = None) -> None:
        self.seen.say(self.clock.true(), kind, text, case)


def no_case(act: Act) -> Refused:
    """Refuse a fact about a report that never became a case."""
    missing = [Missing("a case", "a fact is about a case")]
    return Refused(f"report {act.case} was refused, so it has no case", rule="no_such_case", missing=missing)


def refusal_of(act: Act, error: Invalid | Refused, at: datetime) -> Refusal:
    """Put a refusal down: which rule, what is missing, who may."""
    refusal = Refusal(at, act.number, act.said, act.case, "invalid", str(error), ())
    if isinstance(error, Refused):
        missing = tuple(m.what for m in error.missing)
        return replace(refusal, rule=error.rule, detail=error.detail, missing=missing, who_may=error.who_may)
    return replace(refusal, missing=tuple(fault.field for fault in error.faults))


@contextmanager
def play(scenario: Scenario) -> Iterator[Simulation]:
    """Play a whole rehearsal through; give the simulation as it stands at the end, to be judged."""
    sim = Simulation(scenario.packs, scenario.pack, scenario.begins_at, scenario.duties, scenario.start)
    if any(act.kind == "propose" for act in scenario.acts):
        put_in_store(sim.app, tables_of(scenario))
        sim.engine.settling = Settling(sim.app)
    try:
        stops = {at for e in scenario.expectations for at in (e.at, e.after, e.by, e.until) if at}
        acts = list(scenario.acts)
        for at in sorted({*(act.at for act in acts), *stops, scenario.ends_at}):
            if scenario.begins_at <= at <= scenario.ends_at:
                sim.run_to(at)
                sim.settle()
                while acts and acts[0].at == at:
                    sim.perform(acts.pop(0))
        _wait_for_what_is_due(sim, scenario)
        sim.say_how_it_ends()
        yield sim
    finally:
        sim.close()


def _wait_for_what_is_due(sim: Simulation, scenario: Scenario) -> None:
    """Go on to a due time that lies beyond the end, when the step does not show it yet."""
    judge = Judge(sim.seen, sim.words)
    later = [e for e in scenario.expectations if e.subject == "due" and e.at and e.at > scenario.ends_at]
    for e in sorted(later, key=lambda e: e.at or scenario.ends_at):
        if e.at and not judge.judge(e).kept:
            sim.run_to(e.at)
            sim.settle()
