"""The composition root: what a process of Vigil is made of, put together in one place.

Everything that the doors need is in `App`; tests make one with another clock, other channels, another engine.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session

from channels import Sender, inbox
from channels.email import EmailSender
from channels.webhook import WebhookSender
from policy.case import Case
from policy.errors import Broken, Fault, Invalid, Refused, Stale
from policy.pack import Pack
from policy.roster import Roster
from policy.terms import Channel
from runtime import one_store
from runtime.clock import Clock, WallClock, begin_rehearsal, rehearsal_of
from runtime.engine import Engine
from runtime.keys import Keys, open_keys, prefect_auth
from runtime.knock import knock
from runtime.links import Links
from runtime.settings import Settings
from runtime.shelf import Shelf, changed, register
from store import cases, roster
from store.engine import Sessions, is_postgres, make_engine
from store.packs import keep_packs, load_packs, pack_tables
from store.upgrade import open_store


@dataclass(frozen=True)
class App:
    """One process's share of Vigil."""

    settings: Settings  # with the home's own token and webhook secret filled in
    clock: Clock
    sessions: Sessions
    shelf: Shelf
    senders: Mapping[Channel, Sender]
    links: Links
    engine: Engine | None
    knock: Callable[[str], None]
    keys: Keys
    closers: tuple[Callable[[], None], ...] = field(default=(), repr=False)

    def pack_of(self, case: Case) -> Pack:
        """Give the pack that a case follows, in the revision to which it is pinned; raise Unknown without one."""
        kept = self.shelf.kept(case.pack, case.revision)
        if kept is not None:
            return kept
        with self.sessions.reading() as s:
            return self.shelf.get(s, case.pack, case.revision)

    @property
    def packs(self) -> Mapping[str, Pack]:
        """Give every pack that a new case may follow, in the revision in force."""
        now = self.clock.now()
        with self.sessions.reading() as s:
            return {name: self.shelf.current(s, name, now) for name in self.shelf.names()}

    def rules(self, s: Session) -> Pack:
        """Give the pack that the home's own new cases follow: its words and ladders serve what concerns no case."""
        return self.shelf.current(s, self.settings.pack, self.clock.now())

    def roster(self, s: Session, now: datetime) -> Roster:
        """Give who is on duty, reached only by channels that this home can send on; the inbox always is."""
        known = roster.snapshot(s, now)
        duties = (replace(d, contacts=tuple(c for c in d.contacts if c.channel in self.senders)) for d in known.duties)
        return replace(known, duties=tuple(duties))

    def close(self) -> None:
        """Give back connections; the app is of no use afterwards."""
        for close in self.closers:
            close()


def build(settings: Settings, *, migrate: bool = True) -> App:
    """Put a process of this home together.

    1. The home and its secrets are made where they are not there yet.
    2. The store is brought to this version's schema (not in a part that `up` starts: `up` has done it).
    3. Homes on one store are seen to have the same secrets and the same clock.
    4. The packs' files are put into the store, where they are new or have changed.
    5. A rehearsal asked for marks the home for ever; a home that holds a real case refuses it.

    Raises Invalid or Refused with the remedy.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = open_keys(settings)
    sessions = _sessions(settings, keys) if migrate else Sessions(make_engine(settings.store_url))
    clock = _clock(settings, sessions)
    packs = _packs(settings)
    if migrate:
        _register(sessions, settings, clock)
    webhook = WebhookSender(keys.webhook_secret)
    engine = Engine(settings.prefect_api, prefect_auth(settings))
    knocks, *end_knocks = _knocks(settings)
    return App(
        settings=settings.model_copy(update={"token": keys.token, "webhook_secret": keys.webhook_secret}),
        clock=clock,
        sessions=sessions,
        shelf=Shelf(packs),
        senders=_senders(settings, webhook),
        links=Links(keys.link_secret, clock),
        engine=engine,
        knock=knocks,
        keys=keys,
        closers=(*end_knocks, engine.close, webhook.close, sessions.close),
    )


def _register(sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Put the packs' files into the store; another machine that starts at this moment may have been first."""
    with sessions.reading() as s:  # each command comes by here: none waits for the write lock to find nothing to write
        files = changed(s, pack_tables(settings.home))
    for left in (1, 0) if files else ():
        try:
            with sessions() as s:
                register(s, files, clock.now())
        except Stale:
            if not left:
                raise
        else:
            return


def _sessions(settings: Settings, keys: Keys) -> Sessions:
    sessions = open_store(settings.store_url)
    try:
        one_store.agree(settings, keys, sessions)
    except BaseException:
        sessions.close()
        raise
    return sessions


def _knocks(settings: Settings) -> tuple[Callable[..., None], ...]:
    """Give what knocks on a part of this home, and of every other home on its PostgreSQL; then what ends that."""
    here = partial(knock, settings.home)
    if not is_postgres(settings.store_url):
        return (here,)
    from runtime.knock_postgres import Notifier  # the driver costs a tenth of a second: not where SQLite is used

    notifier = Notifier(settings.store_url, settings.home)

    def everywhere(part: str) -> None:
        here(part)
        notifier.knock(part)

    return everywhere, notifier.close


def _packs(settings: Settings) -> dict[str, Pack]:
    """Read the packs and keep the home's own; raise Invalid when new cases would follow one that is not there."""
    packs = load_packs(settings.home)
    wanted = {"pack": settings.pack, **{f"areas.{key}.pack": area.pack for key, area in settings.areas.items()}}
    faults = [
        Fault(name, f"there is no pack {pack!r}", "use one of: " + ", ".join(sorted(packs)))
        for name, pack in wanted.items()
        if pack not in packs
    ]
    faults += [
        Fault(f"areas.{key}", f"the pack {own.pack!r} has no area {key!r}", _areas_of(packs[own.pack]))
        for key, own in settings.areas.items()
        if own.pack in packs and key not in packs[own.pack].areas
    ]
    if faults:
        raise Invalid("the settings have faults", faults)
    keep_packs(settings.home)
    return packs


def _areas_of(pack: Pack) -> str:
    if not pack.areas:
        return "name a pack that has areas: a record of an area that its pack does not know goes to the whole force"
    return "use one of: " + ", ".join(sorted(pack.areas))


def _senders(settings: Settings, webhook: WebhookSender) -> dict[Channel, Sender]:
    senders: dict[Channel, Sender] = {Channel.WEBHOOK: webhook, Channel.SMS: webhook, Channel.INBOX: inbox.send}
    if settings.smtp_url:
        senders[Channel.EMAIL] = EmailSender(settings.smtp_url, settings.mail_from)
    return senders


def _clock(settings: Settings, sessions: Sessions) -> Clock:
    there = rehearsal_of(settings.home)
    if there is None and not settings.rehearsal:
        return WallClock()
    if there is None:
        with sessions.reading() as s:
            if cases.has_real(s):
                raise Refused(
                    "this home holds real cases; a rehearsal needs a home of its own: give another --home",
                    rule="rehearsal_home",
                )
    return begin_rehearsal(settings.home, settings.start, settings.asked_speed)


# One app a process; tasks and flows, which Prefect runs in threads of its own, find it here.
_lock = threading.Lock()
_apps: list[App] = []


@contextmanager
def use(app: App) -> Iterator[App]:
    """Make `app` the current one of this process while the block runs; blocks may nest."""
    with _lock:
        _apps.append(app)
    try:
        yield app
    finally:
        with _lock:
            _apps.remove(app)


def current() -> App:
    """Give the app in use; raise Broken when there is none."""
    with _lock:
        if not _apps:
            raise Broken("no app is in use: wrap the call in runtime.app.use(app)")
        return _apps[-1]
