"""Why each step of a case is due now and who was told of it, as the API answers it.

The sentences are policy's; here come the messages that nobody received, and the lines of the journal that opened,
moved or passed a deadline, each explained out of itself.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from policy.case import Case
from policy.errors import Unknown
from policy.explain import Explained, explain
from policy.explain_journal import EXPLAINED, why_line
from policy.explain_told import received_late, unreceived
from policy.pack import Pack
from policy.reaching import told
from policy.terms import Channel, MessageState, MessageType, Risk
from runtime.app import App
from runtime.readings import Json, iso
from store import cases as store_cases
from store import journal as store_journal
from store import messages as store_messages
from store import roster as store_roster
from store.journal import JournalEntry, Lines
from store.messages import Message

LINES = 2_000  # of a case's journal that are read: what is older stands in the journal itself
KEPT = 12  # of them for one step
LATE = timedelta(minutes=1)  # after it fell due: worth a word
_ASIDE = frozenset({MessageType.CANCEL, MessageType.ALARM})  # not what a step tells people
StepId = tuple[str, int]


@dataclass(frozen=True)
class Why:
    """One occurrence of a step, explained."""

    step: Explained
    history: tuple[JournalEntry, ...]  # how its deadline came about, and who was looked for

    @property
    def lines(self) -> tuple[tuple[datetime, str], ...]:
        """Give the history as instants and sentences."""
        return tuple((entry.at, why_line(entry.kind, entry.body, entry.at)) for entry in self.history)

    def as_json(self) -> Json:
        """Give it as the API answers it."""
        lines = [{"at": iso(at), "text": text} for at, text in self.lines]
        return {**vars(self.step), "history": lines}


@dataclass(frozen=True)
class Whys:
    """Every step of a case, explained at an instant."""

    case: Case
    pack: Pack
    as_of: datetime
    steps: tuple[Why, ...]


def explained(app: App, ref: str, step: str | None = None, occurrence: int | None = None) -> Json:
    """Explain every step of a case, or one of its steps; raise Unknown for what is not there."""
    found = read(app, ref)
    wanted = [one for one in found.steps if step in (None, one.step.key)]
    if not wanted:
        near = difflib.get_close_matches(str(step), list(found.pack.steps), 1)
        remedy = f"did you mean {near[0]}?" if near else f"GET /api/v1/packs/{found.pack.name} lists its steps"
        raise Unknown(f"there is no step {step} in the pack {found.pack.name}; {remedy}")
    chosen = [one for one in wanted if occurrence in (None, one.step.occurrence)]
    if not chosen:
        there = ", ".join(str(one.step.occurrence) for one in wanted)
        raise Unknown(f"{ref} has no occurrence {occurrence} of {step}; it has {there}")
    return {
        "case": ref,
        "as_of": iso(found.as_of),
        "pack": found.case.pack,
        "revision": found.case.revision,
        "steps": [one.as_json() for one in chosen],
    }


def read(app: App, ref: str) -> Whys:
    """Explain every step of a case, in the order of its pack; raise Unknown where there is no such case."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        case = store_cases.load(s, ref).case
        roster = store_roster.snapshot(s, now)
        sent = store_messages.of_case(s, ref)
        lines = store_journal.of_kinds(s, Lines(EXPLAINED, ref), LINES)
    pack = app.pack_of(case)
    history = _by_step(lines)
    risk = case.timer_risk(pack.child_floor)
    steps = with_receipts(explain(case, pack, roster, now), sent, case, risk, now)
    whys = tuple(Why(one, history.get(one.id, ())) for one in steps)
    return Whys(case, pack, now, whys)


def with_receipts(
    steps: Iterable[Explained], sent: Iterable[Message], case: Case, risk: Risk, now: datetime
) -> list[Explained]:
    """Add to what was decided who has received nothing of it, or only late: told is received, not sent."""
    about: dict[StepId, dict[str, list[Message]]] = {}
    for message in sent:
        if message.type not in _ASIDE:
            for step in dict.fromkeys((ask.step, ask.occurrence) for ask in message.asks):
                about.setdefault(step, {}).setdefault(message.person, []).append(message)
    told_at = {(step.id, one.person): one.at for step in case.steps for one in reversed(step.told)}
    said = []
    for one in steps:
        theirs = about.get(one.id, {})
        silent = [person for person, messages in theirs.items() if _has_nothing(messages, risk)]
        heard = ((person, told_at.get((one.id, person)), messages) for person, messages in theirs.items())
        late = [(person, at) for person, due_at, messages in heard if due_at and (at := _late(messages, due_at))]
        parts = (one.told, unreceived(silent), received_late(late, now))
        said.append(replace(one, told=" ".join(filter(None, parts))))
    return said


def _has_nothing(sent: Iterable[Message], risk: Risk) -> bool:
    """Tell whether somebody has received none of these on a channel that counts, and was not spared them either."""
    acts: dict[str, dict[Channel, MessageState]] = {}
    for message in sent:
        acts.setdefault(message.act, {})[message.channel] = message.state
    spared = all(state is MessageState.CANCELLED for states in acts.values() for state in states.values())
    return not spared and not any(told(states, risk) for states in acts.values())


def _late(sent: Iterable[Message], due_at: datetime) -> datetime | None:
    """Give when somebody first received anything of these, where that was late; None where it was not."""
    first = min((message.received_at for message in sent if message.received_at), default=None)
    return first if first is not None and first - due_at >= LATE else None


def _by_step(newest_first: Iterable[JournalEntry]) -> Mapping[StepId, tuple[JournalEntry, ...]]:
    """Give the lines about each occurrence, oldest first: of lines that say the same the newest, `KEPT` at the most."""
    found: dict[StepId, dict[str, JournalEntry]] = {}
    for entry in newest_first:
        step, number = entry.body.get("step"), entry.body.get("occurrence")
        if isinstance(step, str) and isinstance(number, int):
            same = found.setdefault((step, number), {})
            if len(same) < KEPT:
                same.setdefault(why_line(entry.kind, entry.body, entry.at), entry)
    return {step: tuple(reversed(same.values())) for step, same in found.items()}
