"""What happened in a case, from everywhere, in the order in which it happened: Vigil, its messages, both logs.

What a person asked to keep back is kept back; what people wrote is otherwise shown as they wrote it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from console.case_lines import ToldLine
from console.journal_words import HIDDEN, sentence
from console.words import words
from policy.case import Case
from policy.pack import Pack
from policy.terms import FactKind, MessageState, MessageType
from runtime.readings_disclosure import masked
from store.journal import JournalEntry

VIGIL, MESSAGES, PEOPLE = "Vigil", "Messages", "People"
_FOLDED = frozenset({"retimed"})  # the change of risk tells them together


@dataclass(frozen=True)
class Line:
    """One line of the timeline: when, from which source, what, who says so, by which way it came in."""

    at: datetime
    source: str
    text: str
    by: str
    route: str
    place: int = 0  # among equal instants: the number of its line in the journal
    folded: bool = False  # not shown unless its source is asked for

    @property
    def slug(self) -> str:
        """Give the source as a word of an address."""
        return slug(self.source)


@dataclass(frozen=True)
class Source:
    """One source to filter by, and how many lines are from it."""

    name: str
    slug: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Timeline:
    """One page of a timeline, the newest first; `earlier` is the number to go on below, None at the beginning."""

    lines: tuple[Line, ...]
    sources: tuple[Source, ...]
    total: int
    folded: int  # lines left out: reminders that arrived, deadlines that a change of risk moved
    earlier: int | None


def slug(source: str) -> str:
    """Give a source as a word of an address."""
    return "".join(sign if sign.isalnum() else "-" for sign in source.lower())[:40]


@dataclass(frozen=True)
class Entries:
    """The lines of the journal that a page shows, and the number below which there are earlier ones."""

    lines: Sequence[JournalEntry]
    earlier: int | None = None
    newest: bool = True  # nothing comes after them

    def covers(self, at: datetime) -> bool:
        """Tell whether what happened at an instant belongs to this part of the timeline."""
        if not self.lines:
            return self.newest
        return (self.earlier is None or at >= self.lines[0].at) and (self.newest or at < self.lines[-1].at)


def timeline(case: Case, pack: Pack, journal: Entries, told: Iterable[ToldLine], now: datetime, only: str) -> Timeline:
    """Merge journal, messages and log entries; with `only`, the slug of a source, that source's lines are given."""
    said = [line for entry in journal.lines if (line := _of_entry(entry, case, pack, now)) is not None]
    sent = [_of_message(line) for line in told if _shown(line) and journal.covers(line.at)]
    everything = [*said, *sent]
    folded = 0 if only else sum(line.folded for line in everything)
    shown = [line for line in everything if (line.slug == only if only else not line.folded)]
    shown.sort(key=lambda line: (line.at, line.place), reverse=True)
    counts = Counter(line.source for line in everything)
    sources = tuple(Source(name, slug(name), count, slug(name) == only) for name, count in sorted(counts.items()))
    return Timeline(tuple(shown), sources, len(everything), folded, journal.earlier)


def _of_entry(entry: JournalEntry, case: Case, pack: Pack, now: datetime) -> Line | None:
    """Say a line of the journal; what is known of messages is said by the messages themselves."""
    if entry.kind in HIDDEN or (entry.kind == "attempt" and entry.body.get("result") == "received"):
        return None
    entry = replace(entry, body=masked(case, entry.body))
    by = VIGIL if entry.by == "vigil" else entry.by
    if entry.body.get("fact") == FactKind.LOG_ENTRY:
        return _of_log(entry, by)
    source = PEOPLE if entry.kind == "fact" else VIGIL
    return Line(entry.at, source, sentence(entry, pack, now), by, entry.route, entry.seq, entry.kind in _FOLDED)


def _of_log(entry: JournalEntry, by: str) -> Line:
    evidence = entry.body.get("evidence")
    said = evidence if isinstance(evidence, Mapping) else {}
    source = str(said.get("source") or "log").strip()
    name = source.upper() if source.isalpha() and len(source) <= 8 else source  # storm, Storm and STORM are one
    return Line(entry.at, name, str(said.get("text") or ""), by, entry.route, entry.seq)


def _shown(line: ToldLine) -> bool:
    return any(way.state != MessageState.CANCELLED for way in line.ways)


def _of_message(line: ToldLine) -> Line:
    """Say one telling; a reminder that arrived is folded away: a night has hundreds."""
    ways = ", ".join(f"{way.channel} {words(way.state).lower()}" for way in line.ways)
    verb = "Told" if line.received else "To be told"
    route = "watchdog" if any(way.by == "watchdog" for way in line.ways) else "system"
    folded = line.type == MessageType.REMIND and not line.failed
    at = line.received_at or line.at
    text = f"{verb} {line.to} ({line.label}): {line.title}. {ways}"
    return Line(at, MESSAGES, text, VIGIL, route, folded=folded)
