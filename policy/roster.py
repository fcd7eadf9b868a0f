"""Who is on duty, and which one of several is told (contract section 2; W50: a role is not an owner)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from policy.terms import Channel, Rank, Role
from policy.values import once, replace

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
    instead_of: "Choice | None" = None  # nobody was there for that one, and `role` is asked where it is so

    def as_body(self) -> dict[str, object]:
        """Give the choice as the journal keeps it: roster ids only."""
        nobody = self.instead_of
        stands_in = {"instead_of": {"role": nobody.role, "areas": list(nobody.areas)}} if nobody else {}
        return stands_in | {
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
    elsewhere: frozenset[str] = frozenset()  # control rooms of other forces: whoever is on duty there is none of ours

    def apart(self, forces: Collection[str]) -> "Roster":
        """Give the roster in which whoever sits in the control room of one of these forces is none of ours."""
        elsewhere = self._areas.intersection(forces)
        if elsewhere == self.elsewhere:
            return self
        if elsewhere not in self._parted:
            self._parted[elsewhere] = replace(self, elsewhere=elsewhere)
        return self._parted[elsewhere]

    def without(self, role: Role) -> "Roster":
        """Give the roster in which nobody is on duty in a role."""
        if role not in self._thinned:
            self._thinned[role] = replace(self, duties=tuple(duty for duty in self.duties if duty.role is not role))
        return self._thinned[role]

    @once
    def _thinned(self) -> "dict[Role, Roster]":
        return {}

    @once
    def _areas(self) -> frozenset[str]:
        return frozenset(duty.area for duty in self.duties)

    @once
    def _parted(self) -> "dict[frozenset[str], Roster]":
        return {}

    def on_duty(self, now: datetime) -> tuple[Duty, ...]:
        """Give our own duties that cover `now`."""
        return tuple(duty for duty in self.duties if duty.holds(now) and duty.area not in self.elsewhere)

    def of_other_force(self, person: str) -> bool:
        """Tell whether somebody is known in the control rooms of other forces alone."""
        theirs = {duty.area for duty in self.spells_of(person)}
        return bool(theirs) and theirs <= self.elsewhere

    def duties_of(self, person: str, now: datetime) -> tuple[Duty, ...]:
        """Give what a person is on duty as at `now`; empty when off duty."""
        return tuple([duty for duty in self._by_person.get(person, ()) if duty.from_at <= now < duty.to_at])

    def off_at(self, person: str, now: datetime) -> datetime | None:
        """Give when a person goes off duty, through periods that follow each other; None for somebody off already."""
        if person not in self._stretches:
            self._stretches[person] = _joined(self._by_person.get(person, ()))
        for from_at, to_at in self._stretches[person]:
            if from_at <= now < to_at:
                return to_at
        return None

    def spells_of(self, person: str) -> tuple[Duty, ...]:
        """Give all the duties of a person, also those that are over or to come."""
        return self._by_person.get(person, ())

    def in_role(self, role: Role, areas: Sequence[str]) -> tuple[Duty, ...]:
        """Give the duties in a role for these areas, also those that are over or to come; force-wide where none is."""
        key = (role, *areas)
        if key not in self._spells:
            held = self._by_role.get(role, ())
            exact = tuple(duty for duty in held if duty.area in areas)
            self._spells[key] = exact or tuple(duty for duty in held if duty.area == FORCE_WIDE)
        return self._spells[key]

    @once
    def _spells(self) -> dict[tuple[str, ...], tuple[Duty, ...]]:
        return {}

    @once
    def _stretches(self) -> dict[str, tuple[tuple[datetime, datetime], ...]]:
        return {}

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
            candidates=tuple(dict.fromkeys(duty.person for duty in ranked)),
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


def _joined(duties: Iterable[Duty]) -> tuple[tuple[datetime, datetime], ...]:
    """Give the stretches of time that duties cover together: where one ends as the next begins, nobody goes."""
    joined: list[tuple[datetime, datetime]] = []
    for duty in sorted(duties, key=lambda duty: duty.from_at):
        if joined and duty.from_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], duty.to_at))
        else:
            joined.append((duty.from_at, duty.to_at))
    return tuple(joined)


def _rest(holders: Iterable[Duty], pool: list[Duty], now: datetime) -> list[Duty]:
    """When all of the pool end soon: force-wide holders who stay, else the pool itself."""
    wide = [d for d in holders if d.area == FORCE_WIDE and d.to_at - now > ENDING_SOON]
    return wide or pool
