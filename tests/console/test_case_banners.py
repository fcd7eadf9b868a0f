"""What the page of a case says before all else: reported again, between forces, a concern, unsearched, a floor."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.banners import Banner, banners
from policy.case import Case, Owner
from policy.record_terms import AgeBand
from policy.step import Step, Told
from policy.terms import AlarmKey, Anchor, CaseStatus, Rank, Risk, Role, StepStatus
from store import cases
from tests.console.world import START, World

NOW = datetime(2026, 1, 10, 22, 0, tzinfo=UTC)
AT = {Anchor.CALL_RECEIVED: START, Anchor.CMS_CREATED: START, Anchor.TRANSFER_OFFERED: START}


def case(**fields: object) -> Case:
    """An adult at medium risk, of whom nothing is unusual."""
    plain = Case("MP-2026-000001", "staffordshire", 1, "stoke", AgeBand.B25_64, Risk.MEDIUM, anchors=AT)
    return replace(plain, **fields)  # type: ignore[arg-type]  # each test names fields of a case


def shown(world: World, one: Case) -> tuple[Banner, ...]:
    """Give what the page would say of a case."""
    return banners(world.app, one, world.app.pack_of(one), NOW)


def said(world: World, one: Case) -> str:
    """The same as a text."""
    return " ".join(f"{banner.title} {banner.text}" for banner in shown(world, one))


def test_an_ordinary_case_says_nothing(world: World) -> None:
    """No banner where nothing is unusual: whoever sees one reads it."""
    assert shown(world, case()) == ()


def test_between_two_forces(world: World) -> None:
    """Offered, accepted, sent back: where it stands, since when, how often it came back."""
    force = next(iter(world.app.pack_of(case()).forces))
    title = world.app.pack_of(case()).force_title(force)
    offered = said(world, case(force=force, transfer="offered", bounces=2))
    assert f"Offered to {title} at 19:00. It stays ours until a named person there accepts" in offered
    assert "It has come back 2 times." in offered
    owner = Owner("gmp-1", Role.FORCE_INCIDENT_MANAGER, START, NOW)
    anchors = {**AT, Anchor.TRANSFER_ACCEPTED: NOW}
    accepted = said(world, case(force=force, transfer="accepted", owner=owner, anchors=anchors))
    assert f"With {title}. gmp-1 accepted it at 22:00." in accepted
    assert f"Sent back by {title}. The case is ours. It has come back once." in said(
        world, case(force=force, bounces=1)
    )


def test_a_re_report_leads_to_the_earlier_case_and_what_was_left_undone(world: World) -> None:
    """Its reference, its risk, the floor, and each thing that had been asked for and nobody did."""
    earlier = world.report(1)
    with world.app.sessions() as s:
        held = cases.load(s, earlier)
        told = (Told("sgt-s", Role.RESPONSE_SERGEANT, 0, START),)
        undone = Step("search_home", status=StepStatus.NOT_REQUIRED, told=told, reason="the case is closed")
        cases.save(s, held, replace(held.case.with_step(undone), status=CaseStatus.CLOSED), wake_at=None)
    (banner,) = shown(world, case(re_report_of=earlier, risk_floor=Risk.MEDIUM))
    assert (banner.case, banner.alert) == (earlier, True)
    assert "Its risk there was medium. Timers run as medium at least." in banner.text
    assert "Left undone there: " in banner.text
    assert "Search of the home" in banner.text
    assert "Nothing was left undone" in said(world, case(re_report_of="MP-2026-000099"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"call_type": "concern_for_welfare"}, "Not called missing yet. The call was typed as concern for welfare"),
        ({"to_confirm": True, "risk": Risk.HIGH}, "High risk, to be confirmed."),
        (
            {"ringing": frozenset({(AlarmKey.COPIED_TEXT, "verify_seen: the text of MP-2026-000007")})},
            ": the text of MP-2026-000007. Ask before you sign.",
        ),
        ({"risk": Risk.LOW, "age_band": AgeBand.B13_15}, "Timers run as medium: a child."),
        ({"risk": Risk.LOW, "risk_floor": Risk.HIGH, "re_report_of": "MP-2026-000099"}, "reported missing again."),
    ],
)
def test_what_waits_for_a_decision(world: World, fields: dict[str, object], words: str) -> None:
    """A concern, a raised risk, copied words, a floor: each in one sentence."""
    assert words in said(world, case(**fields))


def test_a_floor_names_the_flag_that_lays_it_and_yields_to_an_inspector(world: World) -> None:
    """Timers run as the pack says of the flag; an inspector's own level is no longer below a floor."""
    pack = world.app.pack_of(case())
    flag, floor = next(iter(pack.floors.items()))
    low = case(risk=Risk.VERY_LOW, flags=frozenset({flag}), risk_floor=floor)
    assert flag.replace("_", " ") in said(world, low)
    assert shown(world, replace(low, risk_rank=Rank.INSPECTOR)) == ()


def test_spaces_left_unsearched_stand_on_the_page(world: World) -> None:
    """Each with why it was left out, as long as nobody has searched it."""
    pack = world.app.pack_of(case())
    key, name = next((r.key, f.name) for r in pack.steps.values() for f in r.evidence if f.type == "spaces")
    evidence = {name: "Kitchen: searched\nGarage: not searched, no key"}
    step = Step(key, status=StepStatus.DONE, done_at=START, done_by="sgt-s", evidence=evidence)
    assert "Not searched: Garage (no key)." in said(world, case(unsearched=True, steps=(step,)))
