"""Forty kills and more: nothing lost, nothing told twice, nothing later than promised, on both databases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.clock import rehearsal_of
from runtime.databases import for_prefect
from store.engine import Sessions, make_engine
from tests.chaos.aloud import Say, loud
from tests.chaos.audited import comes_to_rest
from tests.chaos.database import Database, own_database
from tests.chaos.driver import Driver
from tests.chaos.judge import Judge
from tests.chaos.pack import NAME, put_pack
from tests.chaos.phones import Phones
from tests.chaos.plan import Kind, Plan, draw, the_seed
from tests.chaos.traffic import Traffic
from tests.live.force import SPEED, START, Force
from tests.support.stack import Stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(1700)]

K = Kind
ON_POSTGRES = {K.CONSOLE: 4, K.WORKER: 5, K.TIMER: 4, K.WATCHDOG: 4, K.PREFECT: 4, K.DATABASE: 5, K.EVERYTHING: 4}
ON_SQLITE = {K.CONSOLE: 2, K.WORKER: 2, K.TIMER: 2, K.WATCHDOG: 2, K.PREFECT: 2, K.EVERYTHING: 2}
RETRY = "8m"  # between reminders
LEAST = 4  # tellings that must have been judged of each case, at the least
_SEED = the_seed()


def test_each_thing_is_killed_five_times() -> None:
    """Both homes together kill each thing at least five times, forty in all; one seed draws one plan."""
    plans = [draw(_SEED, "postgres", ON_POSTGRES), draw(_SEED, "sqlite", ON_SQLITE)]
    kills = [kill for plan in plans for kill in plan.kills]
    counted = Counter(kill.kind for kill in kills)
    assert set(counted) == set(Kind)
    assert min(counted.values()) >= 5
    assert len(kills) >= 40
    assert all(kill.moment for kill in kills if kill.kind is Kind.WORKER)
    assert draw(_SEED, "sqlite", ON_SQLITE) == plans[1]


@pytest.mark.postgres
def test_on_postgres(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every process, the server of both databases, and everything at once, on PostgreSQL."""
    plan = draw(_SEED, "postgres", ON_POSTGRES)
    with own_database() as database, again(plan):
        ours, theirs = database.create("vigil"), for_prefect(database.create("prefect"))
        flags = ("--database-url", ours, "--prefect-database-url", theirs)
        play(plan, tmp_path / "home", flags, ours, loud(capsys), database)


def test_on_sqlite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every process, and everything at once, on the embedded database."""
    plan = draw(_SEED, "sqlite", ON_SQLITE)
    home = tmp_path / "home"
    with again(plan):
        play(plan, home, (), f"sqlite:///{home / 'vigil.db'}", loud(capsys))


def play(plan: Plan, home: Path, flags: tuple[str, ...], url: str, say: Say, database: Database | None = None) -> None:
    """Start a home, let reports come in, kill what the plan says, and judge."""
    pack = put_pack(home, RETRY)
    with Phones() as phones:
        stack = Stack(home, ("--start", START, "--speed", str(SPEED), "--pack", NAME, *flags)).start()
        sessions = Sessions(make_engine(url))
        clock = rehearsal_of(home)
        assert clock is not None
        driver = Driver(stack, phones, sessions, say, database)
        traffic = Traffic(stack, phones, sessions, clock, iter(plan.stories))
        try:
            Force(stack, phones).man()
            traffic.start()
            driver.carry_out(plan)
            traffic.end(within_s=300)
            say(f"{len(traffic.told)} reports, {len(phones.calls())} messages; answers: {dict(traffic.statuses)}")
            comes_to_rest(driver, home)
            verdict = Judge(pack, clock, phones, sessions, driver.outages)
            faults = judge(verdict, traffic)
            say(verdict.figures())
            assert not faults, "\n".join(["", *faults])
            assert len(verdict.late_s) > LEAST * len(traffic.told)
        finally:
            sessions.close()
            stack.stop()


def judge(judge: Judge, traffic: Traffic) -> list[str]:
    """Give all that was promised and broken."""
    faults = [*judge.heard_in_time(traffic.told), *judge.told_twice(), *judge.store_is_sound(traffic.told)]
    odd = [status for status in traffic.statuses if status.isdigit() and status not in ("200", "201", "503")]
    return [*faults, *(f"the console answered {status}" for status in odd)]


@contextmanager
def again(plan: Plan) -> Iterator[None]:
    """Say with each failure how to see it again."""
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{error}\nseed {plan.seed}; to see it again: {plan.replay}") from error
