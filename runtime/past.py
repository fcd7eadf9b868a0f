"""Recorded cases told again: the same facts at the same instants under the case's own revision, line for line.

The journal is the evidence, and this is its proof: whoever was chosen, told, warned or put on the record follows
from what had come in by then, from the pack, and from who was on duty. A case of which that cannot be shown is
listed, with the reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.columns import plain, stamp, storable
from policy.case import Case
from policy.errors import Broken, Invalid, Refused, Unknown
from policy.intents import Entry, Outcome
from policy.past import Began, Heard, Packs, begin, go_on
from policy.play import Rosters, Said, Story
from policy.roster import Roster
from policy.terms import Channel
from runtime.app import App
from runtime.past_lines import Decision, decisions
from runtime.past_words import Line, differences
from store import cases, journal, listing, outbox, roster, roster_past
from store.journal import JournalEntry
from store.listing import Wanted
from store.replay import CHANGED, change, replay
from store.roster_past import PastRosters

ALL = 1_000_000_000  # lines of a case: all of them
PAGE = 200
NO_BEGINNING = "its journal does not hold its beginning: an earlier Vigil took it in"
NO_ROSTER = "the roster of {at:%d %b %Y %H:%M} was not kept: an earlier Vigil put it in"


@dataclass(frozen=True)
class NotReplayable:
    """A case that cannot be told again, and why, in plain words."""

    ref: str
    reason: str


@dataclass(frozen=True)
class Difference:
    """One way in which a decision, made again, is not what the journal says; `seq` is the decision's first line."""

    seq: int
    at: datetime
    words: str


@dataclass(frozen=True)
class Retold:
    """What came of telling a case again: how many decisions, how they differ, or why it could not be done."""

    ref: str
    decisions: int = 0
    differs: tuple[Difference, ...] = ()
    why_not: str | None = None

    @property
    def same(self) -> bool:
        """Tell whether each decision came out as the journal has it."""
        return self.why_not is None and not self.differs


@dataclass
class RecordedRosters:
    """The roster at any instant as it was recorded; where it was not kept, as `otherwise` has it, and that is noted."""

    past: PastRosters
    otherwise: Rosters
    guessed_at: list[datetime] = field(default_factory=list)

    def __call__(self, at: datetime) -> Roster:
        """Give who was on duty at an instant, as it was known then."""
        known = self.past.at(at)
        if known is None:
            self.guessed_at.append(at)
        return known or self.otherwise(at)


def rosters_of(app: App, otherwise: Rosters | None = None) -> RecordedRosters:
    """Read every roster that was kept; for other instants stands `otherwise`, else the roster as it is now."""
    with app.sessions.reading() as s:
        past, duties = roster_past.read(s), tuple(roster.duties(s))
    now = Roster(duties, {duty.person: duty.rank for duty in duties})
    return RecordedRosters(past, otherwise or (lambda _at: now))


def story_of(app: App, ref: str) -> Story | NotReplayable:
    """Give a recorded case as a story: its record, and what was said at the instants at which it was taken in."""
    with app.sessions.reading() as s:
        cases.load(s, ref)  # raises Unknown when there is no such case
        return _story(ref, journal.read(s, ref, limit=ALL), app.clock.now())


def stories(app: App, pack: str, limit: int) -> Iterator[Story]:
    """Give the newest recorded cases of a pack as stories, `limit` at the most, without those that cannot be told."""
    now = app.clock.now()
    for ref in _refs(app, pack):
        if limit <= 0:
            return
        with app.sessions.reading() as s:
            story = _story(ref, journal.read(s, ref, limit=ALL), now)
        if isinstance(story, Story):
            limit -= 1
            yield story


def _story(ref: str, lines: Sequence[JournalEntry], now: datetime) -> Story | NotReplayable:
    try:
        made = list(decisions(lines))
        case = replay(lines)
    except Broken:
        return NotReplayable(ref, NO_BEGINNING)
    began = made[0].came
    assert isinstance(began, Began)
    said = tuple(Said(one.at, one.came.facts) for one in made if isinstance(one.came, Heard))
    until = made[-1].at if case.closed else max(now, made[-1].at)
    return Story(ref, replace(began.report), made[0].at, said, until, began.late)


def every(app: App) -> Iterator[str]:
    """Name every case, the newest first."""
    return _refs(app, None)


def _refs(app: App, pack: str | None) -> Iterator[str]:
    cursor: str | None = None
    while True:
        with app.sessions.reading() as s:
            page, cursor = listing.listing(s, Wanted(), PAGE, cursor)
        yield from (stored.ref for stored in page if pack in (None, stored.case.pack))
        if cursor is None:
            return


def retell(app: App, ref: str, past: PastRosters | None = None) -> Retold:
    """Make every decision of a case again, and compare it with its journal; raises Unknown when there is no case.

    Whoever tells many again reads the rosters once (`store.roster_past.read`) and gives them as `past`.
    """
    with app.sessions.reading() as s:
        stored = cases.load(s, ref)
        lines = journal.read(s, ref, limit=ALL)
        past = past or roster_past.read(s)
    return told_again(ref, lines, past, app.pack_of, stands=stored.case)


def told_again(
    ref: str, lines: Sequence[JournalEntry], past: PastRosters, packs: Packs, stands: Case | None = None
) -> Retold:
    """Tell a case again from its lines; `stands` is the case in the store, which must be what they leave.

    1. Each decision is made again on the case as it came out so far, upon what came and with who was there then.
    2. Where it comes out otherwise that is told, and the next one begins on the case as the journal has it: one
       wrong decision is one difference.
    3. Whoever was told without a decision that says so is a difference too.
    """
    teller = _Teller(lines, past, packs)
    try:
        for decision in decisions(lines):
            teller.make_again(decision)
    except Broken:
        return Retold(ref, teller.made, why_not=NO_BEGINNING)
    except _CannotTell as error:
        return Retold(ref, teller.made, why_not=str(error))
    if teller.case is None:
        return Retold(ref, why_not=NO_BEGINNING)
    teller.look_for_strays()
    if stands is not None and not teller.differs and stands != teller.case:
        teller.differs.append(Difference(lines[-1].seq, lines[-1].written_at, "the store has another case than this"))
    return Retold(ref, teller.made, tuple(teller.differs))


class _CannotTell(Exception):
    """What a decision was made on is not known any more."""


@dataclass(frozen=True)
class _Try:
    """A decision made again: how it differs from the journal, and what came of it; None where it is refused."""

    wrong: tuple[str, ...]
    outcome: Outcome | None = None


@dataclass
class _Teller:
    """Makes decisions again, one after another."""

    lines: Sequence[JournalEntry]
    past: PastRosters
    packs: Packs
    case: Case | None = None
    made: int = 0
    differs: list[Difference] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def make_again(self, decision: Decision) -> None:
        """Make a decision again, and compare what is written of it."""
        self.made += bool(decision.lines)
        there = self.past.before_line(decision.seq, decision.at)
        if there is None:
            raise _CannotTell(NO_ROSTER.format(at=decision.at))
        tried = self._try(decision, there)
        for earlier in self.past.shortly_before(decision.seq, decision.at) if tried.wrong else ():
            other = self._try(decision, earlier)
            if not other.wrong:
                tried = other
                break
        self.differs += [Difference(decision.seq, decision.at, words) for words in tried.wrong]
        after = self.case
        if tried.outcome is not None:
            after, tells = tried.outcome.case, tried.outcome.tells
            self._told |= {_key(outbox.attempt_key(after.ref, tell, Channel.INBOX)) for tell in tells}
        self.case = self._recorded(decision, after) if tried.wrong else after

    def _try(self, decision: Decision, there: Roster) -> "_Try":
        try:
            outcome = self._outcome(decision, there)
        except (Refused, Invalid) as error:
            return _Try((f"told again it is refused: {type(error).__name__.lower()}",))
        written = next((line for line in decision.lines if line.kind == CHANGED), None)
        version = written.body.get("version") if written else None
        number = version if isinstance(version, int) else 0
        changed = change(self.case, outcome.case, outcome.entries, version=number, at=decision.at)
        told = [_of_entry(entry) for entry in (*outcome.entries, *([changed] if changed else []))]
        return _Try(tuple(differences([_of_line(line) for line in decision.lines], told)), outcome)

    def _outcome(self, decision: Decision, there: Roster) -> Outcome:
        came = decision.came
        try:
            if isinstance(came, Began):
                return begin(came, self.packs(replay(decision.lines)), there, decision.at)
            assert self.case is not None
            return go_on(self.case, came, self.packs, there, decision.at)
        except Unknown as error:
            raise _CannotTell(str(error)) from None

    def _recorded(self, decision: Decision, told: Case | None) -> Case:
        """Give the case as the journal has it after a decision; which alarms stand it does not say."""
        last = decision.lines[-1].seq if decision.lines else decision.seq
        case = replay(line for line in self.lines if line.seq <= last)
        return replace(case, ringing=told.ringing) if told else case

    def look_for_strays(self) -> None:
        """Look for messages that went out and that no decision had asked for."""
        for line in self.lines:
            key = str(line.body.get("attempt_key"))
            if line.kind == "attempt" and _key(key) not in self._told:
                self._told.add(_key(key))
                self.differs.append(Difference(line.seq, line.written_at, f"{_key(key)} was told without a decision"))


def _key(attempt_key: str) -> str:
    """Give an attempt key without its channel."""
    return attempt_key.rpartition("/")[0]


def _of_entry(entry: Entry) -> Line:
    body = {name: plain(value) for name, value in entry.body.items()}
    return storable(entry.kind), stamp(entry.at), storable(entry.by), body


def _of_line(line: JournalEntry) -> Line:
    return line.kind, stamp(line.at), line.by, line.body


def summary(told: Iterable[Retold]) -> dict[str, int]:
    """Count how many came out the same, differ, or cannot be told again."""
    found = list(told)
    same, not_told = sum(one.same for one in found), sum(one.why_not is not None for one in found)
    return {"same": same, "differs": len(found) - same - not_told, "not_replayable": not_told}
