"""Who of several is told: contract section 2, rule by rule, each tie broken by the next."""

from datetime import datetime

import pytest

from policy.roster import Duty, Roster
from policy.terms import Rank, Role
from tests.policy.night import Night, at, on, roster, staff

LOI = Role.DUTY_INSPECTOR


def chosen(people: Roster, areas: tuple[str, ...] = ("stoke",), now: datetime | None = None) -> str | None:
    """Say who is chosen as duty inspector."""
    duty = people.choose(LOI, areas, now or at("19:00")).chosen
    return duty.person if duty else None


def test_the_fewest_open_cases_come_first() -> None:
    """Load goes before everything else among equals."""
    busy = on("insp-a", "duty_inspector", "stoke", since=at("18:00"))
    free = on("insp-z", "duty_inspector", "stoke")
    people = Roster((busy, free), load={"insp-a": 3, "insp-z": 2})
    assert chosen(people) == "insp-z"


def test_then_the_latest_to_come_on_duty() -> None:
    """With the same load, whoever is freshest."""
    early, late = on("insp-a", "duty_inspector", "stoke"), on("insp-z", "duty_inspector", "stoke", since=at("18:00"))
    assert chosen(roster(early, late)) == "insp-z"


def test_then_the_least_id() -> None:
    """With nothing else between them the choice is still the same every time."""
    a, b = on("insp-a", "duty_inspector", "stoke"), on("insp-b", "duty_inspector", "stoke")
    assert chosen(roster(a, b)) == chosen(roster(b, a)) == "insp-a"


def test_the_exact_area_goes_before_force_wide() -> None:
    """Even when the force-wide inspector has less to do."""
    local, wide = on("insp-z", "duty_inspector", "stoke"), on("insp-a", "duty_inspector", "*")
    people = Roster((local, wide), load={"insp-z": 9})
    assert chosen(people) == "insp-z"
    assert chosen(people, ("tamworth",)) == "insp-a"
    assert chosen(people, ()) == "insp-a"


@pytest.mark.parametrize(("until", "who"), [("19:15", "insp-b"), ("19:15:01", "insp-a")])
def test_duty_that_ends_within_15_minutes_is_passed_over(until: str, who: str) -> None:
    """15 minutes are within 15 minutes; a second more is enough."""
    ending = on("insp-a", "duty_inspector", "stoke", until=at(until))
    assert chosen(roster(ending, on("insp-b", "duty_inspector", "stoke"))) == who


def test_ending_soon_passes_over_to_force_wide_but_never_to_nobody() -> None:
    """Somebody who goes in ten minutes is better than nobody."""
    ending = on("insp-a", "duty_inspector", "stoke", until=at("19:10"))
    wide = on("insp-w", "duty_inspector", "*")
    wide_ending = on("insp-w", "duty_inspector", "*", until=at("19:10"))
    assert chosen(roster(ending, wide)) == "insp-w"
    assert chosen(roster(ending, wide_ending)) == "insp-a"
    assert chosen(roster(ending)) == "insp-a"


@pytest.mark.parametrize(
    ("now", "who"), [("13:59:59", None), ("14:00", "insp-a"), ("21:59:59", "insp-a"), ("22:00", None)]
)
def test_duty_begins_with_its_first_instant_and_ends_before_its_last(now: str, who: str | None) -> None:
    """At the change of shift exactly one of two is on duty."""
    shift = on("insp-a", "duty_inspector", "stoke", until=at("22:00"))
    assert chosen(roster(shift), now=at(now)) == who


def test_other_roles_are_nobody() -> None:
    """A sergeant of the area is not its inspector."""
    choice = roster(on("sgt-s", "response_sergeant", "stoke")).choose(LOI, ("stoke",), at("19:00"))
    assert choice.chosen is None
    assert choice.as_body() == {"role": LOI, "areas": ["stoke"], "chosen": None, "candidates": []}


def test_the_choice_and_its_candidates_are_journalled() -> None:
    """Roster ids only, in the order in which they would have been chosen."""
    second: Duty = on("insp-b", "duty_inspector", "stoke")
    night = Night(staff(extra=[second])).report()
    chosen_lines = [e.body for e in night.entries if e.kind == "chosen" and e.body["role"] == LOI]
    assert chosen_lines[0]["chosen"] == "insp-a"
    assert chosen_lines[0]["candidates"] == ["insp-a", "insp-b"]


def test_neighbours_are_the_exact_areas_next_door() -> None:
    """Force-wide cover is no neighbour, and neither is an area further away."""
    far = on("insp-t", "duty_inspector", "tamworth")
    wide = on("insp-w", "duty_inspector", "*")
    night = Night(staff(without=["insp-n"], extra=[far, wide])).report().until("19:31")
    assert night.step("notify_local_supervisor").rung == 3
    assert not night.heard("insp-t")
    assert not night.heard("insp-w")
    assert night.heard("ci-1") == ["19:30 escalate"]


def test_who_may_names_those_on_duty_of_the_rank() -> None:
    """A refusal names people who could do it now, or says that there is none."""
    people = staff()
    assert (
        people.who_may(Rank.CHIEF_INSPECTOR, at("19:00"))
        == "ci-1 (duty chief inspector), supt-1 (on call superintendent)"
    )
    assert people.who_may(Rank.ACC, at("19:00")) == "nobody of rank acc or above is on duty"


def test_who_is_known_and_what_they_are_on_duty_as() -> None:
    """Off duty is not unknown."""
    people = staff(without=["sgt-s"])
    assert people.rank_of("sgt-s") is Rank.SERGEANT
    assert people.rank_of("nobody") is None
    assert people.duties_of("sgt-s", at("19:00")) == ()
    assert [d.role for d in people.duties_of("fim-1", at("19:00"))] == [Role.FORCE_INCIDENT_MANAGER]


def test_who_may_begins_with_the_area_and_counts_those_beyond_eight() -> None:
    """Whoever reads a refusal at Stoke wants somebody of Stoke to ring."""
    on, off = at("18:00"), at("23:00")
    areas = ["leek", "*", "stoke", *["leek"] * 8]
    duties = [Duty(f"p-{n:02}", Role.DUTY_INSPECTOR, Rank.INSPECTOR, area, on, off) for n, area in enumerate(areas)]
    named = Roster(tuple(duties)).who_may(Rank.INSPECTOR, at("19:00"), "stoke")
    assert named.startswith("p-02 (duty inspector), p-01 (duty inspector), p-00 (duty inspector), p-03")
    assert named.endswith("p-07 (duty inspector) and 3 others")
    assert Roster(tuple(duties[:9])).who_may(Rank.INSPECTOR, at("19:00")).endswith(" and 1 other")


def test_one_person_in_two_roles_is_chosen_as_each() -> None:
    """Asked for in the role that is wanted, and named with both where it is said who may."""
    people = roster(on("insp-a", "duty_inspector", "stoke"), on("insp-a", "force_incident_manager"))
    for role in (LOI, Role.FORCE_INCIDENT_MANAGER):
        duty = people.choose(role, ("stoke",), at("19:00")).chosen
        assert duty is not None
        assert (duty.person, duty.role) == ("insp-a", role)
    assert people.who_may(Rank.INSPECTOR, at("19:00"), "stoke") == (
        "insp-a (duty inspector), insp-a (force incident manager)"
    )


def test_periods_that_overlap_name_one_candidate() -> None:
    """A lengthened shift stands in the roster twice; whoever has it is one person."""
    shift, longer = on("insp-a", "duty_inspector", "stoke"), on("insp-a", "duty_inspector", "stoke", since=at("18:00"))
    assert roster(shift, longer).choose(LOI, ("stoke",), at("19:00")).candidates == ("insp-a",)
