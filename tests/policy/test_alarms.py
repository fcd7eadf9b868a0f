"""What ends an alarm: its cause is gone, or a named person on duty has seen to it; nobody clicks a cause away."""

import pytest

from policy.alarms import ENDS_WITH_ITS_CAUSE, LONGEST_REASON, cause_is_gone, read_seen_to, refuse_clearing
from policy.errors import Invalid, Refused
from policy.terms import AlarmKey, Role
from tests.policy.closing_time import closed
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, only, staff

NOBODY = AlarmKey.NOBODY_ON_DUTY
SEEN_TO = sorted(set(AlarmKey) - set(ENDS_WITH_ITS_CAUSE))


def gone(night: Night, detail: str, rang: str = "19:00", key: AlarmKey = NOBODY) -> bool:
    """Tell whether an alarm that rang at a minute of this evening is over now."""
    return cause_is_gone(key, detail, at(rang), night.case, night.roster, night.now)


def test_who_has_seen_to_it_and_why() -> None:
    """Both trimmed; the reason may be left out."""
    assert read_seen_to({"by": " fim-1 ", "reason": " rang him "}) == ("fim-1", "rang him")
    assert read_seen_to({"by": "fim-1"}) == ("fim-1", "")


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        (None, ["by"]),
        ([], ["by"]),
        ({"by": " "}, ["by"]),
        ({"by": 4711, "reason": 5}, ["by", "reason"]),
        ({"by": "fim-1", "reason": "x" * (LONGEST_REASON + 1)}, ["reason"]),
    ],
)
def test_what_cannot_be_read_names_each_field(said: object, fields: list[str]) -> None:
    """Nothing was cleared."""
    with pytest.raises(Invalid) as refusal:
        read_seen_to(said)
    assert [fault.field for fault in refusal.value.faults] == fields


@pytest.mark.parametrize("key", sorted(ENDS_WITH_ITS_CAUSE))
def test_a_cause_that_stands_is_not_clicked_away(key: AlarmKey) -> None:
    """The refusal says what ends it."""
    with pytest.raises(Refused) as refusal:
        refuse_clearing(key, "fim-1", staff(), at("19:00"))
    assert refusal.value.rule == "alarm_cause_stands"
    assert ENDS_WITH_ITS_CAUSE[key] in refusal.value.missing[0].why


@pytest.mark.parametrize(("by", "said"), [("insp-a", "insp-a is not on duty"), ("x-1", "x-1 is not on the roster")])
@pytest.mark.parametrize("key", SEEN_TO)
def test_whoever_clears_an_alarm_answers_for_it(key: AlarmKey, by: str, said: str) -> None:
    """Known and on duty; anybody of them may."""
    with pytest.raises(Refused, match=said) as refusal:
        refuse_clearing(key, by, staff(without=["insp-a"]), at("19:00"))
    assert (refusal.value.rule, refusal.value.who_may) == ("alarm_cleared_on_duty", "anybody on duty")
    refuse_clearing(key, "sgt-s", staff(), at("19:00"))


def test_an_alarm_about_a_step_is_over_when_the_step_is() -> None:
    """Not before; one that nobody has heard of is not over."""
    night = Night(rules=only(NOTIFY, ACCEPTS)).report()
    detail = f"{NOTIFY}: duty_inspector on rung 2"
    assert not gone(night, detail)
    assert gone(night.says("insp-a", "acknowledged"), detail)
    assert not gone(night, "search_home: somebody")


def test_an_occurrence_that_opened_later_does_not_keep_an_alarm_alive() -> None:
    """The one that it rang for is over."""
    night = Night(rules=only("sergeant_review")).report().until("21:00")
    night.says("sgt-s", "reviewed", step="sergeant_review", decision="x", rationale="x").wait(at("04:00", 11))
    assert gone(night, "sergeant_review: response_sergeant on rung 0", "19:00")
    assert not cause_is_gone(NOBODY, "sergeant_review: x", at("03:30", 11), night.case, night.roster, night.now)


def test_the_alarm_about_the_manager_ends_with_an_owner_or_a_manager() -> None:
    """Until somebody accepts, somebody must be responsible."""
    detail = f"{Role.FORCE_INCIDENT_MANAGER}, who is responsible until an owner accepts"
    night = Night(staff(without=["fim-1"])).report()
    assert (night.rang(NOBODY)[0], gone(night, detail)) == (detail, False)
    owned = Night(staff(without=["fim-1"])).report().says("insp-a", "accepted")
    assert gone(owned, detail)
    night.roster = staff()
    assert gone(night, detail)


def test_nothing_is_open_on_a_closed_case() -> None:
    """An alarm about a step of it is over; one about the engine is not its business."""
    assert gone(closed(), f"{NOTIFY}: duty_inspector on rung 2")
    assert not gone(closed(), "engine", key=AlarmKey.ENGINE_DEAD)
