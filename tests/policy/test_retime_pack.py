"""A case that goes on under another revision: what moves, what stays, and what can never happen."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.pack import Pack
from policy.retime_pack import repin
from policy.terms import MessageType, StepStatus
from tests.policy.edits import change, edited, edits
from tests.policy.evenings import EVENINGS, LATEST, Evening, take
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, clock, pack, staff

OVER = (StepStatus.OVERDUE, StepStatus.DONE_LATE)
SAID_AGAIN = (MessageType.ALARM, MessageType.CANCEL)


def follows(night: Night, rules: Pack) -> Night:
    """Let the case of a night follow another pack from now on."""
    outcome = repin(night.case, night.pack, rules, night.roster, night.now)
    night.pack = rules
    return night.keep(outcome)


def opened(risk: str = "medium", until: str = "19:00") -> Night:
    """Open the standard case in Stoke, and let time pass."""
    return Night(staff()).report(risk=risk).until(until)


def test_an_open_deadline_moves_with_its_rungs_and_reminders() -> None:
    """Medium: 10 minutes become 7 two minutes in; every rung stands by the new number."""
    night = follows(opened(until="19:02"), edited(change(f"{NOTIFY}.due.medium", "7m")))
    assert night.due(NOTIFY) == "19:07"
    assert [e.body["after"] for e in night.entries if e.kind == "retimed"] == [at("19:07")]
    night.until("19:40")
    assert [line for line in night.rungs() if " 0 " not in line][:3] == [
        "19:14 1 fim-1",
        "19:21 2 insp-n",
        "19:28 3 ci-1",
    ]
    assert night.case.revision == 2


def test_a_longer_time_moves_it_away() -> None:
    """Nobody is told early by a number that does not hold any more."""
    night = follows(opened(until="19:02"), edited(change(f"{NOTIFY}.due.medium", "20m"))).until("19:59")
    assert night.due(NOTIFY) == "19:20"
    assert [line for line in night.rungs() if " 0 " not in line] == ["19:40 1 fim-1"]


def test_what_would_have_been_due_is_due_now() -> None:
    """At 19:09 a deadline of 19:07 is due at 19:09: a breach from now, and never of the past."""
    night = follows(opened(until="19:09"), edited(change(f"{NOTIFY}.due.medium", "7m")))
    assert night.due(NOTIFY) == "19:09"
    night.jump(night.now)
    assert night.breaches(NOTIFY) == ["1 10 19:09 insp-a"]
    assert clock(night.step(NOTIFY).climb_at or at("00:00")) == "19:16"


def test_a_breach_stays_one() -> None:
    """A longer time makes nothing punctual that was late; the ladder goes on by the new number."""
    night = follows(opened(until="19:12"), edited(change(f"{NOTIFY}.due.medium", "30m")))
    assert (night.due(NOTIFY), night.step(NOTIFY).status) == ("19:10", StepStatus.OVERDUE)
    assert clock(night.step(NOTIFY).climb_at or at("00:00")) == "19:40"


def test_a_deadline_that_an_outage_let_pass_is_a_breach_all_the_same() -> None:
    """Nobody had looked since 19:05; at 19:20 ten minutes become forty: 19:10 has passed, and stays passed."""
    night = opened(until="19:05")
    night.now = at("19:20")
    follows(night, edited(change(f"{NOTIFY}.due.medium", "40m"))).jump(night.now)
    assert night.due(NOTIFY) == "19:10"
    assert night.breaches(NOTIFY) == ["1 10 19:10 insp-a"]


def test_reminders_count_from_the_last_one() -> None:
    """Told at 19:03 and every three minutes: with every five the next comes at 19:08."""
    night = follows(opened(until="19:04"), edited(change(f"{NOTIFY}.retry.medium", "5m"))).until("19:10")
    assert night.heard("insp-a", type_="remind")[:2] == ["19:03 remind", "19:08 remind"]


def test_reminders_may_be_taken_out_and_put_in_elsewhere() -> None:
    """A step that had none is reminded from now on; where there are none any more, nobody is."""
    own = edited(change(f"{ACCEPTS}.retry", "-"), change("search_home.retry.medium", "9m"))
    night = follows(opened(until="19:01"), own)
    assert night.step(ACCEPTS).remind_at is None


def test_a_raised_step_is_counted_as_it_was_counted() -> None:
    """High since 19:04 by a raise: it counts from there, under the new number too."""
    night = opened(until="19:04").says("fim-1", "risk_set", level="high", rationale="a knife")
    assert night.due(NOTIFY) == "19:09"
    follows(night, edited(change(f"{NOTIFY}.due.high", "3m")))
    assert night.due(NOTIFY) == "19:07"


def test_a_series_goes_on_by_its_new_interval() -> None:
    """The open review is due at the first instant of the new series; what has passed is due now, the next follows."""
    night = opened(until="19:30")
    (first,) = night.dues("sergeant_review")[:1]
    longer = follows(night, edited(change("sergeant_review.every.medium", "9h")))
    assert longer.dues("sergeant_review")[0] != first
    assert all(step.due_at is None or step.due_at > night.now for step in night.case.occurrences("sergeant_review"))


def test_what_no_number_of_changed_stays() -> None:
    """A change of one step leaves every other as it is, to the last instant."""
    night = opened(until="19:04")
    before = {step.id: step for step in night.case.steps}
    follows(night, edited(change(f"{NOTIFY}.due.medium", "7m")))
    assert {s.key for s in night.case.steps if s != before[s.id]} == {NOTIFY}


def test_a_step_that_the_new_pack_has_not_is_left_out_and_said() -> None:
    """A revision that added a step was withdrawn: nothing more of it is sent, and the journal says why."""
    night = opened(until="19:02")
    rules = pack()
    kept = {key: rule for key, rule in rules.steps.items() if key != ACCEPTS}
    follows(night, replace(rules, steps=kept, revision=3))
    assert night.case.step(ACCEPTS) is None
    assert [c.step for c in night.cancels] == [ACCEPTS]
    assert [e.body["reason"] for e in night.entries if e.kind == "not_required" and e.body["step"] == ACCEPTS][
        -1
    ] == "revision 3 has no such step"
    night.until("23:00")


def test_a_step_that_is_new_is_asked_for_from_now() -> None:
    """It has not been late before it was there."""
    rules = pack()
    without = replace(rules, steps={key: rule for key, rule in rules.steps.items() if key != "search_home"})
    night = Night(staff(), without).report().until("23:00")
    follows(night, replace(rules, revision=2)).jump(night.now)
    assert night.step("search_home").status in (StepStatus.OPEN, StepStatus.WAITING)
    assert night.breaches("search_home") == []


def cut(evening: Evening, turns: int) -> Night:
    """Play an evening up to one of its turns."""
    night = evening.open()
    for turn in evening.turns[:turns]:
        night.wait(min(night.now + timedelta(seconds=turn.seconds), LATEST))
        take(night, turn)
    return night


@given(EVENINGS, st.integers(0, 6))
def test_no_change_is_no_change(evening: Evening, turns: int) -> None:
    """Under a revision that says the same a case is the same, but for its pin."""
    night = cut(evening, turns)
    before = night.case
    follows(night, replace(night.pack, revision=2))
    assert night.case == replace(before, revision=2)
    assert [entry.kind for entry in night.entries][-1] == "repinned"


@pytest.mark.timeout(180)
@given(EVENINGS.filter(lambda e: e.rules == "staffordshire"), st.integers(0, 6), edits())
def test_no_edit_unmakes_a_breach_or_tells_twice(evening: Evening, turns: int, rules: Pack) -> None:
    """Whatever happened and whatever is edited: breaches stand, nothing lies in the past, each key goes out once."""
    night = cut(evening, turns)
    late = {s.id: (s.status, s.due_at) for s in night.case.steps if s.status in OVER}
    breaches = Counter(_breaches(night))
    dues = {step.id: step.due_at for step in night.case.steps}
    follows(night, rules)
    assert {s.id: (s.status, s.due_at) for s in night.case.steps if s.id in late} == late
    moved = [s for s in night.case.steps if s.due_at != dues.get(s.id) and s.due_at]
    assert all(step.due_at and step.due_at >= night.now for step in moved)
    for step in night.case.live_steps():
        assert all(time is None or time >= night.now for time in _coming(step.id, night, late))
    for turn in evening.turns[turns:]:
        night.wait(min(night.now + timedelta(seconds=turn.seconds), LATEST))
        take(night, turn)
    night.wait(LATEST)
    assert not breaches - Counter(_breaches(night))
    twice = Counter(tell.attempt_part for tell in night.tells if tell.type not in SAID_AGAIN)
    assert [key for key, times in twice.items() if times > 1] == []


def _coming(step: tuple[str, int], night: Night, late: Collection[tuple[str, int]]) -> list[datetime | None]:
    """Give what is to come of a step that was in time."""
    held = night.step(*step)
    return [] if step in late else [held.climb_at, held.remind_at, held.warn_at, held.due_at]


def _breaches(night: Night) -> list[tuple[object, ...]]:
    return [(e.body["step"], e.body["occurrence"], e.at) for e in night.entries if e.kind == "overdue"]


def test_a_deadline_that_no_number_gave_stays() -> None:
    """Somebody set it by hand, or an outage moved it: no span of the pack leads there, and no new one moves it."""
    night = opened(until="19:02")
    odd = at("19:04:30")
    night.case = night.case.with_step(replace(night.step(NOTIFY), due_at=odd))
    follows(night, edited(change(f"{NOTIFY}.due.medium", "7m")))
    assert night.step(NOTIFY).due_at == odd


def test_reminders_end_and_begin_with_the_number() -> None:
    """A level without reminders reminds nobody any more; one that gets them counts from now."""
    rules, key = pack(), NOTIFY
    silent = replace(rules.steps[key], retry={})
    without = replace(rules, steps={**rules.steps, key: silent}, revision=2)
    night = follows(opened(until="19:02"), without)
    assert night.step(key).remind_at is None
    follows(night, replace(rules, revision=3))
    assert night.step(key).remind_at == at("19:05")
