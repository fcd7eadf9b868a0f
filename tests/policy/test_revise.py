"""Editing a pack's numbers: what may be edited, how bad input is answered, and what differs between two packs."""

from datetime import timedelta

import pytest
from hypothesis import given

from policy.errors import Invalid, Refused
from policy.pack import Pack
from policy.pack_parse import build
from policy.permissions import Post
from policy.proposal import Who, read_proposal, refuse_approval, refuse_drafting, refuse_override
from policy.revise import OF_A_STEP, OF_THE_PACK, Change, apply, read_changes, value_of
from policy.revise_diff import difference
from policy.terms import Rank, Risk, Role
from tests.policy.edits import change, edited, edits, raw
from tests.policy.night import ACCEPTS, NOTIFY, at

ADMIN = Who("adm-1", (Post(Role.POLICY_ADMIN, account=True),))
OTHER = Who("adm-2", (Post(Role.POLICY_ADMIN, account=True),))
SUPT = Who("supt-1", (Post(Role.ON_CALL_SUPERINTENDENT, Rank.SUPERINTENDENT),))
ACC = Who("acc-1", (Post(Role.CHIEF_OFFICER, Rank.ACC),))
SERGEANT = Who("sgt-s", (Post(Role.RESPONSE_SERGEANT, Rank.SERGEANT),))


def one(**given_: object) -> list[object]:
    """Write a list with one change: the acknowledgement's deadline at medium risk, with some of it changed."""
    return [{"step": NOTIFY, "field": "due", "risk": "medium", "value": "7m"} | given_]


@pytest.mark.parametrize(
    ("given_", "field", "says", "remedy"),
    [
        (one(value="0m"), "changes.0.value", "'0m' is not a span", "write a whole number and s, m, h, d or mo"),
        (one(value="-5m"), "changes.0.value", "lies before its beginning", "above 0"),
        (one(value="7"), "changes.0.value", "'7' has no unit", "write 7s, 7m, 7h, 7d or 7mo"),
        (one(value="ten minutes"), "changes.0.value", "'ten minutes' is not a span", "such as 10m"),
        (one(value="7 fortnights"), "changes.0.value", "is not a span", "such as 10m"),
        (one(value="300mo"), "changes.0.value", "longer than ten years", "will live to see"),
        (one(value="999999d"), "changes.0.value", "longer than a hundred years", "shorter"),
        (one(value=None), "changes.0.value", "'' is not a span", "such as 10m"),
        (one(step="notify_local"), "changes.0.step", "there is no step 'notify_local'", "notify_local_supervisor"),
        (one(field="duo"), "changes.0.field", "no number that may be edited", "did you mean due?"),
        (one(field="title"), "changes.0.field", "no number that may be edited", "use one of"),
        (one(risk="extreme"), "changes.0.risk", "'extreme' is no level", "very_low, low, medium, high"),
        (one(field="send"), "changes.0.risk", "the same for every level", "leave risk out"),
        (one(colour="red"), "changes.0.colour", "is not known", "step, field, risk and value"),
        (["due"], "changes.0.", "is no change", "give step, field, risk and value"),
        ([], "changes", "is empty", "give a list"),
        ("due", "changes", "no list", "give a list"),
        (one() + one(value="8m"), "changes.1", "is changed twice", "once"),
        ([{"field": "warn_at", "value": "50 100"}], "changes.0.value", "no percentages", "1 to 99"),
        ([{"step": "long_term_review", "field": "series", "value": "6mo 3mo"}], "changes.0.value", "no series", "grow"),
        ([{"step": NOTIFY, "field": "at_local", "value": "8.30"}], "changes.0.value", "no time of day", "08:30"),
    ],
)
def test_a_bad_change_is_refused_by_field_fault_and_remedy(given_: object, field: str, says: str, remedy: str) -> None:
    """Zero, negative, huge, without a unit, unknown: each names the field, what is wrong with it and what to do."""
    with pytest.raises(Invalid) as refused:
        read_changes(given_, raw())
    (fault,) = refused.value.faults
    assert fault.field == field
    assert says in fault.message
    assert remedy in fault.remedy


def test_a_change_without_a_level_is_for_all_of_them() -> None:
    """One value for every level; a list and its text are the same."""
    assert [c.risk for c in read_changes(one(risk=None), raw())] == list(Risk)
    (warned,) = read_changes([{"field": "warn_at", "value": [80, 50]}], raw())
    assert warned.value == "50 80"
    (series,) = read_changes([{"step": "long_term_review", "field": "series", "value": ["28d", "3mo"]}], raw())
    assert series.value == "28d 3mo"
    (held,) = read_changes([{"step": NOTIFY, "field": "at_local", "value": "08:30"}], raw())
    assert (held.value, held.as_dict()["step"]) == ("08:30", NOTIFY)


def test_an_edit_is_read_by_the_grammar_of_a_file() -> None:
    """The number stands in the pack; every other stays; nothing of the first pack is touched."""
    before = build("staffordshire", raw())
    after = edited(change(f"{NOTIFY}.due.medium", "7m"))
    assert after.steps[NOTIFY].due[Risk.MEDIUM].elapsed == timedelta(minutes=7)
    assert after.steps[NOTIFY].due[Risk.HIGH] == before.steps[NOTIFY].due[Risk.HIGH]
    assert {k: r for k, r in after.steps.items() if k != NOTIFY} == {
        k: r for k, r in before.steps.items() if k != NOTIFY
    }
    assert build("staffordshire", raw()) == before
    assert after.revision == 2


def test_numbers_of_the_pack_as_a_whole_are_edited_too() -> None:
    """The next review of an inactive case, and the warnings where a step names none."""
    after = edited(Change(None, "inactive.within", Risk.LOW, "3d"), Change(None, "warn_at", None, "60"))
    assert str(after.inactive.within[Risk.LOW]) == "3d"
    assert after.steps["initial_risk_assessment"].warn_at == ()
    assert (60,) in {rule.warn_at for rule in after.steps.values()}
    assert value_of(raw(), None, OF_THE_PACK["inactive.senior_after"], None) == "28d"
    assert value_of({"steps": {}}, None, OF_THE_PACK["inactive.senior_after"], None) == "-"


def test_a_number_is_taken_out_by_a_dash() -> None:
    """`-` at a level means that it is not asked for; at every level the field goes."""
    assert Risk.LOW not in edited(change(f"{ACCEPTS}.due.low", "-")).steps[ACCEPTS].due
    gone = apply(raw(), [change(f"{NOTIFY}.rung_every.{risk}", "-") for risk in Risk])
    assert value_of(gone, NOTIFY, OF_A_STEP["rung_every"], Risk.LOW) == "-"
    assert edited(Change("long_term_review", "then_every", None, "-")).steps["long_term_review"].then_every is None


def test_an_edited_time_is_the_forces_own() -> None:
    """What a source had given is not SOURCED any more, and says what it was."""
    table = apply(raw(), [change("rhi_outcome.due.medium", "48h")])
    basis = table["steps"]["rhi_outcome"]["basis"]  # type: ignore[index]  # mypy knows no tables
    assert basis["time"].startswith("CHOSEN (was SOURCED(")
    build("staffordshire", table)


@given(edits())
def test_what_differs_makes_the_other_of_the_one(after: Pack) -> None:
    """The difference of two packs, applied to the first, is the second."""
    changes = [
        Change(key, name, risk, value_of(_raw_of(after), key, field, risk))
        for key in after.steps
        for name, field in OF_A_STEP.items()
        for risk in (Risk if field.by_risk else (None,))
    ]
    table = apply(raw(), [c for c in changes if c.value != value_of(raw(), c.step, OF_A_STEP[c.field], c.risk)])
    found = difference(raw(), table)
    assert found.others == ()
    assert build("staffordshire", apply(raw(), found.changes), 2) == build("staffordshire", table, 2)
    assert not difference(table, table)


def _raw_of(after: Pack) -> dict[str, object]:
    """Write the numbers of a pack's steps back as a table."""
    steps = {}
    for key, rule in after.steps.items():
        spans = {name: getattr(rule, name) for name in ("due", "every", "retry", "rung_every")}
        table: dict[str, object] = {n: {str(r): str(s) for r, s in by.items()} for n, by in spans.items() if by}
        own = raw()["steps"][key]  # type: ignore[index]  # mypy knows no tables
        table |= {name: own[name] for name in OF_A_STEP if name in own and name not in spans}
        if rule.first:
            table["first"] = str(rule.first)
        steps[key] = table
    return {"steps": steps}


def test_words_that_differ_are_told_beside_the_numbers() -> None:
    """A title, a step more or less, a new role: what a person must read and no number says."""
    table = apply(raw(), [])
    steps = table["steps"]
    assert isinstance(steps, dict)
    steps[NOTIFY] = {**steps[NOTIFY], "title": "Ring the inspector"}
    del steps[ACCEPTS]
    table["title"] = "Staffordshire, new"
    found = {other.where: (other.before, other.after) for other in difference(raw(), table).others}
    assert found[f"steps.{NOTIFY}.title"][1] == "Ring the inspector"
    assert found[f"steps.{ACCEPTS}"][1] is None
    assert found["title"][1] == "Staffordshire, new"


# --- proposals, and who may


def body(**given_: object) -> dict[str, object]:
    """Write a proposal."""
    return {"base": 1, "changes": one(), "reason": "After a review"} | given_


@pytest.mark.parametrize(
    ("given_", "field", "says"),
    [
        (body(effective_from="2026-01-10T18:00:00Z"), "effective_from", "lies in the past"),
        (body(effective_from="2026-02-30"), "effective_from", "valid"),
        (body(effective_from=1767225600), "effective_from", "is not an instant with its offset"),
        (body(effective_from="9999-01-01T00:00:00Z"), "effective_from", "not an instant of our time"),
        (body(reason=" "), "reason", "at least 3"),
        (body(base="one"), "base", "integer"),
        (body(applies_to="old"), "applies_to", "'new' or 'live_and_new'"),
        (body(override={"by": "supt-1"}), "override.reason", "required"),
        (body(text="pack = 'x'"), "changes", "exactly one of them"),
        (body(changes=None), "changes", "exactly one of them"),
        ("nothing", "body", "dictionary"),
    ],
)
def test_a_bad_proposal_is_refused_by_field(given_: object, field: str, says: str) -> None:
    """An instant in the past, no reason, both a pack and numbers: each is said at its field, with a remedy."""
    with pytest.raises(Invalid) as refused:
        read_proposal(given_, at("19:00"))
    assert [(fault.field, says in fault.message, bool(fault.remedy)) for fault in refused.value.faults] == [
        (field, True, True)
    ]


def test_a_preview_needs_no_reason_yet() -> None:
    """What is only looked at is defended by nobody; an instant to come is taken in UTC."""
    assert read_proposal(body(reason=""), at("19:00"), for_preview=True).reason
    read = read_proposal(body(effective_from="2026-02-01T08:00:00+01:00"), at("19:00"))
    assert read.effective_from is not None
    assert read.effective_from.isoformat() == "2026-02-01T07:00:00+00:00"


def test_who_may_propose_and_approve() -> None:
    """Never the proposer; numbers by an admin or a superintendent, an override by the rank, a whole pack by an ACC."""
    for who in (ADMIN, SUPT, ACC):
        refuse_drafting(who)
    with pytest.raises(Refused, match="may not propose"):
        refuse_drafting(SERGEANT)
    refuse_approval(OTHER, "adm-1", override=False, whole=False)
    refuse_approval(SUPT, "adm-1", override=True, whole=False)
    refuse_approval(ACC, "adm-1", override=False, whole=True)
    refuse_override(SUPT)
    for who, override, whole, rule in (
        (ADMIN, False, False, "second_person"),
        (SERGEANT, False, False, "rank"),
        (OTHER, True, False, "ceiling"),
        (SUPT, False, True, "rank"),
    ):
        with pytest.raises(Refused) as refused:
            refuse_approval(who, "adm-1", override=override, whole=whole)
        assert refused.value.rule == rule
        assert refused.value.who_may
    with pytest.raises(Refused) as refused:
        refuse_override(OTHER)
    assert refused.value.rule == "ceiling"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ((change("sergeant_review.every.medium", "2m"),), "faster than every five minutes"),
        ((change(f"{NOTIFY}.retry.medium", "10m"),), "reminds every 10m at medium risk, and is due after 10m"),
        ((change(f"{NOTIFY}.rung_every.medium", "2d"),), "climbs its ladder 2d after a deadline of 10m"),
    ],
)
def test_times_that_contradict_each_other_are_faults(changes: tuple[Change, ...], says: str) -> None:
    """Each sound by itself; together they would leave somebody unsought."""
    from policy import pack_floor

    assert any(says in fault.message for fault in pack_floor.faults(edited(*changes)))


def test_a_series_may_not_come_before_its_first_is_due_nor_open_before_the_one_before() -> None:
    """A recurrence shorter than its duration asks for two at once, always."""
    from policy import pack_floor

    table = apply(raw(), [change("sergeant_review.every.medium", "2h")])
    steps = table["steps"]
    assert isinstance(steps, dict)
    steps["sergeant_review"] = {**steps["sergeant_review"], "due": {"medium": "4h"}, "opens_before": "3h"}
    said = [fault.message for fault in pack_floor.faults(build("staffordshire", table))]
    assert any("before the first is due (4h)" in text for text in said)
    assert any("opens 3h before it is due" in text for text in said)
