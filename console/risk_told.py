"""Each change of a case's risk told in words: who, when, why, and what it did to the times of the steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.evidence.may import takes
from console.words import local
from policy.case import Case, Step
from policy.pack import Pack, StepRule
from policy.roster import Roster
from policy.terms import FactKind, Rank, Risk, StepStatus
from runtime.app import App
from runtime.readings import Json, iso
from store import cases, journal, roster
from store.journal import JournalEntry, Lines

SET = frozenset({"risk", "risk_restored"})  # by a person; by Vigil, to what an earlier case had
KINDS = SET | {"fact", "case_opened", "retimed", "step_opened", "not_required"}
_LEVELS: Mapping[Risk, str] = {risk: risk.replace("_", " ") for risk in Risk}


@dataclass
class _Change:
    """One change while its lines are gathered: they stand together, written by one transaction."""

    line: JournalEntry
    reason: str
    earlier: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Ranks:
    """Which rank each change of a case's risk had, and which its steps take."""

    case: Case
    pack: Pack
    roster: Roster

    def of(self, line: JournalEntry) -> Rank | None:
        """Give the rank of whoever set it; the same level said again keeps the higher rank that said it before."""
        text = _text(line.body, "rank")
        stands = Rank(text) if text else None
        if stands is None or line.body.get("before") != line.body.get("after"):
            return stands
        return min(stands, self.roster.rank_of(line.by) or Rank.STAFF, key=lambda rank: rank.weight)

    def left_open(self, line: JournalEntry) -> list[tuple[StepRule, Rank]]:
        """Give the steps that ask for the risk, were open then, and take a higher rank."""
        rank = self.of(line) or Rank.STAFF
        found = {}
        for step in self.case.steps:
            rule = self.pack.steps[step.key]
            low = FactKind.RISK_SET in rule.done_by and rule.done_rank and rank.weight < rule.done_rank.weight
            if low and rule.done_rank and _open_at(step, line.at):
                found[step.key] = (rule, rule.done_rank)
        return list(found.values())

    def confirms(self, line: JournalEntry) -> bool:
        """Tell whether the rank completes a step that asks for the risk."""
        rank = self.of(line) or Rank.STAFF
        rules = (rule for rule in self.pack.steps.values() if FactKind.RISK_SET in rule.done_by)
        return all(rank.weight >= rule.done_rank.weight for rule in rules if rule.done_rank)


def _open_at(step: Step, at: datetime) -> bool:
    asked = step.status not in (StepStatus.WAITING, StepStatus.NOT_REQUIRED)
    return asked and (step.anchor_at is None or step.anchor_at <= at) and (step.done_at is None or step.done_at > at)


@dataclass(frozen=True)
class RiskChange:
    """One change of risk, told."""

    at: datetime
    by: str
    before: str | None
    after: str | None
    text: str


def risk_changes(app: App, ref: str) -> list[RiskChange]:
    """Give each time the risk of a case was set, the newest first; raise Unknown when there is no such case."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        case = cases.load(s, ref).case
        changed = journal.of_kinds(s, Lines(SET, ref), 1)
        lines = journal.of_kinds(s, Lines(KINDS, ref)) if changed else []
        known = roster.snapshot(s, now) if changed else Roster()
    ranks = _Ranks(case, app.pack_of(case), known)
    ordered = sorted(lines, key=lambda line: line.seq)
    return [_told(change, ranks, now) for change in reversed(_gathered(ordered, ranks.pack, now))]


def as_json(app: App, ref: str) -> list[Json]:
    """Give them as the API answers them."""
    return [{**vars(change), "at": iso(change.at)} for change in risk_changes(app, ref)]


def _gathered(lines: Sequence[JournalEntry], pack: Pack, now: datetime) -> list[_Change]:
    changes: list[_Change] = []
    reason, open_change, began = "", None, None
    for line in lines:
        if line.kind == "fact":
            evidence = line.body.get("evidence")
            reason = str(evidence.get("rationale") or "") if isinstance(evidence, Mapping) and _sets(line) else ""
            open_change = None
        elif line.kind == "case_opened":
            began = line
        elif line.kind in SET:
            changes.append(_Change(line, _earlier(line) or reason))
            with_opening = began is not None and _together(began, line)  # its first steps follow from the record
            open_change = None if with_opening else changes[-1]
        elif open_change is not None and _together(open_change.line, line):
            _gather(open_change, line, pack, now)
    return changes


def _earlier(line: JournalEntry) -> str:
    """Give why Vigil itself has set a risk: an earlier case of the same person had it."""
    return f"the highest of the earlier case {line.body['case']}" if line.kind == "risk_restored" else ""


def _together(risk: JournalEntry, line: JournalEntry) -> bool:
    return (line.written_at, line.route) == (risk.written_at, risk.route)


def _sets(line: JournalEntry) -> bool:
    return line.body.get("fact") == FactKind.RISK_SET


def _gather(change: _Change, line: JournalEntry, pack: Pack, now: datetime) -> None:
    title, body = _title(line, pack), line.body
    if line.kind == "step_opened":
        change.opened.append(f"{title} ({local(_text(body, 'due_at'), now)})")
    elif line.kind == "not_required" or body.get("status") == StepStatus.NOT_REQUIRED:
        change.dropped.append(title)
    else:
        before, after = _instant(body, "before"), _instant(body, "after")
        if before and after and before != after:
            moved = change.earlier if after < before else change.later
            moved.append(f"{title} ({local(before, now)} to {local(after, now)})")


def _told(change: _Change, ranks: _Ranks, now: datetime) -> RiskChange:
    body = change.line.body
    before, after = _text(body, "before"), _text(body, "after")
    rank = (ranks.of(change.line) or "").replace("_", " ")
    who = f"{change.line.by} ({rank})" if rank else change.line.by
    moved = _moved(before, after, confirms=ranks.confirms(change.line))
    sentences = [f"{moved} by {who} at {local(change.line.at, now)}{_because(change.reason)}"]
    sentences += [f"{rule.title} stayed open: {takes(needed)}." for rule, needed in ranks.left_open(change.line)]
    for words, titles in (
        ("Moved earlier", change.earlier),
        ("Moved later", change.later),
        ("Opens now", change.opened),
        ("No longer asked for", change.dropped),
    ):
        if titles:
            sentences.append(f"{words}: {', '.join(dict.fromkeys(titles))}.")
    return RiskChange(change.line.at, change.line.by, before, after, " ".join(sentences))


def _moved(before: str | None, after: str | None, *, confirms: bool) -> str:
    now = _LEVELS[Risk(after)] if after else "not set"
    if before is None:
        return f"Risk set to {now}"
    was = Risk(before)
    if before == after:
        return f"Risk confirmed as {now}" if confirms else f"Risk set to {now}, as it was,"
    raised = after is not None and Risk(after).weight > was.weight
    return f"Risk {'raised' if raised else 'lowered'} from {_LEVELS[was]} to {now}"


def _because(reason: str) -> str:
    said = reason.strip()
    if not said:
        return "."
    return f": {said}" if said.endswith((".", "!", "?")) else f": {said}."


def _title(line: JournalEntry, pack: Pack) -> str:
    key, number = str(line.body.get("step")), line.body.get("occurrence")
    rule = pack.steps.get(key)
    again = f" {number}" if isinstance(number, int) and number > 1 else ""
    return (rule.title if rule else key) + again


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    return None if value is None else str(value)


def _instant(body: Mapping[str, object], name: str) -> datetime | None:
    text = _text(body, name)
    return datetime.fromisoformat(text) if text else None
