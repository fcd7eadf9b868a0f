"""The change of shift where the roster is not as one expects: overtime, a team that goes home, two roles at once."""

from dataclasses import replace

from policy.terms import AlarmKey
from tests.policy.night import ACCEPTS, NOTIFY, STAFF, Night, at, on, only, roster
from tests.policy.test_handover import HANDOVER, OTHERS, A, B, N, S, owned


def test_a_shift_that_is_made_longer_is_offered_at_its_new_end() -> None:
    """At 21:35 the roster says that insp-a stays until 02:00: nothing climbs at 23:00, it is offered anew at 01:30."""
    night = owned().until("21:35").forget()
    night.roster = roster(replace(A, to_at=at("02:00", 11)), *(duty for duty in night.roster.duties if duty != A))
    reason, offered_to = night.until("21:36").step(HANDOVER).reason, night.case.offered_to
    assert (night.statuses(HANDOVER), reason, offered_to) == (
        ["not_required"],
        "insp-a stays on duty, or has come back",
        None,
    )
    assert night.until("23:30").heard("ci-1", HANDOVER) == []
    assert night.wait(at("01:30", 11)).heard("insp-b", HANDOVER, "handover") == ["01:30 handover"]
    assert (night.case.offered_to, night.dues(HANDOVER)[-1]) == ("insp-b", "11 02:30")


def test_a_team_that_goes_home_has_its_cases_covered_and_finds_them_again() -> None:
    """At 21:30 the sergeant's case is offered to the inspector of the night; it is over as they come back."""
    days = [on("ds-1", "missing_sergeant", since=at("08:00", day), until=at("22:00", day)) for day in (10, 11)]
    others = [duty for duty in STAFF if duty.person not in ("ds-1", "insp-a")]
    night = Night(
        roster(*days, on("insp-a", "duty_inspector", "stoke", until=at("22:00", 12)), *others),
        only(NOTIFY, ACCEPTS, HANDOVER),
    )
    night.report().says("insp-a", "delegated", to="ds-1", reason="theirs").says("ds-1", "accepted")
    assert night.until("21:30").heard("insp-a", HANDOVER, "handover") == ["21:30 handover"]
    assert (night.step(HANDOVER).role, night.rang(AlarmKey.NOBODY_ON_DUTY)) == ("duty_inspector", [])
    gone = "the owner ds-1 has gone off duty"
    assert night.until("22:00").rang(AlarmKey.UNOWNED_AFTER_SHIFT) == [gone]
    night.wait(at("08:00", 11)).forget()
    assert (night.statuses(HANDOVER), night.case.overdue_steps(), night.case.offered_to) == (["not_required"], (), None)
    assert night.wait(at("21:30", 11)).heard("insp-a", HANDOVER, "handover") == ["21:30 handover"]
    assert night.wait(at("22:00", 11)).rang(AlarmKey.UNOWNED_AFTER_SHIFT) == [gone]


def test_the_one_who_goes_is_never_asked_to_relieve_themselves() -> None:
    """Offered at 20:30, the warning of 21:30 reaches insp-b, at home, and not insp-a, who has the post still."""
    rules = only(NOTIFY, ACCEPTS, HANDOVER, more=f'[steps.{HANDOVER}]\nopens_before = "2h"\n')
    night = Night(roster(A, B, S, N, *OTHERS), rules).report().until("19:05").says("insp-a", "accepted")
    assert night.until("21:59").heard("insp-b", HANDOVER) == ["20:30 handover", "21:30 remind"]
    assert (night.heard("insp-a", HANDOVER), night.step(HANDOVER).holder) == ([], "insp-b")
    assert night.until("22:00").rang(AlarmKey.UNOWNED_AFTER_SHIFT) == ["the owner insp-a has gone off duty"]


def test_the_role_of_an_owner_is_the_one_they_were_offered_it_in() -> None:
    """Who covers two roles tonight is offered it as the inspector: so is their relief."""
    both = on("insp-a", "force_incident_manager", until=at("22:00"))
    others = [duty for duty in OTHERS if duty.person != "fim-1"]
    night = Night(roster(A, B, S, N, both, *others)).report().until("19:05").says("insp-a", "accepted")
    assert night.case.owner is not None
    assert night.case.owner.role == "duty_inspector"
    assert night.until("21:30").step(HANDOVER).holder == "insp-b"


def test_a_case_handed_over_by_hand_is_not_offered_again() -> None:
    """At 21:20 to insp-b, who comes at 22:00: no second offer at 21:30; nor after a supervisor chose, in the night."""
    night = owned().until("21:20").says("insp-a", "handover_offered", to="insp-b").forget()
    assert night.until("21:59").heard("insp-b", HANDOVER) == []
    assert night.case.offered_to == "insp-b"
    night = owned().until("22:35").says("fim-1", "handover_offered", to="sgt-n")
    assert (night.case.offered_to, night.statuses(HANDOVER)) == ("sgt-n", ["not_required"])
