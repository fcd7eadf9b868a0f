"""Acknowledging says "I have seen it"; accepting says "it is mine"; handing on asks somebody else."""

from dataclasses import replace

import pytest

from policy.errors import Refused, UsedLink
from policy.terms import AlarmKey, Anchor, MessageType, Role, StepStatus
from tests.policy.night import ACCEPTS, ENTRY, NOTIFY, Night, at, clock, staff


def test_acknowledging_stops_reminders_and_rungs() -> None:
    """Silence afterwards, for everybody who was told."""
    night = Night().report().until("19:05").says("insp-a", "acknowledged", understood_risk="medium").forget()
    assert (night.step(NOTIFY).status, night.step(NOTIFY).done_by) == (StepStatus.DONE, "insp-a")
    night.until("20:30")
    assert {t.person for t in night.tells for ask in t.asks if ask.step == NOTIFY} == set()


def test_acknowledged_is_not_accepted() -> None:
    """The case has no owner, the owner step stays open, and its deadline falls."""
    night = Night().report().until("19:05").says("insp-a", "acknowledged")
    assert night.case.owner is None
    assert night.case.offered_to == "insp-a"
    assert night.step(ACCEPTS).status is StepStatus.OPEN
    assert night.until("19:30").step(ACCEPTS).status is StepStatus.OVERDUE


def test_those_told_are_stood_down() -> None:
    """Each once, whichever rungs they were told on; not the one who has it; nobody who was never told."""
    night = Night().report().until("19:31").forget().says("insp-n", "acknowledged")
    stood_down = [t for t in night.tells if t.type is MessageType.CANCEL]
    assert [t.person for t in stood_down] == ["insp-a", "sgt-s", "fim-1"]
    said = {t.person: [ask.text for ask in t.asks] for t in stood_down}
    assert said["fim-1"] == said["sgt-s"] == ["No need to act any more: insp-n has it"]
    assert said["insp-a"] == ["insp-n has acknowledged it for now", night.pack.steps[ACCEPTS].ask]  # still offered
    assert {t.title for t in stood_down} == {"Stand down: FIM tells the LOI and the sergeant"}
    assert [(c.step, c.occurrence) for c in night.cancels] == [(NOTIFY, 1)]
    assert set(night.cleared) == {AlarmKey.NOBODY_ON_DUTY, AlarmKey.OVERDUE_LAST_RUNG, AlarmKey.UNREACHABLE}


def test_a_rung_that_falls_due_with_the_answer_is_not_told_at_all() -> None:
    """Deadlines go before facts, but what was not sent yet need not be sent and taken back."""
    night = Night().report().until("19:19").forget()
    night.now = at("19:20")
    night.says("insp-a", "acknowledged")
    about = {t.person for t in night.tells for ask in t.asks if ask.step == NOTIFY}
    assert about == {"sgt-s"}
    assert [t.rung for t in night.step(NOTIFY).told] == [0, 0, 1]


def test_an_alarm_of_the_same_minute_is_heard_all_the_same() -> None:
    """The inspector acknowledges at 19:30; that there was no neighbour still reaches the FIM."""
    night = Night(staff(without=["insp-n"])).report().until("19:29").forget()
    night.now = at("19:30")
    night.says("insp-a", "acknowledged")
    asked = [ask.text for tell in night.tells if tell.person == "fim-1" for ask in tell.asks]
    assert f"Alarm: nobody on duty ({NOTIFY.replace('_', ' ')}: duty inspector on rung 2)" in asked
    assert night.heard("ci-1") == []


@pytest.mark.parametrize(
    ("when", "status"),
    [("19:09:59", StepStatus.DONE), ("19:10", StepStatus.DONE_LATE), ("19:40", StepStatus.DONE_LATE)],
)
def test_done_late_is_not_done(when: str, status: StepStatus) -> None:
    """At the very instant of the deadline it has passed: deadlines first, then acts."""
    night = Night().report().until(when).says("insp-a", "acknowledged")
    assert (night.step(NOTIFY).status, night.due(NOTIFY)) == (status, "19:10")


def test_the_serial_entry_is_asked_for_from_the_acknowledgement_on() -> None:
    """Five minutes, of the FIM."""
    night = Night().report()
    assert (night.step(ENTRY).status, night.step(ENTRY).due_at) == (StepStatus.WAITING, None)
    night.until("19:04").says("sgt-s", "acknowledged")
    assert (night.step(ENTRY).status, night.due(ENTRY), night.step(ENTRY).holder) == (StepStatus.OPEN, "19:09", "fim-1")
    assert night.case.anchors[Anchor.ACKNOWLEDGED] == at("19:04")


def test_accepting_owns_and_acknowledges() -> None:
    """One answer does both; owner, role and both times are kept."""
    night = Night().report().until("19:06").says("insp-a", "accepted")
    owner = night.case.owner
    assert owner is not None
    assert (owner.person, owner.role) == ("insp-a", Role.DUTY_INSPECTOR)
    assert (clock(owner.offered_at), clock(owner.accepted_at)) == ("19:00", "19:06")
    assert (night.case.offered_to, night.case.offered_at) == (None, None)
    assert night.case.anchors[Anchor.OWNER_ASSIGNED] == at("19:06")
    assert {night.step(key).status for key in (NOTIFY, ACCEPTS)} == {StepStatus.DONE}


def test_accepting_after_acknowledging_leaves_the_acknowledgement_as_it_was() -> None:
    """19:02 stays 19:02."""
    night = Night().report().until("19:02").says("insp-a", "acknowledged").until("19:07").says("insp-a", "accepted")
    assert (night.step(NOTIFY).done_at, night.step(ACCEPTS).done_at) == (at("19:02"), at("19:07"))


def test_accepting_twice_changes_nothing() -> None:
    """The owner presses again."""
    night = Night().report().says("insp-a", "accepted")
    before = night.case
    assert night.says("insp-a", "accepted").case == before


def test_somebody_told_on_a_rung_may_accept() -> None:
    """The FIM of the ladder takes it, late."""
    night = Night().report().until("19:45").says("ci-1", "accepted")
    assert night.case.owner
    assert (night.case.owner.person, night.case.owner.role) == ("ci-1", Role.DUTY_CHIEF_INSPECTOR)
    assert night.step(ACCEPTS).status is StepStatus.DONE_LATE


def test_whoever_the_case_is_offered_to_may_accept() -> None:
    """Also when no message of a step stands behind the offer."""
    night = Night().report()
    night.case = replace(night.case, offered_to="crs-1")
    owner = night.says("crs-1", "accepted").case.owner
    assert owner
    assert (owner.person, owner.role) == ("crs-1", Role.CONTROL_ROOM_SERGEANT)


def test_an_owner_accepted_without_an_open_offer() -> None:
    """Where the offer was waived, whoever was told of the case may still take it."""
    night = Night().report().says("supt-1", "step_waived", step=ACCEPTS, reason="exercise")
    night.says("insp-a", "accepted")
    assert night.case.owner
    assert night.step(ACCEPTS).status is StepStatus.WAIVED


def test_a_case_has_one_owner() -> None:
    """The second to accept learns who was first, and when."""
    night = Night().report().until("19:06").says("insp-a", "accepted").until("19:07")
    with pytest.raises(UsedLink, match=r"insp-a accepted at 19:06"):
        night.says("sgt-s", "accepted")


def test_only_somebody_to_whom_it_was_offered_may_accept() -> None:
    """The refusal names them."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("ci-1", "accepted")
    assert (refusal.value.rule, refusal.value.who_may) == (ACCEPTS, "insp-a, sgt-s")
    assert refusal.value.missing[0].what == "an offer"


def test_the_second_acknowledgement_learns_of_the_first() -> None:
    """Used, not wrong."""
    night = Night().report().until("19:04").says("sgt-s", "acknowledged").until("19:06")
    with pytest.raises(UsedLink, match=r"sgt-s has already acknowledged at 19:04"):
        night.says("insp-a", "acknowledged")


@pytest.mark.parametrize("kind", ["acknowledged", "declined"])
def test_only_somebody_who_was_told_can_answer(kind: str) -> None:
    """The refusal names those who were."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("ci-1", kind, reason="no")
    assert (refusal.value.rule, refusal.value.who_may) == (NOTIFY, "insp-a, sgt-s")


def test_an_answer_about_a_step_that_asks_for_none_is_refused_by_its_name() -> None:
    """The sender reads the key that was sent."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("insp-a", "acknowledged", step="record_incident")
    assert refusal.value.rule == "record_incident"
    assert "ci-1" in refusal.value.who_may


def test_an_answer_about_an_occurrence_that_is_not_there_is_refused() -> None:
    """Occurrence 2 of a notice that came once."""
    with pytest.raises(Refused, match="was not asked about notify_local_supervisor"):
        Night().report().says("insp-a", "acknowledged", step=NOTIFY, occurrence=2)


def test_nothing_left_to_decline() -> None:
    """After it was accepted no step asks any more."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("insp-a", "accepted").says("insp-a", "declined", reason="late")
    assert refusal.value.rule == "declined"


def test_delegating_offers_and_does_not_hand_over() -> None:
    """It stays with the inspector until the other accepts; the other is told, also when told before."""
    night = Night().report().until("19:04").forget().says("insp-a", "delegated", to="sgt-s", reason="on a fatal")
    assert (night.case.offered_to, night.case.offered_at, night.case.owner) == ("sgt-s", at("19:04"), None)
    (tell,) = [t for t in night.tells if t.person == "sgt-s"]
    assert tell.attempt_part.startswith(f"delegated:{NOTIFY}:")
    assert night.step(NOTIFY).live
    owner = night.until("19:08").says("sgt-s", "accepted").case.owner
    assert owner
    assert (owner.person, clock(owner.offered_at)) == ("sgt-s", "19:04")


def test_delegating_to_somebody_new_makes_them_one_of_those_told() -> None:
    """They are reminded with the others, and may decline."""
    night = Night().report().until("19:04").says("insp-a", "delegated", to="crs-1", reason="on a fatal")
    assert night.until("19:06").heard("crs-1") == ["19:04 notify", "19:06 remind"]
    assert night.says("crs-1", "declined", reason="alone").step(NOTIFY).rung == 1


def test_nothing_is_offered_to_somebody_who_is_not_there() -> None:
    """Off duty or unknown: the refusal names who is there."""
    night = Night(staff()).report().goes_off_duty("sgt-s")
    with pytest.raises(Refused) as refusal:
        night.says("insp-a", "delegated", to="sgt-s", reason="on a fatal")
    assert refusal.value.rule == NOTIFY
    assert "crs-1" in refusal.value.who_may
