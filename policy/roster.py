"""Who is on duty, and which one of several is told (contract section 2; W50: a role is not an owner)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from policy.terms import Channel, Rank, Role
from policy.values import once

Name = TypeVar("Name")

FORCE_WIDE = "*"
NAMED = 8  # people in a refusal: whoever reads it wants somebody to ring, not the roster
ENDING_SOON = timedelta(minutes=15)  # duty that ends within this is passed over if another is there


@dataclass(frozen=True)
class Contact:
    """One way to reach a person; `address` is personal data and never leaves store and channels."""

    channel: Channel
    address: str


@dataclass(frozen=True)
class Duty:
    """One period of duty of one person in one role and area (`*` is force-wide)."""

    person: str
    role: Role
    rank: Rank
    area: str
    from_at: datetime
    to_at: datetime
    contacts: tuple[Contact, ...] = ()

    def holds(self, now: datetime) -> bool:
        """Tell whether the period covers `now`; it ends the moment that `to_at` is reached."""
        return self.from_at <= now < self.to_at


@dataclass(frozen=True)
class Choice:
    """Who was chosen for a role at an instant, and from whom; `chosen` is None when nobody is on duty."""

    role: Role
    areas: tuple[str, ...]
    chosen: Duty | None
    candidates: tuple[str, ...] = ()

    def as_body(self) -> dict[str, object]:
        """Give the choice as the journal keeps it: roster ids only."""
        return {
            "role": self.role,
            "areas": list(self.areas),
            "chosen": self.chosen.person if self.chosen else None,
            "candidates": list(self.candidates),
        }


@dataclass(frozen=True)
class Roster:
    """The duties that matter now, everybody known with their rank, and how many open cases each holds."""

    duties: tuple[Duty, ...] = ()
    known: Mapping[str, Rank] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)

    def on_duty(self, now: datetime) -> tuple[Duty, ...]:
        """Give the duties that cover `now`."""
        return tuple(duty for duty in self.duties if duty.holds(now))

    def duties_of(self, person: str, now: datetime) -> tuple[Duty, ...]:
        """Give what a person is on duty as at `now`; empty when off duty."""
        return tuple([duty for duty in self._by_person.get(person, ()) if duty.from_at <= now < duty.to_at])

    def spells_of(self, person: str) -> tuple[Duty, ...]:
        """Give all the duties of a person, also those that are over or to come."""
        return self._by_person.get(person, ())

    @once
    def _by_person(self) -> Mapping[str, tuple[Duty, ...]]:
        return _grouped((duty.person, duty) for duty in self.duties)

    @once
    def _by_role(self) -> Mapping[Role, tuple[Duty, ...]]:
        return _grouped((duty.role, duty) for duty in self.duties)

    def highest(self, now: datetime) -> Duty | None:
        """Give whoever of those on duty has the highest rank, the least id among equals; None when nobody is."""
        return min(self.on_duty(now), key=lambda duty: (-duty.rank.weight, duty.person), default=None)

    def rank_of(self, person: str) -> Rank | None:
        """Give a known person's rank, None for somebody unknown."""
        return self.known.get(person)

    def choose(self, role: Role, areas: Sequence[str], now: datetime) -> Choice:
        """Choose one named person for a role.

        1. An exact area goes before `*`.
        2. Somebody whose duty ends within 15 minutes is passed over if another is there.
        3. Fewest open cases held; then the latest to come on duty; then the least id.
        """
        holders = [duty for duty in self._by_role.get(role, ()) if duty.from_at <= now < duty.to_at]
        exact = [duty for duty in holders if duty.area in areas]
        pool = exact or [duty for duty in holders if duty.area == FORCE_WIDE]
        staying = [duty for duty in pool if duty.to_at - now > ENDING_SOON] or _rest(holders, pool, now)
        ranked = sorted(staying, key=lambda d: (self.load.get(d.person, 0), -d.from_at.timestamp(), d.person))
        return Choice(
            role=role,
            areas=tuple(areas),
            chosen=ranked[0] if ranked else None,
            candidates=tuple(duty.person for duty in ranked),
        )

    def who_may(self, rank: Rank, now: datetime, area: str | None = None) -> str:
        """Name those on duty of at least `rank`, for a refusal: `insp-a (duty inspector), ...`.

        The people of `area` stand first, then the force-wide ones; at the most eight are named, the rest counted.
        """
        fit = self.named((d for d in self.on_duty(now) if d.rank.weight >= rank.weight), area)
        return fit or f"nobody of rank {rank} or above is on duty"

    def named(self, duties: Iterable[Duty], area: str | None = None) -> str:
        """Name those who have these duties, as `who_may` does; empty when there are none."""
        fit = sorted(duties, key=lambda duty: (duty.area != area, duty.area != FORCE_WIDE, duty.person, duty.role))
        named = list(dict.fromkeys(f"{duty.person} ({duty.role.replace('_', ' ')})" for duty in fit))
        others = len(named) - NAMED
        more = f" and {others} other{'s' if others > 1 else ''}" if others > 0 else ""
        return ", ".join(named[:NAMED]) + more


def _grouped(named: Iterable[tuple[Name, Duty]]) -> Mapping[Name, tuple[Duty, ...]]:
    """Put duties together under one name each, in their order."""
    groups: dict[Name, list[Duty]] = {}
    for name, duty in named:
        groups.setdefault(name, []).append(duty)
    return {name: tuple(group) for name, group in groups.items()}


def _rest(holders: Iterable[Duty], pool: list[Duty], now: datetime) -> list[Duty]:
    """When all of the pool end soon: force-wide holders who stay, else the pool itself."""
    wide = [d for d in holders if d.area == FORCE_WIDE and d.to_at - now > ENDING_SOON]
    return wide or pool
