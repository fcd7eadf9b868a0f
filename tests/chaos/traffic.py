"""Reports that come in all the while, and people who answer some of them: what fails is sent again, as it is."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx

from policy.case import Case
from policy.errors import VigilError
from runtime.clock import Clock, Stopwatch, WallClock, beats
from store import cases
from store.engine import Sessions
from tests.chaos.phones import Phones
from tests.chaos.plan import Story
from tests.support.stack import Stack

SOURCE: Final = "chaos"
TOP_S: Final = {"low": 95.0, "medium": 70.0, "high": 45.0}  # of real time, until the last rung has been told twice
_WALL: Final = WallClock()


@dataclass
class Told:
    """One report that was taken, and how its case stood on the procedure's clock when it was answered."""

    story: Story
    case: str
    taken_at: datetime  # real time
    stood: Case | None = None
    stood_at: datetime | None = None
    answered: bool = False

    @property
    def answer_at(self) -> datetime:
        """Give when it is to be answered."""
        after_s = self.story.answered_after_s or TOP_S[self.story.risk]
        return self.taken_at + timedelta(seconds=after_s)


class Traffic(threading.Thread):
    """Sends the stories' reports, one after the other, each until it is taken; answers each when its time has come."""

    def __init__(
        self, stack: Stack, phones: Phones, sessions: Sessions, clock: Clock, stories: Iterator[Story]
    ) -> None:
        super().__init__(name="traffic", daemon=True)
        self.told: list[Told] = []
        self.statuses: Counter[str] = Counter()  # what was answered, and what was not
        self.broken: BaseException | None = None
        self._stack, self._phones, self._sessions, self._clock = stack, phones, sessions, clock
        self._stories = stories
        self._next = next(stories)
        self._since = Stopwatch()
        self._no_more = threading.Event()
        self._over = threading.Event()

    def run(self) -> None:
        """Report and answer until told to end."""
        try:
            for _ in beats(self._over, 0.25):
                if not self._no_more.is_set() and self._since.over(self._next.gap_s):
                    self._report()
                for told in [told for told in self.told if not told.answered and told.answer_at <= _WALL.wall()]:
                    self._answer(told)
        except BaseException as error:  # noqa: BLE001 - whoever waits for us must hear of it
            self.broken = error

    def end(self, within_s: float) -> None:
        """Report nothing more, and wait until the last case has been answered."""
        self._no_more.set()
        watch = Stopwatch()
        for _ in beats(threading.Event(), 0.5):
            left = [told.case for told in self.told if not told.answered]
            if self.broken is not None or not left:
                break
            assert not watch.over(within_s), f"not answered within {within_s} s: {left}; {self.statuses}"
        self._over.set()
        self.join(30)
        if self.broken is not None:
            raise AssertionError(f"the traffic ended: {self.broken!r}") from self.broken

    def _report(self) -> None:
        story = self._next
        answer = self._post("/reports", body_of(story))
        if answer is not None and answer.status_code in (200, 201):
            self.told.append(Told(story, answer.json()["case"], _WALL.wall()))
            self._next, self._since = next(self._stories), Stopwatch()

    def _answer(self, told: Told) -> None:
        """Answer a case; how it stands is looked at before, for afterwards nobody is told of it any more."""
        inspector = f"insp-{told.story.area}"
        calls = self._phones.calls(inspector, case=told.case, type="notify")
        if not calls or not self._look_at(told):
            return
        if told.story.by_link:
            link = str(calls[0].body["link"])
            answer = self._post(link, {"decision": "acknowledge"}, form=True)
        else:
            fact = {"kind": "acknowledged", "by": inspector}
            answer = self._post(f"/cases/{told.case}/facts", fact)
        told.answered = answer is not None and answer.status_code == 200

    def _look_at(self, told: Told) -> bool:
        now = self._clock.now()
        try:
            with self._sessions.reading() as s:
                told.stood, told.stood_at = cases.load(s, told.case).case, now
        except VigilError:
            return False
        return True

    def _post(self, path: str, body: Mapping[str, object], *, form: bool = False) -> httpx.Response | None:
        try:
            with self._stack.client() as client:
                answer = client.post(path, data=body) if form else client.post(path, json=body)
        except httpx.HTTPError as error:
            self.statuses[type(error).__name__] += 1
            return None
        self.statuses[str(answer.status_code)] += 1
        return answer


def source_id(story: Story) -> str:
    """Give the number that a report has where it comes from."""
    return f"C-{story.number:04d}"


def body_of(story: Story) -> dict[str, object]:
    """Give the report as it is posted."""
    return {
        "source": SOURCE,
        "source_id": source_id(story),
        "area": story.area,
        "risk": story.risk,
        "risk_rationale": "As reported",
        "person": {"name": f"Adult {story.number}", "age": 30},
    }
