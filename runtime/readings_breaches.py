"""The register of breaches: every deadline that passed without its act, and what became of it.

A line is made by the journal and nothing removes it: *done late* is not *done*, and what was waived or missed
afterwards stays a breach with the name of whoever had it when it fell due.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.case import Case, Step
from policy.pack import Pack
from policy.terms import StepStatus
from runtime.app import App
from runtime.readings import Json, iso
from store import cases as store_cases
from store import journal as store_journal
from store import listing as store_listing
from store.journal import JournalEntry, Lines
from store.listing import Wanted

# The journal's words: a deadline that passed, and the many of a series that one outage let pass.
BREACHES = frozenset({"overdue", "missed"})
PAGE = 100  # breaches of one answer unless asked otherwise
MOST = 1_000  # of one answer at the most
_STATES: Mapping[StepStatus, str] = {
    StepStatus.DONE: "done_late",
    StepStatus.DONE_LATE: "done_late",
    StepStatus.WAIVED: "waived",
    StepStatus.NOT_REQUIRED: "missed",
}


@dataclass(frozen=True)
class Breach:
    """One deadline that passed: which, whose, since when, and what became of it."""

    seq: int
    case: str
    step: str
    occurrence: int
    title: str
    due_at: datetime
    holder: str | None
    state: str  # open, done_late, waived or missed
    done_at: datetime | None
    done_by: str | None
    reason: str | None
    example: bool

    @property
    def late_s(self) -> float | None:
        """Give by how many seconds it was done late, None when it was not done."""
        if self.done_at is None or self.state != "done_late":
            return None
        return (self.done_at - self.due_at).total_seconds()

    def as_json(self) -> Json:
        """Give the breach as the API answers it."""
        shown = {**vars(self), "due_at": iso(self.due_at), "done_at": iso(self.done_at), "late_s": self.late_s}
        del shown["example"]
        return shown


@dataclass(frozen=True)
class Register:
    """One page of the register, the newest first; `next` is the number to go on below, None at the end."""

    breaches: tuple[Breach, ...]
    next: int | None
    as_of: datetime


def register(
    app: App,
    case: str | None = None,
    between: tuple[datetime | None, datetime | None] = (None, None),
    before: int | None = None,
    limit: int = PAGE,
) -> Register:
    """Give the breaches of a case, or of all, whose deadline lies in `between`; raise Unknown for no such case."""
    with app.sessions.reading() as s:
        if case is not None:
            store_cases.load(s, case)
        wanted = Lines(BREACHES, case, *between, before)
        lines = store_journal.of_kinds(s, wanted, min(limit, MOST) + 1)
        shown = lines[: min(limit, MOST)]
        held = {one.ref: one.case for one in store_cases.load_all(s, sorted({e.case for e in shown if e.case}))}
    following = shown[-1].seq if len(lines) > len(shown) else None
    return Register(tuple(_breaches(app, shown, held)), following, app.clock.now())


def breaches(app: App, found: Register) -> Json:
    """Give a page of the register as the API answers it, with the cases whose serial names nobody."""
    return {
        "breaches": [breach.as_json() for breach in found.breaches],
        "non_compliant": non_compliant(app),
        "next": found.next,
        "as_of": iso(found.as_of),
    }


def non_compliant(app: App) -> list[str]:
    """Give the cases whose serial was closed without an entry that names who was told, closed ones among them."""
    with app.sessions.reading() as s:
        held, _ = store_listing.listing(s, Wanted(non_compliant=True), store_listing.LARGEST_PAGE)
    return [one.ref for one in held]


def _breaches(app: App, lines: Iterable[JournalEntry], held: Mapping[str, Case]) -> Iterable[Breach]:
    for line in lines:
        case = held.get(line.case or "")
        if case is not None:
            yield _breach(line, case, app.pack_of(case))


def _breach(line: JournalEntry, case: Case, pack: Pack) -> Breach:
    key, number = str(line.body.get("step")), line.body.get("occurrence")
    occurrence = number if isinstance(number, int) else 1
    step = case.step(key, occurrence) or Step(key, occurrence, StepStatus.NOT_REQUIRED)
    rule = pack.steps.get(key)
    holder = line.body.get("holder")
    return Breach(
        seq=line.seq,
        case=case.ref,
        step=key,
        occurrence=occurrence,
        title=rule.title if rule else key,
        due_at=line.at,
        holder=str(holder) if holder else None,
        state="missed" if line.kind == "missed" else _STATES.get(step.status, "open"),
        done_at=step.done_at,
        done_by=step.done_by,
        reason=_times(line) or step.reason,
        example=case.example,
    )


def _times(line: JournalEntry) -> str | None:
    times = line.body.get("times")
    return f"{times} in a row, from this one on" if times else None
