"""What was seen in a rehearsal, simulated or live: by this expectations are judged, and of this the story is made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policy.terms import AlarmKey, MessageType

View = Mapping[str, object]


@dataclass(frozen=True)
class Asked:
    """One thing that a message asks: of which step, in which words, by when."""

    step: str
    text: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class Telling:
    """One person told once: several channels of one act are one telling, received when the first pushing one has it."""

    at: datetime
    key: str  # the attempt key without its channel
    case: int | None  # the nth report; None: about the home itself
    person: str
    role: str
    label: str
    type: MessageType
    step: str
    rung: int
    reminder: int
    about: tuple[str, ...]  # every step that the message asks about
    asks: tuple[Asked, ...]
    due_at: datetime | None = None  # when it fell due to be sent

    @property
    def texts(self) -> tuple[str, ...]:
        """Give what is asked, in the words of the message."""
        return tuple(ask.text for ask in self.asks)


@dataclass(frozen=True)
class Look:
    """The cases as they stood at an instant, by the number of their report."""

    at: datetime
    cases: Mapping[int, View]


@dataclass(frozen=True)
class Rang:
    """An alarm that rang."""

    at: datetime
    key: AlarmKey
    to: str | None
    case: int | None
    detail: str


@dataclass(frozen=True)
class Breach:
    """A step that fell overdue, at its deadline."""

    at: datetime
    case: int
    step: str
    occurrence: int
    holder: str | None


@dataclass(frozen=True)
class Refusal:
    """An act that was refused, and why."""

    at: datetime
    act: int
    kind: str
    case: int
    rule: str
    detail: str
    missing: tuple[str, ...]
    who_may: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the story in words: what somebody did, what stood still, how it ended."""

    at: datetime
    kind: str  # report, fact, refused, outage, roster, clock, case (what came of it), end
    text: str
    case: int | None = None


Item = Telling | Rang | Breach | Line


@dataclass
class Seen:
    """Everything seen so far; `story` holds it in the order in which it was seen."""

    story: list[Item] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    runs: list[tuple[datetime, int]] = field(default_factory=list)  # a run began, for which report

    @property
    def tellings(self) -> list[Telling]:
        """Give who was told what, in order."""
        return [item for item in self.story if isinstance(item, Telling)]

    @property
    def alarms(self) -> list[Rang]:
        """Give the alarms, in order."""
        return [item for item in self.story if isinstance(item, Rang)]

    @property
    def breaches(self) -> list[Breach]:
        """Give what fell overdue, in order."""
        return [item for item in self.story if isinstance(item, Breach)]

    def say(self, at: datetime, kind: str, text: str, case: int | None = None) -> None:
        """Add a line to the story."""
        self.story.append(Line(at, kind, text, case))

    def look_at(self, at: datetime) -> Look | None:
        """Give the last look at or before an instant."""
        return next((look for look in reversed(self.looks) if look.at <= at), None)

    def between(self, after: datetime | None, until: datetime | None) -> list[Look]:
        """Give how things stood at `after` and every look from then to `until`."""
        first = self.look_at(after) if after else None
        rest = [k for k in self.looks if (after is None or k.at > after) and (until is None or k.at <= until)]
        return [*([first] if first else []), *rest]


@dataclass(frozen=True)
class Verdict:
    """One expectation judged: kept or broken, and what was seen."""

    kept: bool
    seen: str
    grace: bool = False  # kept only thanks to the grace of a live run


NO_GRACE = timedelta(0)


def steps_of(view: View, key: str, occurrence: int | None) -> list[View]:
    """Give the occurrences of a step out of a case's view: that one, or all of them."""
    steps = view.get("steps")
    assert isinstance(steps, list)
    found = [s for s in steps if s["key"] == key and occurrence in (None, s["occurrence"])]
    return sorted(found, key=lambda s: int(str(s["occurrence"])))


def step_of(view: View, key: str, occurrence: int | None) -> View | None:
    """Give a step out of a case's view: that occurrence, or the latest that is more than planned."""
    found = steps_of(view, key, occurrence)
    begun = [s for s in found if s["status"] != "waiting"]
    return max(begun or found, key=lambda s: int(str(s["occurrence"])), default=None)


def plural(number: int, word: str) -> str:
    """Say a number of things."""
    return f"{number} {word}" if number == 1 else f"{number} {word}{'es' if word.endswith('ch') else 's'}"


def listed(words: Iterable[str]) -> str:
    """Say several things as a person does: `a, b and c`."""
    said = list(words)
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
