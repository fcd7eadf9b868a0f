"""Providers that misbehave, through the real sender and a real line: what follows for who is to be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
import pytest

from channels import Envelope, Receipt, Sender
from channels.webhook import WebhookSender, client
from policy.terms import Channel, MessageState
from runtime.rehearse_app import Phones
from runtime.rehearse_clock import SimClock
from store import alarms, messages
from tests.support.provider import OK, Line, Manner, open_provider, says, status
from tests.support.world import NIGHT, World, on_duty, the_force

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOTICE = "notify_local_supervisor"
PATIENCE = httpx.Timeout(0.5)  # as the real one, a tenth as long
WHOLE = timedelta(minutes=5)


class Lines(Phones):
    """Phones of which those at a provider are really rung; the others receive at once."""

    def __init__(self, clock: SimClock) -> None:
        """Ring with one sender, as a process does."""
        super().__init__(clock)
        self.webhook = WebhookSender(SECRET, lambda: client(PATIENCE))

    def sender(self, channel: Channel) -> Sender:
        """Give what sends on a channel."""
        kept = super().sender(channel)

        def send(envelope: Envelope) -> Receipt:
            if "127.0.0.1" in envelope.address:
                self.webhook.send(replace(envelope, timestamp=self.clock.true()))
            return kept(envelope)

        return send


@contextmanager
def night(push: str, text: str = "") -> Iterator[World]:
    """A force whose inspector's push, and text, go to these addresses."""
    line = on_duty("insp-a", "duty_inspector", "stoke", NIGHT - timedelta(hours=5), NIGHT + timedelta(hours=12))
    cells = {**line.cells, "webhook": push, "sms": text, "email": "insp-a@force.test"}
    world = World(roster=[replace(line, cells=cells), *the_force(without=["insp-a"])], make_phones=Lines)
    try:
        yield world
    finally:
        phones = world.sim.phones
        assert isinstance(phones, Lines)
        phones.webhook.close()
        world.close()


def hangs_up(line: Line) -> object:
    """Read the request and be gone."""
    return False


def slow(line: Line) -> object:
    """Answer at the last moment."""
    line.wait(0.2)
    return line.send(OK)


def never(line: Line) -> object:
    """Say nothing at all."""
    line.wait(5)
    return False


def drips(line: Line) -> object:
    """Begin an answer and never come to its end."""
    line.send(b"HTTP/1.1 200 OK\r\n")
    return never(line)


def trips_once(line: Line) -> object:
    """Be in trouble once, and well again."""
    return line.send(OK if line.number > 1 else b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")


ERROR_BODY = status(200, "content-type: application/json", body='{"error": "no such device"}')
REDIRECT = status(302, "location: http://elsewhere.test/")
GARBAGE = says(b"\x15\x03\x01\x00\x02\x02\x46 this is no HTTP\r\n\r\n")
BUSY, BUSY_A_WHILE = status(429), status(429, "retry-after: 3600")


@dataclass(frozen=True)
class Fared:
    """What came of the first notice: how push and text stand, how late the inspector had it, who else was told."""

    push: MessageState
    text: MessageState
    after_s: float | None
    rung: bool = False  # the Force Incident Manager told on the next rung at once
    alarm: bool = False


RECEIVED, FAILED, CANCELLED, QUEUED = (
    MessageState.RECEIVED,
    MessageState.FAILED,
    MessageState.CANCELLED,
    MessageState.QUEUED,
)
TAKEN = Fared(RECEIVED, CANCELLED, 0)
AT_ONCE = Fared(FAILED, RECEIVED, 0)
GIVEN_UP = Fared(CANCELLED, RECEIVED, 10)
TABLE: list[tuple[str, Manner, Fared]] = [
    ("answers at the last moment", slow, TAKEN),
    ("says 200 and means no", ERROR_BODY, TAKEN),
    ("answers twice", says(OK + OK), TAKEN),
    ("is in trouble once", trips_once, replace(TAKEN, after_s=1)),
    ("sends us elsewhere", REDIRECT, AT_ONCE),
    ("never answers", never, GIVEN_UP),
    ("never ends its answer", drips, GIVEN_UP),
    ("hangs up", hangs_up, GIVEN_UP),
    ("speaks no HTTP", GARBAGE, GIVEN_UP),
    ("is busy", BUSY, GIVEN_UP),
    ("is busy for an hour", BUSY_A_WHILE, replace(GIVEN_UP, after_s=30)),
]


def fared(world: World, case: str) -> Fared:
    """Give what came of the first notice within a few minutes."""
    with world.sim.app.sessions.reading() as s:
        rows = [m for m in messages.of_case(s, case) if (m.person, m.step, m.type) == ("insp-a", NOTICE, "notify")]
        rang = any(rung.key == "unreachable" for rung in alarms.listing(s, case=case))
    states = {m.channel: m.state for m in rows}
    at = min((m.received_at for m in rows if m.channel in ("webhook", "sms") and m.received_at), default=None)
    climbed = [t for t in world.phone("fim-1").told(case, about=NOTICE) if t.rung == 1]
    after_s = (at - NIGHT).total_seconds() if at else None
    return Fared(states[Channel.WEBHOOK], states[Channel.SMS], after_s, bool(climbed), rang)


@pytest.mark.parametrize(("manner", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_next_channel(manner: Manner, expected: Fared) -> None:
    """The push, or the text instead; nobody else is rung, and nothing was sent under two keys."""
    with open_provider(manner) as push, open_provider(says(OK)) as texts:
        with night(f"http://{push.address}/", f"http://{texts.address}/") as world:
            case = world.report()
            world.wait_until("19:02")
            assert fared(world, case) == expected
        first = [key for key in push.ids if f"/{NOTICE}/1/0/0/" in key]
        assert set(first) == {f"{case}/{NOTICE}/1/0/0/insp-a/webhook"}  # a try again has the same id
        sent = [key for key in texts.ids if f"/{NOTICE}/1/0/0/" in key]
        assert len(sent) == (expected.text is RECEIVED)


BOTH: list[tuple[str, Manner, Fared]] = [
    ("sends us elsewhere", REDIRECT, Fared(FAILED, FAILED, None, rung=True, alarm=True)),
    ("hangs up", hangs_up, Fared(QUEUED, QUEUED, None, alarm=True)),
    ("is busy", BUSY, Fared(QUEUED, QUEUED, None, alarm=True)),
]


@pytest.mark.parametrize(("manner", "expected"), [row[1:] for row in BOTH], ids=[row[0] for row in BOTH])
def test_the_next_rung(manner: Manner, expected: Fared) -> None:
    """Both refuse: the next rung at once. Both in trouble: whoever hears alarms at once, and the next rung at 19:20."""
    with open_provider(manner) as both, night(f"http://{both.address}/p", f"http://{both.address}/t") as world:
        case = world.report()
        world.wait_until("19:02")
        assert fared(world, case) == expected
        mailed = [a for a in world.sim.phones.arrivals if a.channel is Channel.EMAIL and NOTICE in a.attempt_key]
        assert mailed
        world.wait_until("19:21")
        assert fared(world, case).rung


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_there_and_no_certificate(scheme: str) -> None:
    """A port that nobody listens on, and a line that is not encrypted as it should be: the text, after four tries."""
    with open_provider(says(OK)) as plain, open_provider(says(OK)) as texts:
        push = f"https://{plain.address}/" if scheme == "https" else "http://127.0.0.1:1/"
        with night(push, f"http://{texts.address}/") as world:
            case = world.report()
            world.wait_until("19:02")
            assert fared(world, case) == GIVEN_UP
        assert plain.ids == []


def test_an_answer_too_many_is_no_receipt_for_the_next_message() -> None:
    """The second of two answers must not be taken for that to the message after: which is refused."""

    def twice_then_no(line: Line) -> object:
        return line.send(OK + OK if line.number == 1 else b"HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n")

    with (
        open_provider(twice_then_no) as push,
        open_provider(says(OK)) as texts,
        night(f"http://{push.address}/", f"http://{texts.address}/") as world,
    ):
        first, second = world.report(), world.report()
        assert fared(world, first) == TAKEN
        assert fared(world, second) == AT_ONCE
