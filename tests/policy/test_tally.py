"""What is counted of a played case, which cases a change can concern, and that figures of several processes add up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from policy.concerned import LEVELS, concerns, levels_changed
from policy.facts import Fact
from policy.pack import Inactive, Pack
from policy.play import Played, Said, Story, play
from policy.report import read_report
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.tally import (
    BREACHES,
    CASES_KEPT,
    ESCALATIONS,
    HOUR,
    MESSAGES,
    OPEN,
    TOLD_LATE,
    UNTOLD,
    WOKEN,
    Tally,
    counted,
)
from policy.terms import FactKind, Risk
from tests.policy.night import NOTIFY, a_record, at, on, only, pack, roster, staff
from tests.policy.test_load_model import drawn, played

LOI = "duty_inspector"


def story(*said: Said, until: str = "19:25", late: str | None = None, begins: str = "19:00", **fields: Any) -> Story:
    """Give the standard record of 19:00 as a story until then."""
    report = read_report(a_record(**fields), at(begins), pack().areas)
    return Story("MP-1", report, at(begins), said, at(until), late)


def silent(rules: Pack | None = None) -> Played:
    """Play the evening on which nobody answers: LOI and sergeant at 19:00, overdue 19:10, the FIM at 19:20."""
    return play(story(), rules or only(NOTIFY), lambda _at: staff())


def test_a_silent_evening_is_counted() -> None:
    """One breach, one rung, and each message under its role and its hour."""
    found = counted(silent())
    assert found[BREACHES, NOTIFY] == 1
    assert found[ESCALATIONS, NOTIFY] == 1
    assert found[MESSAGES, LOI] == found[HOUR, LOI, "19"] == 1 + 8  # and every three minutes a reminder
    assert found[MESSAGES, "force_incident_manager"] == 1
    assert found[(OPEN,)] == 1
    assert not [key for key in found if key[0] in (WOKEN, TOLD_LATE, UNTOLD)]


def test_a_rung_without_anybody_is_no_escalation() -> None:
    """Only somebody who is there can be called upon."""
    alone = roster(on("insp-a", LOI, "stoke"), on("sgt-s", "response_sergeant", "stoke"))
    found = counted(play(story(), only(NOTIFY), lambda _at: alone))
    assert (ESCALATIONS, NOTIFY) not in found
    assert found[BREACHES, NOTIFY] == 1


@pytest.mark.parametrize(("hour", "wakes"), [("22", False), ("23", True), ("02", True)])
def test_the_night_is_that_of_the_clock_on_the_wall(hour: str, wakes: bool) -> None:
    """A message between 23:00 and 07:00 in London wakes whoever is asleep."""
    day = 11 if hour == "02" else 10
    begins = at(f"{hour}:30", day)
    report = read_report(
        {**a_record(), "reported_at": begins.isoformat(), "recorded_at": begins.isoformat()}, begins, pack().areas
    )
    night = Story("MP-1", report, begins, (), begins + timedelta(minutes=1))
    found = counted(play(night, only(NOTIFY), lambda _at: staff()))
    assert (found[WOKEN, LOI] == 1) == wakes


def test_summer_time_moves_the_night() -> None:
    """22:30 in UTC is half past eleven in London in July."""
    begins = at("22:30").replace(month=7)
    people = StandingRoster(("stoke", "newcastle", "moorlands"))
    report = read_report(
        {**a_record(), "reported_at": begins.isoformat(), "recorded_at": begins.isoformat()}, begins, pack().areas
    )
    found = counted(play(Story("MP-1", report, begins, (), begins), only(NOTIFY), people))
    assert found[WOKEN, LOI] == found[HOUR, LOI, "23"] == 1


def test_who_was_told_late_or_never() -> None:
    """A record that came in an hour late was told late; where nobody is on duty nobody was told."""
    late = play(story(begins="20:00", until="20:01"), only(NOTIFY), lambda _at: staff())
    assert counted(late)[(TOLD_LATE,)] == 1
    nobody = play(story(until="19:01"), only(NOTIFY), lambda _at: roster())
    assert counted(nobody)[(UNTOLD,)] == 1


def test_tallies_of_several_processes_add_up() -> None:
    """However the cases are dealt out the figures are the same, and the first cases of each are kept."""
    found = [(one.ref, counted(case)) for one, case in played()]
    whole = _tally(found)
    parts = Tally()
    for begins in range(0, len(found), 7):
        parts.add(_tally(found[begins : begins + 7]))
    assert parts == whole
    assert whole.count(MESSAGES) == sum(len(case.tells) for _, case in played())
    assert whole.count(MESSAGES, LOI) == sum(whole.by_hour(LOI))
    assert len(whole.cases_of(MESSAGES, LOI)) == CASES_KEPT
    assert whole.cases_of(BREACHES, "no_such_step") == []
    names = whole.names(BREACHES)
    assert [whole.count(BREACHES, name) for name in names] == sorted(
        (whole.count(BREACHES, n) for n in names), reverse=True
    )
    body = whole.as_body()
    assert body["cases"] == len(found)
    assert set(body) >= {ESCALATIONS, BREACHES, MESSAGES, WOKEN, UNTOLD}


def _tally(found: Sequence[tuple[str, dict[tuple[str, ...], int]]]) -> Tally:
    tally = Tally()
    for ref, counts in found:
        tally.take(ref, counts)
    return tally


# --- which cases a change can concern


def changed(key: str, **fields: Any) -> Pack:
    """Give the pack with one step changed."""
    rules = pack()
    return replace(rules, steps={**rules.steps, key: replace(rules.steps[key], **fields)}, revision=2)


def with_due(key: str, risk: Risk, span: str) -> Pack:
    """Give the pack with one deadline changed."""
    return changed(key, due={**pack().steps[key].due, risk: Span.parse(span)})


def test_which_levels_a_change_is_about() -> None:
    """A number of one level is about that level; anything else may be about every one."""
    assert levels_changed(pack(), pack()) == frozenset()
    assert levels_changed(pack(), replace(pack(), revision=2)) == frozenset()
    assert levels_changed(pack(), with_due(NOTIFY, Risk.LOW, "7m")) == {Risk.LOW}
    assert levels_changed(pack(), changed(NOTIFY, title="Another")) == LEVELS
    assert levels_changed(pack(), replace(pack(), inactive=Inactive())) == LEVELS
    fewer = replace(pack(), steps={NOTIFY: pack().steps[NOTIFY]})
    assert levels_changed(pack(), fewer) == LEVELS


def test_which_levels_a_case_may_have_had() -> None:
    """The record's, those that were set since, and what a child is never below; without any, those it runs as."""
    adult: dict[str, Any] = {"person": {"name": "Somebody", "date_of_birth": "1980-05-01"}}
    low = story(risk="low", **adult)
    assert [risk for risk in Risk if concerns(low, frozenset({risk}), pack())] == [Risk.LOW]
    child = story(risk="low")
    assert [risk for risk in Risk if concerns(child, frozenset({risk}), pack())] == [Risk.LOW, Risk.MEDIUM]
    raised = Said(at("19:05"), (Fact(FactKind.RISK_SET, "fim-1", evidence={"level": "high", "rationale": "A note"}),))
    assert concerns(story(raised, risk="low", **adult), frozenset({Risk.HIGH}), pack())
    assert concerns(story(risk=None, **adult), frozenset({Risk.HIGH}), pack())


@pytest.mark.parametrize("risk", list(Risk))
def test_a_case_that_is_not_concerned_comes_out_the_same(risk: Risk) -> None:
    """Message for message: to play it once is to have played it twice."""
    rules, people = with_due(NOTIFY, risk, "3m"), StandingRoster(tuple(pack().areas))
    spared = 0
    for one in list(drawn("derbyshire", 1)):
        if not concerns(one, levels_changed(pack(), rules), pack()):
            before, after = play(one, pack(), people), play(one, rules, people)
            assert before.tells == after.tells
            assert counted(before) == counted(after)
            spared += 1
    assert spared
