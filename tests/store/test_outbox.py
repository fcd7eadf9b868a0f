"""Messages are put once, claimed by one, settled truthfully."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from policy.errors import Unknown
from policy.intents import Ask
from policy.terms import Channel, MessageState, MessageType
from store import messages, outbox
from store.cases import Stored
from store.engine import Sessions
from tests.store.counted import counted
from tests.store.samples import AT, WALL, a_tell, minutes

NewCase = Callable[[Sessions], Stored]


def test_a_tell_becomes_a_message_a_channel_and_one_for_the_inbox(sessions: Sessions, new_case: NewCase) -> None:
    """All of them wait to be delivered; the inbox shows its own from now on."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell()], queued_at=AT)
        stem = f"{ref}/notify_local_supervisor/1/0/0/insp-a"
        assert keys == [f"{stem}/webhook", f"{stem}/email", f"{stem}/inbox"]
        found = messages.of_case(s, ref)
        assert [one.channel for one in found] == [Channel.WEBHOOK, Channel.EMAIL, Channel.INBOX]
        assert {one.state for one in found} == {MessageState.QUEUED}
        assert found[0].asks == a_tell().asks
        assert [one.address for one in found[::2]] == ["http://127.0.0.1/insp-a", "insp-a"]
        assert [one.attempt_key for one in messages.inbox(s, "insp-a")] == [f"{stem}/inbox"]
        assert messages.totals(s)[MessageState.QUEUED] == 3


def test_a_tell_without_any_contact_is_in_the_inbox_only(sessions: Sessions, new_case: NewCase) -> None:
    """Nobody is lost for want of an address."""
    ref = new_case(sessions).ref
    with sessions() as s:
        outbox.put(s, ref, [a_tell(contacts=())], queued_at=AT)
        assert [one.channel for one in messages.of_case(s, ref)] == [Channel.INBOX]


def test_the_same_key_is_told_once(sessions: Sessions, new_case: NewCase) -> None:
    """Putting a tell again adds nothing and changes nothing, also after it was received."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell()], queued_at=AT)
        outbox.received(s, keys[0], AT, status_code=200)
        before = messages.of_case(s, ref)
        assert outbox.put(s, ref, [a_tell()], queued_at=AT + minutes(5), by="watchdog") == []
        assert messages.of_case(s, ref) == before


def test_cancel_and_alarm_have_keys_of_their_own(sessions: Sessions, new_case: NewCase) -> None:
    """What is said because a step is over is not taken for what was said before."""
    ref = new_case(sessions).ref
    with sessions() as s:
        for kind in (MessageType.NOTIFY, MessageType.CANCEL, MessageType.ALARM):
            assert len(outbox.put(s, ref, [a_tell(kind=kind)], queued_at=AT)) == 3
        keys = [one.attempt_key for one in messages.of_case(s, ref)]
    assert f"{ref}/notify_local_supervisor:cancel/1/0/0/insp-a/webhook" in keys
    assert len(set(keys)) == 9


def test_what_is_about_the_home_has_no_case(sessions: Sessions) -> None:
    """A page that the engine is dead is a message like any other."""
    with sessions() as s:
        keys = outbox.put(s, None, [a_tell(kind=MessageType.ALARM)], queued_at=AT)
        assert keys[0].startswith("home/notify_local_supervisor:alarm/")
        assert [one.attempt_key for one in outbox.pending(s, None, AT, WALL)] == keys
        assert outbox.earliest(s, None) == AT


def test_what_else_a_message_asks_for_outlives_a_step_that_is_over(sessions: Sessions, new_case: NewCase) -> None:
    """One message may ask for three steps; when the first of them is over the rest is asked for all the same."""
    ref = new_case(sessions).ref
    first = a_tell()
    alarm = Ask(first.step, 1, "Alarm: nobody on duty", None)
    other = Ask("deploy_and_attend", 1, "Send officers", AT + minutes(60))
    with sessions() as s:
        keys = outbox.put(s, ref, [replace(first, asks=(*first.asks, other, alarm))], queued_at=AT)
        assert outbox.cancel(s, ref, first.step, 1) == 0
        left = outbox.pending(s, ref, AT, WALL)
        assert [one.attempt_key for one in left] == keys
        assert {(one.step, one.type, one.rung, one.title) for one in left} == {
            ("deploy_and_attend", MessageType.TASK, 0, "Send officers")
        }
        assert {one.asks for one in left} == {(other, alarm)}
        assert outbox.cancel(s, ref, "deploy_and_attend", 1) == 0
        assert {one.asks for one in outbox.pending(s, ref, AT, WALL)} == {(alarm,)}


def test_cancelling_holds_back_what_has_not_gone_out(sessions: Sessions, new_case: NewCase) -> None:
    """Only that step, only what is queued; the `cancel` message itself goes out."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell(), a_tell("insp-n")], queued_at=AT)
        cancel = outbox.put(s, ref, [a_tell(kind=MessageType.CANCEL)], queued_at=AT)
        outbox.received(s, keys[0], AT, status_code=200)
        assert outbox.cancel(s, ref, "notify_local_supervisor", 2) == 0
        assert outbox.cancel(s, ref, "notify_local_supervisor", 1) == 5
        assert [one.attempt_key for one in outbox.pending(s, ref, AT, WALL)] == cancel
        assert messages.get(s, keys[0]).state is MessageState.RECEIVED
        outbox.received(s, keys[1], AT, status_code=200)  # it was on its way already
        assert messages.get(s, keys[1]).state is MessageState.RECEIVED


def test_a_claim_is_one_holders_until_it_runs_out(sessions: Sessions, new_case: NewCase) -> None:
    """Claims are in real time; a dead process's can be freed."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell()], queued_at=AT)
        assert [one.attempt_key for one in outbox.claim(s, keys, "worker/1/a", WALL)] == keys
        assert outbox.claim(s, keys, "watchdog/2/a", WALL + minutes(0.99)) == []
        assert outbox.pending(s, ref, AT, WALL + minutes(0.99)) == []
        assert len(outbox.pending(s, ref, AT, WALL + minutes(1))) == 3
        assert len(outbox.claim(s, keys[:1], "watchdog/2/a", WALL + minutes(1))) == 1
        assert outbox.release_claims_of(s, "worker/1/") == 2
        assert outbox.claim(s, ["no such key"], "worker/1/a", WALL) == []


def test_each_try_is_settled_and_on_record(sessions: Sessions, new_case: NewCase) -> None:
    """Postponed, then refused for good by one channel and received by the other."""
    ref = new_case(sessions).ref
    later = AT + minutes(2)
    with sessions() as s:
        hook, mail, inbox = outbox.put(s, ref, [a_tell()], queued_at=AT)
        outbox.claim(s, [hook, mail, inbox], "worker/1/a", WALL)
        outbox.received(s, inbox, AT, status_code=None)
        outbox.postpone(s, hook, later, AT, "time_out")
        outbox.failed(s, mail, AT, "no_such_mailbox", 550)
        assert outbox.pending(s, ref, AT, WALL) == []
        assert outbox.earliest(s, ref) == later
        assert [one.attempt_key for one in outbox.pending(s, ref, later, WALL)] == [hook]
        outbox.received(s, hook, later, by="watchdog", status_code=204)
        outbox.received(s, hook, later + minutes(1), status_code=200)  # told twice: the first stands
        done, lost = messages.get(s, hook), messages.get(s, mail)
        assert (done.state, done.received_at, done.by, done.tries) == (
            MessageState.RECEIVED,
            later,
            "watchdog",
            2,
        )
        assert (lost.state, lost.detail, lost.sent_at) == (MessageState.FAILED, "no_such_mailbox", AT)
        assert [one.outcome for one in messages.attempts(s, hook)] == ["transient", "received", "received"]
        assert messages.attempts(s, mail)[0].status_code == 550
        outbox.failed(s, hook, later, "late")
        assert messages.get(s, hook).state is MessageState.RECEIVED
        with pytest.raises(Unknown):
            messages.get(s, "no such key")


def test_what_is_queued_may_rest(sessions: Sessions, new_case: NewCase) -> None:
    """Let rest until an instant: free for all then, no try noted, and nothing that is settled comes back."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell()], queued_at=AT)
        outbox.claim(s, keys, "worker/1/a", WALL)
        outbox.received(s, keys[0], AT, status_code=200)
        assert outbox.later(s, keys, AT + minutes(1)) == 2
        assert outbox.pending(s, ref, AT, WALL) == []
        found = outbox.pending(s, ref, AT + minutes(1), WALL)
        assert [one.attempt_key for one in found] == keys[1:]
        assert messages.attempts(s, keys[1]) == []


def test_of_two_threads_one_claims(shared: Sessions, new_case: NewCase) -> None:
    """Every message is claimed by exactly one of them, whatever the order in which they ask."""
    ref = new_case(shared).ref
    with shared() as s:
        keys = outbox.put(s, ref, [a_tell(f"pc-{number}") for number in range(20)], queued_at=AT)
    ready = threading.Barrier(2)
    claimed: list[str] = []

    def take(holder: str, wanted: list[str]) -> None:
        ready.wait(timeout=10)
        for start in range(0, len(wanted), 4):
            with shared() as s:
                some = outbox.claim(s, wanted[start : start + 4], holder, WALL)
            claimed.extend(one.attempt_key for one in some)

    threads = [
        threading.Thread(target=take, args=("w1", keys)),
        threading.Thread(target=take, args=("w2", keys[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(claimed) == sorted(keys)


def test_a_claimer_does_not_wait_for_another(shared: Sessions, new_case: NewCase) -> None:
    """While one has claimed and not yet committed, another takes the rest at once and leaves the first one's alone."""
    if shared.engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one writes at a time")
    ref = new_case(shared).ref
    with shared() as s:
        keys = outbox.put(s, ref, [a_tell(f"pc-{number}") for number in range(4)], queued_at=AT)
    with shared() as first:
        mine = outbox.claim(first, keys[:6], "w1", WALL)
        with ThreadPoolExecutor(1) as pool:
            theirs = pool.submit(_claim, shared, keys, "w2").result(timeout=5)  # before the first one commits
    assert [one.attempt_key for one in mine] == keys[:6]
    assert theirs == keys[6:]
    with shared() as s:
        assert outbox.claim(s, keys, "w3", WALL) == []


def _claim(sessions: Sessions, keys: list[str], holder: str) -> list[str]:
    with sessions() as s:
        return [one.attempt_key for one in outbox.claim(s, keys, holder, WALL)]


def test_a_claim_is_one_statement(sessions: Sessions, new_case: NewCase) -> None:
    """However many messages: on PostgreSQL each statement is a journey."""
    ref = new_case(sessions).ref
    with sessions() as s:
        keys = outbox.put(s, ref, [a_tell(f"pc-{number}") for number in range(5)], queued_at=AT)
    with sessions() as s, counted(sessions) as said:
        assert len(outbox.claim(s, keys, "w1", WALL, now=AT)) == 15
    assert len([one for one in said if one.startswith(("SELECT", "UPDATE"))]) == 1
