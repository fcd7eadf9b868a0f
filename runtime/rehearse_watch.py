"""Watching a simulated rehearsal: what the store and the channels show, turned into what was seen."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from policy.errors import Unknown
from policy.terms import Channel
from runtime import readings
from runtime.app import App
from runtime.rehearse_app import Arrival, Phones
from runtime.rehearse_clock import SimClock
from runtime.rehearse_seen import Breach, Look, Rang, Seen, Telling, View
from store import alarms, journal, messages
from store.messages import Message

LONG = 1_000_000  # lines of a journal: all of them


@dataclass
class Watch:
    """Looks after every event, and writes down what is new."""

    app: App
    clock: SimClock
    phones: Phones
    refs: Mapping[int, str]  # the case of each report
    seen: Seen = field(default_factory=Seen)
    _read_to: int = 0
    _alarms: int = 0
    _arrived: int = 0
    _told: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Take in all that is new, and how each case stands."""
        self._overdue()
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

    def _overdue(self) -> None:
        with self.app.sessions.reading() as s:
            new = journal.read(s, None, self._read_to, LONG)
        numbers = self._numbers()
        for entry in new:
            self._read_to = entry.seq
            if entry.kind == "overdue" and entry.case in numbers:
                body, occurrence = entry.body, entry.body["occurrence"]
                assert isinstance(occurrence, int)
                holder = body.get("holder")
                at = self.clock.true_of(entry.at)
                breach = Breach(at, numbers[entry.case], str(body["step"]), occurrence, str(holder) if holder else None)
                self.seen.story.append(breach)

    def _rang(self) -> None:
        with self.app.sessions.reading() as s:
            rung = alarms.listing(s, limit=LONG)
        numbers = self._numbers()
        for alarm in reversed(rung[: len(rung) - self._alarms]):
            number = numbers.get(alarm.case or "")
            self.seen.story.append(Rang(self.clock.true_of(alarm.at), alarm.key, alarm.to, number, alarm.detail))
        self._alarms = len(rung)

    def _heard(self) -> None:
        """A person with a phone is told when it rings; one without when the inbox has it. Once per act."""
        new = in_order(self.phones.arrivals[self._arrived :])
        self._arrived += len(new)
        numbers = self._numbers()
        with self.app.sessions.reading() as s:
            for arrival in new:
                act, _, channel = arrival.attempt_key.rpartition("/")
                if act in self._told or (channel == Channel.INBOX and _is_pushed(s, act)):
                    continue
                self._told.add(act)
                message = messages.get(s, arrival.attempt_key)
                number = numbers.get(message.case or "")
                self.seen.story.append(_telling(message, act, number, arrival.at, self.clock))


def in_order(arrivals: list[Arrival]) -> list[Arrival]:
    """Put what arrived side by side in an order that does not depend on threads; acts keep theirs."""
    acts = [arrival.attempt_key.rsplit("/", 2)[0] for arrival in arrivals]
    return sorted(arrivals, key=lambda a: (a.at, acts.index(a.attempt_key.rsplit("/", 2)[0]), a.attempt_key))


def _is_pushed(s: Session, act: str) -> bool:
    """Tell whether an act reaches its person on a phone too."""
    for channel in (Channel.WEBHOOK, Channel.EMAIL):
        with suppress(Unknown):
            return bool(messages.get(s, f"{act}/{channel}"))
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
        texts=tuple(ask.text for ask in m.asks),
        due_at=clock.true_of(m.due_at),
    )
