"""The load model: who goes missing in a year that never was, drawn from the published figures (domain section 7).

Every number that no source gives is CHOSEN and says so. The same seed gives the same year, case for case; each day is
drawn by itself, so that several processes can share a year.
"""

import bisect
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from policy.load_draft import Gone
from policy.load_work import said_of
from policy.pack import Pack
from policy.play import Story
from policy.record_terms import AgeBand, CallType, Flag, ReporterKind
from policy.report import Report
from policy.spans import LOCAL
from policy.standing_roster import StandingRoster, shift_at
from policy.terms import Risk

Word = TypeVar("Word")


@dataclass(frozen=True)
class Profile:
    """How many cases a force records in a day; `burst` of them in half an hour on a Friday and a Saturday night."""

    mean: float
    stress: float
    burst: int = 0


PROFILES: Mapping[str, Profile] = {
    "staffordshire": Profile(7, 15),  # W28: 6.0 to 7.1 a day; stress: its share of all UK incidents
    "derbyshire": Profile(12, 20),  # CHOSEN: between Staffordshire and Nottinghamshire (W90)
    "west_midlands": Profile(38, 60),  # W85: 14,000 a year
    "met": Profile(110, 150, burst=25),  # W86: 39,790 in 11 months; W87: 25 in half an hour is not unusual
    "uk_all": Profile(904, 1300),  # W21: nearly 330,000 a year
}
OF_PACK: Mapping[str, str] = {"derbyshire_mpt": "derbyshire", "metropolitan": "met"}  # else that of Staffordshire
FRIDAY, SATURDAY = 4, 5
WEEKDAYS = (0.9, 0.9, 0.9, 0.9, 1.25, 1.30, 0.9)  # CHOSEN, after W87: weekends dominate
SIX_HOURS: Mapping[int, float] = {0: 0.20, 6: 0.12, 12: 0.23, 18: 0.45}  # CHOSEN, after W87: so do the nights
BURST_FROM, BURST_LASTS, BURST_WITHIN_H = 22.0, 0.5, 2.5  # W87; o'clock and hours: from 22:00, over by 01:00
CALL_TO_RECORD = (math.log(3), 0.8)  # minutes, log-normal; CHOSEN: a record within five minutes as a rule

CHILDREN = 0.62  # W94: 61 %, W21: 64 %
IN_CARE = 0.30  # of the children; W79: a third
FROM_A_HOME = 0.60  # of these the home reports; CHOSEN
CHILD_BANDS: Mapping[AgeBand, float] = {  # CHOSEN
    AgeBand.B0_4: 0.01,
    AgeBand.B5_9: 0.03,
    AgeBand.B10_12: 0.11,
    AgeBand.B13_15: 0.45,
    AgeBand.B16_17: 0.40,
}
ADULT_BANDS: Mapping[AgeBand, float] = {AgeBand.B18_24: 0.25, AgeBand.B25_64: 0.60, AgeBand.B65: 0.15}  # CHOSEN
RISK_MIX: Mapping[Risk, float] = {  # W82, W83, W89
    Risk.VERY_LOW: 0.12,
    Risk.LOW: 0.13,
    Risk.MEDIUM: 0.60,
    Risk.HIGH: 0.15,
}
# Share found within so many hours, log-uniform between; its mean is that of Staffordshire (W22, W28, W77, W81).
FOUND_WITHIN: tuple[tuple[float, float], ...] = (
    *((2, 0.25), (8, 0.55), (12, 0.66), (16, 0.72), (24, 0.80)),
    *((48, 0.89), (72, 0.93), (168, 0.975), (672, 0.992), (8760, 0.999)),
)
SOONEST_H = 0.25  # CHOSEN
CHILD_HAZARD = 1.1  # children are found sooner: S3 has 70 to 77 % within 12 hours
OUTCOMES: Mapping[str, float] = {"safe": 0.957, "hurt": 0.036, "deceased": 0.004, "cancelled": 0.002}  # W131, W132
BUSY = 5  # cases of one inspector on one shift: from then on answers take twice as long; CHOSEN


@dataclass(frozen=True)
class Load:
    """A load to draw cases from: a force's profile, worked off by the procedure of a pack until an instant."""

    profile: Profile
    pack: Pack
    until: datetime
    stress: bool = False

    @property
    def rosters(self) -> StandingRoster:
        """Give who is on duty: every role, in every area of the pack, round the clock."""
        return StandingRoster(tuple(self.pack.areas))


def profile_of(pack: str) -> str:
    """Name the profile of the force whose pack it is."""
    return OF_PACK.get(pack, "staffordshire")


def stories_of(load: Load, day: date, random: Random) -> Iterator[Story]:
    """Draw the cases of one day, in the order of their records, each worked off as the pack asks."""
    held: Counter[tuple[str | None, date, int]] = Counter()
    areas = tuple(load.pack.areas) or (None,)
    for number, opened_at in enumerate(arrivals(load.profile, day, random, stress=load.stress), 1):
        area = random.choice(areas)
        shift = (area, *shift_at(opened_at))
        held[shift] += 1
        gone = _gone(f"SIM-{day:%Y%m%d}-{number:04d}", opened_at, area, random, busy=held[shift] > BUSY)
        if opened_at < load.until:
            said = said_of(gone, load.pack, load.rosters, random, load.until)
            ends_at = said[-1].at + timedelta(days=1) if said and gone.found_at else load.until
            yield Story(gone.report.source_id, gone.report, opened_at, said, min(ends_at, load.until))


def arrivals(profile: Profile, day: date, random: Random, *, stress: bool = False) -> list[datetime]:
    """Draw the instants of a day's records: more at weekends and at night, and some in a burst."""
    mean = (profile.stress if stress else profile.mean) * WEEKDAYS[day.weekday()] * len(WEEKDAYS) / sum(WEEKDAYS)
    hours = [_hour(random) for _ in range(_poisson(mean, random))]
    if profile.burst and day.weekday() in (FRIDAY, SATURDAY):
        begins = BURST_FROM + random.random() * BURST_WITHIN_H
        late = [place for place, hour in enumerate(hours) if hour >= 18]
        for place in late[: profile.burst]:
            hours[place] = begins + random.random() * BURST_LASTS
    return sorted(_instant(day, hour) for hour in hours)


def found_after(share: float, hazard: float = 1.0) -> float | None:
    """Give the hours after which the person is found, for a share between 0 and 1; None when not within a year."""
    share = 1 - (1 - share) ** (1 / hazard)
    place = bisect.bisect_left(FOUND_WITHIN, share, key=lambda bin_: bin_[1])
    if place == len(FOUND_WITHIN):
        return None
    low, below = FOUND_WITHIN[place - 1] if place else (SOONEST_H, 0.0)
    high, above = FOUND_WITHIN[place]
    return float(low * (high / low) ** ((share - below) / (above - below)))


def _gone(ref: str, opened_at: datetime, area: str | None, random: Random, *, busy: bool) -> Gone:
    """Draw one person who goes missing, and how it ends."""
    child = random.random() < CHILDREN
    bands = CHILD_BANDS if child else ADULT_BANDS
    in_care = child and random.random() < IN_CARE
    home = in_care and random.random() < FROM_A_HOME
    call_took = timedelta(minutes=random.lognormvariate(*CALL_TO_RECORD))
    reporter = ReporterKind.HOME_STAFF if home else ReporterKind.PARENT if child else ReporterKind.FAMILY
    report = Report(
        source="load-model",
        source_id=ref,
        serial=None,
        reported_at=opened_at - call_took,
        recorded_at=opened_at,
        area=area,
        risk=_pick(RISK_MIX, random),
        tagged_to=None,
        age_band=_pick(bands, random),
        flags=frozenset(flag for flag, there in _flags(in_care, home) if there),
        call_type=CallType.MISSING,
        reporter_kind=reporter,
    )
    hours = found_after(random.random(), CHILD_HAZARD if child else 1.0)
    found_at = opened_at + timedelta(hours=hours) if hours is not None else None
    return Gone(report, opened_at, found_at, _pick(OUTCOMES, random), busy)


def _flags(in_care: bool, home: bool) -> tuple[tuple[Flag, bool], ...]:
    return (Flag.CHILD_IN_CARE, in_care), (Flag.CARE_HOME_REPORT, home)


def _pick(weights: Mapping[Word, float], random: Random) -> Word:
    return random.choices(list(weights), list(weights.values()))[0]


def _poisson(mean: float, random: Random) -> int:
    """Count the arrivals of a time in which `mean` are expected."""
    gaps = itertools.accumulate(random.expovariate(1.0) for _ in itertools.count())
    return next(number for number, at in enumerate(gaps) if at > mean)


def _hour(random: Random) -> float:
    return _pick(SIX_HOURS, random) + 6 * random.random()


def _instant(day: date, hour: float) -> datetime:
    """Give the instant at which the clock on the wall shows so many hours of a day."""
    on_the_wall = datetime.combine(day, time()) + timedelta(seconds=int(hour * 3600))
    return on_the_wall.replace(tzinfo=LOCAL).astimezone(UTC)
