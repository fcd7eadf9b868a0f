"""Watching a simulated rehearsal: what the store and the channels show, turned into what was seen."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from policy.errors import Unknown
from policy.pack import Pack
from policy.reaching import counting
from policy.terms import Channel, Risk
from runtime import readings
from runtime.app import App
from runtime.rehearse_app import Arrival, Phones
from runtime.rehearse_clock import SimClock
from runtime.rehearse_journal import Written, of_breach, of_entries
from runtime.rehearse_seen import Asked, Look, Rang, Seen, Telling, View
from store import alarms, cases, journal, messages
from store.messages import Message

LONG = 1_000_000  # lines of a journal: all of them


@dataclass
class Watch:
    """Looks after every event, and writes down what is new."""

    app: App
    clock: SimClock
    phones: Phones
    refs: Mapping[int, str]  # the case of each report
    rules: Pack
    seen: Seen = field(default_factory=Seen)
    _read_to: int = 0
    _alarms: int = 0
    _arrived: int = 0
    _told: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Take in all that is new, and how each case stands."""
        self._written()
        self._rang()
        self._heard()
        cases = {number: self.view(ref) for number, ref in self.refs.items()}
        self.seen.looks.append(Look(self.clock.true(), cases))

    def view(self, ref: str) -> View:
        """Give a case as the API would answer it."""
        return readings.case_view(self.app, ref)

    def _numbers(self) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for number, ref in self.refs.items():
            numbers.setdefault(ref, number)
        return numbers

    def _written(self) -> None:
        with self.app.sessions.reading() as s:
            new = journal.read(s, None, self._read_to, LONG)
        numbers = self._numbers()
        self._read_to = new[-1].seq if new else self._read_to
        about = [
            (numbers[e.case], Written(self.clock.true_of(e.at), e.kind, e.by, e.body)) for e in new if e.case in numbers
        ]
        self.seen.story += [of_breach(entry, number) for number, entry in about if entry.kind == "overdue"]
        for number in numbers.values():
            for at, text in of_entries([entry for of, entry in about if of == number], self.rules):
                self.seen.say(at, "case", text, number)

    def _rang(self) -> None:
        with self.app.sessions.reading() as s:
            rung = alarms.listing(s, limit=LONG)
        numbers = self._numbers()
        for alarm in reversed(rung[: len(rung) - self._alarms]):
            number = numbers.get(alarm.case or "")
            self.seen.story.append(Rang(self.clock.true_of(alarm.at), alarm.key, alarm.to, number, alarm.detail))
        self._alarms = len(rung)

    def _heard(self) -> None:
        """A person is told when a channel that counts has the message (`policy.reaching`). Once per act."""
        new = in_order(self.phones.arrivals[self._arrived :])
        self._arrived += len(new)
        numbers = self._numbers()
        with self.app.sessions.reading() as s:
            for arrival in new:
                act, _, channel = arrival.attempt_key.rpartition("/")
                message = messages.get(s, arrival.attempt_key)
                if act in self._told or channel not in self._counting(s, message):
                    continue
                self._told.add(act)
                number = numbers.get(next(iter(message.cases), ""))
                self.seen.story.append(_telling(message, act, number, arrival.at, self.clock))

    def _counting(self, s: Session, message: Message) -> frozenset[Channel]:
        ways = {channel for channel in Channel if _is_there(s, f"{message.act}/{channel}")}
        if len(ways) == 1:
            return frozenset(ways)
        ref = next(iter(message.cases), None)
        if ref is None:
            return counting(ways, Risk.HIGH)
        case = cases.load(s, ref).case
        return counting(ways, case.timer_risk(self.app.pack_of(case).child_floor))


def in_order(arrivals: list[Arrival]) -> list[Arrival]:
    """Put what arrived side by side in an order that does not depend on threads; acts keep theirs."""
    acts = [arrival.attempt_key.rsplit("/", 2)[0] for arrival in arrivals]
    return sorted(arrivals, key=lambda a: (a.at, acts.index(a.attempt_key.rsplit("/", 2)[0]), a.attempt_key))


def _is_there(s: Session, key: str) -> bool:
    with suppress(Unknown):
        return bool(messages.get(s, key))
    return False


def _telling(m: Message, key: str, number: int | None, at: datetime, clock: SimClock) -> Telling:
    return Telling(
        at=at,
        key=key,
        case=number,
        person=m.person,
        role=m.role,
        label=m.label,
        type=m.type,
        step=m.step,
        rung=m.rung,
        reminder=m.reminder,
        about=tuple(dict.fromkeys(ask.step for ask in m.asks)),
        asks=tuple(Asked(ask.step, ask.text, clock.true_of(ask.due_at) if ask.due_at else None) for ask in m.asks),
        due_at=clock.true_of(m.due_at),
    )
