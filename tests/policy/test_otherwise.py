"""Whoever stands in for a team that has gone home is asked in its place, once, and without an alarm."""

from policy.explain_journal import why_line
from policy.explain_told import told_of
from policy.explain_words import Scene
from policy.terms import AlarmKey, Role, StepStatus
from tests.policy.night import NOTIFY, Night, at, on, only, roster
from tests.policy.test_hours import in_derby


def test_in_hours_the_team_is_told() -> None:
    """And the control room is not."""
    night = in_derby("19:00", NOTIFY)
    assert night.rungs() == ["19:00 0 insp-d", "19:00 0 mpt-sergeant"]


def test_at_night_the_control_room_is_told_in_its_place_without_an_alarm() -> None:
    """The journal says in whose place; reminders go to the same people, once each."""
    night = in_derby("23:10", NOTIFY)
    assert night.rungs() == ["23:10 0 insp-d", "23:10 0 fim-1"]
    assert night.rang(AlarmKey.NOBODY_ON_DUTY) == []
    (choice,) = [e for e in night.entries if e.kind == "chosen" and e.body.get("instead_of")]
    assert (choice.body["role"], choice.body["chosen"]) == (Role.FORCE_INCIDENT_MANAGER, "fim-1")
    assert why_line(choice.kind, choice.body, choice.at) == (
        "fim-1 was the only one to choose as force incident manager for derby city,"
        " for nobody was on duty as missing sergeant for derby city."
    )
    assert [tell.label for tell in night.tells] == ["Duty inspector", "FIM"]
    night.until("23:15")
    assert night.heard("fim-1", type_="remind") == ["23:14 remind"]
    scene = Scene(night.case, night.pack, night.roster, night.now)
    said = told_of(scene, night.pack.steps[NOTIFY], night.step(NOTIFY))
    assert said.startswith("Told: insp-d (Duty inspector) and fim-1 (FIM) at 23:10;")


def test_the_team_that_comes_on_duty_is_told_of_what_nobody_has_answered() -> None:
    """At the first reminder of its morning; the duty manager who stood in has not gone, and stays told."""
    night = in_derby("23:10", NOTIFY).wait(at("08:05", 11))
    heard = night.heard("mpt-sergeant")
    assert heard
    assert heard[0].startswith("08:0")
    assert {told.person for told in night.step(NOTIFY).told if told.rung == 0} >= {"insp-d", "fim-1", "mpt-sergeant"}


def test_a_manager_who_goes_home_is_relieved_by_the_next() -> None:
    """Who stands in has a relief too, and is not rung at home when there is one."""
    night = in_derby("23:10", NOTIFY)
    night.roster = roster(*night.roster.duties, on("fim-2", "force_incident_manager"))
    night.until("23:12").goes_off_duty("fim-1").until("23:15")
    assert night.heard("fim-2")[-1] in ("23:12 notify", "23:14 remind", "23:12 remind")
    assert "23:14 remind" not in night.heard("fim-1")


def test_a_raise_asks_nobody_twice_who_stands_in() -> None:
    """The role that the higher level asks for is served by whoever stands in for it."""
    night = in_derby("23:10", NOTIFY, risk="medium").until("23:12")
    night.says("fim-1", "risk_set", level="high", rationale="x")
    assert [told.person for told in night.step(NOTIFY).told if told.rung == 0] == ["insp-d", "fim-1"]


def test_where_nobody_stands_in_either_it_is_an_alarm_as_ever() -> None:
    """Nobody of the team, nobody in the control room."""
    night = in_derby("23:10", NOTIFY)
    empty = roster(*(duty for duty in night.roster.duties if duty.person not in ("fim-1",)))
    recorded = {"reported_at": at("23:10").isoformat(), "recorded_at": at("23:10").isoformat(), "area": "derby_city"}
    night = Night(empty, night.pack, start="23:10").report(**recorded)
    assert f"{NOTIFY}: missing_sergeant on rung 0" in night.rang(AlarmKey.NOBODY_ON_DUTY)
    assert night.step(NOTIFY).status is StepStatus.OPEN


def test_the_roster_needs_whoever_stands_in() -> None:
    """A team at home is no gap in the roster; nobody in its place is one."""
    needed = {role for role, _ in only(NOTIFY, name="derbyshire_mpt").needed()}
    assert Role.MISSING_SERGEANT not in needed
    assert Role.FORCE_INCIDENT_MANAGER in needed
