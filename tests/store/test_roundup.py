"""Round-ups: an alarm that follows another within a minute joins one message; nothing is lost, nothing told twice."""

import threading
from collections.abc import Callable
from dataclasses import replace

from policy.intents import Ask, Tell
from policy.terms import MessageState, MessageType
from store import messages, outbox
from store.cases import Stored
from store.engine import Sessions
from tests.store.samples import AT, WALL, a_tell, minutes

NewCase = Callable[[Sessions], Stored]


def alarm(number: int, person: str = "fim-1") -> Tell:
    """Give an alarm that no other is like."""
    told = a_tell(person, kind=MessageType.ALARM)
    return replace(told, slug=f"alarm:{number}", asks=(Ask("step", 1, f"Alarm {number}", None),))


def test_it_goes_out_a_minute_after_the_first_and_never_before(sessions: Sessions) -> None:
    """The first rings at once; the round-up has one row a channel, and its own instant."""
    with sessions() as s:
        assert len(outbox.put(s, None, [alarm(1)], queued_at=AT)) == 3
        assert outbox.put(s, None, [alarm(2)], queued_at=AT + minutes(0.2)) == []
        assert outbox.put(s, None, [alarm(3)], queued_at=AT + minutes(0.9)) == []
        assert len(outbox.put(s, None, [alarm(4, "supt-1")], queued_at=AT + minutes(0.9))) == 3
        outbox.claim(s, [m.attempt_key for m in outbox.pending(s, None, AT + minutes(0.95), WALL)], "home", WALL)
        assert outbox.pending(s, None, AT + minutes(0.99), WALL) == []
        found = outbox.pending(s, None, AT + minutes(1), WALL)
    assert len(found) == 3
    assert {m.due_at for m in found} == {AT + minutes(1)}
    assert {tuple(ask.text for ask in m.asks) for m in found} == {("Alarm 2", "Alarm 3")}


def test_the_same_alarm_put_twice_is_told_once(sessions: Sessions) -> None:
    """Whether it went at once, is collected, or went out in a round-up that is over."""
    with sessions() as s:
        for number in (1, 2):
            outbox.put(s, None, [alarm(number)], queued_at=AT)
        for later in (0.1, 0.5, 2, 5):
            assert outbox.put(s, None, [alarm(1), alarm(2)], queued_at=AT + minutes(later)) == []
        texts = [a.text for m in outbox.pending(s, None, AT + minutes(9), WALL) for a in m.asks if m.channel == "inbox"]
    assert texts == ["Alarm 1", "Alarm 2"]


def test_what_is_claimed_or_was_tried_is_not_changed(sessions: Sessions) -> None:
    """Its words may be at the phone already, under its key: what comes then has a message of its own."""
    with sessions() as s:
        for number in (1, 2):
            outbox.put(s, None, [alarm(number)], queued_at=AT)
        keys = [m.attempt_key for m in outbox.pending(s, None, AT + minutes(1), WALL) if m.not_before > AT]
        outbox.claim(s, keys, "home", WALL)
        outbox.put(s, None, [alarm(3)], queued_at=AT + minutes(0.99))  # a process whose clock is a little behind
        assert {len(messages.get(s, key).asks) for key in keys} == {1}
        alone = [m for m in messages.inbox(s, "fim-1") if [a.text for a in m.asks] == ["Alarm 3"]]
    assert [m.state for m in alone] == [MessageState.QUEUED]


def test_a_message_names_its_cases(sessions: Sessions, new_case: NewCase) -> None:
    """Collected alarms say which case each is about, and outlive a case that is removed."""
    ref = new_case(sessions).ref
    with sessions() as s:
        outbox.put(s, None, [alarm(1)], queued_at=AT)
        outbox.put(s, ref, [alarm(2)], queued_at=AT)
        (together,) = [m for m in messages.inbox(s, "fim-1") if m.not_before > AT]
        own = [m for m in messages.of_case(s, ref) if m.type is MessageType.ALARM]
    assert (together.case, together.cases) == (None, (ref,))
    assert [a.text for a in together.asks] == [f"{ref}: Alarm 2"]
    assert {(m.state, m.detail) for m in own} == {(MessageState.CANCELLED, "rounded_up")}


def test_of_two_processes_neither_loses_an_alarm(shared: Sessions) -> None:
    """Twenty each, at the same instant: every one of them is said once."""
    with shared() as s:
        outbox.put(s, None, [alarm(0)], queued_at=AT)
    ready = threading.Barrier(2)

    def ring(first: int) -> None:
        ready.wait(timeout=10)
        for number in range(first, first + 20):
            with shared() as s:
                outbox.put(s, None, [alarm(number)], queued_at=AT + minutes(0.5))

    threads = [threading.Thread(target=ring, args=(first,)) for first in (1, 101)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with shared.reading() as s:
        waiting = [m for m in messages.inbox(s, "fim-1") if m.state is MessageState.QUEUED]
    said = [ask.text for m in waiting for ask in m.asks]
    assert sorted(said) == sorted(f"Alarm {n}" for n in (0, *range(1, 21), *range(101, 121)))
