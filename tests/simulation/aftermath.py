"""What must be so when a crash is over and everything has come to rest, beside the five promises of a night."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from policy.terms import Channel, MessageState
from runtime.readings_owner import owner_at
from runtime.rehearse_app import Arrival
from store import cases, journal, messages, outbox
from tests.simulation.night import Night
from tests.simulation.oracle import NOT_ASKED

Came = tuple[datetime, datetime]  # when it fell due, and when it was received
PROMISE = timedelta(seconds=30)  # by so much a case may be past its instant where only the watchdog is left
INSTANTS = 6  # of each case's history at which somebody is asked who answers for it


def judge(night: Night) -> None:
    """Raise AssertionError with what is broken."""
    _nothing_is_left(night)
    _what_is_said_to_be_received_was(night)
    _nothing_came_too_early_or_too_late(night)
    _somebody_answered_at_each_instant(night)
    with night.world.sim.app.sessions.reading() as s:
        assert journal.verify(s) is None, "4: the chain of the journal is broken"


def _nothing_is_left(night: Night) -> None:
    """Nothing that is due waits, and nobody who is dead holds anything."""
    with night.world.sim.app.sessions.reading() as s:
        late = [m.attempt_key for ref in (*night.cases, None) for m in outbox.pending(s, ref, night.now, night.now)]
        assert not late, f"1: still to be sent: {late}"
        assert not outbox.holders(s), "somebody still holds a message"
        for ref in night.cases:
            held_until = cases.load(s, ref).lease_until
            assert held_until is None or held_until <= night.now, f"somebody still holds {ref}"
        for ref in night.cases:
            stored = cases.load(s, ref)
            looked_at = stored.wake_at is None or stored.wake_at > night.now - PROMISE
            assert looked_at, f"5: {ref} is not looked at"


def _what_is_said_to_be_received_was(night: Night) -> None:
    phones = {a.attempt_key for a in night.world.sim.phones.arrivals}
    with night.world.sim.app.sessions.reading() as s:
        for ref in night.cases:
            said = {m.attempt_key for m in messages.of_case(s, ref) if m.state is MessageState.RECEIVED}
            assert said <= phones, f"1: said to be received: {sorted(said - phones)}"


def _nothing_came_too_early_or_too_late(night: Night) -> None:
    """Nothing before its instant; nothing about a step after whoever answered for it was heard."""
    with night.world.sim.app.sessions.reading() as s:
        for heard in night.heard:
            due_at = messages.get(s, heard.key).due_at
            assert heard.at >= due_at or night.stepped_back, f"2: {heard.key} at {heard.at}, due {due_at}"
            over = night.over.get((heard.case, heard.step, heard.occurrence))
            asked = heard.type not in NOT_ASKED and "/task:" not in heard.key
            assert not asked or over is None or heard.number < over, f"2: {heard.key} though the step is over"


def rungs_came_in_order(night: Night) -> None:
    """The first message of each rung comes after the first of a rung that fell due before; reminders likewise.

    For short stories: in a long one a rung may have been told in another step's message, and is told again later.
    """
    with night.world.sim.app.sessions.reading() as s:
        due = {a.attempt_key: messages.get(s, a.attempt_key).due_at for a in night.world.sim.phones.arrivals}
    if night.faults.refused:  # a phone that is dead for good lets the ladder climb at once, past it
        return
    first: dict[tuple[str, str], dict[int, Came]] = defaultdict(dict)
    reminded: dict[tuple[str, str], dict[int, Came]] = defaultdict(dict)
    for arrival in night.world.sim.phones.arrivals:
        if arrival.channel is Channel.INBOX or arrival.payload["type"] in NOT_ASKED:
            continue
        step, person, rung, reminder = _parts(arrival)
        came = due[arrival.attempt_key], arrival.at
        first[step, ""].setdefault(rung, came)
        reminded[step, person].setdefault(reminder, came)
    for name, found in (*first.items(), *reminded.items()):
        for (due_at, at), (next_due_at, next_at) in pairwise(found[number] for number in sorted(found)):
            assert at <= next_at or due_at == next_due_at, f"1: out of order: {name}: {found}"


def _parts(arrival: Arrival) -> tuple[str, str, int, int]:
    case, step, occurrence, rung, reminder, person, *_ = arrival.attempt_key.split("/")
    return f"{case}/{step}/{occurrence}", person, int(rung), int(reminder)


def _somebody_answered_at_each_instant(night: Night) -> None:
    with night.world.sim.app.sessions.reading() as s:
        instants = {ref: sorted({line.at for line in journal.read(s, ref, 0, 100_000)}) for ref in night.cases}
    for ref, at in instants.items():
        for one in at[:: max(1, len(at) // INSTANTS)]:
            who = owner_at(night.world.sim.app, ref, one)
            assert who["person"], f"nobody answered for {ref} at {one}"
