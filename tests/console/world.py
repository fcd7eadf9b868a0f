"""A force in one process for the console's tests: a real store, a clock that is set, a webhook that is a list."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import httpx
import uvicorn
from argon2 import PasswordHasher

from channels import Envelope, Receipt
from console import passwords
from console.server import create
from policy.terms import Channel, Route
from runtime import app as runtime_app
from runtime import doors
from runtime.app import App
from runtime.links import Links
from runtime.settings import load

START = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
STEP = "notify_local_supervisor"
ROSTER = """person,name,rank,role,area,from,to,email,webhook,phone
insp-a,Ann Archer,,duty_inspector,stoke,{on},{off},,http://127.0.0.1:9/a,
insp-n,Nat North,,duty_inspector,newcastle,{on},{off},,http://127.0.0.1:9/n,
sgt-s,Sam Stone,,response_sergeant,stoke,{on},{off},,http://127.0.0.1:9/s,
fim-1,Fay Field,,force_incident_manager,*,{on},{off},,http://127.0.0.1:9/f,
dci-1,Dee Call,,duty_chief_inspector,*,{on},{off},,http://127.0.0.1:9/d,
sup-1,Sue Per,,on_call_superintendent,*,{on},{off},,http://127.0.0.1:9/p,
op-1,Ola Per,,control_room_operator,*,{on},{off},,http://127.0.0.1:9/o,
ch-1,Cal Hand,,call_handler,*,{on},{off},,http://127.0.0.1:9/c,
"""
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # in a world, where each home begins with a hash
NAME, PLACE, STORY = "Zebedee Quillfeather", "14 Larkspur Passage", "Left after a quarrel about the harmonica"


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.speed = 1.0

    def now(self) -> datetime:
        """Tell the instant that was set."""
        return self.at

    def wall(self) -> datetime:
        """Tell the same instant: nothing here runs in real time."""
        return self.at


@dataclass
class World:
    """The force: its app, its web client, what its people received."""

    app: App
    clock: SetClock
    web: httpx.Client
    address: str
    received: list[Envelope] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    @property
    def machine(self) -> dict[str, str]:
        """Headers of a system that may speak."""
        return {"Authorization": f"Bearer {self.app.keys.token}"}

    def forward(self, minutes: float) -> None:
        """Let time pass and do all that falls due."""
        self.clock.at += timedelta(minutes=minutes)
        for ref in self.cases:
            self.work(ref)

    def report(self, number: int = 1, **fields: object) -> str:
        """Post a report and tell whoever is to be told; give the reference."""
        answer = self.web.post("/api/v1/reports", json=record(number, **fields), headers=self.machine)
        assert answer.status_code == 201, answer.text
        ref = str(answer.json()["case"])
        self.cases.append(ref)
        self.work(ref)
        return ref

    def work(self, ref: str) -> None:
        """Do what a worker does: send all that is due."""
        while due := doors.advance(self.app, ref, "test"):
            for act in due.acts:
                doors.deliver(self.app, act)
        doors.release(self.app, ref, "test")

    def link(self, person: str, kind: str = "notify") -> str:
        """Give the path of the latest link of this kind that a person received."""
        for envelope in reversed(self.received):
            payload = envelope.payload
            if payload["to"]["person"] == person and payload["type"] == kind and payload["link"]:
                return payload["link"].removeprefix(self.app.settings.console_address)
        raise AssertionError(f"{person} received no link of kind {kind}")

    def fact(self, ref: str, kind: str, by: str, **rest: object) -> None:
        """Record a fact by the door, as a system does."""
        doors.record(self.app, ref, {"kind": kind, "by": by, **rest}, route=Route.API)
        self.work(ref)


def record(number: int = 1, **fields: object) -> dict[str, object]:
    """Give a record with a person, a place and a story that no page of a link may show."""
    return {
        "source": "compact",
        "source_id": f"CMP-{number}",
        "serial": f"STORM-{number}",
        "reported_at": "2026-01-10T18:58:00Z",
        "recorded_at": "2026-01-10T19:00:00Z",
        "area": "stoke",
        "risk": "medium",
        "risk_rationale": STORY,
        "person": {"name": NAME, "date_of_birth": "2012-05-01"},
        "circumstances": STORY,
        "last_seen": {"at": "2026-01-10T16:30:00Z", "place": PLACE},
        **fields,
    }


def roster(start: datetime = START) -> str:
    """Give a roster that covers eight hours around the start."""
    on, off = start - timedelta(hours=4), start + timedelta(hours=8)
    return ROSTER.format(on=on.isoformat(), off=off.isoformat())


@contextmanager
def open_world(home: Path, start: datetime = START, people: str = "") -> Iterator[World]:
    """Open a force on a fresh home, its roster (or that of `people`) imported; passwords are hashed cheaply there."""
    built = runtime_app.build(load({"home": home}))
    clock, received = SetClock(start), list[Envelope]()

    def send(envelope: Envelope) -> Receipt:
        received.append(envelope)
        return Receipt(200)

    app = replace(
        built,
        clock=clock,
        engine=None,
        senders={**built.senders, Channel.WEBHOOK: send, Channel.SMS: send},
        links=Links(built.keys.link_secret, clock),
        knock=lambda _part: None,
    )
    try:
        cheap = patch.object(passwords, "_HASHER", CHEAP)
        with cheap, served(app) as address, httpx.Client(base_url=address, timeout=20, trust_env=False) as web:
            world = World(app, clock, web, address, received)
            answer = web.put("/api/v1/roster", content=people or roster(start), headers=world.machine)
            assert answer.status_code == 200, answer.text
            assert answer.json()["refused"] == []
            yield world
    finally:
        built.close()


@contextmanager
def served(app: App) -> Iterator[str]:
    """Serve the console on a free port for a browser; give its address."""
    config = uvicorn.Config(create(app), port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    for _ in range(500):
        if server.started:
            break
        waiting.wait(0.02)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
