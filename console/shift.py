"""The change of shift for one person: what is offered to them, and what they give up that nobody has accepted yet."""

from dataclasses import dataclass
from datetime import datetime

from console.asked import Offer, offered_to
from console.brief import Action, Brief, actions_of, brief_of
from policy import handover
from policy.book import Book
from policy.case import Case, Step
from policy.pack import Pack
from policy.roster import Roster
from policy.terms import CaseStatus, Decision, FactKind, Kind, Risk
from runtime.app import App
from store import journal, listing
from store import roster as store_roster
from store.journal import Lines


@dataclass(frozen=True)
class Offered:
    """One offer of a case as it stands."""

    step: str
    occurrence: int
    title: str
    to: str | None
    since_at: datetime | None
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True)
class Taking:
    """One case that is offered to the person: its brief, and what accepting brings."""

    case: str
    giver: str | None  # who has it until the person accepts; None: nobody yet
    offers: tuple[Offered, ...]
    moves: tuple[Action, ...]  # what the giver has to do, and who accepts from then on
    brief: Brief

    @property
    def due_at(self) -> datetime | None:
        """Give by when the first of the offers is to be answered."""
        return min((offer.due_at for offer in self.offers if offer.due_at), default=None)

    @property
    def overdue(self) -> bool:
        """Tell whether an offer waits past its time."""
        return any(offer.overdue for offer in self.offers)

    @property
    def answers(self) -> tuple[Offer, ...]:
        """Give the answers that can be given."""
        stays = f" Until somebody accepts, it stays with {self.giver}." if self.giver else ""
        declining = f"The next person is told at once.{stays} Say why; do not name the missing person."
        return (
            Offer(Decision.ACCEPT, f"Accept {self.case}", "You own the case from now on.", f"accept-{self.case}"),
            Offer(Decision.DECLINE, "I cannot take it", declining, self.case),
        )


@dataclass(frozen=True)
class Giving:
    """One case in which the person has something that is to pass to somebody else."""

    case: str
    risk: Risk | None
    timer_risk: Risk
    area: str
    owns: bool
    rests: bool  # inactive: it is offered to nobody before its set review
    actions: tuple[Action, ...]
    offers: tuple[Offered, ...]  # of the case, that nobody has accepted yet; none: it is not offered yet


@dataclass(frozen=True)
class Shift:
    """The page of one person; `begins_at` is their next duty where they are on none now."""

    person: str
    ends_at: datetime | None
    begins_at: datetime | None
    taking: tuple[Taking, ...]
    giving: tuple[Giving, ...]

    @property
    def unanswered(self) -> int:
        """Count the cases that were offered on and that nobody has accepted."""
        return sum(bool(one.offers) for one in self.giving)


def shift_of(app: App, person: str) -> Shift:
    """Give what somebody takes over and gives up at this minute, the most pressing case first."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        held = listing.concerning(s, person)
        roster = store_roster.snapshot(s, now)
    packs = [(one.case, app.pack_of(one.case)) for one in held]
    offered = [(case, pack, found) for case, pack in packs if (found := _unanswered(app, case, pack, person))]
    ends = (handover.ends_at(Book(case, pack, roster, now), person) for case, pack in packs)
    return Shift(
        person=person,
        ends_at=next(ends, None) or _end(roster, person, now),
        begins_at=_next_duty(roster, person, now),
        taking=tuple(_taking(app, case, pack, found) for case, pack, found in offered),
        giving=tuple(given for case, pack in packs if (given := _giving(case, pack, person, now))),
    )


def _unanswered(app: App, case: Case, pack: Pack, person: str) -> tuple[Offered, ...]:
    """Give the live offers of a case that a person was told of and has not declined."""
    live = offered_to(person, case, pack, case.live_steps())
    if not live:
        return ()
    with app.sessions.reading() as s:
        lines = journal.of_kinds(s, Lines({"fact"}, case.ref))
    said = [line for line in lines if line.by == person and line.body.get("fact") == FactKind.DECLINED]
    declined = {(line.body.get("step"), line.body.get("occurrence")) for line in said}
    return tuple(_offered(step, pack, app.clock.now()) for step in live if step.id not in declined)


def _offered(step: Step, pack: Pack, now: datetime) -> Offered:
    return Offered(
        step=step.key,
        occurrence=step.occurrence,
        title=pack.steps[step.key].title,
        to=step.holder,
        since_at=step.told[0].at if step.told else step.opens_at,
        due_at=step.due_at,
        overdue=step.due_at is not None and step.due_at <= now,
    )


def _taking(app: App, case: Case, pack: Pack, offers: tuple[Offered, ...]) -> Taking:
    giver = case.owner.person if case.owner else None
    moves = handover.actions_of(case, pack, giver) if giver else ()
    return Taking(case.ref, giver, offers, actions_of(moves, pack, app.clock.now()), brief_of(app, case.ref))


def _giving(case: Case, pack: Pack, person: str, now: datetime) -> Giving | None:
    """Say what a person has in a case; None where it is nothing that passes on."""
    owns = case.owner is not None and case.owner.person == person and not case.closed
    actions = handover.actions_of(case, pack, person)
    if not (owns or actions):
        return None
    offers = [step for step in case.live_steps() if pack.steps[step.key].kind is Kind.ACCEPT] if owns else []
    return Giving(
        case=case.ref,
        risk=case.risk,
        timer_risk=case.timer_risk(pack.child_floor),
        area=pack.area_title(case.area),
        owns=owns,
        rests=case.status is CaseStatus.INACTIVE,
        actions=actions_of(actions, pack, now),
        offers=tuple(_offered(step, pack, now) for step in offers),
    )


def _end(roster: Roster, person: str, now: datetime) -> datetime | None:
    return max((duty.to_at for duty in roster.duties_of(person, now)), default=None)


def _next_duty(roster: Roster, person: str, now: datetime) -> datetime | None:
    """Give when somebody who is off duty comes on again, as far as the roster knows."""
    if roster.duties_of(person, now):
        return None
    return min((duty.from_at for duty in roster.spells_of(person) if duty.from_at > now), default=None)
