"""Watching a simulated rehearsal: what the store and the channels show, turned into what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.terms import Channel
from runtime import readings
from runtime.app import App
from runtime.rehearse_app import Phones
from runtime.rehearse_clock import SimClock
from runtime.rehearse_seen import Breach, Look, Rang, Seen, Telling, View
from store import alarms, journal, messages
from store.messages import Message

LONG = 1_000_000  # lines of a journal or messages of an inbox: all of them


@dataclass
class Watch:
    """Looks after every event, and writes down what is new."""

    app: App
    clock: SimClock
    phones: Phones
    refs: Mapping[int, str]  # the case of each report
    people: frozenset[str]
    seen: Seen = field(default_factory=Seen)
    _read_to: int = 0
    _alarms: int = 0
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
        for ref, number in self._numbers().items():
            with self.app.sessions.reading() as s:
                self._take(messages.of_case(s, ref), number)
        with self.app.sessions.reading() as s:
            inboxes = [m for person in sorted(self.people) for m in messages.inbox(s, person, LONG)]
        self._take([m for m in inboxes if m.case is None], None)

    def _take(self, found: list[Message], number: int | None) -> None:
        """A person with a phone is told when it rings; one without when the inbox has it. Once per act."""
        acts: dict[str, list[Message]] = {}
        for message in found:
            acts.setdefault(message.attempt_key.rpartition("/")[0], []).append(message)
        for key, rows in acts.items():
            if key not in self._told and self._received(rows):
                self._told.add(key)
                self.seen.story.append(_telling(rows[0], key, number, self.clock))

    def _received(self, rows: list[Message]) -> bool:
        pushed = [m for m in rows if m.channel is not Channel.INBOX]
        return any(self.phones.received(m.attempt_key) for m in pushed or rows)


def _telling(m: Message, key: str, number: int | None, clock: SimClock) -> Telling:
    return Telling(
        at=clock.true(),
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
