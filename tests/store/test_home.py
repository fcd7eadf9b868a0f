"""What the home keeps beside its cases: alarms, facts seen, values, heartbeats, accounts, revisions."""

from collections.abc import Callable
from dataclasses import replace

from policy.intents import Alarm
from policy.terms import AlarmKey
from store import accounts, alarms, facts, meta, posts
from store.accounts import Account, Token
from store.cases import Stored
from store.engine import Sessions
from tests.store.samples import AT, WALL, minutes

NewCase = Callable[[Sessions], Stored]


def test_an_alarm_rings_once_until_it_is_cleared(sessions: Sessions) -> None:
    """The same key, case and detail; then it may ring again."""
    nobody = Alarm(AlarmKey.NOBODY_ON_DUTY, "duty_inspector/stoke")
    with sessions() as s:
        assert alarms.ring(s, nobody, "fim-1", "MP-2026-000001", AT)
        assert not alarms.ring(s, nobody, "fim-2", "MP-2026-000001", AT + minutes(1))
        assert alarms.ring(s, nobody, "fim-1", "MP-2026-000002", AT)
        assert alarms.ring(s, nobody, None, None, AT)
        assert not alarms.ring(s, nobody, None, None, AT)
        assert alarms.ring(s, replace(nobody, detail="rung 2"), "fim-1", "MP-2026-000001", AT)
        assert len(alarms.listing(s)) == 4
        assert alarms.clear(s, nobody.key, "MP-2026-000001", AT + minutes(2), nobody.detail) == 1
        assert alarms.clear(s, nobody.key, "MP-2026-000001", AT + minutes(2)) == 1
        assert alarms.clear(s, nobody.key, None, AT + minutes(2)) == 1
        assert [one.case for one in alarms.listing(s, standing=True)] == ["MP-2026-000002"]
        assert alarms.ring(s, nobody, "fim-1", "MP-2026-000001", AT + minutes(3))
        first = alarms.listing(s, case="MP-2026-000001")[-1]
        assert (first.to, first.at, first.cleared_at) == ("fim-1", AT, AT + minutes(2))


def test_a_fact_is_taken_once(sessions: Sessions, new_case: NewCase) -> None:
    """Per case; an idempotency key may hold any sign."""
    one, other = new_case(sessions).ref, new_case(sessions).ref
    with sessions() as s:
        assert not facts.seen(s, one, "key \0\ud800")
        assert facts.note(s, one, "key \0\ud800", AT)
        assert not facts.note(s, one, "key \0\ud800", AT)
        assert facts.seen(s, one, "key \0\ud800")
        assert not facts.seen(s, other, "key \0\ud800")


def test_values_numbers_and_heartbeats(sessions: Sessions) -> None:
    """The last value stands; numbers count up for each name; a part beats in wall time."""
    with sessions() as s:
        assert meta.get(s, "rehearsal") is None
        meta.put(s, "rehearsal", "no")
        meta.put(s, "rehearsal", "yes")
        assert meta.get(s, "rehearsal") == "yes"
        assert [meta.next_number(s, name) for name in "aab"] == [1, 2, 1]
        meta.beat(s, "worker", "m/1", WALL)
        meta.beat(s, "worker", "m/2", WALL + minutes(2))
        meta.beat(s, "worker", "m/1", WALL + minutes(1))
        assert meta.beats(s) == {"worker": meta.Beat("worker", "m/2", WALL + minutes(2))}
        assert [beat.process for beat in meta.every_beat(s)] == ["m/2", "m/1"]
        meta.beat(s, "worker", "m/2", WALL + minutes(24 * 60 + 2))
        assert [beat.process for beat in meta.every_beat(s)] == ["m/2"], "silent for a day: forgotten"
        assert meta.gone(s, "m/2") == 1
        assert meta.beats(s) == {}


def test_a_post_is_held_by_one_until_its_time_is_over(sessions: Sessions) -> None:
    """Of two only one has it; it goes on as long as it is renewed; left, or run out, the other has it at once."""
    with sessions() as s:
        assert posts.hold(s, "timer", "m/1", WALL, 15)
        assert not posts.hold(s, "timer", "m/2", WALL, 15)
        assert posts.hold(s, "watchdog", "m/2", WALL, 15)
        assert posts.hold(s, "timer", "m/1", WALL + minutes(0.2), 15)
        assert not posts.hold(s, "timer", "m/2", WALL + minutes(0.4), 15)
        assert posts.hold(s, "timer", "m/2", WALL + minutes(0.5), 15)
        assert posts.holder_of(s, "timer", WALL + minutes(0.5)) == "m/2"
        assert posts.leave(s, "m/2") == 2
        assert posts.holder_of(s, "timer", WALL + minutes(0.5)) is None
        assert posts.hold(s, "timer", "m/1", WALL + minutes(0.5), 15)
        assert posts.holders(s) == ["m/1"]


def test_accounts_and_tokens(sessions: Sessions) -> None:
    """The last password stands; a revoked token speaks no more."""
    with sessions() as s:
        accounts.put(s, Account("ann", "hash-1", "insp-a", "duty_inspector"))
        accounts.put(s, Account("ann", "hash-2", "insp-a", "policy_admin"))
        assert accounts.get(s, "ann") == Account("ann", "hash-2", "insp-a", "policy_admin")
        assert accounts.get(s, "bob") is None
        assert accounts.users(s) == ["ann"]
        accounts.put_token(s, Token("d1", "cad", "system", AT))
        assert accounts.token(s, "d1") == Token("d1", "cad", "system", AT)
        assert accounts.revoke_tokens(s, "cad", AT) == 1
        assert accounts.token(s, "d1") is None
        assert accounts.revoke_tokens(s, "cad", AT) == 0
