"""A record that its source changes: no raise of risk is ever lost, however often it was said before."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policy.case import Case
from policy.errors import Busy
from policy.terms import Route
from runtime import door_facts, door_intake, doors, past
from store import cases
from store.cases import Stored
from tests.console.world import World, record


def _post(world: World, **fields: Any) -> dict[str, object]:
    answer = world.web.post("/api/v1/reports", json=record(**fields), headers=world.machine)
    assert answer.status_code in (200, 201), answer.text
    body: dict[str, object] = answer.json()
    return body


def _risk(world: World, ref: str) -> str:
    return str(world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()["risk"])


def test_a_raise_said_before_is_a_raise_again(world: World) -> None:
    """Raised in the source, lowered by an inspector, lowered in the source, raised there again: high."""
    ref = str(_post(world)["case"])
    _post(world, risk="high")
    world.fact(ref, "risk_set", "fim-1", evidence={"level": "medium", "rationale": "Seen by a neighbour"})
    _post(world, risk="medium")
    assert _risk(world, ref) == "medium"
    _post(world, risk="high")
    assert _risk(world, ref) == "high"


def test_a_raise_that_could_not_be_taken_is_there_the_next_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks between record and fact, nothing is half-written: the same record again raises the risk."""
    ref = str(_post(world)["case"])

    def breaks(*_: object) -> Stored:
        raise Busy("the store is busy")

    with monkeypatch.context() as patch:
        patch.setattr(door_intake, "take_all", breaks)
        patch.setattr(door_facts, "take", breaks)
        with pytest.raises(Busy):
            doors.report(world.app, record(risk="high"), route=Route.API)
    assert _post(world, risk="high")["unchanged"] is False
    assert _risk(world, ref) == "high"


def test_a_risk_that_became_unreadable_is_told(world: World) -> None:
    """It cannot be set, so it reaches people as new information."""
    ref = str(_post(world)["case"])
    _post(world, risk="banana")
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    said = [e["body"]["evidence"]["summary"] for e in entries if e["body"].get("fact") == "new_information"]
    assert said == ["the record was changed in its source: risk"]


def test_twenty_changes_at_once_leave_the_highest_risk(world: World) -> None:
    """None is refused, none is lost; only an inspector lowers."""
    ref = str(_post(world)["case"])
    with ThreadPoolExecutor(20) as at_once:
        list(at_once.map(lambda risk: _post(world, risk=risk), ["high", "medium", "low", "very_low"] * 5))
    assert _risk(world, ref) == "high"


def test_a_record_that_learns_its_area_reaches_the_local_inspector(world: World) -> None:
    """The first record named no area that the force knows; the corrected one does: the inspector hears of it."""
    ref = world.report(area="atlantis")
    assert not [m for m in world.received if m.payload["to"]["person"] == "insp-a"]
    world.web.post("/api/v1/reports", json=record(area="stoke"), headers=world.machine)
    world.forward(3)
    told = [m.payload for m in world.received if m.payload["to"]["person"] == "insp-a"]
    assert {(m["case"], m["area"]) for m in told} == {(ref, "stoke")}
    assert "notify_local_supervisor" in {m["step"] for m in told}


def test_an_adult_who_turns_out_to_be_a_child_is_one_from_then_on(world: World) -> None:
    """A wrong year of birth, corrected: the floor for children holds, and the deadlines come nearer."""
    grown_up = {"name": "Somebody", "date_of_birth": "1992-05-01"}
    ref = world.report(risk="low", person=grown_up)
    before = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    _post(world, risk="low", person={**grown_up, "date_of_birth": "2012-05-01"})
    world.forward(0)
    after = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    due = {name: {s["key"]: s["due_at"] for s in case["steps"]} for name, case in (("was", before), ("is", after))}
    assert (before["age_band"], after["age_band"]) == ("25-64", "13-15")
    assert after["risk"] == "low"  # the level is a person's word; the timers run as medium
    assert due["is"]["notify_local_supervisor"] < due["was"]["notify_local_supervisor"]


def test_a_child_who_turns_out_to_be_an_adult_stays_on_the_safe_side(world: World) -> None:
    """A feed cannot take a child's protection away; people hear of the change."""
    ref = world.report(risk="low", person={"name": "Somebody", "date_of_birth": "2012-05-01"})
    _post(world, risk="low", person={"name": "Somebody", "date_of_birth": "1992-05-01"})
    shown = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert shown["age_band"] == "13-15"
    assert "reassess_on_new_information" in {s["key"] for s in shown["steps"] if s["status"] == "open"}


def test_flags_and_the_word_missing_that_a_record_brings_later_count_and_stay(world: World) -> None:
    """A flag lays its floor, a concern that the source calls missing is one; taken back, both stay for a person to say.

    Told again from the journal, all of it comes out the same.
    """
    adult: dict[str, Any] = {"person": {"name": "Somebody", "age": 40}, "risk": "low", "circumstances": ""}
    ref = world.report(**adult, call_type="awol")
    concern = {"concern_for_welfare_watch", "decline_decision"}
    assert _open(world, ref) >= concern
    _post(world, **adult, call_type="missing", flags=["dementia"])
    world.forward(0)
    assert not _open(world, ref) & concern
    assert _case(world, ref).risk_floor == "medium"
    _post(world, **adult, call_type="awol")
    _post(world, **adult)
    world.forward(0)
    assert (_case(world, ref).call_type, _case(world, ref).flags) == ("missing", frozenset({"dementia"}))
    assert not _open(world, ref) & concern
    retold = past.retell(world.app, ref)
    assert retold.same, retold


def _case(world: World, ref: str) -> Case:
    with world.app.sessions.reading() as s:
        return cases.load(s, ref).case


def _open(world: World, ref: str) -> set[str]:
    return {step.key for step in _case(world, ref).live_steps()}
