"""Acting up and temporary cover: who may give somebody a role and rank for a time, and what is wrong with a grant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.errors import Fault, Invalid, Missing, Refused
from policy.permissions import NOT_POLICE
from policy.roster import FORCE_WIDE, Roster
from policy.spans import read_instant
from policy.terms import RANK_OF_ROLE, Rank, Role

LONGEST = timedelta(days=92)  # whoever acts for longer is put on the roster
FIELDS = ("person", "role", "area", "from", "to", "reason")
WORDS = 500  # letters of a reason
ROLES = tuple(role for role in Role if role not in NOT_POLICE)


@dataclass(frozen=True)
class Grant:
    """A person acts in a role, at a rank, for an area and a period; `reason` is free text.

    It takes `standing` to give: the rank, or that of the role if it is higher, for a role brings rights of its own.
    """

    person: str
    role: Role
    rank: Rank
    area: str
    from_at: datetime
    to_at: datetime
    reason: str

    @property
    def standing(self) -> Rank:
        """Give the rank that whoever grants or ends it must have."""
        return max(self.rank, RANK_OF_ROLE[self.role], key=lambda rank: rank.weight)


def read_grant(raw: Mapping[str, object], areas: Collection[str], now: datetime) -> Grant:
    """Read a grant, or raise Invalid with every fault: field, what is wrong, what to do. The rank follows the role."""
    said = {name: str(value).strip() for name, value in raw.items() if value is not None}
    faults = [Fault(name, "is missing", f"give {name}") for name in FIELDS if not said.get(name)]
    role, rank = said.get("role", ""), said.get("rank", "")
    if role and role not in set(ROLES):
        faults.append(Fault("role", f"{role!r} is no role that is covered", "use one of: " + ", ".join(ROLES)))
    if rank and rank not in set(Rank):
        faults.append(Fault("rank", f"{rank!r} is no rank", "use one of: " + ", ".join(Rank)))
    if (area := said.get("area")) and area not in {FORCE_WIDE, *areas}:
        faults.append(Fault("area", f"{area!r} is no area", "use * or one of: " + ", ".join(areas)))
    if len(said.get("reason", "")) > WORDS:
        faults.append(Fault("reason", f"has {len(said['reason'])} letters", f"say it in {WORDS} at the most"))
    from_at, to_at = read_instant(said.get("from", "")), read_instant(said.get("to", ""))
    faults += _faults_of_period(said, from_at, to_at, now)
    if faults or from_at is None or to_at is None:
        raise Invalid("the cover has faults", faults)
    needed = Rank(rank) if rank else RANK_OF_ROLE[Role(role)]
    return Grant(said["person"], Role(role), needed, said["area"], from_at, to_at, said["reason"])


def _faults_of_period(
    said: Mapping[str, str], from_at: datetime | None, to_at: datetime | None, now: datetime
) -> list[Fault]:
    at = "write 2026-01-10T19:00:00Z, with its offset"
    faults = [
        Fault(name, f"{said[name]!r} is no instant", at)
        for name, read in (("from", from_at), ("to", to_at))
        if said.get(name) and read is None
    ]
    if from_at is None or to_at is None:
        return faults
    if to_at <= from_at:
        faults.append(Fault("to", "does not lie after its beginning", "give an end after `from`"))
    elif to_at <= now:
        faults.append(Fault("to", "is over already", "give an end that lies ahead; what was is not rewritten"))
    elif to_at - from_at > LONGEST:
        faults.append(Fault("to", f"lies more than {LONGEST.days} days on", "put the person on the roster instead"))
    return faults


def refuse_grant(grant: Grant, by: str, roster: Roster, now: datetime) -> None:
    """Refuse a grant to somebody unknown, by oneself, or by somebody below inspector or below the rank granted."""
    if roster.rank_of(grant.person) is None:
        fault = Fault("person", f"{grant.person} is not on the roster", "give the roster id of somebody who is")
        raise Invalid("the cover has faults", [fault])
    if by == grant.person:
        needed = _needed(grant.standing)
        raise Refused(
            f"{by} may not grant it to {by}",
            rule="second_person",
            missing=[Missing("another person", "nobody gives themselves a rank")],
            who_may=roster.who_may(needed, now, grant.area),
        )
    refuse_granter(by, grant.standing, roster, now, grant.area)


def refuse_granter(by: str, rank: Rank, roster: Roster, now: datetime, area: str) -> None:
    """Refuse whoever is neither an inspector or above nor of the rank that is granted or ended."""
    needed, mine = _needed(rank), roster.rank_of(by)
    if mine is None or mine.weight < needed.weight:
        raise Refused(
            f"{by} is {f'of rank {mine}' if mine else 'not on the roster'}; this cover takes {needed} or above",
            rule="rank",
            missing=[Missing(f"a person of rank {needed} or above", "cover is granted by that rank or above it")],
            who_may=roster.who_may(needed, now, area),
        )


def _needed(rank: Rank) -> Rank:
    return max(Rank.INSPECTOR, rank, key=lambda r: r.weight)
