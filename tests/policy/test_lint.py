"""What a change of timings makes impossible, contradictory or silly: each fault is planted, and found."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings

from policy.lint import Budget, Finding, Linted, lint, replayed
from policy.lint_seen import Seen
from policy.lint_words import clock
from policy.pack import Pack
from policy.pack_parse import build, parse, read_raw
from policy.terms import Anchor, Kind
from tests.policy.edits import change, edited, edits, raw
from tests.policy.night import NOTIFY, PACKS, texts

SHALLOW = Budget(depth=0)
ANSWERED = (Anchor.RETURNED, Anchor.PREVENTION_INTERVIEW_DONE)
ALONE = """
[steps.{0}]
title = "{1}"
stage = "review"
kind = "{2}"
anchor = "{3}"
{4}
actor = "response_sergeant"
ladder = "default"
basis = {{ rule = "CHOSEN", time = "CHOSEN" }}
"""


@cache
def shipped(name: str = "staffordshire") -> Pack:
    """Give a shipped pack, built as its edits are."""
    return build(name, raw(name))


def after(*changes: str, name: str = "staffordshire", budget: Budget = SHALLOW) -> Linted:
    """Lint a shipped pack with some numbers changed: `step.field.risk = value`."""
    new = edited(*(change(*(part.strip() for part in one.split("="))) for one in changes), name=name)
    return lint(shipped(name), new, budget=budget)


def trial(more: str, name: str = "staffordshire") -> Pack:
    """Give a pack that inherits from a shipped one and says more."""
    text = {**texts(), "trial": f'pack = "trial"\ninherits = "{name}"\n{more}'}
    return build("trial", read_raw("trial", text))


def a_step(numbers: str, kind: str = "review", anchor: str = "call_received", key: str = "look") -> str:
    """Write a step of its own."""
    return ALONE.format(key, f"A {key} of the force's own", kind, anchor, numbers)


def by_kind(linted: Linted) -> dict[str, Finding]:
    """Give the findings by their kind."""
    return {one.kind: one for one in linted.findings}


PLANTED: dict[str, tuple[str, ...]] = {
    f"{NOTIFY}.due.high=35m": ("silence", "late_ladder", "between_levels"),
    f"{NOTIFY}.due.high=5h": ("slip",),
    f"{NOTIFY}.retry.high=1m": ("flood",),
    f"{NOTIFY}.retry.medium=-": ("no_reminder",),
    f"{NOTIFY}.retry.high=4m": ("between_levels",),
    f"{NOTIFY}.send=11m": ("promise",),
    "inspector_confirms_risk.due.high=1m": ("too_short", "rungs_at_once", "woken"),
    "initial_risk_assessment.due=9m": ("too_short",),
    "deploy_and_attend.due.high=4m": ("idle_warning",),
    "deploy_and_attend.due.high=-": ("dropped",),
    "deploy_and_attend.rung_every.high=1m": ("rungs_at_once",),
    "sergeant_review.every.medium=24h": ("other_hours",),
    "sergeant_review.rung_every.high=3h": ("between_levels",),
    "superintendent_review.every.medium=1mo": ("between_levels",),
    "prevention_interview.due.high=1mo": ("by_the_calendar",),
    "ukmpu_notification.due.high=72h": ("ceiling",),
    "long_term_review.series=60d 4mo 6mo 12mo": ("source",),
    "no_activity_watch.due.high=10h": ("silence",),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found_at_its_number(planted: str) -> None:
    """The finding names the step and the number that bring it about, and its example can be played again.

    The minutes of an example are those of the case, under the whole pack and not only under its own step.
    """
    new = edited(change(*planted.split("=")))
    linted = lint(shipped(), new, budget=SHALLOW)
    found = by_kind(linted)
    step, field = planted.split("=", maxsplit=1)[0].split(".")[:2]
    for kind in PLANTED[planted]:
        assert kind in found, [one.fault for one in found.values()]
        assert (found[kind].step, found[kind].field) == (step, field)
    if "mo" not in planted.split("=")[1]:  # months of a case in which nobody answers are long
        shows_what_it_says(linted, new)


@pytest.mark.parametrize(
    "harmless",
    [
        f"{NOTIFY}.due.medium=7m",
        f"{NOTIFY}.due.medium=11m",
        f"{NOTIFY}.warn_at=50",
        "named_owner_accepts.due.high=14m",
        "sergeant_review.every.high=3h",
        "inspector_review.opens_before=3h",
        "ukmpu_notification.due.high=36h",
        "rhi_outcome.due=48h",
        "log_notification_in_c_and_c.due=6m",
        "long_term_review.series=26d 3mo 6mo 12mo",
        "set_review_time.due=10m",
        "reassess_on_new_information.due.medium=45m",
    ],
)
def test_a_harmless_change_rings_nothing(harmless: str) -> None:
    """An admin who is warned of nothing learns to read no warning."""
    assert [one.fault for one in after(harmless, budget=Budget()).findings] == []


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_against_itself_has_nothing_new(name: str) -> None:
    """No number differs: nothing is played, nothing found."""
    linted = lint(shipped(name), shipped(name))
    assert (linted.findings, linted.searched.states, linted.searched.unreached) == ((), 0, ())


def test_the_sentence_of_the_sunday_on_which_the_clocks_change() -> None:
    """A high-risk child at 05:50 on the Sunday the clocks change waits 70 minutes, and it says so."""
    found = by_kind(after(f"{NOTIFY}.due.high=35m"))["silence"]
    assert found.fault == (
        "At high risk, nobody but the first people asked hears of “FIM tells the LOI and the sergeant” for 70 minutes; "
        "before the change it was 10 minutes, and 15 minutes is long enough."
    )
    assert found.example == (
        "A child of 13 to 15 at high risk, reported at 05:50 on Sunday 26 March 2028, the day the clocks change: "
        "from 05:50 on, nobody but the first people asked hears of it until 07:00, 70 minutes later."
    )


def test_a_time_over_which_the_clocks_change_says_so() -> None:
    """By the clock on the wall it would be an hour more or less."""
    linted = lint(shipped(), edited(change("deploy_and_attend.due.high", "26h")), budget=SHALLOW)
    examples = " ".join(one.example for one in linted.findings)
    assert "hears of it until" in examples
    assert "52 hours later" in examples


def test_a_raise_that_puts_the_ladder_off_is_found_among_what_is_said() -> None:
    """Medium climbs after 10 minutes more; raised to high the next rung would wait for half an hour."""
    found = by_kind(after(f"{NOTIFY}.due.high=35m", budget=Budget(depth=1)))["raised_and_later"]
    assert "raises the risk to high" in found.example
    assert "raised_and_later" not in by_kind(after(f"{NOTIFY}.due.high=4m", budget=Budget(depth=1)))


def test_what_the_old_numbers_had_is_told_on_request_alone() -> None:
    """A deadline of a minute that becomes 90 seconds is no news; whoever asks hears of it as something of before."""
    old = edited(change("inspector_confirms_risk.due.high", "60s"))
    new = edited(change("inspector_confirms_risk.due.high", "61s"))
    assert lint(old, new, budget=SHALLOW).findings == ()
    asked = lint(old, new, budget=replace(SHALLOW, before=True))
    assert {one.kind for one in asked.findings} == {"before"}


def test_a_number_that_stands_above_its_ceiling_names_who_let_it() -> None:
    """96 hours with a superintendent's word: told, with the word."""
    override = '[overrides.ukmpu_notification]\nby = "supt-1"\nreason = "agreed with the unit"\n'
    due = '[steps.ukmpu_notification]\ndue = { very_low = "72h", low = "72h", medium = "96h", high = "24h" }\n'
    found = by_kind(lint(shipped(), parse("trial", {**texts(), "trial": _trial_text(override + due)}), budget=SHALLOW))
    assert "above the national ceiling of 72 hours, let by supt-1" in found["ceiling"].fault
    assert "the 72 hours that the source gives (W12)" in found["source"].fault


def _trial_text(more: str) -> str:
    return f'pack = "trial"\ninherits = "staffordshire"\n{more}'


def test_a_case_that_would_be_left_open_with_nothing_to_come() -> None:
    """Everything asked is answered and no review comes again: nobody would look at it any more."""
    series = ["sergeant_review", "inspector_review", "detective_review", "superintendent_review", "long_term_review"]
    asked = ("unresourced_reassessment", "no_activity_watch", "update_reporter", "open_actions_check", "shift_handover")
    once = (*series, *asked)
    few = {key: rule for key, rule in shipped().steps.items() if key not in once}
    look = trial(a_step('every = "8h"')).steps["look"]
    old = replace(shipped(), steps={**few, "look": look})
    new = replace(shipped(), steps={**few, "look": replace(look, every={**look.every}, due={})})
    silent = replace(shipped(), steps={**few, "look": replace(look, every={})})
    assert "left_open" not in by_kind(lint(old, new, budget=SHALLOW))
    found = by_kind(lint(old, silent, budget=SHALLOW))["left_open"]
    assert "no deadline left" in found.fault
    played = replayed(found, silent)
    assert played is not None
    assert not played.case.live_steps()
    again = lint(silent, replace(silent, steps=few), budget=SHALLOW)
    assert "left_open" not in by_kind(again)  # it was so before
    assert "left_open" in by_kind(lint(silent, replace(silent, steps=few), budget=replace(SHALLOW, before=True)))


def test_reviews_of_one_role_that_come_together() -> None:
    """Every 8 hours and every 16: the sergeant is asked for both at once, again and again."""
    old, new = trial(a_step('every = "9h"\nfirst = "9h"')), trial(a_step('every = "8h"'))
    found = by_kind(lint(old, new, budget=SHALLOW))["reviews_together"]
    assert "are due to the same role within 30 minutes of each other" in found.fault


def test_a_series_that_comes_once_and_never_again() -> None:
    """A step that came every eight hours and is now due once."""
    old, new = (trial(a_step(f'{name} = "8h"', "task")) for name in ("every", "due"))
    assert "comes once and never again" in by_kind(lint(old, new, budget=SHALLOW))["dropped"].fault


def test_a_step_that_is_only_in_one_of_the_packs() -> None:
    """What is taken out is told; what is new is looked at as any other."""
    with_it, without = trial(a_step('due = "1m"', "task")), trial("")
    assert "is not asked for any more" in by_kind(lint(with_it, without, budget=SHALLOW))["dropped"].fault
    assert "too_short" in by_kind(lint(without, with_it, budget=SHALLOW))


def test_a_time_of_day_that_does_not_come_once_a_year() -> None:
    """01:30 is skipped in March and comes twice in October."""
    old, new = (trial(a_step(f'at_local = "{at}"', "periodic")) for at in ("08:30", "01:30"))
    found = by_kind(lint(old, new, budget=SHALLOW))["hour"]
    assert "does not come on the Sunday in March" in found.fault
    assert found.story is None
    assert replayed(found, new) is None
    assert lint(new, old, budget=SHALLOW).findings == ()


def test_a_case_at_high_risk_that_may_rest_longer_than_one_at_low() -> None:
    """The spans of an inactive case contradict each other; the longer senior span is a slip."""
    inactive = shipped().inactive
    within = {**inactive.within}
    levels = list(within)
    within[levels[-1]] = within[levels[0]]
    senior = type(inactive.senior_after).parse("280d")
    new = replace(shipped(), inactive=replace(inactive, within=within, senior_after=senior))
    found = lint(shipped(), new, budget=SHALLOW).findings
    assert {(one.kind, one.field) for one in found} == {
        ("between_levels", "inactive.within"),
        ("slip", "inactive.senior_after"),
    }
    assert all("From 10:00 on Wednesday 12 January 2028, it lasts until" in one.example for one in found)


@pytest.mark.parametrize(
    ("name", "planted", "shown"),
    [
        ("uk_app_baseline", f"{NOTIFY}.retry.very_low=1m", "the first reminder of “Tell the local inspector"),
        ("staffordshire", "sergeant_review.rung_every.medium=20h", "the first rung of “Sergeant review” is told at"),
        ("staffordshire", "closed_case_watch.due=300m", "is not asked for while the case is followed"),
    ],
)
def test_a_slip_of_the_pen_is_shown_by_what_it_does(name: str, planted: str, shown: str) -> None:
    """A reminder, a rung, or nothing at all where no case of the search asks for the step."""
    assert shown in by_kind(after(planted, name=name, budget=Budget(states=12, depth=0)))["slip"].example


def happened(finding: Finding, new: Pack) -> Iterator[datetime]:
    """Give every instant at which something happened or was due in a finding's case, under the whole pack.

    Where it takes days, what is not the case's subject is left out: it would ring on and on.
    """
    assert finding.story is not None
    lasts = finding.story.until - finding.story.opened_at
    asks = (Kind.NOTIFY, Kind.ACCEPT)
    about = {k: r for k, r in new.steps.items() if k == finding.step or r.kind in asks or r.anchor in ANSWERED}
    played = replayed(finding, new if lasts < timedelta(hours=6) else replace(new, steps=about))
    assert played is not None
    yield from (one.due_at for key in new.steps for one in Seen(key, played).opened)
    yield from (at for at, _ in (*played.tells, *played.entries))
    yield from (entry.at for _, entry in played.entries)


def shows_what_it_says(linted: Linted, new: Pack) -> None:
    """Hold every finding to its example: the case is played again."""
    for finding in linted.findings:
        assert "_" not in finding.fault + finding.example
        if finding.story is not None and finding.scene is not None:
            scene = finding.scene
            assert all(clock(at, scene) in finding.example for at in finding.shows)
            assert set(finding.shows) <= set(happened(finding, new)), finding.example


@settings(max_examples=6, deadline=None)
@given(edits())
def test_the_examples_of_any_edit_can_be_played_again(new: Pack) -> None:
    """Whatever is edited: no finding says what does not happen."""
    linted = lint(shipped(), new, budget=Budget(states=40, lines=4_000, depth=1))
    shows_what_it_says(linted, new)
