"""Migrations forward and back on a full store: every row that a schema can hold comes through, in both directions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from models import ActingRow, CardOpenedRow, LookedRow, PreviewRow, SignInRow, TextPrintRow
from policy.case import Case
from policy.intents import Alarm
from policy.terms import AlarmKey, CaseStatus, Channel, MessageType, Risk, Route
from store import accounts, alarms, cases, facts, journal, meta, outbox, posts, revisions, roster
from store.accounts import Account, Token
from store.engine import Sessions
from store.revisions import Revision
from store.roster_file import read_csv
from store.upgrade import VERSION_TABLE, alembic_config, open_store, schema_of
from tests.store.samples import AT, WALL, a_case, a_step, a_tell, an_entry, minutes, stored

CASES = 300
BEGINS_ANEW = {"part"}  # heartbeats, seconds old at the most: a migration may drop them
ROSTER = """person,name,rank,role,area,from,to,email,webhook,phone
insp-a,Ann,,duty_inspector,stoke,-1h,+8h,a@force.example,http://127.0.0.1/a,07
fim-1,Fay,,force_incident_manager,*,-1h,+8h,,,
"""
Rows = dict[str, list[dict[str, Any]]]


@pytest.mark.timeout(180)
def test_a_full_store_goes_back_to_its_first_schema_and_forward_again(shared_url: str) -> None:
    """Step by step, twice: columns that both schemas have keep their rows, and the journal's chain stays whole."""
    store = open_store(shared_url)
    _fill(store)
    numbers = _numbers(store.engine)
    before = _rows(store.engine)
    assert [name for name, rows in before.items() if not rows] == [], "every table holds something"
    assert len(before["case_record"]) == CASES
    for _ in range(2):
        for number in [*numbers[-2::-1], *numbers[1:]]:
            after = _moved(store.engine, number)
            _assert_kept(before, after, number)
            before = after
    with store.reading() as s:
        assert journal.verify(s) is None
        kept = cases.load(s, "MP-2026-000007")
        assert [step.key for step in kept.case.steps] == [step.key for step in _case(7).steps]
    _lives_on(store)
    store.close()


def _fill(store: Sessions) -> None:
    """Several hundred cases with all that hangs on them, and everything else that a store holds."""
    with store() as s:
        roster.replace(s, read_csv(ROSTER, AT, areas=["stoke"], relative=True))
        accounts.put(s, Account("admin", "scrypt$1", "fim-1", "admin"))
        accounts.put_token(s, Token("d" * 64, "feed", "system", AT))
        meta.put(s, "kept", "yes")
        meta.next_number(s, "kept")
        meta.beat(s, "worker", "here/1", WALL)
        posts.hold(s, "timer", "here/1", WALL, 60)
        made = {"reason": "Trial", "applies_to": "new", "effective_from": AT, "proposed_by": "insp-a"}
        revisions.put(s, Revision("staffordshire", 2, 1, [{"a": 1}], "text", proposed_at=AT, **made))  # type: ignore[arg-type]  # mypy sees one type for all of them
        span: dict[str, Any] = {"from_at": AT, "to_at": AT + minutes(60), "granted_at": AT}
        who: dict[str, Any] = {"person": "insp-a", "role": "duty_inspector", "rank": "inspector", "area": "stoke"}
        s.add(ActingRow(**who, **span, granted_by="fim-1", reason="Sick"))
        s.add(PreviewRow(id="p1", pack="staffordshire", base=1, made_by="insp-a", made_at=AT, state="done"))
        times: dict[str, Any] = {"begun_at": AT, "seen_at": AT, "until_at": AT + minutes(60)}
        s.add(CardOpenedRow(person="insp-a", pack="staffordshire", role="duty_inspector", opened_at=AT))
        s.add(SignInRow(digest="e" * 64, user="admin", person="fim-1", csrf="c", how="password", **times))
    for first in range(1, CASES + 1, 50):
        with store() as s:
            for number in range(first, first + 50):
                ref = cases.create(s, stored(_case(number))).ref
                keys = outbox.put(s, ref, [a_tell(), a_tell(kind=MessageType.REMIND, rung=1)], queued_at=AT)
                outbox.received(s, keys[0], AT, status_code=200)
                outbox.failed(s, keys[1], AT, "no_such_mailbox", 550)
                alarms.ring(s, Alarm(AlarmKey.UNREACHABLE, f"rung {number}"), "fim-1", ref, AT)
                facts.note(s, ref, f"digest-{number}", AT)
                s.add(TextPrintRow(print="f" * 64, case_ref=ref, step="search_home", at=AT))
                said = [an_entry(number=number), an_entry("fact", odd="\0\ud800 ñ", at=str(AT))]
                s.add(LookedRow(case_ref=ref, person="insp-a", at=AT, own=True, via="console"))
                journal.append(s, said, case=ref, route=Route.API, written_at=AT + minutes(number))


def _case(number: int) -> Case:
    case = a_case(f"MP-2026-{number:06d}", list(Risk)[number % len(Risk)])
    steps = (*case.steps, a_step("review", 1 + number % 7))
    status = CaseStatus.CLOSED if number % 5 == 0 else CaseStatus.OPEN
    return replace(case, steps=steps, status=status, owner=None if number % 3 else case.owner)


def _numbers(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
        return [script.revision for script in scripts.walk_revisions()][::-1]


def _moved(engine: Engine, number: str) -> Rows:
    """Bring the store to a schema, up or down, as a migration does it: in one transaction."""
    with engine.begin() as connection:
        config = alembic_config(connection)
        move = command.upgrade if str(schema_of(connection)) < number else command.downgrade
        move(config, number)
        assert schema_of(connection) == number
    return _rows(engine)


def _rows(engine: Engine) -> Rows:
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]
        return {name: _table(connection, name) for name in names}


def _table(connection: Connection, name: str) -> list[dict[str, Any]]:
    key = inspect(connection).get_pk_constraint(name)["constrained_columns"]
    order = ", ".join(f'"{column}"' for column in key)
    found = connection.execute(text(f'SELECT * FROM "{name}" ORDER BY {order}'))  # by the key: a store has one order
    return [dict(row) for row in found.mappings()]


def _assert_kept(before: Rows, after: Rows, number: str) -> None:
    for name in (before.keys() & after.keys()) - BEGINS_ANEW:
        both = {column for rows in (before, after) for column in (rows[name] or [{}])[0]}
        both -= {column for rows in (before, after) for column in both if rows[name] and column not in rows[name][0]}
        was, is_now = ([{column: row[column] for column in both} for row in rows[name]] for rows in (before, after))
        assert was == is_now, f"{name} at schema {number}"


def _lives_on(store: Sessions) -> None:
    """What was there can be worked with: a case changed, a message claimed, a line added to the chain."""
    with store() as s:
        kept = cases.load(s, "MP-2026-000007")
        cases.save(s, kept, replace(kept.case, tagged_to="insp-n"), wake_at=AT + timedelta(hours=1))
        ready = outbox.pending(s, kept.ref, AT, WALL)
        assert {one.channel for one in ready} == {Channel.WEBHOOK, Channel.EMAIL, Channel.INBOX}
        keys = [one.attempt_key for one in ready]
        assert [one.attempt_key for one in outbox.claim(s, keys, "w1", WALL)] == keys
        journal.append(s, [an_entry()], case=kept.ref, route=Route.SYSTEM, written_at=AT)
        assert journal.verify(s) is None
