"""How far the search goes: its bound is told, and what it leaves out would have changed nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.lint import Budget, lint
from policy.lint_scene import INSTANTS, MOVES, Act, Profile, Scene
from policy.lint_words import told
from policy.play import play
from policy.record_terms import AgeBand
from policy.spans import LOCAL
from policy.terms import Risk, Role
from tests.policy.edits import change, edited
from tests.policy.night import NOTIFY
from tests.policy.test_lint import a_step, after, shipped, trial


def test_the_bound_is_told_in_words() -> None:
    """Whoever approves sees how many cases were played, and that there would have been more."""
    linted = after(f"{NOTIFY}.due.medium=7m", budget=Budget(states=30))
    assert linted.searched.words() == (
        "30 cases of 23 people were played, with up to 1 things said in each, followed for 400 days at the most, and "
        "then the search ended at its bound."
    )
    assert not linted.searched.whole
    lines = after(f"{NOTIFY}.due.medium=7m", budget=Budget(lines=500)).searched
    assert lines.states < 30


def test_what_could_not_be_reached_is_told() -> None:
    """No case of the search is ever closed: what comes after is not looked at, and that is said."""
    linted = after("closed_case_watch.due=20m")
    assert linted.searched.whole
    assert linted.searched.words().endswith(
        "Not asked for in any of them: Somebody has been in touch about a closed case."
    )


def test_progress_is_told_as_cases_are_played() -> None:
    """A page shows how far the search is."""
    heard: list[tuple[int, int]] = []
    lint(
        shipped(),
        edited(change("set_review_time.due", "10m")),
        budget=Budget(states=5),
        progress=lambda done, of: heard.append((done, of)),
    )
    assert heard == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5), (1, 1)]


@pytest.mark.parametrize(
    "planted",
    [
        f"{NOTIFY}.due.high=35m",
        f"{NOTIFY}.due.medium=7m",
        "inspector_confirms_risk.due.high=1m",
        "deploy_and_attend.due.high=4m",
        "log_notification_in_c_and_c.due=1m",
    ],
)
def test_leaving_out_what_the_change_does_not_concern_changes_nothing(planted: str) -> None:
    """The other steps, levels and answers, played as well, bring no other finding."""
    bound = Budget(depth=0, lines=10**7, longest=timedelta(hours=3))
    quick, whole = after(planted, budget=bound), after(planted, budget=replace(bound, thorough=True))
    assert [(one.kind, one.field, one.fault) for one in quick.findings] == [
        (one.kind, one.field, one.fault) for one in whole.findings
    ]
    assert whole.searched.states > quick.searched.states


def test_a_thorough_search_says_everything_that_can_be_said() -> None:
    """Each move is tried; what is refused ends that case, and what stands alike is followed once."""
    linted = after(
        "set_review_time.due=10m", budget=Budget(states=110, thorough=True, lines=10**7, longest=timedelta(hours=1))
    )
    assert (linted.findings, linted.searched.depth) == ((), 1)


@pytest.mark.parametrize("move", sorted(MOVES))
def test_whatever_is_said_is_taken(move: str) -> None:
    """A move that policy refuses would search nothing; an interview needs somebody who was seen."""
    profile = Profile(Risk.MEDIUM, AgeBand.B13_15, INSTANTS[0], INSTANTS[0])
    first = {"interview": ("seen",)}.get(move, ())
    names = (*first, move)
    level = {"raise": Risk.HIGH, "lower": Risk.LOW}.get(move)
    start = profile.recorded_at
    acts = tuple(Act(start.replace(minute=number), name, level) for number, name in enumerate(names, 1))
    scene = Scene(profile, acts)
    played = play(scene.story(shipped()), shipped(), scene.rosters(shipped()))
    assert played.refused == []
    assert MOVES[move].words.split("{")[0] in told(scene, shipped())


def test_the_level_of_a_scene_is_that_of_its_timers() -> None:
    """Not set: high for a child and medium for an adult; a child is below the floor by an inspector's word alone."""
    child, adult = (Profile(None, age, INSTANTS[0], INSTANTS[0]) for age in (AgeBand.UNKNOWN, AgeBand.B65))
    low = Profile(Risk.LOW, AgeBand.B13_15, INSTANTS[0], INSTANTS[0])
    lowered = Scene(low, (Act(INSTANTS[0], "lower", Risk.VERY_LOW),))
    levels = [scene.level(Risk.MEDIUM) for scene in (Scene(child), Scene(adult), Scene(low), lowered)]
    assert levels == [Risk.HIGH, Risk.MEDIUM, Risk.MEDIUM, Risk.VERY_LOW]
    assert told(Scene(child), shipped()).startswith("A child of an age not known, whose risk is not set, reported")
    assert told(Scene(adult), shipped()).startswith("An adult of 65 or over")


def test_the_search_sees_an_absent_role() -> None:
    """Nobody on the first rung: the one above is told at once, and that is no rung told too soon."""
    profile = Profile(Risk.HIGH, AgeBand.B13_15, INSTANTS[0], INSTANTS[0], absent=Role.DUTY_INSPECTOR)
    scene = Scene(profile)
    played = play(scene.story(shipped()), shipped(), scene.rosters(shipped()))
    assert all(tell.role is not Role.DUTY_INSPECTOR for _, tell in played.tells)
    assert "with no LOI on duty" in told(scene, shipped())


def test_the_instants_are_those_at_which_clocks_and_calendars_turn() -> None:
    """05:50 on a Sunday on which the clocks change; 01:30 twice; a leap day."""
    here = [at.astimezone(LOCAL) for at in INSTANTS]
    assert f"{here[1]:%A %H:%M}" == "Sunday 05:50"
    twice = [at for at in here if (at.hour, at.minute) == (1, 30)]
    assert [at.fold for at in twice] == [0, 1]
    assert (2, 29) in [(at.month, at.day) for at in here]


@pytest.mark.parametrize(
    ("numbers", "when"),
    [
        ('due = "1m"\nwhen = ["in_care"]', "a child of 13 to 15"),
        ('due = "1m"\nwhen = ["care_home_report"]', "a child of 13 to 15"),
        ('due = "1m"\nwhen = ["under_18"]', "a child of 13 to 15"),
        ('due = "1m"\nwhen = ["adult"]', "an adult of 25 to 64"),
        ('due = "1m"\nwhen = ["concern_call"]', "a child"),
        ('due = "1m"\nwhen = ["defective_record"]', "a child"),
    ],
)
def test_somebody_is_reported_of_whom_the_step_is_asked(numbers: str, when: str) -> None:
    """A step for some cases only is looked at in one of these."""
    old, new = (trial(a_step(n, "task")) for n in (numbers.replace("1m", "20m"), numbers))
    found = lint(old, new, budget=Budget(depth=0)).findings
    assert [one.kind for one in found if one.kind == "too_short"] == ["too_short"]
    assert when in found[0].example.lower()


def test_each_sort_of_evidence_is_given() -> None:
    """A force's own form asks for a number, a yes or no, a choice: the search fills each in."""
    form = """
[steps.set_review_time]
evidence = [
  { name = "review_at", title = "When", type = "instant", sets = "next_review" },
  { name = "sure", title = "Sure", type = "yes_no" },
  { name = "units", title = "Units", type = "number" },
  { name = "way", title = "Way", type = "choice", choices = ["by car", "on foot"] },
  { name = "seen_at", title = "Seen at", type = "instant" },
  { name = "who", title = "Who", type = "person" },
  { name = "why", title = "Why", type = "text" },
]
"""
    pack = trial(form)
    start = INSTANTS[0]
    scene = Scene(Profile(Risk.HIGH, AgeBand.B13_15, start, start), (Act(start.replace(minute=2), "review"),))
    assert play(scene.story(pack), pack, scene.rosters(pack)).refused == []
