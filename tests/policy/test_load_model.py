"""The load model gives back the figures it was made from (domain 7.2); its cases are worked off to their closure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from policy.errors import Refused
from policy.facts import read_fact
from policy.load_model import (
    BURST_LASTS,
    PROFILES,
    RISK_MIX,
    SIX_HOURS,
    WEEKDAYS,
    Load,
    arrivals,
    found_after,
    profile_of,
    stories_of,
)
from policy.pack import Pack
from policy.play import Played, Story, play
from policy.record_terms import Flag
from policy.spans import LOCAL
from policy.standing_roster import SHIFTS, StandingRoster, begins_at
from policy.terms import CaseStatus, FactKind, Risk, Role
from tests.policy.night import PACKS, baseline, pack

FIRST = date(2026, 1, 1)
YEAR = [FIRST + timedelta(days=number) for number in range(365)]
END = datetime(2027, 1, 1, tzinfo=UTC)
FEW = 4  # days of the cases that are played


def drawn(name: str, days: int, rules: Pack | None = None, seed: int = 1, until: datetime = END) -> Iterator[Story]:
    """Draw the cases of some days."""
    load = Load(PROFILES[name], rules or pack(), until)
    for day in YEAR[:days]:
        yield from stories_of(load, day, Random(f"{seed}/{day}"))


@cache
def many() -> tuple[Story, ...]:
    """Give some thousand cases, drawn once."""
    return tuple(drawn("met", 21))


@cache
def played() -> tuple[tuple[Story, Played], ...]:
    """Give some hundred cases that were played under the pack they were drawn by."""
    return tuple((story, play(story, pack(), StandingRoster(tuple(pack().areas)))) for story in drawn("derbyshire", 6))


@pytest.mark.parametrize("name", ["staffordshire", "derbyshire", "west_midlands", "met"])
def test_a_force_records_its_number_of_cases(name: str) -> None:
    """Mean and stress, over a year."""
    for stress, wanted in ((False, PROFILES[name].mean), (True, PROFILES[name].stress)):
        found = sum(len(arrivals(PROFILES[name], day, Random(f"1/{day}"), stress=stress)) for day in YEAR)
        assert found / len(YEAR) == pytest.approx(wanted, rel=0.04)


def test_weekends_and_nights_have_the_most() -> None:
    """The weights of weekdays and of hours on the wall are the model's, through both changes of the clock."""
    at = [
        (day, instant.astimezone(LOCAL))
        for day in YEAR
        for instant in arrivals(PROFILES["west_midlands"], day, Random(str(day)))
    ]
    assert all(here.date() == day for day, here in at)
    hours = Counter(here.hour // 6 * 6 for _, here in at)
    for begins, share in SIX_HOURS.items():
        assert hours[begins] / len(at) == pytest.approx(share, abs=0.015)
    weekdays = Counter(day.weekday() for day, _ in at)
    for weekday, weight in enumerate(WEEKDAYS):
        assert weekdays[weekday] / len(at) == pytest.approx(weight / sum(WEEKDAYS), abs=0.015)


def test_a_friday_night_of_the_met_has_its_burst() -> None:
    """25 reports in half an hour on a Friday or Saturday night, and on no other (W87)."""
    for day in YEAR[:28]:
        found = arrivals(PROFILES["met"], day, Random(str(day)))
        lasts = timedelta(hours=BURST_LASTS)
        most = max(sum(1 for other in found if at <= other < at + lasts) for at in found)
        assert (most >= 25) == (day.weekday() in (4, 5))


def test_who_goes_missing() -> None:
    """The mix of risk, the share of children, and of these the share in care."""
    cases = many()
    risks = Counter(story.report.risk for story in cases)
    for risk, share in RISK_MIX.items():
        assert risks[risk] / len(cases) == pytest.approx(share, abs=0.025)
    children = [story for story in cases if story.report.age_band.is_child]
    assert len(children) / len(cases) == pytest.approx(0.62, abs=0.025)
    in_care = [story for story in children if Flag.CHILD_IN_CARE in story.report.flags]
    assert len(in_care) / len(children) == pytest.approx(0.30, abs=0.03)
    assert all(story.report.reported_at <= story.report.recorded_at == story.opened_at for story in cases)


def test_when_people_are_found() -> None:
    """The curve itself: 80 % of adults in 24 hours, 70 to 77 % of children in 12, its mean that of the force."""
    draws = [(number + 0.5) / 20_000 for number in range(20_000)]
    hours = [found_after(share) for share in draws]
    found = [hour for hour in hours if hour is not None]
    assert 1 - len(found) / len(hours) == pytest.approx(0.001, abs=0.0002)
    for within, share in ((8, 0.55), (24, 0.80), (168, 0.975)):
        assert sum(hour <= within for hour in found) / len(hours) == pytest.approx(share, abs=0.002)
    assert 41.6 <= sum(found) / len(hours) <= 45.8
    children = [hour for share in draws if (hour := found_after(share, 1.1)) is not None]
    assert 0.69 <= sum(hour <= 12 for hour in children) / len(draws) <= 0.77
    assert all(one <= other for one, other in pairwise(found))


def test_the_cases_have_the_curve() -> None:
    """F(24 h) of the cases that are drawn is that of their adults and children together."""
    at = [_found_after_h(story) for story in many()]
    share = sum(1 for hours in at if hours is not None and hours <= 24) / len(at)
    assert share == pytest.approx(0.62 * (1 - 0.2**1.1) + 0.38 * 0.80, abs=0.025)


def _found_after_h(story: Story) -> float | None:
    found = [said.at for said in story.said for fact in said.facts if fact.kind is FactKind.FOUND_REPORTED]
    return (found[0] - story.opened_at).total_seconds() / 3600 if found else None


def test_the_same_seed_gives_the_same_year() -> None:
    """Case for case, fact for fact, and another seed another year."""
    assert list(drawn("derbyshire", 5)) == list(drawn("derbyshire", 5))
    assert list(drawn("derbyshire", 5)) != list(drawn("derbyshire", 5, seed=2))


def test_what_is_said_is_what_people_may_say() -> None:
    """Every fact is one that the grammar takes, in order, and none lies after the end."""
    for story in many()[:300]:
        assert [said.at for said in story.said] == sorted(said.at for said in story.said)
        assert all(story.opened_at <= said.at < END for said in story.said)
        for said in story.said:
            for fact in said.facts:
                raw = {"kind": fact.kind.value, "by": fact.by, "evidence": dict(fact.evidence)}
                assert read_fact(raw | ({"step": fact.step} if fact.step else {})) == fact


def test_cases_run_to_their_closure() -> None:
    """Of those whose time was long enough nearly all are closed, and hardly anything that people do is refused."""
    ended = [case for story, case in played() if story.until < END]
    closed = [case for case in ended if case.case.status is CaseStatus.CLOSED]
    assert len(closed) / len(ended) > 0.95
    said = sum(len(story.said) for story, _ in played())
    refused = [error for _, case in played() for _, error in case.refused]
    assert len(refused) / said < 0.02
    assert all(isinstance(error, Refused) for error in refused)  # never that a form was filled in wrongly


def test_people_answer_as_the_curve_has_it() -> None:
    """About 85 % of inspectors are prompt; some do not answer at all, and the case is owned nevertheless."""
    minutes = [
        (said.at - story.opened_at).total_seconds() / 60
        for story in many()
        for said in story.said
        for fact in said.facts
        if fact.kind is FactKind.ACKNOWLEDGED
    ]
    assert 0.94 <= len(minutes) / len(many()) <= 0.99
    assert 2.5 <= sorted(minutes)[len(minutes) // 2] <= 5
    unowned = [case for story, case in played() if case.case.owner is None and story.until < END]
    assert len(unowned) <= 0.01 * len(played())


def test_a_busy_inspector_answers_later() -> None:
    """From the sixth case of a shift on it takes twice as long: a force under stress hears later."""
    one = replace(pack(), areas={"stoke": pack().areas["stoke"]})
    busy, free = (_median_answer(drawn("met", 2, rules)) for rules in (one, pack()))
    assert busy > 1.4 * free


def _median_answer(stories: Iterator[Story]) -> timedelta:
    kinds = ((story, said) for story in stories for said in story.said)
    found = [said.at - story.opened_at for story, said in kinds if said.facts[0].kind is FactKind.ACKNOWLEDGED]
    return sorted(found)[len(found) // 2]


@pytest.mark.parametrize("rules", [*map(pack, PACKS), baseline()], ids=[*PACKS, "with areas"])
def test_any_pack_can_be_worked_off(rules: Pack) -> None:
    """Each of the forces; also one of the nation, which has no areas: everybody is on duty for the whole force."""
    stories = list(drawn("derbyshire", FEW, rules))
    statuses = [play(story, rules, StandingRoster(tuple(rules.areas))).case.status for story in stories]
    assert statuses.count(CaseStatus.CLOSED) > 0.85 * len(statuses)


def test_a_pack_whose_steps_are_few_is_worked_off_too() -> None:
    """Nothing is assumed to be there: no review at a set time, no watch, no inspector who confirms."""
    few = ("notify_local_supervisor", "named_owner_accepts", "verify_seen", "prevention_interview", "closure_sign_off")
    rules = replace(pack(), steps={key: pack().steps[key] for key in few})
    for story in drawn("derbyshire", 2, rules):
        play(story, rules, StandingRoster(tuple(rules.areas)))


def test_a_year_that_ends_early() -> None:
    """Cases of its last day are cut off there, and none begins after it."""
    until = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
    stories = list(drawn("met", 3, until=until))
    assert all(story.opened_at < until for story in stories)
    assert all(story.until <= until for story in stories)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 7), (date(2026, 10, 24), 9), (date(2026, 6, 1), 8)])
def test_shifts_change_by_the_clock_on_the_wall(day: date, hours: int) -> None:
    """At six, two and ten o'clock in London; the night on which the clocks change is an hour shorter or longer."""
    begins, ends = begins_at(day, 2), begins_at(day + timedelta(days=1), 0)
    assert (begins.astimezone(LOCAL).hour, ends.astimezone(LOCAL).hour) == (22, 6)
    assert ends - begins == timedelta(hours=hours)
    rosters = StandingRoster(("stoke",))
    by = [rosters.holder(Role.DUTY_INSPECTOR, "stoke", at) for at in (ends - timedelta(seconds=1), ends)]
    assert by == ["duty-inspector-stoke-night", "duty-inspector-stoke-early"]


def test_every_role_is_held_at_every_hour() -> None:
    """Each role and area that the pack asks for has somebody on duty, whom the roster would choose, known by rank."""
    rosters = StandingRoster(tuple(pack().areas))
    for hour in range(48):
        at = datetime(2026, 3, 28, 12, 10, tzinfo=UTC) + timedelta(hours=hour)
        roster = rosters(at)
        for role, area in pack().needed():
            chosen = roster.choose(role, (area,), at).chosen
            assert chosen is not None
            assert chosen.person == rosters.holder(role, area, at)
            assert roster.rank_of(chosen.person) is chosen.rank


def test_each_force_has_its_profile() -> None:
    """A pack that no profile is known of has that of Staffordshire."""
    known: Mapping[str, str] = {"metropolitan": "met", "derbyshire_mpt": "derbyshire", "my_force": "staffordshire"}
    assert {name: profile_of(name) for name in known} == known
    assert set(SHIFTS) == {"early", "late", "night"}
    assert set(RISK_MIX) == set(Risk)


def test_what_takes_a_higher_rank_than_the_role_asked_is_done_by_it() -> None:
    """Asked of a constable and taken from a superintendent only: the superintendent does it."""
    more = """
[steps.look]
title = "Look at the staffing"
stage = "respond"
kind = "task"
anchor = "cms_created"
due = "1h"
actor = "response_officer"
done_rank = "superintendent"
ladder = "default"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""
    said = [one for story in drawn("derbyshire", 2, pack(more=more)) for one in story.said]
    by = {fact.by.rpartition("-")[0] for one in said for fact in one.facts if fact.step == "look"}
    assert by == {"on-call-superintendent"}
