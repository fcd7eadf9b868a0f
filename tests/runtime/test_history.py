"""The past under old and new numbers: the same whoever plays it, told as it goes, and stopped when nobody waits."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

import pytest

from policy.load_model import PROFILES
from policy.pack import Pack
from policy.play import Story, play
from policy.roster import Roster
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.tally import BREACHES, CASES_KEPT, MESSAGES
from policy.terms import Risk
from runtime import history
from runtime.history import History, Question, Year, compare, play_all, simulate
from tests.policy.night import NOTIFY, pack

DAYS = Year(PROFILES["derbyshire"], date(2026, 3, 27), 4)


def sooner(*risks: Risk) -> Pack:
    """Give the pack with three minutes to acknowledge at these levels."""
    rule = pack().steps[NOTIFY]
    due = {**rule.due, **dict.fromkeys(risks, Span.parse("3m"))}
    return replace(pack(), steps={**pack().steps, NOTIFY: replace(rule, due=due)}, revision=2)


@cache
def stories() -> tuple[Story, ...]:
    """Give some dozen cases."""
    return tuple(DAYS.stories(pack(), DAYS.until))


def asked(new: Pack | None = None) -> Question:
    """Ask about a change."""
    return Question(pack(), new or sooner(*Risk), StandingRoster(tuple(pack().areas)))


@cache
def here() -> History:
    """Give what comes of it when this process plays them one by one."""
    return play_all(stories(), asked())


def test_a_shorter_deadline_is_missed_by_more() -> None:
    """More breaches of that step, none of another, and each figure names cases; as the API answers it."""
    body = here().as_body()
    assert json.loads(json.dumps(body)) == body
    assert (body["cases"], body["simulated"]) == (len(stories()), False)
    breaches = here().old.count(BREACHES, NOTIFY), here().new.count(BREACHES, NOTIFY)
    assert breaches[0] < breaches[1]
    others = [here().old.count(BREACHES) - breaches[0], here().new.count(BREACHES) - breaches[1]]
    assert others[0] == others[1]
    group = body["breaches"]
    assert isinstance(group, dict)
    step = group["steps"][NOTIFY]
    assert (step["old"], step["new"]) == breaches
    assert set(step["cases"]["new"]) <= {story.ref for story in stories()}
    messages = body["messages"]
    assert isinstance(messages, dict)
    assert sum(messages["roles"]["duty_inspector"]["hours"]["old"]) == messages["roles"]["duty_inspector"]["old"]
    assert 0 < here().differing <= len(stories())
    assert len(here().cases) == min(here().differing, CASES_KEPT)


def test_several_processes_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the last figure and case, and the progress ends at the number of cases."""
    monkeypatch.setattr(history, "PORTION", 20)
    told: list[tuple[int, int]] = []
    found = compare(iter(stories()), asked(), lambda done, of: told.append((done, of)), len(stories()), processes=2)
    assert found == here()
    assert told[0][0] == 20
    assert told[-1] == (len(stories()), len(stories()))
    assert told == sorted(told)


@dataclass(frozen=True)
class OfThisProcess:
    """A roster that no other process can be given."""

    rosters: StandingRoster

    def __call__(self, at: datetime) -> Roster:
        """Give who is on duty."""
        return self.rosters(at)

    def __reduce__(self) -> str:
        raise TypeError("it holds a connection")


def test_what_cannot_be_given_to_another_process_is_played_by_this_one() -> None:
    """A roster that reads from a store stays where the store is."""
    question = replace(asked(), rosters=OfThisProcess(StandingRoster(tuple(pack().areas))))
    assert compare(stories(), question, processes=2) == here()


class Broken:
    """A pool whose processes cannot be started, or die at once."""

    def __init__(self, *_given: object) -> None:
        self.ended = False

    def submit(self, *_given: object) -> object:
        """Refuse."""
        raise OSError("cannot allocate memory")

    def shutdown(self, *, cancel_futures: bool) -> None:
        """End."""
        self.ended = cancel_futures


def test_where_no_process_can_be_started_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases are played all the same, each once."""
    monkeypatch.setattr(history, "ProcessPoolExecutor", Broken)
    assert compare(stories(), asked(), processes=2) == here()


class Enough(Exception):
    """Nobody waits for the answer any more."""


def test_whoever_is_told_how_far_it_is_may_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not begun is not played, and the other processes are gone when the call returns."""
    monkeypatch.setattr(history, "PORTION", 5)
    drawn: list[str] = []

    def counting() -> Iterator[Story]:
        for story in stories():
            drawn.append(story.ref)
            yield story

    def stop(_done: int, _of: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        compare(counting(), asked(), stop, processes=1)
    assert len(drawn) == 5


def test_a_case_that_the_change_cannot_concern_is_played_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one level changed the others are counted on both sides as they are; the figures are those of playing all."""
    question = asked(sooner(Risk.LOW))
    found, plays = play_all(stories(), question), _count_plays(monkeypatch)
    assert play_all(stories(), question) == found
    assert len(stories()) < len(plays) < 1.6 * len(stories())
    monkeypatch.setattr(history, "concerns", lambda *_given: True)
    assert play_all(stories(), question) == found


def _count_plays(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    plays: list[str] = []

    def counted(story: Story, rules: Pack, rosters: StandingRoster) -> object:
        plays.append(story.ref)
        return play(story, rules, rosters)

    monkeypatch.setattr(history, "play", counted)
    return plays


def test_a_simulated_year_is_the_same_in_any_portions() -> None:
    """Each day is drawn by itself; what comes of it says that it was simulated."""
    whole = simulate(DAYS, pack(), processes=1)
    assert whole.simulated
    assert whole.old == whole.new == here().old
    assert simulate(replace(DAYS, seed=2), pack(), processes=1).old != whole.old
    days = [one.first for one in Year(PROFILES["met"], date(2026, 1, 1), 365).portions()]
    assert len(days) == len(set(days)) == 365
    assert sum(one.days for one in replace(DAYS, days=11).portions()) == 11


def test_no_case_at_all() -> None:
    """Nothing to play is an answer, too."""
    found = compare((), asked(), processes=2)
    assert (found.old.cases, found.old.count(MESSAGES), found.differing) == (0, 0, 0)
