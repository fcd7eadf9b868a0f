"""Who acts in a role and rank that the roster does not give them; it outlives the import of a roster."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from models import ActingRow, DutyRow
from policy.acting import Grant
from policy.roster import Contact, Duty
from policy.terms import Channel, Rank, Role
from store.cases import NO_SYNC


@dataclass(frozen=True)
class Acting:
    """One grant as it stands; ended early when `ended_at` is set."""

    number: int
    grant: Grant
    granted_by: str
    granted_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def until_at(self) -> datetime:
        """Give when it is over."""
        return min(self.ended_at or self.grant.to_at, self.grant.to_at)


def put(s: Session, grant: Grant, *, by: str, at: datetime) -> Acting:
    """Write a grant down."""
    values = {**vars(grant), "role": str(grant.role), "rank": str(grant.rank)}
    row = ActingRow(**values, granted_by=by, granted_at=at)
    s.add(row)
    s.flush()
    return _acting(row)


def get(s: Session, number: int) -> Acting | None:
    """Give a grant by its number, None when there is none."""
    row = s.get(ActingRow, number)
    return None if row is None else _acting(row)


def end(s: Session, number: int, *, by: str, at: datetime) -> None:
    """Let a grant end now."""
    these = (col(ActingRow.id) == number, col(ActingRow.ended_at).is_(None))
    s.exec(update(ActingRow).where(*these).values(ended_at=at, ended_by=by), execution_options=NO_SYNC)


def standing(s: Session, since: datetime) -> list[Acting]:
    """Give the grants that are not over at `since`, also those that have not begun, in the order of their numbers."""
    going = or_(col(ActingRow.ended_at).is_(None), col(ActingRow.ended_at) > since)
    query = select(ActingRow).where(col(ActingRow.to_at) > since, going).order_by(col(ActingRow.id))
    return [_acting(row) for row in s.exec(query)]


def duties(s: Session, from_at: datetime, to_at: datetime) -> list[Duty]:
    """Give the grants of a period as duties; each person is reached as their own rows of the roster say."""
    found = [one for one in standing(s, from_at) if one.grant.from_at < to_at]
    reached = _contacts(s, {one.grant.person for one in found})
    return [
        Duty(
            g.person, g.role, g.rank, g.area, g.from_at, max(one.until_at, g.from_at), tuple(reached.get(g.person, ()))
        )
        for one in found
        for g in (one.grant,)
    ]


def ranks(duties: Iterable[Duty], known: Mapping[str, Rank], now: datetime) -> dict[str, Rank]:
    """Give everybody's rank: whoever acts up has, while it lasts, the higher one."""
    found = dict(known)
    for duty in duties:
        if duty.holds(now) and duty.person in found:
            found[duty.person] = max(found[duty.person], duty.rank, key=lambda rank: rank.weight)
    return found


def _contacts(s: Session, people: set[str]) -> dict[str, Sequence[Contact]]:
    """Give how each person is reached: by the latest row of theirs that has an address."""
    if not people:
        return {}
    query = select(DutyRow).where(col(DutyRow.person).in_(sorted(people))).order_by(col(DutyRow.to_at))
    found: dict[str, Sequence[Contact]] = {}
    for row in s.exec(query):
        if contacts := contacts_of(row):
            found[row.person] = contacts
    return found


def contacts_of(row: DutyRow) -> tuple[Contact, ...]:
    """Give the ways to reach a person that a row of the roster has."""
    addresses = ((Channel.WEBHOOK, row.webhook), (Channel.SMS, row.sms), (Channel.EMAIL, row.email))
    return tuple(Contact(channel, address) for channel, address in addresses if address)


def _acting(row: ActingRow) -> Acting:
    assert row.id is not None
    grant = Grant(row.person, Role(row.role), Rank(row.rank), row.area, row.from_at, row.to_at, row.reason)
    return Acting(row.id, grant, row.granted_by, row.granted_at, row.ended_at, row.ended_by)
