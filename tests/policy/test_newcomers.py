"""People who come on duty later, people who are not there at all, clocks that run a little ahead."""

from datetime import timedelta

from policy.report import read_report
from policy.terms import AlarmKey, MessageType
from tests.policy.night import ACCEPTS, NOTIFY, Night, a_record, at, pack, staff


def test_an_inspector_who_comes_on_duty_late_is_told_with_the_next_reminder() -> None:
    """Nobody held the role when the case came; the one who comes on at 19:07 hears at 19:09 and may accept."""
    night = Night(staff(without=["insp-a"])).report().until("19:08").forget()
    assert night.step(NOTIFY).holder == "sgt-s"
    nobody = night.case.offered_to
    assert nobody is None
    night.roster = staff()
    night.until("19:09")
    (told,) = [t for t in night.tells if t.person == "insp-a"]
    assert (told.type, told.due_at, told.step) == (MessageType.REMIND, at("19:09"), NOTIFY)
    night.until("19:30")  # the owner step falls overdue: its own turn to find somebody
    assert night.step(ACCEPTS).holder == "insp-a"
    assert night.case.offered_to == "insp-a"
    assert night.says("insp-a", "accepted").case.owner is not None


def test_without_a_manager_whoever_is_responsible_hears_of_it() -> None:
    """No Force Incident Manager on duty: the control-room sergeant is alarmed when the case opens."""
    night = Night(staff(without=["fim-1"])).report()
    details = [a.detail for a in night.alarms if a.key is AlarmKey.NOBODY_ON_DUTY]
    assert details[0].startswith("force_incident_manager, who is responsible")
    assert {a.to for a in night.alarms} == {"crs-1"}


def test_a_clock_that_runs_a_little_ahead_is_no_defect() -> None:
    """Up to five seconds count as now; more is listed, and counts as now as well."""
    now = at("19:00")
    for ahead_s, defects in ((5, []), (6, ["recorded_at"])):
        record = a_record(recorded_at=(now + timedelta(seconds=ahead_s)).isoformat())
        report = read_report(record, now, pack().areas)
        assert report.recorded_at == now
        assert [d.field for d in report.defects] == defects


def test_those_called_upon_for_an_overdue_step_hear_that_it_is_done() -> None:
    """The chief inspector was told at 19:40 that the risk was not confirmed; at 19:45 the FIM confirms it."""
    night = Night().report().until("19:01").says("insp-a", "acknowledged").until("19:41").forget()
    night.until("19:45").says("fim-1", "risk_set", level="medium", rationale="as first set")
    over = [(t.person, t.title) for t in night.tells if t.type is MessageType.CANCEL]
    assert ("ci-1", "Stand down: Control-room inspector confirms the risk") in over
