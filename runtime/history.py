"""What a change would have made of the past: cases played through policy twice, under the old numbers and the new.

The cases are those that the store remembers; where they are too few, those of a simulated year. They are played in
portions by several processes, and by this one alone where no other can be started.
"""

import gc
import itertools
import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random

from policy.concerned import concerns, levels_changed
from policy.load_model import Load, Profile, stories_of
from policy.pack import Pack
from policy.play import Rosters, Story, play
from policy.spans import LOCAL
from policy.standing_roster import StandingRoster
from policy.tally import BREACHES, CASES_KEPT, ESCALATIONS, MESSAGES, WOKEN, Tally, counted

Progress = Callable[[int, int], None]  # how many cases are done, of how many; whoever raises in it ends the work
PORTION = 50  # cases
AHEAD = 3  # portions for each process that are drawn or read before they are played
PROCESSES = 2


@dataclass(frozen=True)
class Question:
    """What is asked: the same cases, with these people on duty, under two revisions of a pack (or under one)."""

    old: Pack
    new: Pack
    rosters: Rosters
    simulated: bool = False


@dataclass
class History:
    """What came of it. `differing` counts the cases of which any figure differs; some of them are kept by reference."""

    old: Tally = field(default_factory=Tally)
    new: Tally = field(default_factory=Tally)
    differing: int = 0
    cases: list[str] = field(default_factory=list)
    simulated: bool = False

    def add(self, other: "History") -> None:
        """Take over what came of other cases."""
        self.old.add(other.old)
        self.new.add(other.new)
        self.differing += other.differing
        self.cases += other.cases[: CASES_KEPT - len(self.cases)]

    def as_body(self) -> dict[str, object]:
        """Give it as the API answers it; each figure with some of its cases."""
        return {
            "cases": self.old.cases,
            "differing": {"count": self.differing, "cases": self.cases},
            "escalations": self._group(ESCALATIONS, "steps"),
            "breaches": self._group(BREACHES, "steps"),
            "messages": self._group(MESSAGES, "roles"),
            "woken": self._group(WOKEN, "roles"),
            "simulated": self.simulated,
        }

    def _group(self, group: str, what: str) -> dict[str, object]:
        names = dict.fromkeys((*self.old.names(group), *self.new.names(group)))
        return {**self._figure(group), what: {name: self._figure(group, name) for name in names}}

    def _figure(self, group: str, name: str | None = None) -> dict[str, object]:
        key = (group,) if name is None else (group, name)
        sides = {"old": self.old, "new": self.new}
        body: dict[str, object] = {side: tally.count(*key) for side, tally in sides.items()}
        if name is not None:
            body["cases"] = {side: tally.cases_of(*key) for side, tally in sides.items()}
        if group == MESSAGES and name is not None:
            body["hours"] = {side: tally.by_hour(name) for side, tally in sides.items()}
        return body


@dataclass(frozen=True)
class Year:
    """So many days of a force that never were, drawn from the load model; the same seed gives the same days."""

    profile: Profile
    first: date
    days: int
    seed: int = 1
    stress: bool = False

    @property
    def until(self) -> datetime:
        """Give when it ends: at midnight in London."""
        return datetime.combine(self.first + timedelta(days=self.days), time(), LOCAL).astimezone(UTC)

    @property
    def expected(self) -> int:
        """Give about how many cases it has."""
        return round((self.profile.stress if self.stress else self.profile.mean) * self.days)

    def portions(self) -> Iterator["Year"]:
        """Cut it into portions of whole days."""
        step = max(PORTION * self.days // max(self.expected, 1), 1)
        for begins in range(0, self.days, step):
            days = min(step, self.days - begins)
            yield replace(self, first=self.first + timedelta(days=begins), days=days)

    def stories(self, pack: Pack, until: datetime) -> Iterator[Story]:
        """Draw its cases, each worked off as the pack asks."""
        load = Load(self.profile, pack, until, self.stress)
        for number in range(self.days):
            day = self.first + timedelta(days=number)
            yield from stories_of(load, day, Random(f"{self.seed}/{day}"))  # noqa: S311 - a simulation, no secret


Portion = Callable[[Question], Iterable[Story]]


def quiet(_done: int, _of: int) -> None:
    """Tell nobody how far the work is."""


def compare(
    stories: Iterable[Story], question: Question, progress: Progress = quiet, of: int = 0, processes: int | None = None
) -> History:
    """Play cases under both revisions; `of` is how many there are, as far as that is known."""
    given = iter(stories)
    portions = iter(lambda: tuple(itertools.islice(given, PORTION)), ())
    return _work_off((partial(_as_given, portion) for portion in portions), question, progress, of, processes)


def simulate(
    year: Year, old: Pack, new: Pack | None = None, progress: Progress = quiet, processes: int | None = None
) -> History:
    """Draw a year of cases that are worked off as `old` asks, and play them under `old` and under `new`."""
    question = Question(old, new or old, StandingRoster(tuple(old.areas)), simulated=True)
    portions = (partial(_drawn, portion, year.until) for portion in year.portions())
    return _work_off(portions, question, progress, year.expected, processes)


def _as_given(stories: tuple[Story, ...], _question: Question) -> Iterable[Story]:
    return stories


def _drawn(year: Year, until: datetime, question: Question) -> Iterable[Story]:
    return year.stories(question.old, until)


# --- one portion --------------------------------------------------------------------------------------------


def play_all(stories: Iterable[Story], question: Question) -> History:
    """Play cases under both revisions in this process; one that a change cannot concern is played once."""
    changed = levels_changed(question.old, question.new)
    history = History(simulated=question.simulated)
    for story in stories:
        before = after = counted(play(story, question.old, question.rosters))
        if concerns(story, changed, question.old):
            after = counted(play(story, question.new, question.rosters))
        history.old.take(story.ref, before)
        history.new.take(story.ref, after)
        if before != after:
            history.differing += 1
            history.cases += [story.ref][: CASES_KEPT - len(history.cases)]
    return history


# --- several processes --------------------------------------------------------------------------------------

_asked: list[Question] = []  # of this process, where it is one that plays portions


def _begin(question: bytes) -> None:
    os.nice(10)  # whoever is told of a case goes first
    gc.set_threshold(50_000)  # what is played is gone a moment later: looking for circles finds none
    _asked[:] = [pickle.loads(question)]  # noqa: S301 - it comes from the process that started this one


def _play_portion(portion: Portion) -> History:
    return play_all(portion(_asked[0]), _asked[0])


def _work_off(
    portions: Iterable[Portion], question: Question, progress: Progress, of: int, processes: int | None
) -> History:
    whole, done = History(simulated=question.simulated), 0
    with closing(_parts(portions, question, processes or min(os.cpu_count() or 1, PROCESSES))) as parts:
        for part in parts:
            whole.add(part)
            done += part.old.cases
            progress(done, max(of, done))
    progress(done, done)
    return whole


def _parts(portions: Iterable[Portion], question: Question, processes: int) -> Generator[History, None, None]:
    """Play the portions in their order, a few ahead of what has been asked for."""
    asked = _pickled(question) if processes > 1 else None
    if asked is None:
        yield from (play_all(portion(question), question) for portion in portions)
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (asked,))
    waiting: deque[tuple[Portion, Future[History] | None]] = deque()
    try:
        for portion in portions:
            waiting.append((portion, _sent(pool, portion)))
            if len(waiting) >= AHEAD * processes:
                yield _played(*waiting.popleft(), question)
        while waiting:
            yield _played(*waiting.popleft(), question)
    finally:
        pool.shutdown(cancel_futures=True)


def _sent(pool: ProcessPoolExecutor, portion: Portion) -> "Future[History] | None":
    """Give a portion to another process; None where none can be started, or one has died."""
    try:
        return pool.submit(_play_portion, portion)
    except (BrokenProcessPool, OSError):
        return None


def _played(portion: Portion, future: "Future[History] | None", question: Question) -> History:
    """Give what came of a portion; what no other process has played, this one plays."""
    if future is not None:
        with suppress(BrokenProcessPool):
            return future.result()
    return play_all(portion(question), question)


def _pickled(question: Question) -> bytes | None:
    """Give the question as another process can be asked it; None where it holds what only this one has."""
    try:
        return pickle.dumps(question)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
