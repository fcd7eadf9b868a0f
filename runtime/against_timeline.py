"""Two timelines laid side by side, minute by minute: what is the same, what has moved, what one of them alone has."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from policy.pack import Pack
from policy.terms import MessageType
from runtime import rehearse_show
from runtime.against_what import NO_TIME, span_words
from runtime.rehearse_scenario import Scenario, Was
from runtime.rehearse_seen import Breach, Item, Rang, Seen, Telling
from runtime.rehearse_words import ClockWords

MINUTE = timedelta(minutes=1)
FOLDS = 3  # rows that are the same on both sides, from which on they are folded into one


class Mark(StrEnum):
    """How a line stands beside the other timeline."""

    SAME = "same"
    MOVED = "moved"  # there too, at another time
    CHANGED = "changed"  # there too and then, in other words: another deadline, another person
    ONLY = "only"


@dataclass(frozen=True)
class Entry:
    """One line of a timeline. `key` tells what it is, whenever it is; `note` is where it is known from."""

    at: datetime
    kind: str
    text: str
    key: tuple[object, ...]
    essence: tuple[object, ...] = ()  # what it says, whatever words a pack has for it
    mark: Mark = Mark.SAME
    note: str = ""
    timed: bool = True  # its time is known, not chosen


@dataclass(frozen=True)
class Timeline:
    """One night as it was played, or as it was; further reminders are counted, not told."""

    title: str
    start: datetime
    entries: tuple[Entry, ...]
    seen: Seen
    pack: Pack
    end: Mapping[str, object] | None = None  # the first case as it stood at the end
    reminders: int = 0

    @property
    def clock(self) -> ClockWords:
        """Give the words for its instants."""
        return ClockWords(self.start)


@dataclass(frozen=True)
class Row:
    """What both have at one minute; a fold stands for several rows that are the same on both sides."""

    at: datetime  # on the left's clock
    left: tuple[Entry, ...]
    right: tuple[Entry, ...]
    fold: tuple["Row", ...] = ()

    @property
    def same(self) -> bool:
        """Tell whether nothing differs."""
        return all(entry.mark is Mark.SAME for entry in (*self.left, *self.right))


def of_seen(title: str, start: datetime, seen: Seen, pack: Pack) -> Timeline:
    """Make a timeline of what was seen; the further reminders of one thing are counted only."""
    entries, reminders = [], 0
    for group, text in rehearse_show.said(seen.story, pack):
        if _is_further_reminder(group[0]):
            reminders += len(group)
            continue
        first = group[0]
        entries.append(Entry(first.at, _kind(first), text, _key(group, text), _essence(first, text, start)))
    last = seen.looks[-1].cases if seen.looks else {}
    return Timeline(title, start, tuple(entries), seen, pack, last.get(min(last)) if last else None, reminders)


def of_was(scenario: Scenario) -> Timeline:
    """Make a timeline of what is known of the real night."""
    entries = tuple(
        Entry(was.at, "was", was.text, ("was", number), note=_note(was), timed=was.published == "time")
        for number, was in enumerate(scenario.was)
    )
    return Timeline("As it was", scenario.start, entries, Seen(), scenario.rules)


def _note(was: Was) -> str:
    unknown = {"time": "", "day": ", hour not published", "nothing": ", time not published"}[was.published]
    return f"{was.source}{unknown}"


def _is_further_reminder(item: Item) -> bool:
    """A night has hundreds: the first of each, and what a rung hears the first time, is what the eye looks for."""
    if not isinstance(item, Telling):
        return False
    again = 1 if item.type is MessageType.REMIND else 0
    return item.type in (MessageType.REMIND, MessageType.ESCALATE) and item.reminder > again


def _kind(item: Item) -> str:
    if isinstance(item, Telling):
        return "told"
    if isinstance(item, Breach):
        return "overdue"
    return "alarm" if isinstance(item, Rang) else item.kind


def _key(group: Sequence[Item], text: str) -> tuple[object, ...]:
    first = group[0]
    if isinstance(first, Telling):
        people = tuple(sorted(item.person for item in group if isinstance(item, Telling)))
        return ("told", first.case, first.type, first.step, first.rung, first.reminder, people)
    if isinstance(first, Breach):
        return ("overdue", first.case, first.step, first.occurrence)
    if isinstance(first, Rang):
        return ("alarm", first.case, first.key, first.detail)
    if first.kind in ("end", "report"):
        return (first.kind, first.case)
    return ("line", first.case, text.partition(": REFUSED")[0])


def _essence(first: Item, text: str, start: datetime) -> tuple[object, ...]:
    if isinstance(first, Telling):
        return tuple((ask.step, ask.due_at - start if ask.due_at else None) for ask in first.asks)
    return (first.holder,) if isinstance(first, Breach) else (text,)


# --- side by side ---------------------------------------------------------------------------------


def side_by_side(left: Timeline, right: Timeline) -> tuple[tuple[Row, ...], Timeline, Timeline]:
    """Lay two timelines side by side: their rows, and both with each line marked. Their starts are one instant."""
    marked_left, marked_right = _marked(left, right, says_how_far=False), _marked(right, left, says_how_far=True)
    shift = left.start - right.start
    minutes: dict[datetime, tuple[list[Entry], list[Entry]]] = {}
    for side, entries, by in ((0, marked_left.entries, NO_TIME), (1, marked_right.entries, shift)):
        for entry in entries:
            at = (entry.at + by).replace(second=0, microsecond=0)
            minutes.setdefault(at, ([], []))[side].append(entry)
    rows = [Row(at, tuple(both[0]), tuple(both[1])) for at, both in sorted(minutes.items())]
    return tuple(_folded(rows)), marked_left, marked_right


def _folded(rows: Sequence[Row]) -> Iterator[Row]:
    for same, group in groupby(rows, key=lambda row: row.same):
        found = list(group)
        if same and len(found) > FOLDS:
            yield replace(found[0], left=(), right=(), fold=tuple(found))
        else:
            yield from found


def _marked(mine: Timeline, other: Timeline, *, says_how_far: bool) -> Timeline:
    theirs = dict(_nth(other))
    entries = []
    for key, entry in _nth(mine):
        twin = theirs.get(key)
        if twin is None:
            entries.append(replace(entry, mark=Mark.ONLY))
            continue
        by = (entry.at - mine.start) - (twin.at - other.start)
        if by:
            side = "later" if by > NO_TIME else "earlier"
            entries.append(replace(entry, mark=Mark.MOVED, note=f"{span_words(by)} {side}" if says_how_far else ""))
        else:
            entries.append(replace(entry, mark=Mark.SAME if entry.essence == twin.essence else Mark.CHANGED))
    return replace(mine, entries=tuple(entries))


def _nth(timeline: Timeline) -> Iterator[tuple[tuple[object, ...], Entry]]:
    """Give each line with what it is and the how-manieth of these it is: a review comes again and again."""
    counts: Counter[tuple[object, ...]] = Counter()
    for entry in timeline.entries:
        counts[entry.key] += 1
        yield (*entry.key, counts[entry.key]), entry
