"""The card of a role: what it must, may and must not do, whom it calls, its steps, and who has read it (F2a)."""

from collections.abc import Iterator
from dataclasses import dataclass

from console import timings
from console.packs import Held, find, spans_of
from policy.errors import Unknown
from policy.pack import Pack, RoleCard, StepRule
from policy.roster import FORCE_WIDE
from policy.terms import RANK_OF_ROLE, Rank, Risk, Role
from runtime.app import App
from runtime.readings import Json
from store import cards, roster

PARTS = {
    "yours": "What is asked of you",
    "told": "What you are told of, and another does",
    "climbs": "What comes to you when nobody else has it",
}
SUPERVISES = Rank.SERGEANT


@dataclass(frozen=True)
class CardStep:
    """One step as it touches a role: as its own, as what it is told of, or on a rung of its ladder."""

    rule: StepRule
    part: str
    levels: tuple[Risk, ...]  # at which it touches the role
    rungs: tuple[int, ...]

    @property
    def times(self) -> tuple[tuple[str, str], ...]:
        """Say when it is due at the levels that touch the role; one line where all levels are alike."""
        said = tuple(timings.times_of(self.rule))
        each = tuple(one for one, risk in zip(said, Risk, strict=False) if risk in self.levels)
        return said if len(said) == 1 else each


@dataclass(frozen=True)
class Readers:
    """Who of those on duty in a role has opened its card, by roster id."""

    role: Role
    label: str
    read: tuple[str, ...]
    unread: tuple[str, ...]


def role_of(pack: Pack, name: str) -> Role:
    """Give a role that has a card in a pack, or raise Unknown."""
    if name not in pack.cards:
        known = ", ".join(role for role in Role if role in pack.cards)
        raise Unknown(f"the pack {pack.name} has no card of a role {name}; it has those of {known}")
    return Role(name)


def steps_of(pack: Pack, role: Role) -> list[CardStep]:
    """Give the steps that touch a role, in the procedure's order: its own, those it is told of, those that climb."""
    found = [step for rule in pack.case_steps for step in _touching(rule, role)]
    return sorted(found, key=lambda step: list(PARTS).index(step.part))


def _touching(rule: StepRule, role: Role) -> Iterator[CardStep]:
    levels = tuple(risk for risk in Risk if rule.applies(risk))
    acts = tuple(risk for risk in levels if rule.actor.get(risk) is role)
    told = tuple(risk for risk in levels if any(to.role is role and risk in to.risks for to in rule.tells))
    rungs = tuple(n for n, to in enumerate(rule.ladder, 1) if to.role is role)
    instead = any(to.otherwise is role for to in (*rule.tells, *rule.ladder))  # of a team that has gone home
    if acts:
        yield CardStep(rule, "yours", acts, rungs)
    elif told:
        yield CardStep(rule, "told" if rule.actor else "yours", told, rungs)
    elif rungs or instead:
        climbs = tuple(risk for risk in levels if instead or any(risk in rule.ladder[n - 1].risks for n in rungs))
        yield CardStep(rule, "climbs", climbs, rungs)


def view(held: Held, name: str) -> Json:
    """Give a role's card with its steps as the API answers it, or raise Unknown."""
    pack = held.pack
    role = role_of(pack, name)
    card: RoleCard = pack.card(role)
    return {
        "pack": pack.name,
        "revision": pack.revision,
        "role": role,
        "title": pack.label(role),
        "rank": RANK_OF_ROLE[role],
        "must": list(card.must),
        "may": list(card.may),
        "must_not": list(card.must_not),
        "calls": list(card.calls),
        "steps": [_step(step) for step in steps_of(pack, role)],
    }


def _step(step: CardStep) -> Json:
    rule = step.rule
    return {
        "key": rule.key,
        "title": rule.title,
        "stage": rule.stage,
        "ask": rule.ask,
        "part": step.part,
        "risks": list(step.levels),
        "anchor": rule.anchor,
        "due": spans_of(rule.due),
        "every": spans_of(rule.every),
        "series": [str(span) for span in rule.series],
        "rungs": list(step.rungs),
    }


def readers(app: App, name: str) -> tuple[Held, list[Readers]]:
    """Give for each role with a card who of those on duty now has opened it, and who has not yet."""
    held, now = find(app, name), app.clock.now()
    with app.sessions.reading() as s:
        known, opened = roster.snapshot(s, now), cards.opened(s, name)
    areas = {FORCE_WIDE, *held.pack.areas}
    on_duty = {(duty.role, duty.person) for duty in known.on_duty(now) if not held.pack.areas or duty.area in areas}
    return held, [
        Readers(
            role,
            held.pack.label(role),
            tuple(sorted(p for r, p in on_duty if r is role and (p, role) in opened)),
            tuple(sorted(p for r, p in on_duty if r is role and (p, role) not in opened)),
        )
        for role in Role
        if role in held.pack.cards
    ]


def listing(app: App, name: str) -> Json:
    """Give who has read which card as the API answers it: roster ids only."""
    held, found = readers(app, name)
    return {
        "pack": held.pack.name,
        "roles": [
            {"role": one.role, "title": one.label, "opened": list(one.read), "not_opened": list(one.unread)}
            for one in found
        ],
    }


def supervises(app: App, person: str | None) -> bool:
    """Tell whether somebody may see by name who has not opened a card yet: sergeants and above."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        rank = roster.snapshot(s, now).rank_of(person or "") or Rank.STAFF
    return rank.weight >= SUPERVISES.weight
