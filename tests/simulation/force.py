"""The force of the simulations: every role held by somebody with a phone, and who held what when."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from policy.case import Case
from policy.pack import CASE_AREA, NEIGHBOURS, Addressee, Pack
from policy.terms import Role
from runtime.rehearse_scenario import DutyLine
from tests.support.world import on_duty

AREAS = ("stoke", "newcastle")  # neighbours of each other
LOCAL = (Role.DUTY_INSPECTOR, Role.RESPONSE_SERGEANT)
TWO = (Role.FORCE_INCIDENT_MANAGER, Role.DUTY_INSPECTOR)  # somebody else is there when the first goes off duty
AS_LONG_AS = timedelta(days=45)


@dataclass(frozen=True)
class Spell:
    """One person who holds one role, from when until when."""

    person: str
    role: Role
    area: str
    from_at: datetime
    to_at: datetime


@dataclass
class Force:
    """Who is on duty as what: kept beside Vigil's roster, so that what it chose can be judged."""

    pack: Pack
    start: datetime
    lasts: timedelta = AS_LONG_AS
    spells: list[Spell] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put somebody on duty in every role; in a pack without areas all are there for the whole force."""
        for role in Role:
            areas = AREAS if role in LOCAL and self.pack.areas else ("*",)
            for area in areas:
                for number in range(2 if role in TWO else 1):
                    place = area if area == "*" else area[:5]
                    person = f"{role.replace('_', '-')}-{place.replace('*', 'f')}-{number + 1}"
                    since = self.start - timedelta(hours=6 - number)
                    self.spells.append(Spell(person, role, area, since, self.start + self.lasts))

    def duties(self) -> list[DutyLine]:
        """Give the roster, everybody with a phone."""
        return [
            on_duty(s.person, s.role, s.area, s.from_at, s.to_at, f"https://phone.example/{s.person}")
            for s in self.spells
        ]

    def people(self) -> list[str]:
        """Name everybody."""
        return list(dict.fromkeys(spell.person for spell in self.spells))

    def goes(self, person: str, at: datetime) -> None:
        """Let somebody go off duty."""
        self.spells = [replace(s, to_at=min(s.to_at, at)) if s.person == person else s for s in self.spells]

    def holds(self, to: Addressee, case: Case) -> Iterator[Spell]:
        """Give all who ever hold what an addressee asks for: in the area, or for the whole force."""
        if to.area == NEIGHBOURS:
            home = self.pack.areas.get(case.area or "")
            areas: tuple[str | None, ...] = home.neighbours if home else ()
        else:
            areas = (case.area,) if to.area == CASE_AREA else (to.area,)
        wide = () if to.area == NEIGHBOURS else ("*",)  # force-wide cover is no neighbour
        for spell in self.spells:
            if spell.role is to.role and spell.area in (*areas, *wide):
                yield spell

    def somebody(self, to: Addressee, case: Case, *at: datetime) -> bool:
        """Tell whether somebody is there for an addressee at each of these instants."""
        holders = list(self.holds(to, case))
        return all(any(s.from_at <= instant < s.to_at for s in holders) for instant in at)

    def there(self, person: str, at: datetime) -> bool:
        """Tell whether somebody is on duty."""
        return any(s.person == person and s.from_at <= at < s.to_at for s in self.spells)
