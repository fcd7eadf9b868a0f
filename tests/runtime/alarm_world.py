"""A force in memory: its phones and mailboxes do as they are told, its clock stands until it is moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from channels import Envelope, NotEver, NotNow, Receipt, Sender
from policy.errors import Transient
from policy.terms import RANK_OF_ROLE, Channel, Role, Route
from runtime import doors
from runtime.acts import Act
from runtime.app import App
from runtime.rehearse_app import Phones, make_app
from runtime.rehearse_clock import SimClock
from store import alarms, journal, messages, roster, wakes
from store.alarms import Rung
from store.journal import JournalEntry
from store.messages import Message
from store.packs import load_packs
from store.roster_file import read_csv

NIGHT = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
PACKS = load_packs(None)
PEOPLE: Mapping[str, tuple[str, str]] = {
    "insp-a": ("duty_inspector", "stoke"),
    "sgt-s": ("response_sergeant", "stoke"),
    "insp-n": ("duty_inspector", "newcastle"),
    "fim-1": ("force_incident_manager", "*"),
    "ci-1": ("duty_chief_inspector", "*"),
    "supt-1": ("on_call_superintendent", "*"),
}
HEAD = "person,name,rank,role,area,from,to,email,webhook,phone,sms"


@dataclass
class World:
    """A force at night."""

    ways: Mapping[str, str] = field(default_factory=dict)  # person -> of "webhook sms email", which the roster has
    told: list[Envelope] = field(default_factory=list)
    fails: dict[tuple[str, Channel], Exception] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        """Put everybody on duty."""
        self.clock = SimClock(NIGHT)
        made = make_app(self.clock, Phones(self.clock), PACKS, "staffordshire")
        self.app: App = replace(made, senders={channel: self._sender(channel) for channel in Channel})
        self.man()

    def _sender(self, channel: Channel) -> Sender:
        def send(envelope: Envelope) -> Receipt:
            person = envelope.payload["to"]["person"]
            if error := self.fails.get((person, channel)):
                raise error
            self.told.append(envelope)
            return Receipt(200)

        return send

    def man(self, *, without: str = "") -> None:
        """Put everybody on duty but one."""
        on, off = NIGHT - timedelta(hours=4), NIGHT + timedelta(hours=12)
        rows = [HEAD]
        for person, (role, area) in PEOPLE.items():
            ways = self.ways.get(person, "webhook").split()
            mail = f"{person}@force.test" if "email" in ways else ""
            hook = f"http://phone.test/{person}" if "webhook" in ways else ""
            text = f"http://text.test/{person}" if "sms" in ways else ""
            rank = RANK_OF_ROLE[Role(role)].value
            if person not in without.split():
                rows.append(f"{person},,{rank},{role},{area},{on.isoformat()},{off.isoformat()},{mail},{hook},,{text}")
        file = read_csv("\n".join(rows), self.clock.now(), areas=list(PACKS["staffordshire"].areas))
        assert not file.refused
        with self.app.sessions() as s:
            roster.replace(s, file)

    def break_for_good(self, person: str, channel: Channel) -> None:
        """Let somebody's address be wrong."""
        self.fails[person, channel] = NotEver("http_404", 404)

    def busy(self, person: str, channel: Channel, retry_after_s: float | None = None) -> None:
        """Let somebody's provider be in trouble."""
        self.fails[person, channel] = NotNow("http_429", 429, retry_after_s)

    def report(self, risk: str | None = "medium", area: str = "stoke") -> str:
        """Report somebody missing, and tell whoever is to be told."""
        ref = self.unseen(risk, area)
        self.work(ref)
        return ref

    def unseen(self, risk: str | None = "medium", area: str = "stoke") -> str:
        """Report somebody missing of whom nobody is told yet."""
        self.number += 1
        stamp = self.clock.now().isoformat()
        person = {"name": "Somebody", "age": 30}
        raw: dict[str, object] = {"source": "w", "source_id": str(self.number), "area": area, "person": person}
        raw |= {"reported_at": stamp, "recorded_at": stamp} | ({"risk": risk} if risk else {})
        return doors.report(self.app, raw, route=Route.API).case

    def acts(self, ref: str) -> list[Act]:
        """Decide what is due now for a case."""
        due = doors.advance(self.app, ref, "test")
        with self.app.sessions() as s:
            wakes.free_lease(s, ref, "test")
        return list(due.acts) if due else []

    def work(self, ref: str) -> list[Act]:
        """Do what is due for a case, as one pass does; give the acts whose task would be tried again."""
        again: list[Act] = []
        done: set[tuple[str, ...]] = set()
        while fresh := [act for act in self.acts(ref) if act.messages not in done]:
            for act in fresh:
                done.add(act.messages)
                try:
                    doors.deliver(self.app, act)
                except Transient:
                    again.append(act)
        return again

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.jump_to(self.clock.true() + timedelta(seconds=seconds))

    def heard(self, person: str, channel: Channel = Channel.WEBHOOK, kind: str = "") -> list[Envelope]:
        """Give what a person received on a channel, of one type when it is given."""
        theirs = [e for e in self.told if e.attempt_key.endswith(f"/{person}/{channel}")]
        return [e for e in theirs if kind in ("", e.payload["type"])]

    def climbed(self, person: str) -> list[int]:
        """Give the rungs of the first notice on which a person's phone rang."""
        rung = [e.payload for e in self.heard(person, kind="escalate")]
        return [said["rung"] for said in rung if said["step"] == "notify_local_supervisor"]

    def standing(self) -> list[Rung]:
        """Give the alarms that stand."""
        with self.app.sessions.reading() as s:
            return alarms.listing(s, standing=True)

    def sent(self, ref: str) -> list[Message]:
        """Give the messages of a case."""
        with self.app.sessions.reading() as s:
            return messages.of_case(s, ref)

    def journal(self, ref: str | None, kind: str) -> list[JournalEntry]:
        """Give the journal's lines of one kind; of every case, when none is given."""
        with self.app.sessions.reading() as s:
            return [entry for entry in journal.read(s, ref, limit=10_000) if entry.kind == kind]
