"""What Derbyshire, the Met and Staffordshire do otherwise: numbers and people, held against the domain."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from policy.pack import Pack
from policy.terms import Gate, Kind, Rank, Risk, Role
from tests.policy.night import ACCEPTS, NOTIFY, PACKS, Night, at, on, only, pack, roster

# Step, anchor, the word and its spans `VL L M H`, as domain 8.3 to 8.5 have them.
NUMBERS: Mapping[str, tuple[tuple[str, str, str, str], ...]] = {
    "staffordshire": (
        ("ownership_at_high_risk", "owner_assigned", "due", "- - - 30m"),
        ("childrens_services", "cms_created", "due", "4h 2h 1h 30m"),
        ("prevention_interview", "returned", "due", "2d 1d 1d 4h"),
    ),
    "derbyshire_mpt": (
        (NOTIFY, "cms_created", "due", "30m 20m 10m 5m"),
        ("allocate_team_officer", "cms_created", "due", "30m 30m 30m 30m"),
        ("deploy_and_attend", "risk_set", "due", "- 8h 1h 15m"),
        ("update_reporter", "last_contact", "due", "1d 1d 1d 1d"),
        ("redacted_partner_report", "cms_created", "due", "15m 15m 15m 15m"),
        ("partner_proforma", "cms_created", "due", "1h 1h 1h 1h"),
        ("philomena_form", "cms_created", "due", "30m 30m 30m 30m"),
        ("home_spoc_contacted", "cms_created", "due", "1h 1h 1h 1h"),
        ("detective_review", "risk_set", "due", "- 7d 12h 2h"),
        ("detective_review", "risk_set", "every", "- 7d 1d 1d"),
        ("rhi_outcome", "returned", "due", "3d 3d 3d 3d"),
    ),
    "metropolitan": (
        (ACCEPTS, "cms_created", "due", "1h 1h 30m 15m"),
        ("ownership_at_high_risk", "owner_assigned", "due", "- - - 30m"),
        ("ownership_at_48h", "call_received", "due", "- 2d 2d -"),
        ("action_owner_register", "owner_assigned", "due", "1h 1h 30m 15m"),
        ("link_re_report", "cms_created", "due", "15m 15m 15m 15m"),
        ("deploy_and_attend", "risk_set", "due", "- 8h 1h 15m"),
        ("overnight_no_activity_watch", "last_investigative_entry", "due", "- - 4h 1h"),
        ("inspector_review", "shift_start", "due", "- 4h 1h 30m"),
        ("shift_handover", "shift_end", "due", "1h 1h 1h 1h"),
        ("prevention_interview", "returned", "due", "1d 1d 1d 1h"),
        ("closure_sign_off", "prevention_interview_done", "due", "1d 1d 1d 1d"),
    ),
}
ROWS = [(name, *row) for name, rows in NUMBERS.items() for row in rows]


@pytest.mark.parametrize(("name", "key", "anchor", "word", "spans"), ROWS)
def test_the_numbers_of_the_forces(name: str, key: str, anchor: str, word: str, spans: str) -> None:
    """Anchor and span per level."""
    rule = pack(name).steps[key]
    asked = dict(zip(Risk, spans.split(), strict=True))
    assert rule.anchor == anchor
    assert {risk: str(span) for risk, span in getattr(rule, word).items()} == {
        risk: span for risk, span in asked.items() if span != "-"
    }


def test_the_hours_of_the_derbyshire_team() -> None:
    """From eight to ten in the evening; what came at night by 08:30, at medium by the daily meeting at nine."""
    steps = pack("derbyshire_mpt").steps
    told = {key: rule.hours for key, rule in steps.items() if rule.hours}
    assert set(told) == {"allocate_team_officer", "detective_review"}
    assert {(hours.from_local, hours.to_local) for hours in told.values()} == {("08:00", "22:00")}
    assert {risk: str(span) for risk, span in told["detective_review"].due.items()} == {"medium": "1h", "high": "30m"}
    assert {str(span) for span in told["allocate_team_officer"].due.values()} == {"30m"}


def test_an_officer_and_a_supervisor_of_the_team_are_named() -> None:
    """Two people, each on duty in that role."""
    fields = {
        field.name: (field.type, field.role) for field in pack("derbyshire_mpt").steps["allocate_team_officer"].evidence
    }
    assert fields == {
        "officer": ("person", Role.MISSING_OFFICER),
        "supervisor": ("person", Role.MISSING_SERGEANT),
    }


def test_the_inspector_of_the_team_reviews_high_and_its_sergeant_medium() -> None:
    """Each by rank, and whoever stands in at night."""
    rule = pack("derbyshire_mpt").steps["detective_review"]
    assert (rule.rank(Risk.HIGH), rule.rank(Risk.MEDIUM)) == (Rank.INSPECTOR, Rank.SERGEANT)
    assert [(to.role, to.otherwise) for to in rule.tells] == [
        (Role.MISSING_SERGEANT, Role.DUTY_INSPECTOR),
        (Role.MISSING_INSPECTOR, Role.DUTY_INSPECTOR),
    ]


def test_the_met_owner_goes_by_the_risk() -> None:
    """Frontline up to medium, the Safeguarding Detective Inspector at high."""
    met = pack("metropolitan")
    assert {risk: met.steps[ACCEPTS].actor[risk] for risk in Risk} == {
        Risk.VERY_LOW: Role.DUTY_INSPECTOR,
        Risk.LOW: Role.DUTY_INSPECTOR,
        Risk.MEDIUM: Role.DUTY_INSPECTOR,
        Risk.HIGH: Role.SAFEGUARDING_INSPECTOR,
    }
    assert (met.short(Role.DUTY_INSPECTOR), met.short(Role.SAFEGUARDING_INSPECTOR)) == (
        "Duty Officer",
        "Safeguarding DI",
    )


def test_the_met_early_reviews_stand_at_fixed_hours() -> None:
    """After 12, 24 and 36 hours, and none after."""
    rule = pack("metropolitan").steps["early_review"]
    assert ([str(span) for span in rule.series], rule.then_every) == (["12h", "1d", "36h"], None)


def test_from_medium_on_an_inspector_signs_a_closure_in_the_met() -> None:
    """And never on what somebody else believes."""
    rule = pack("metropolitan").steps["closure_sign_off"]
    assert [rule.rank(risk) for risk in Risk] == [Rank.SERGEANT, Rank.SERGEANT, Rank.INSPECTOR, Rank.INSPECTOR]
    assert {Gate.NOT_ON_THIRD_PARTY_BELIEF, Gate.LOCATED, Gate.TASKS_DONE_OR_WAIVED} <= set(rule.gate)


def test_the_staffordshire_ladder() -> None:
    """Chief inspector at low, medium and high; superintendent at medium and high."""
    rule = pack("staffordshire").steps[NOTIFY]
    climbs = {risk: [to.role.value for number, to in rule.rungs(risk) if number > 2] for risk in Risk}
    chief, superintendent = "duty_chief_inspector", "on_call_superintendent"
    assert climbs == {
        Risk.VERY_LOW: [],
        Risk.LOW: [chief],
        Risk.MEDIUM: [chief, superintendent],
        Risk.HIGH: [chief, superintendent],
    }


@pytest.mark.parametrize("name", [name for name in PACKS if name != "uk_app_baseline"])
def test_a_force_knows_its_neighbours(name: str) -> None:
    """Areas know each other both ways and each has one; there are other forces to transfer to, none of them an area."""
    force = pack(name)
    one_sided = {
        (key, other)
        for key, area in force.areas.items()
        for other in area.neighbours
        if key not in force.areas[other].neighbours
    }
    assert one_sided == set()
    assert [key for key, area in force.areas.items() if not area.neighbours] == []
    assert len(force.forces) > 3
    assert force.notification.who


def test_the_twelve_command_units_of_the_met() -> None:
    """By name."""
    assert len(pack("metropolitan").areas) == 12
    assert len(pack("derbyshire_mpt").areas) == 9


@pytest.mark.parametrize("name", PACKS)
def test_a_new_step_of_the_enquiry_lets_go_when_the_person_is_seen(name: str) -> None:
    """What a force adds never keeps a case from being closed."""
    national = pack("uk_app_baseline").steps
    added = {key: rule for key, rule in pack(name).steps.items() if key not in national}
    assert [key for key, rule in added.items() if "enquiry_live" not in rule.when] == []


# --- played -----------------------------------------------------------------------------------------

MET = tuple(
    on(person, role, area, at("06:00"), at("06:00", 14))
    for person, role, area in (
        ("do-1", "duty_inspector", "central_north"),
        ("lrt-1", "response_sergeant", "central_north"),
        ("fim-1", "force_incident_manager", "*"),
        ("sg-1", "safeguarding_inspector", "*"),
        ("ds-1", "missing_sergeant", "*"),
        ("ci-1", "duty_chief_inspector", "*"),
        ("supt-1", "on_call_superintendent", "*"),
    )
)


def in_london(*keys: str, rules: Pack | None = None, **fields: object) -> Night:
    """Open a case in Camden at 19:00, with some of the steps alone."""
    chosen = rules or only(*keys, name="metropolitan")
    return Night(roster(*MET), chosen).report(**{"area": "central_north", **fields})


def test_frontline_has_it_for_48_hours_and_the_missing_unit_after() -> None:
    """Offered at 44 hours; the Duty Officer stays responsible until a sergeant of the unit has accepted."""
    night = in_london(NOTIFY, ACCEPTS, "ownership_at_48h").says("do-1", "accepted")
    received = night.now
    night.wait(received + timedelta(hours=43, minutes=59))
    assert night.heard("ds-1", "ownership_at_48h") == []
    night.wait(received + timedelta(hours=44))
    assert night.heard("ds-1", "ownership_at_48h") == ["15:00 handover"]
    assert night.dues("ownership_at_48h") == ["12 19:00"]
    assert night.case.owner is not None
    assert night.case.owner.person == "do-1"
    night.says("ds-1", "accepted")
    assert night.statuses("ownership_at_48h") == ["done"]
    assert night.case.owner.person == "ds-1"


def test_a_case_that_becomes_high_changes_hands() -> None:
    """Owned by the Duty Officer at medium; raised: offered to the Safeguarding DI, and asked of nobody twice."""
    night = in_london(NOTIFY, ACCEPTS, "ownership_at_high_risk").says("do-1", "accepted").until("20:00")
    assert night.statuses("ownership_at_high_risk") == ["not_required"]
    night.says("fim-1", "risk_set", level="high", rationale="A threat")
    assert night.heard("sg-1", "ownership_at_high_risk") == ["20:00 handover"]
    assert night.dues("ownership_at_high_risk") == ["10 20:30"]
    night.says("sg-1", "accepted")
    assert night.case.owner is not None
    assert night.case.owner.person == "sg-1"


def test_what_is_high_from_the_first_is_owned_by_whom_it_belongs_to() -> None:
    """The Safeguarding DI accepts once, and is not asked again."""
    night = in_london(NOTIFY, ACCEPTS, "ownership_at_high_risk", risk="high").says("sg-1", "accepted")
    assert night.statuses("ownership_at_high_risk") == ["done"]
    assert night.heard("sg-1", "ownership_at_high_risk") == []


def test_staffordshire_asks_the_local_inspector_first_and_then_cid() -> None:
    """High risk: LOI, then the detective inspector."""
    night = Night(rules=only(NOTIFY, ACCEPTS, "ownership_at_high_risk")).report(risk="high")
    assert night.heard("di-1", "ownership_at_high_risk") == []
    night.until("19:05").says("insp-a", "accepted")
    assert night.heard("di-1", "ownership_at_high_risk") == ["19:05 handover"]
    assert night.dues("ownership_at_high_risk") == ["10 19:35"]


def test_the_night_is_watched_by_the_supervisor_on_duty() -> None:
    """Four hours without an entry at medium risk, at three in the morning as at noon."""
    night = in_london("overnight_no_activity_watch").wait(at("03:00", 11))
    watch = pack("metropolitan").steps["overnight_no_activity_watch"]
    assert watch.kind is Kind.WATCH
    assert night.breaches("overnight_no_activity_watch") == ["1 10 23:00 lrt-1"]
    assert night.heard("lrt-1", "overnight_no_activity_watch")[0] == "23:00 task"


def test_each_duty_officer_reviews_at_the_start_of_the_shift() -> None:
    """Within the hour at medium risk, by whoever has come on duty; once a shift, whether the last was held or not."""
    rest = tuple(duty for duty in MET if duty.role is not Role.DUTY_INSPECTOR)
    shifts = (
        ("do-1", "14:00", 10, "22:00", 10),
        ("do-2", "22:00", 10, "06:00", 11),
        ("do-3", "06:00", 11, "14:00", 11),
    )
    officers = tuple(
        on(person, "duty_inspector", "central_north", at(since, day), at(until, last))
        for person, since, day, until, last in shifts
    )
    rules = only("inspector_review", name="metropolitan")
    night = Night(roster(*officers, *rest), rules).report(area="central_north")
    assert night.heard("do-1", "inspector_review") == []
    night.until("22:10")
    assert night.heard("do-2", "inspector_review") == ["22:00 task"]
    assert night.dues("inspector_review") == ["10 23:00"]
    night.says("do-2", "reviewed", step="inspector_review", decision="Medium stands", rationale="Nothing new")
    night.wait(at("06:00", 11))
    assert night.heard("do-3", "inspector_review") == ["06:00 task"]
    assert night.dues("inspector_review") == ["10 23:00", "11 07:00"]
