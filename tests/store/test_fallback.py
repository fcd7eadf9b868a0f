"""The text behind a push: queued with it, and sent only when it is needed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from policy.intents import Tell
from policy.roster import Contact
from policy.terms import Channel, MessageState, MessageType
from store import fallback, messages, outbox
from store.cases import Stored
from store.engine import Sessions
from tests.store.samples import AT, WALL, a_tell, minutes

HOOK = Contact(Channel.WEBHOOK, "http://127.0.0.1/insp-a")
TEXT = Contact(Channel.SMS, "http://127.0.0.1/text/insp-a")
MAIL = Contact(Channel.EMAIL, "insp-a@force.example")
HALF = timedelta(seconds=30)


def put(s: Session, *ways: Contact, speed: float = 1.0, kind: MessageType = MessageType.NOTIFY) -> list[str]:
    """Queue one message; give its attempt keys, in the order of the ways."""
    return outbox.put(s, None, [tell(*ways, kind=kind)], queued_at=AT, speed=speed)


def tell(*ways: Contact, kind: MessageType = MessageType.NOTIFY, rung: int = 0) -> Tell:
    """Tell the inspector by these ways."""
    return a_tell(kind=kind, rung=rung, contacts=ways)


def ready(s: Session, seconds: float) -> list[str]:
    """Give the channels on which something may go out so long after the instant."""
    found = outbox.pending(s, None, AT + timedelta(seconds=seconds), WALL)
    return [m.channel for m in found if m.channel is not Channel.INBOX]


@pytest.mark.parametrize("speed", [1.0, 30.0, 60.0])
def test_a_text_rests_for_half_a_minute_of_real_time(sessions: Sessions, speed: float) -> None:
    """However fast the procedure's clock: a provider is no faster in a rehearsal."""
    with sessions() as s:
        keys = put(s, HOOK, TEXT, MAIL, speed=speed)
        assert [key.rpartition("/")[2] for key in keys] == ["webhook", "sms", "email", "inbox"]
        rests = {m.channel: m.not_before - AT for m in (messages.get(s, key) for key in keys)}
        assert rests.pop(Channel.SMS) == HALF * speed
        assert set(rests.values()) == {timedelta(0)}


def test_somebody_with_no_push_gets_the_text_at_once(sessions: Sessions) -> None:
    """E-mail beside it or not."""
    with sessions() as s:
        put(s, TEXT, MAIL)
        assert ready(s, 0) == ["sms", "email"]


def test_no_text_after_a_push(sessions: Sessions) -> None:
    """Received, in the same transaction in which the other is called off; and the other way round."""
    with sessions() as s:
        hook, text, *_ = put(s, HOOK, TEXT)
        outbox.received(s, hook, AT, status_code=200)
        fallback.call_off(s, [hook])
        assert messages.get(s, text).state is MessageState.CANCELLED
        assert ready(s, 600) == []
    with sessions() as s:
        hook, text, *_ = outbox.put(s, None, [tell(HOOK, TEXT, rung=1)], queued_at=AT)
        outbox.received(s, text, AT, status_code=200)
        fallback.call_off(s, [text])
        assert messages.get(s, hook).state is MessageState.CANCELLED


def test_what_was_received_is_never_called_off(sessions: Sessions) -> None:
    """Both went out at the same moment: both are on record as received."""
    with sessions() as s:
        hook, text, *_ = put(s, HOOK, TEXT)
        for key in (hook, text):
            outbox.received(s, key, AT, status_code=200)
            fallback.call_off(s, [key])
        assert {messages.get(s, key).state for key in (hook, text)} == {MessageState.RECEIVED}


def test_a_text_is_due_when_its_push_has_failed(sessions: Sessions) -> None:
    """At once, and only the first time: a text that was tried rests as long as its own provider asked."""
    with sessions() as s:
        hook, text, *_ = put(s, HOOK, TEXT)
        outbox.failed(s, hook, AT, "http_404", 404)
        fallback.make_due(s, [hook], AT)
        assert ready(s, 0) == ["sms"]
        assert fallback.still_hoping(s, [hook, text], 4) == {hook, text}
        outbox.postpone(s, text, AT + minutes(1), AT, "http_429", 429)
        fallback.make_due(s, [hook], AT)
        assert ready(s, 59) == []
        for _ in range(3):
            outbox.postpone(s, text, AT + minutes(1), AT, "http_429", 429)
        assert fallback.still_hoping(s, [hook, text], 4) == set()


def test_after_an_outage_of_both_the_push_goes_first(sessions: Sessions) -> None:
    """Nothing was sent for an hour: the text waits for what comes of the push; afterwards for nobody."""
    with sessions() as s:
        hook, *_ = put(s, HOOK, TEXT)
        assert ready(s, 3600) == ["webhook"]
        outbox.postpone(s, hook, AT, AT, "timeout")
        assert ready(s, 29) == ["webhook"]
        assert ready(s, 30) == ["webhook", "sms"]
        outbox.claim(s, [hook], "worker/1", WALL)  # somebody is trying the push, and says nothing
        assert ready(s, 30) == ["sms"]


def test_a_text_goes_with_its_round_up(sessions: Sessions) -> None:
    """Alarms that are collected: the text behind their push rests for half a minute from when that goes out."""
    with sessions() as s:
        put(s, HOOK, TEXT, kind=MessageType.ALARM)
        more = a_tell(kind=MessageType.ALARM, rung=1, contacts=(HOOK, TEXT))
        assert outbox.put(s, None, [more], queued_at=AT + minutes(0.5), speed=2.0) == []
        late = [m for m in outbox.pending(s, None, AT + minutes(9), WALL) if m.title == "Alarms"]
        assert {m.channel for m in late} == {Channel.WEBHOOK, Channel.INBOX}
        text = messages.get(s, fallback.texts_of(m.attempt_key for m in late)[0])
        assert text.not_before - late[0].not_before == 2 * HALF
        outbox.received(s, late[0].attempt_key, AT, status_code=200)
        fallback.call_off(s, [late[0].attempt_key])
        assert messages.get(s, text.attempt_key).state is MessageState.CANCELLED


def test_a_step_that_is_over_takes_its_texts_along(sessions: Sessions, new_case: Callable[[Sessions], Stored]) -> None:
    """Nobody is texted about what was acknowledged meanwhile."""
    ref = new_case(sessions).ref
    with sessions() as s:
        hook, text, *_ = outbox.put(s, ref, [tell(HOOK, TEXT)], queued_at=AT)
        assert outbox.cancel(s, ref, "notify_local_supervisor", 1) == 3
        fallback.make_due(s, [hook], AT)
        assert messages.get(s, text).state is MessageState.CANCELLED
