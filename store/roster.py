"""The roster as it stands: who is on duty, who is known, and how many open cases each one holds."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, func, select

from models import CaseRow, DutyRow, PersonRow
from policy.case import ACCEPTED_ELSEWHERE
from policy.roster import Duty, Roster
from policy.terms import CaseStatus, Rank, Role
from store import acting
from store.cases import NO_SYNC
from store.roster_file import RosterFile
from store.upsert import insert

AROUND = timedelta(days=1)  # duties that ended or begin within this stand in a snapshot


def replace(s: Session, file: RosterFile) -> None:
    """Put the file's good rows in the place of the whole roster.

    Those whom it leaves out are known no more, but keep their names for what they did.
    """
    s.exec(delete(DutyRow), execution_options=NO_SYNC)
    s.exec(update(PersonRow).values(current=False), execution_options=NO_SYNC)
    for person, (name, rank) in file.people.items():
        values = {"name": name, "rank": str(rank), "current": True}
        statement = insert(s, PersonRow).values(id=person, **values)
        s.exec(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    rows = [
        {
            "person": row.person,
            "role": str(row.role),
            "rank": str(row.rank),
            "area": row.area,
            "from_at": row.from_at,
            "to_at": row.to_at,
            "email": row.email,
            "webhook": row.webhook,
            "phone": row.phone,
            "sms": row.sms,
        }
        for row in file.rows
    ]
    if rows:
        s.exec(insert(s, DutyRow), params=rows)


def snapshot(s: Session, now: datetime) -> Roster:
    """Give the duties of the day before and after `now`, cover among them; everybody known; their open cases."""
    near = (col(DutyRow.to_at) > now - AROUND, col(DutyRow.from_at) < now + AROUND)
    duties = s.exec(select(DutyRow).where(*near).order_by(col(DutyRow.id)))
    people = select(PersonRow.id, PersonRow.rank).where(col(PersonRow.current))
    known = {person: Rank(rank) for person, rank in s.exec(people)}
    covered = [duty for duty in acting.duties(s, now - AROUND, now + AROUND) if duty.person in known]
    return Roster(
        duties=(*(_duty(row) for row in duties), *covered),
        known=acting.ranks(covered, known, now),
        load=load(s),
    )


def duties(s: Session) -> list[Duty]:
    """Give every duty of the roster, in the order of its file."""
    return [_duty(row) for row in s.exec(select(DutyRow).order_by(col(DutyRow.id)))]


def load(s: Session) -> dict[str, int]:
    """Count the open cases that each person owns; who owns none is left out."""
    owned = (col(CaseRow.owner_person).is_not(None), col(CaseRow.status) != CaseStatus.CLOSED.value)
    query = select(CaseRow.owner_person, func.count()).where(*owned).group_by(col(CaseRow.owner_person))
    return {str(person): int(number) for person, number in s.exec(query)}


def owners_gone(s: Session) -> list[tuple[str, str]]:
    """Give each open case whose owner is not on the roster any more, with that owner: it stays theirs until accepted.

    What another force has accepted is left out: its people are not ours to know.
    """
    known = select(PersonRow.id).where(col(PersonRow.current))
    theirs = or_(col(CaseRow.transfer).is_(None), col(CaseRow.transfer) != ACCEPTED_ELSEWHERE)
    query = select(CaseRow.ref, CaseRow.owner_person).where(
        theirs, col(CaseRow.status) != CaseStatus.CLOSED.value, col(CaseRow.owner_person).not_in(known)
    )
    return [(ref, str(owner)) for ref, owner in s.exec(query.order_by(col(CaseRow.ref)))]


def name_of(s: Session, person: str) -> str:
    """Give a person's name for a page, the id itself for somebody never on a roster."""
    return names_of(s, [person])[person]


def names_of(s: Session, people: list[str]) -> dict[str, str]:
    """Give the names of several people, by id."""
    query = select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(people))
    return {person: person for person in people} | dict(s.exec(query).all())


def phone_of(s: Session, person: str) -> str | None:
    """Give a number to ring a person on (for a page, where somebody is to be spoken to), None when none is known."""
    query = select(DutyRow.phone).where(col(DutyRow.person) == person, col(DutyRow.phone).is_not(None))
    return s.exec(query.order_by(col(DutyRow.to_at).desc())).first()


def phones_of(s: Session, people: list[str]) -> dict[str, str]:
    """Give the numbers to ring several people on, by id; who has none is left out."""
    query = select(DutyRow.person, DutyRow.phone).where(
        col(DutyRow.person).in_(people), col(DutyRow.phone).is_not(None)
    )
    return {person: phone for person, phone in s.exec(query.order_by(col(DutyRow.to_at))) if phone}


def _duty(row: DutyRow) -> Duty:
    return Duty(
        person=row.person,
        role=Role(row.role),
        rank=Rank(row.rank),
        area=row.area,
        from_at=row.from_at,
        to_at=row.to_at,
        contacts=acting.contacts_of(row),
    )
