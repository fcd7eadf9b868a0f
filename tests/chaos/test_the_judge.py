"""The judge of the kills bites: what no kill excuses is a fault, and only a stopped machine buys time."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from runtime.clock import RehearsalClock
from store.engine import Sessions
from store.packs import load_packs
from store.upgrade import open_store
from tests.chaos.driver import Outage
from tests.chaos.judge import LATE, Judge
from tests.chaos.phones import Phones
from tests.chaos.plan import Kind

KEY = "MP-2026-000001/notify_local_supervisor/1/0/0/insp-stoke/webhook"
SECOND = timedelta(seconds=1)


@pytest.fixture
def phones() -> Iterator[Phones]:
    """Phones at which a test itself rings."""
    with Phones() as opened:
        yield opened


@pytest.fixture
def sessions() -> Iterator[Sessions]:
    """An empty store."""
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def judge(phones: Phones, sessions: Sessions, *outages: Outage) -> Judge:
    """Give a judge of a home on the real clock."""
    now = phones.at(phones.calls()[0]) if phones.calls() else phones.opened_at
    return Judge(load_packs(None)["staffordshire"], RehearsalClock(now, 1, now), phones, sessions, outages)


@pytest.mark.parametrize(
    ("kind", "after_s", "faults"),
    [
        (Kind.WORKER, 1, 0),  # it had sent and not settled
        (Kind.DATABASE, 2, 0),
        (Kind.WORKER, 60, 1),  # long settled
        (Kind.WORKER, -60, 1),  # long before it was sent
        (Kind.CONSOLE, 1, 1),  # sends nothing
    ],
)
def test_told_twice(phones: Phones, sessions: Sessions, kind: Kind, after_s: int, faults: int) -> None:
    """Twice under one key is a fault, unless a kill of a sender fell just after the first receipt."""
    for _ in range(2):
        phones.ring("insp-stoke", {"webhook-id": KEY}, json.dumps({"case": "MP-2026-000001", "type": "notify"}))
    at = phones.at(phones.calls()[0]) + after_s * SECOND
    assert len(judge(phones, sessions, Outage(kind, at, at)).told_twice()) == faults


def test_only_a_stopped_machine_buys_time(phones: Phones, sessions: Sessions) -> None:
    """Thirty seconds, whatever part died; with the database or everything gone, from when it is back."""
    due_at = phones.opened_at
    worker = Outage(Kind.WORKER, due_at, due_at + 20 * SECOND)
    before = Outage(Kind.DATABASE, due_at - 20 * SECOND, due_at - SECOND)
    within = Outage(Kind.DATABASE, due_at + 10 * SECOND, due_at + 25 * SECOND)
    over = Outage(Kind.EVERYTHING, due_at + 50 * SECOND, due_at + 90 * SECOND)
    assert judge(phones, sessions, worker, before).allowed(due_at) == due_at + LATE
    assert judge(phones, sessions, worker, within).allowed(due_at) == within.back_at + LATE
    assert judge(phones, sessions, over).allowed(due_at) == due_at + LATE
    assert judge(phones, sessions, within, over).allowed(due_at) == over.back_at + LATE
