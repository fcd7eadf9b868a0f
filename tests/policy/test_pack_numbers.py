"""The numbers of the shipped packs, held against the domain's tables (8.2 and 8.3), and what stands behind each."""

import pytest

from policy.pack import Pack
from policy.terms import Anchor, FactKind, Gate, Kind, Rank, Risk, Role, Stage
from tests.policy.night import ACCEPTS, ASSESS, CONFIRM, ENTRY, MAIN_LINE, NOTIFY, PACKS, pack

CALL, RECORD = Anchor.CALL_RECEIVED, Anchor.CMS_CREATED


def by_risk(spans: str) -> dict[Risk, str]:
    """Read `VL L M H`, or one number for all levels."""
    words = spans.split()
    return dict(zip(Risk, words * 4 if len(words) == 1 else words, strict=False))


NUMBERS = [
    ("uk_app_baseline", "record_incident", CALL, "5m"),
    ("uk_app_baseline", ASSESS, CALL, "20m 20m 15m 10m"),
    ("uk_app_baseline", CONFIRM, CALL, "2h 1h 30m 15m"),
    ("uk_app_baseline", NOTIFY, RECORD, "30m 20m 10m 5m"),
    ("uk_app_baseline", ENTRY, Anchor.ACKNOWLEDGED, "5m"),
    ("uk_app_baseline", ACCEPTS, RECORD, "1h 45m 20m 10m"),
    ("staffordshire", "record_incident", CALL, "5m"),
    ("staffordshire", ASSESS, CALL, "15m"),
    ("staffordshire", CONFIRM, CALL, "1h 45m 20m 10m"),
    ("staffordshire", NOTIFY, RECORD, "15m 15m 10m 5m"),
    ("staffordshire", ENTRY, Anchor.ACKNOWLEDGED, "5m"),
    ("staffordshire", ACCEPTS, RECORD, "1h 1h 30m 15m"),
]


@pytest.mark.parametrize(("name", "key", "anchor", "spans"), NUMBERS)
def test_deadlines_are_those_of_the_procedure(name: str, key: str, anchor: Anchor, spans: str) -> None:
    """Anchor and minutes per level, as the table has them."""
    rule = pack(name).steps[key]
    assert rule.anchor is anchor
    assert {risk: str(span) for risk, span in rule.due.items()} == by_risk(spans)


@pytest.mark.parametrize(("name", "spans"), [("uk_app_baseline", "10m 7m 4m 2m"), ("staffordshire", "3m")])
def test_reminders_come_as_often_as_the_procedure_says(name: str, spans: str) -> None:
    """And the first message goes within a minute of the record."""
    rule = pack(name).steps[NOTIFY]
    assert {risk: str(span) for risk, span in rule.retry.items()} == by_risk(spans)
    assert str(rule.send) == "1m"


@pytest.mark.parametrize("name", MAIN_LINE)
def test_the_notify_step_tells_inspector_and_sergeant_and_climbs(name: str) -> None:
    """FIM by voice, neighbouring inspector, chief inspector (L, M, H), superintendent (M, H)."""
    rule = pack(name).steps[NOTIFY]
    assert [to.role for to in rule.tells] == [Role.DUTY_INSPECTOR, Role.RESPONSE_SERGEANT]
    ladder = {risk: [f"{number} {to.role} {to.area}" for number, to in rule.rungs(risk)] for risk in Risk}
    whole = [
        "1 force_incident_manager case",
        "2 duty_inspector neighbours",
        "3 duty_chief_inspector case",
        "4 on_call_superintendent case",
    ]
    assert ladder == {Risk.VERY_LOW: whole[:2], Risk.LOW: whole[:3], Risk.MEDIUM: whole, Risk.HIGH: whole}
    assert rule.ladder[0].ask == "Speak to the inspector by voice"
    assert not rule.waivable


@pytest.mark.parametrize("name", PACKS)
def test_the_serial_may_not_close_before_its_entry(name: str) -> None:
    """The amended rule of October 2025: to whom it was handed shows on the serial, every time."""
    rule = pack(name).steps[ENTRY]
    assert rule.gate == (Gate.SERIAL_ENTRY_NAMES_RECIPIENT,)
    assert rule.done_by == (FactKind.SERIAL_ENTRY,)
    assert {field.name for field in rule.evidence if field.required} == {"recipient", "text"}


@pytest.mark.parametrize("name", PACKS)
def test_a_child_has_a_floor_and_lowering_has_a_rank(name: str) -> None:
    """Medium, and an inspector."""
    assert (pack(name).child_floor, pack(name).downgrade_rank) == (Risk.MEDIUM, Rank.INSPECTOR)


@pytest.mark.parametrize("name", MAIN_LINE)
def test_every_number_shows_what_stands_behind_it(name: str) -> None:
    """Every minute of the notify step is CHOSEN: the policy says as soon as possible, and no number."""
    rules = pack(name).steps
    sourced = {key: rule.basis.time for key, rule in rules.items() if rule.basis.time != "CHOSEN"}
    assert sourced == {
        "review_at_set_time": "SOURCED(W4)",  # the time is the one that somebody has set
        "long_term_review": "SOURCED(W18)",  # 28 days, 3, 6, 12 months, then yearly
        "rhi_outcome": "SOURCED(W23)",  # 72 hours
        "ukmpu_notification": "SOURCED(W12) 72h; CHOSEN 24h at high risk",
        "national_circulation": "SOURCED(W14,W16) 48h; CHOSEN below it",
    }
    assert rules[NOTIFY].basis.rule == "SOURCED(S0)"
    chosen = {key for key, rule in rules.items() if not rule.basis.rule.startswith("SOURCED")}
    reviews = {"detective_review", "superintendent_review"} if name == "uk_app_baseline" else set()  # S4 asks for them
    assert chosen == {"correct_record", "cancel_circulation", "chief_officer_briefed", *reviews}


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_is_whole(name: str) -> None:
    """Every step has a stage, asks something of a role at each level, and can be brought to an end."""
    for rule in pack(name).steps.values():
        assert rule.stage in Stage
        assert rule.done_by
        for risk in rule.due:
            assert rule.actor.get(risk) or rule.tells, f"{rule.key} asks nobody at {risk}"
            assert rule.kind is not Kind.NOTIFY or (rule.rungs(risk) and risk in rule.retry)


def test_staffordshire_speaks_its_own_words() -> None:
    """LOI, COMPACT, STORM; nine policing areas whose neighbours know each other."""
    force = pack()
    assert force.short(Role.DUTY_INSPECTOR) == "LOI"
    assert force.systems == {"case": "COMPACT", "command_and_control": "STORM"}
    assert len(force.areas) == 9
    assert "Delivery and read receipts do not count" in force.notification.what_counts
    assert _one_sided(force) == []


def _one_sided(force: Pack) -> list[str]:
    return [
        f"{other} does not know {key}"
        for key, area in force.areas.items()
        for other in area.neighbours
        if key not in force.areas[other].neighbours
    ]
