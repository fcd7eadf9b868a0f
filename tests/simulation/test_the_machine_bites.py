"""The machine is worth what it catches: each bug of this list is planted at a port, and the machine must find it.

A bug that only the outbox's word could hide (marked as sent before it is sent) is found because phones are asked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete, insert
from sqlmodel import Session, col, func, select

from channels import Envelope, Receipt, Sender
from models import MessageRow
from policy.terms import Channel
from runtime.rehearse_app import Phones
from runtime.rehearse_engine import SimEngine
from store import wakes
from store.engine import Sessions
from tests.simulation.machine import Machine
from tests.simulation.night import Night
from tests.support.faults import FaultyPhones
from tests.support.world import World

TICK = timedelta(microseconds=1)
EXAMPLES, STEPS = 60, 8


class Late(SimEngine):
    """An engine that asks for what was due *before* now: `<` where it must be `<=`."""

    def next_at(self) -> datetime | None:
        """Give the instant just after the one at which something is due."""
        at = super().next_at()
        return at + TICK if at is not None and self.runs else at

    def work(self) -> None:
        """Leave alone what is due at this very instant, in a case that has been begun."""
        with self.app.sessions.reading() as s:
            coming = wakes.next_wake(s, self.clock.wall())
        if not self.runs or (coming is not None and coming < self.clock.now()):
            super().work()


class LateWorld(World):
    """A world with that engine."""

    def _make_app(self) -> None:
        super()._make_app()
        sim = self.sim
        sim.engine = Late(sim.app, sim.clock, runs=sim.engine.runs)


class Leaky(Sessions):
    """Transactions that write their messages only after the commit."""

    @contextmanager
    def __call__(self) -> Iterator[Session]:
        """Give a session whose new messages are taken out before the commit and put back after it."""
        with super().__call__() as s:
            last = s.exec(select(func.max(MessageRow.id))).one() or 0
            yield s
            new = [row.model_dump() for row in s.exec(select(MessageRow).where(col(MessageRow.id) > last))]
            s.exec(delete(MessageRow).where(col(MessageRow.id) > last))
        if new:
            with super().__call__() as s:
                s.exec(insert(MessageRow), params=new)


class LeakyWorld(World):
    """A world with those transactions."""

    def _make_app(self) -> None:
        super()._make_app()
        sim = self.sim
        sim.app = sim.engine.app = replace(sim.app, sessions=Leaky(sim.app.sessions.engine))


class Eager(FaultyPhones):
    """Phones whose messages are marked as received first and sent then: a crash between loses them."""

    def sender(self, channel: Channel) -> Sender:
        """Give what answers before it sends."""
        inner = Phones.sender(self, channel)

        def send(envelope: Envelope) -> Receipt:
            died = channel is not Channel.INBOX and self.faults.goes_off("send:before")
            return Receipt(200) if died else inner(envelope)

        return send


class Unswept(Night):
    """A judge who jumps thirty days and looks before anybody could have acted: the test is wrong, the code right."""

    def jump(self, days: float) -> None:
        """Jump, and sweep nothing."""
        self.world.sim.clock.advance(timedelta(days=days))


class BeforeTheDeadline(Machine):
    """`<` for `<=` at the deadline."""

    def begin(self, pack: str) -> Night:
        """Plant it."""
        return Night(pack, world=LateWorld)


class AfterTheCommit(Machine):
    """Messages written after the commit instead of in it."""

    points = ("commit:after",)
    horizons = (1,)

    def begin(self, pack: str) -> Night:
        """Plant it."""
        return Night(pack, world=LeakyWorld)


class MarkedFirst(Machine):
    """Marked as sent before it is sent."""

    points = ("send:before",)
    horizons = (1,)

    def begin(self, pack: str) -> Night:
        """Plant it."""
        return Night(pack, make_phones=Eager)


class JumpedFirst(Machine):
    """A liveness check that does not sweep."""

    def begin(self, pack: str) -> Night:
        """Plant it."""
        return Unswept(pack)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("planted", [BeforeTheDeadline, AfterTheCommit, MarkedFirst, JumpedFirst])
def test_a_planted_bug_is_caught(planted: type[Machine]) -> None:
    """A short run with a fixed seed finds it: a promise is broken, and which one is said."""
    few = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with pytest.raises(AssertionError, match="1: MP-2025-"):
        run_state_machine_as_test(seed(2)(planted), settings=few)
