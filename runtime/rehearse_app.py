"""An App for rehearsals: the real doors on a store in memory, a clock that is moved, channels that only write down."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from channels import Envelope, NotNow, Payload, Receipt, Sender
from channels.webhook import DOWN_AFTER
from policy.pack import Pack
from policy.terms import Channel
from runtime.app import App
from runtime.keys import Keys, Login
from runtime.links import Links
from runtime.rehearse_clock import SimClock
from runtime.settings import Settings
from runtime.shelf import Shelf
from store.engine import Sessions
from store.upgrade import open_store

MEMORY = "sqlite://"


@dataclass(frozen=True)
class Arrival:
    """One message as a channel received it."""

    at: datetime  # of the story
    channel: Channel
    address: str
    attempt_key: str
    payload: Payload


@dataclass
class Phones:
    """Every channel of a rehearsal: receives at once, unless it is out of order."""

    clock: SimClock
    arrivals: list[Arrival] = field(default_factory=list)
    out_of_order: set[Channel] = field(default_factory=set)
    _first: dict[str, datetime] = field(default_factory=dict, repr=False)
    _failing: dict[Channel, datetime] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def sender(self, channel: Channel) -> Sender:
        """Give what sends on a channel."""

        def send(envelope: Envelope) -> Receipt:
            if channel in self.out_of_order:
                failing_for = self.clock.true() - self._failing.setdefault(channel, self.clock.true())
                raise NotNow("outage", 503, down=failing_for >= DOWN_AFTER)
            self._failing.pop(channel, None)
            arrival = Arrival(self.clock.true(), channel, envelope.address, envelope.attempt_key, envelope.payload)
            with self._lock:
                self.arrivals.append(arrival)
                self._first.setdefault(arrival.attempt_key, arrival.at)
            return Receipt(200)

        return send

    def received(self, attempt_key: str) -> datetime | None:
        """Give when a message was received first, None while it was not."""
        return self._first.get(attempt_key)


def make_app(
    clock: SimClock, phones: Phones, packs: Mapping[str, Pack], pack: str, sessions: Sessions | None = None
) -> App:
    """Put an App together; no file of this machine, no environment variable and no clock has a say in it."""
    here = sessions or open_store(MEMORY)
    return App(
        settings=Settings.model_construct(home=Path("rehearsal"), pack=pack),
        clock=clock,
        sessions=here,
        shelf=Shelf(packs),
        senders={channel: phones.sender(channel) for channel in Channel},
        links=Links("rehearsal", clock),
        engine=None,
        knock=lambda _part: None,
        keys=Keys("", "", "rehearsal", Login("", "")),
        closers=(here.close,),
    )
